import type { TreeEvent } from "../../../src/protocol/index.ts";
import { applyChanges } from "../../../src/text/index.ts";
import type { Effect, NodeData, NodeId, Operation } from "../../../src/tree/index.ts";

/**
 * The twin that knows each character by itself, and follows the log: which event has put it there, which have taken it, and whether
 * these stand or are undone. A character is there where its own event stands and none of those that took it does. In the log alone
 * nothing is lost, so removed rows are looked at as well.
 */
export interface Fates {
  typed(name: string, character: string): void;
  /** By an edit; or by replacing the text, which takes it only from where that is then. */
  took(name: string, character: string, how?: "edit" | "update"): void;
  /** What stood in it never was; what its author does to texts behind it is made of some that never were, either. */
  refused(name: string, ops: readonly Operation[]): void;
  /** Something of his is not shown, as it would be refused now; the object may accept it all the same, and take the next for made behind it. */
  drifts(name: string): void;
  isAdrift(name: string): boolean;
  /** The next event of the log, and who made it. */
  event(event: TreeEvent, name: string): void;
  /** What is wrong in the end, when the log has everything. */
  complaints(): string[];
  /** Texts by row, of removed rows, too. */
  readonly texts: ReadonlyMap<NodeId, string>;
}

interface Character {
  readonly by: string | null;
  readonly takers: Set<string>;
  /** Those of them who have taken it by an edit. */
  readonly editors: Set<string>;
  /** The event that has put it there, 0 at the start; null: none has yet. */
  put: number | null;
  /** The events that took it, but those that undo or do again. */
  readonly taken: Set<number>;
  count: number;
  /** It has come with its row: to undo that takes the row away, and leaves it in there. */
  isOfRow: boolean;
  /** It was brought back at least once. */
  isBack: boolean;
  /** It stood in a text that was replaced as a whole, or in what did that; or came and went in one event. */
  isUnclear: boolean;
}

/** They leave the units of a text as they are. */
const HARMLESS: readonly Operation["op"][] = ["insert", "move", "remove", "mark"];

type Standing = "stands" | "undone" | "unsure";

