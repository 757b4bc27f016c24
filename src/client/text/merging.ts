import type { TreeEvent } from "../../protocol/index.ts";
import { type Bridge, createLongBridge, instead, type LongBridge, type Step } from "../../text/index.ts";
import {
  decideText,
  isOnText,
  isUndo,
  type MutationContext,
  mergeUpdate,
  type TextSight,
  type Texts,
} from "../../tree/index.ts";
import type { Foresight } from "../foresight.ts";
import type { Kept, Merging, Missed } from "../merging.ts";
import type { Pending } from "../pending.ts";
import { fitTo, textsIn } from "./fit.ts";
import { grow } from "./grow.ts";
import { moveUp } from "./move-up.ts";
import { rebase } from "./rebase.ts";
import type { Recent, Told } from "./recent.ts";
import { noteReplaced, sightOf } from "./seen.ts";
import { seenOf, shown } from "./shown.ts";
import { stepsIn } from "./steps.ts";
import { whole } from "./whole.ts";
import { without } from "./without.ts";

const NOT_KEPT: Kept = { missed: [], keepMissed: () => {}, add: () => {} };

/**
 * The texts of a replica. The object decides what a mutation does to them by what others have done that its author had not seen; so
 * does this, by the same code, and from the same knowledge: a bridge that begins at the base of the first pending mutation.
 *
 * What clients have left behind whose pages are gone is not shown, but for what else it does: they had seen other things.
 */
