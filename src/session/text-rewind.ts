import { type Meter, type StoredDocument, type TextEvent, textEventsOf } from "../storage.ts";
import { applyChanges, type Changes, composeAll, keyOf, nodesOf, type Step as TextStep } from "../text/index.ts";
import { type Json, type NodeId, namesAttr } from "../tree/index.ts";
import { MET } from "./work.ts";

/** Texts as an author saw them who wants to replace them: as they are now, with everything since its base taken back. */
export interface Rewinding {
  /** Does some of it; false as long as there is more to do. */
  step(work: Meter): boolean;
  /** The text that was seen; undefined where nobody else has edited it since, or what its author did to it meanwhile was done elsewhere. */
  seen(id: NodeId, attr: string): string | undefined;
}

/** What takes back what an event did to a text: changes, or the value that there was. */
type Back = { readonly changes: Changes } | { readonly value: Json | undefined };

interface Wanted {
  readonly id: NodeId;
  readonly attr: string;
  /** The newest first. */
  back: Back[];
  /** The first event by which others have edited it, and not only replaced it; infinite where there is none. */
  edited: number;
  /** What its author has made of it since, of what it saw, the oldest first. */
  readonly own: Own[];
}

interface Own {
  readonly seq: number;
  readonly replaces: boolean;
  /** Null where that is not known. */
  readonly change: ((seen: string) => string) | null;
}

function unknown(id: NodeId, attr: string): Wanted {
  return { id, attr, back: [], edited: Number.POSITIVE_INFINITY, own: [] };
}

/** What an author who had seen everything up to `base` has made of a text; null where it has done nothing to it. */
function ownChange(
  { seq, steps, asked, inverse, isBack }: TextEvent,
  { base, id, attr }: { readonly base: number; readonly id: NodeId; readonly attr: string },
): Own | null {
  // Of what an undo puts back its author saw the steps.
  const old = isBack
    ? undefined
    : inverse.find((each) => each.op === "update" && each.id === id && namesAttr(each, attr));
  const replaces = old !== undefined;
  const wanted = asked?.steps ?? steps;
  const isAbout = (step: TextStep) => step.attr === attr && nodesOf(step).includes(id);
  const all = (old ? steps : wanted).filter(isAbout);
  if (all.length === 0) {
    // What was made before more was seen of others may have gone with a row since that was split or joined: to this one, for all that is known.
    const rows = new Set(wanted.flatMap(nodesOf));
    const hasGone = asked !== undefined && asked.base !== base && steps.flatMap(nodesOf).some((row) => !rows.has(row));
    return hasGone ? { seq, replaces, change: null } : null;
  }
  const isKnown = replaces ? all.length === 1 : !asked || asked.base === base;
  if (!isKnown || !all.every((step) => step.op === "edit")) return { seq, replaces, change: null };
  const change = (text: string) => all.reduce((made, { changes }) => applyChanges(made, changes), text);
  if (old?.op !== "update") return { seq, replaces, change };
  // Who has replaced it saw what it has put there, whatever there was.
  const before = old.attrs?.[attr];
  return { seq, replaces, change: () => change(typeof before === "string" ? before : "") };
}

export function createRewinding(
  document: StoredDocument,
  client: string | null,
  base: number,
  texts: readonly (readonly [NodeId, string])[],
): Rewinding | null {
  if (texts.length === 0) return null;
  const wanted = new Map(texts.map(([id, attr]) => [keyOf(id, attr), unknown(id, attr)]));
  /** What has come since is looked at in the end. */
  let newest = document.texts.latest;
  let at = newest + 1;
  const meet = (event: TextEvent, isNew: boolean) => {
    const own = client !== null && event.client === client && event.isOwn;
    for (const { id, attr, own: all } of own ? wanted.values() : []) {
      const change = ownChange(event, { base, id, attr });
      if (!change) continue;
      if (isNew) all.push(change);
      else all.unshift(change);
    }
    const backs = event.inverse.flatMap(backOf);
    for (const [key, back] of isNew ? backs.reverse() : backs) {
      const text = wanted.get(key);
      if (!text) continue;
      if (isNew) text.back.unshift(back);
      else text.back.push(back);
      if (text.back.length >= MANY) text.back = together(text.back);
      if (!own && "changes" in back) text.edited = Math.min(text.edited, event.seq);
    }
  };
  return {
    step(work) {
      for (const event of document.texts.backward(at)) {
        if (event.seq <= base) return true;
        if (event.seq >= at) continue;
        at = event.seq;
        meet(event, false);
        work.add(MET);
        if (work.full()) return false;
      }
      at = Math.min(at, document.texts.from + 1);
      if (at - 1 <= base) return true;
      for (const commit of document.log.backward(at)) {
        const read = textEventsOf(commit);
        work.add(read.work);
        for (const event of read.events.toReversed()) if (event.seq < at && event.seq > base) meet(event, false);
        at = commit.first;
        if (at - 1 <= base) return true;
        if (work.full()) return false;
      }
      return true;
    },
    seen(id, attr) {
      const text = wanted.get(keyOf(id, attr));
      if (!text) return undefined;
      for (const event of document.texts.after(newest)) meet(event, true);
      newest = Math.max(newest, document.texts.latest);
      if (text.edited === Number.POSITIVE_INFINITY) return undefined;
      const now = document.nodes.get(id)?.attrs[attr];
      let seen: Json | undefined = now;
      for (const back of text.back) {
        if ("value" in back) seen = back.value;
        else seen = applyChanges(typeof seen === "string" ? seen : "", back.changes);
      }
      if (typeof seen !== "string") return undefined;
      let made = seen;
      for (const { seq, replaces, change } of text.own) {
        // With what others had written before, unseen, it is gone.
        if (!change || (replaces && text.edited < seq)) return undefined;
        made = change(made);
      }
      return made;
    },
  };
}

function backOf(inverse: TextEvent["inverse"][number]): (readonly [key: string, Back])[] {
  if (inverse.op === "edit") return [[keyOf(inverse.id, inverse.attr), { changes: inverse.changes }]];
  const { id, attrs = {}, unset = [] } = inverse;
  return [...Object.keys(attrs), ...unset].map((attr) => [keyOf(id, attr), { value: attrs[attr] }]);
}

/** The same in one or two: before a value that replaces others nothing counts. */
function together(backs: readonly Back[]): Back[] {
  const from = backs.findLastIndex((back) => "value" in back);
  const changes = composeAll(backs.slice(from + 1).flatMap((back) => ("changes" in back ? [back.changes] : [])));
  return [...backs.slice(Math.max(from, 0), from + 1), { changes }];
}

/** With so many they are put together: what was typed and taken away again is in memory no more. */
const MANY = 512;