export function createFates(tree: NodeData): Fates {
  const texts = new Map<NodeId, string>();
  const characters = new Map<string, Character>();
  const standings = new Map<number, Standing>();
  const authors = new Map<number, string>();
  /** What each event has put or taken. */
  const touched = new Map<number, Set<string>>();
  /** Whose texts are not those that he sees. */
  const adrift = new Set<string>();
  const neverCame: string[] = [];
  const wrong: string[] = [];

  const know = (character: string, by: string | null): Character => {
    const known = characters.get(character);
    if (known) return known;
    const made = { by, takers: new Set<string>(), editors: new Set<string>(), taken: new Set<number>() };
    const all: Character = { ...made, put: null, count: 0, isOfRow: false, isBack: false, isUnclear: false };
    characters.set(character, all);
    return all;
  };
  const start = ({ id = "", attrs = {}, children = [] }: NodeData) => {
    const text = textIn(attrs);
    texts.set(id, text);
    for (const each of text) Object.assign(know(each, null), { put: 0, count: 1 });
    for (const child of children) start(child);
  };
  start(tree);

  /** How often each character is there more, or less, after an effect. */
  const apply = (effect: Effect, count: (text: string, more: number, how?: "row" | "whole") => void) => {
    if (effect.op === "insert") {
      const { id, attrs = {} } = effect.node;
      const known = texts.get(id);
      const text = textIn(attrs);
      if (known === undefined) count(text, 1, "row");
      else if (known !== text) wrong.push(`${id} came back with ${text}, not ${known}`);
      texts.set(id, text);
    } else if (effect.op === "edit") {
      const before = texts.get(effect.id) ?? "";
      const after = applyChanges(before, effect.changes);
      let at = 0;
      for (const change of effect.changes) {
        if (typeof change === "string") count(change, 1);
        else if (change > 0) at += change;
        else {
          count(before.slice(at, at - change), -1);
          at -= change;
        }
      }
      if (/\p{Surrogate}/u.test(after))
        wrong.push(`a surrogate pair is cut in ${effect.id}: ${JSON.stringify(effect)}`);
      texts.set(effect.id, after);
    } else if (effect.op === "update") {
      const { id, attrs = {}, unset = [] } = effect;
      if (!Object.hasOwn(attrs, "text") && !unset.includes("text")) return;
      const after = textIn(attrs);
      count(texts.get(id) ?? "", -1, "whole");
      count(after, 1, "whole");
      texts.set(id, after);
    }
  };

  /** Whether it is to be there, where that is certain. */
  const isToBeThere = ({ put, taken, isOfRow }: Character): boolean | null => {
    const putBy = put === null ? "undone" : isOfRow ? "stands" : standingOf(put);
    const hands = [...taken].map(standingOf);
    if (hands.includes("stands")) return false;
    // Who takes back that he has deleted it brings it back, whatever its author has undone.
    if (putBy === "undone") return hands.length > 0 ? null : false;
    return putBy === "unsure" || hands.includes("unsure") ? null : true;
  };
  const standingOf = (seq: number): Standing => standings.get(seq) ?? "stands";
  /** What an event may have changed is as it is to be. */
  const check = (seq: number, changed: Iterable<string>) => {
    for (const each of changed) {
      const character = characters.get(each);
      if (!character || character.isUnclear) continue;
      const { count, put, taken } = character;
      const expected = isToBeThere(character);
      if (count > 1) wrong.push(`${seq}: ${each} is there ${count} times`);
      if (expected === null || expected === count > 0) continue;
      const hands = [...taken].map((by) => `${by} ${standingOf(by)}`).join();
      const why = `put by ${put} ${standingOf(put ?? 0)}, taken by ${hands || "nobody"}`;
      wrong.push(`${seq}: ${each} is ${expected ? "lost" : "there"}: ${why}`);
    }
  };

  return {
    texts,
    typed: (name, character) => void know(character, name),
    took(name, character, how = "edit") {
      const { takers, editors } = know(character, null);
      takers.add(name);
      if (how === "edit") editors.add(name);
    },
    refused(name, ops) {
      neverCame.push(JSON.stringify(ops));
      if (ops.some(({ op }) => !HARMLESS.includes(op))) adrift.add(name);
    },
    drifts: (name) => void adrift.add(name),
    isAdrift: (name) => adrift.has(name),
    event(event, name) {
      const { seq, ops, undoes = [], redoes = [], skipped = [] } = event;
      const more = new Map<string, number>();
      for (const effect of ops) {
        apply(effect, (text, change, how) => {
          for (const each of text) {
            const character = know(each, null);
            if (how === "whole") character.isUnclear = true;
            // What was typed by the same event may have come there by a split.
            if (how === "row" && character.put === null && !more.has(each)) character.isOfRow = true;
            more.set(each, (more.get(each) ?? 0) + change);
          }
        });
      }
      for (const [each, change] of more)
        if (change === 0 && know(each, null).put === null) know(each, null).isUnclear = true;
      const changed = new Set([...more].flatMap(([each, change]) => (change === 0 ? [] : [each])));
      for (const each of changed) know(each, null).count += more.get(each) ?? 0;
      authors.set(seq, name);
      const named = [...undoes, ...redoes];
      if (named.length > 0) {
        for (const each of undoes) standings.set(each, skipped.length > 0 ? "unsure" : "undone");
        for (const each of redoes) standings.set(each, skipped.length > 0 ? "unsure" : "stands");
        for (const each of named) {
          if (authors.get(each) !== name) wrong.push(`${seq}: ${name} has undone what ${authors.get(each)} did`);
          for (const character of touched.get(each) ?? []) changed.add(character);
        }
        for (const each of changed) if ((more.get(each) ?? 0) > 0) know(each, null).isBack = true;
        check(seq, changed);
        return;
      }
      // What its author does to that text behind it may have been made of another one (X40).
      if (ops.some((effect) => effect.op === "update" && Object.hasOwn(effect.attrs ?? {}, "text"))) adrift.add(name);
      touched.set(seq, changed);
      for (const each of changed) {
        const character = know(each, null);
        if ((more.get(each) ?? 0) < 0) {
          character.taken.add(seq);
          if (!character.isUnclear && !character.takers.has(name) && !adrift.has(name))
            wrong.push(`${seq}: ${name} has not taken ${each} away`);
        } else {
          const isOwn = character.by === name && character.put === null;
          // A text that he replaces has in it what never came there.
          if (!isOwn && adrift.has(name)) character.isUnclear = true;
          if (!isOwn && !character.isUnclear) wrong.push(`${seq}: ${name} has not put ${each} there`);
          character.put ??= seq;
        }
      }
      check(seq, changed);
    },
    complaints() {
      for (const [each, character] of characters) {
        const { by, put, takers, editors, count, isBack, isUnclear } = character;
        // What its author has taken away before it was sent is in no event.
        const mayBeNowhere = (by !== null && takers.has(by)) || neverCame.some((ops) => ops.includes(each));
        if (put === null && !mayBeNowhere && !isUnclear) wrong.push(`${each} never came`);
        const isTaken = [...editors].some((name) => !adrift.has(name));
        if (count > 0 && isTaken && !isBack && !isUnclear) wrong.push(`${each} was taken away, and is there`);
      }
      return wrong;
    },
  };
}

function textIn({ text }: { readonly [key: string]: unknown }): string {
  return typeof text === "string" ? text : "";
}