export function createMerging(client: string, recent: Recent, kept: Kept = NOT_KEPT, from = 0): Merging {
  /** What was made at an earlier seq may have missed what was not heard here. */
  let complete = from;
  /** Null as long as nothing that is pending asks anything of texts. */
  let bridge: LongBridge | null = null;
  let foresight: Foresight | null = null;
  const decides = (sight?: TextSight): Texts => ({
    decide: decideText,
    merge: mergeUpdate,
    undo: foresight?.history,
    sight,
  });
  /** What is in the tree already, as a snapshot had it, and has no answer yet. */
  const inTree = new WeakSet<Pending>();
  const isOpen = (each: Pending) => each.client === client && !inTree.has(each);
  const asks = (each: Pending) => each.asked !== undefined && isOpen(each);
  const keep = (all: readonly Pending[]) => {
    for (const each of all) kept.add(each, () => {});
  };
  const keepBridge = (next: LongBridge | null, missed: readonly Missed[]) => {
    if (next ?? bridge) kept.keepMissed(next && missed);
    bridge = next;
  };

  const merging: Merging = {
    get deciding() {
      return { texts: decides() };
    },
    whole,
    asked(step, ops) {
      const [operation] = ops;
      const steps = isUndo(operation) ? seenOf(operation) : shown(step);
      // What changes nothing of a text is sent beside what does something else, and may be too old like any other.
      if (steps.length === 0 && !ops.some(isOnText)) return undefined;
      noteReplaced(steps, step);
      return steps;
    },
    foresee(by, all) {
      if (foresight) return;
      foresight = by;
      merging.begins(all);
    },
    get foresight() {
      return foresight;
    },
    made(pending) {
      if (asks(pending)) bridge ??= createLongBridge();
      foresight?.made(pending);
    },
    begins(all) {
      foresight?.others(undefined);
      const named = all.map(({ step }) => step);
      for (const each of all) if (isOpen(each)) foresight?.made(each, each.step, named);
    },
    grown(all, made) {
      const pending = grow(all, made);
      if (pending) foresight?.made(pending, made.step, []);
      return pending;
    },
    sight() {
      const ahead = bridge?.copy();
      /** What the last undo does is known when it is done. */
      let settle = () => {};
      return (pending, context): MutationContext => {
        if (!isOpen(pending)) return { ...context, texts: undefined };
        if (!ahead) return context;
        settle();
        settle = () => {};
        ahead.advance(pending.base);
        const sight = sightOf(pending, ahead);
        if (!isUndo(pending.ops[0])) return { ...context, texts: decides(sight) };
        const thought: Step[] = [];
        const take = (step: Step) => {
          const steps = ahead.take(step);
          thought.push(...steps);
          return steps;
        };
        settle = () => ahead.add(context.seq, instead(thought, shown(pending.step)));
        return { ...context, texts: decides({ size: ahead.size, lengthOf: ahead.lengthOf, take }) };
      };
    },
    hearing(all) {
      const next = bridge?.copy();
      const base = all.find(asks)?.base ?? 0;
      next?.advance(base);
      /** From what was seen to what is: what others have done, over all that is pending. */
      const moving = createLongBridge();
      const heard: Told[] = [];
      const missed: Missed[] = [];
      /** What an undo has come to is not what was seen of it: by which steps that has changed is not known. */
      let isOther = false;
      return {
        next(tree, event, mine) {
          const { seq } = event;
          const steps = stepsIn(tree, event.ops);
          heard.push({ seq, client: event.client, steps });
          const isBack = isUndoing(event);
          const isOwn = event.client === client && (!isBack || mine?.asked !== undefined);
          // What another page has left is an event like those of others.
          const own = isOwn ? mine : undefined;
          const thought = own ? shown(own.step).flatMap(moving.take) : [];
          const more = own ? (isBack ? instead(thought, steps) : []) : steps;
          moving.add(seq, more);
          isOther ||= more !== steps && more.length > 0;
          if (!next || seq <= base) return;
          const asked = { base: own?.base ?? base, ...(isBack && { done: steps }) };
          const entry = { seq, steps: own?.asked ?? steps, ...(isOwn && asked) };
          cross(next, entry);
          missed.push(entry);
        },
        done(left) {
          keepBridge(left.some(asks) ? (next ?? null) : null, missed);
          for (const each of heard) recent.add(each);
          for (const { step } of left) for (const each of shown(step)) moving.take(each);
          const steps = isOther ? undefined : moving.steps;
          foresight?.others(steps);
          return steps;
        },
      };
    },
    replaced(old, now, seq, all, answered) {
      const before = bridge ?? createLongBridge();
      const asking = all.filter(asks);
      for (const each of all) if (each.client === client && each.mutation <= answered) inTree.add(each);
      const open = asking.filter(asks);
      if (!old) {
        // What was kept of the last visit: the events behind this tree are heard again.
        for (const entry of kept.missed) if (entry.seq <= seq) cross(before, entry);
        const heard = kept.missed.at(-1)?.seq ?? open[0]?.base ?? seq;
        if (heard < seq) complete = seq;
        if (open.length > 0) bridge = before;
        else keepBridge(null, []);
        return;
      }
      recent.clear();
      const contained = asking.filter((each) => !asks(each));
      keepBridge(open.length > 0 ? rebase(before, { old, now, seq, contained, open }) : null, []);
      keep(open);
    },
    caughtUp(seq, all, answered) {
      const own = all.filter((each) => each.client === client && (each.asked ?? each.named ?? replacesText(each)));
      const stays = (each: Pending) =>
        !asks(each) ||
        !each.ops.every((operation) => isOnText(operation) || isUndo(operation)) ||
        each.base < complete ||
        each.mutation <= answered;
      // All or none: what stands behind one that stays as it is would be another one to the object.
      if (!bridge || own.some(stays)) return;
      moveUp(bridge.copy(), seq, own);
      keep(own);
    },
    refused(mutation, all) {
      const own = all.filter(asks);
      const at = own.indexOf(mutation);
      if (!bridge || at < 0) return;
      const ahead = bridge.copy();
      for (const each of own.slice(0, at)) {
        ahead.advance(each.base);
        for (const step of each.asked ?? []) ahead.take(step);
      }
      ahead.advance(mutation.base);
      const behind = own.slice(at + 1);
      without(ahead, mutation, behind);
      keep(behind);
    },
    aged(refused, tree, seq, all) {
      const isOwn = refused.client === client;
      // What others have done since a client was left here, whose page is gone, nobody knows.
      const ahead = (isOwn && bridge?.copy()) || createLongBridge();
      const texts = textsIn(tree, all);
      const [before, from]: [Pending[], Pending[]] = [[], []];
      for (const each of all) {
        if (each.client !== refused.client || !each.asked || (isOwn && !asks(each))) continue;
        (each.mutation < refused.mutation ? before : from).push(each);
      }
      for (const each of isOwn ? before : []) {
        ahead.advance(each.base);
        for (const step of each.asked ?? []) ahead.take(step);
        for (const step of shown(each.step)) texts.apply(step);
      }
      const isKnown = isOwn && from.every(({ base }) => base >= complete);
      moveUp(ahead, seq, from, fitTo(texts, isKnown));
      if (!isKnown) foresight?.others(undefined);
      keep(from);
    },
  };
  return merging;
}

/** Whether it replaces what may be a text, be it that it changes none here: it may change what others have made of that. */
function replacesText({ ops }: Pending): boolean {
  return ops.some(
    (each) => each.op === "update" && Object.values(each.attrs ?? {}).some((value) => typeof value === "string"),
  );
}

function isUndoing({ undoes, redoes }: Pick<TreeEvent, "undoes" | "redoes">): boolean {
  return undoes !== undefined || redoes !== undefined;
}

function cross(bridge: Bridge, { seq, steps, base, done }: Missed): void {
  if (base === undefined) bridge.add(seq, steps);
  else {
    bridge.advance(base);
    const thought = steps.flatMap(bridge.take);
    if (done) bridge.add(seq, instead(thought, done));
  }
}
