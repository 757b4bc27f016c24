import { failure, LIMITS, type Result, success } from "../protocol/index.ts";
import type { Meter, StoredDocument } from "../storage.ts";
import { applyChanges, nodesOf, type Step as TextStep } from "../text/index.ts";
import { isOnText, isUndo, type NodeId, type Operation, type ShownStep, type TextSight } from "../tree/index.ts";
import { SHARE } from "./rounds.ts";
import type { FrameLooks } from "./sight.ts";
import { type Approach, approach, followOn, isAnyInFlight, type Standing, type Unknown } from "./text-bridge.ts";
import { createClear } from "./text-clear.ts";
import { createRewinding, type Rewinding } from "./text-rewind.ts";
import { viewOfUndo } from "./text-shown.ts";
import { createSlots } from "./text-slots.ts";
import { SAW_ALL, type TextView, type Told } from "./text-view.ts";
import { createTextWeaves, type Woven } from "./text-weaves.ts";
import { createUnseenTexts, PAIR } from "./unseen-texts.ts";

/** Who asks: a client, or a call of nobody's, for as long as that is under way. */
type Who = string | object;

/** What authors of mutations have seen of texts. */
export interface TextViews {
  /** The view of a mutation; null where there is more to be read for it: it is to be asked for again in a later turn. */
  of(who: Who, base: number | undefined, ops: readonly Operation[], looks: FrameLooks): Result<TextView> | null;
}

/** Clients whose standing is kept, and what that takes in memory; it is found out anew of others. */
const MOST_KEPT = 64;
const MOST_HELD = LIMITS.unseenBytes;
/** What is read in one turn. */
const AT_ONCE = SHARE / 2;

/** How far it was found out where a client stands. */
interface Under {
  readonly base: number;
  readonly approach: Approach;
  readonly rewinding: Rewinding | null;
}

/** `next`: the seq of the event that comes next. */
export function createTextViews(document: StoredDocument, next: () => number): TextViews {
  /** Whoever was met last is last. */
  const kept = new Map<Who, { readonly standing: Standing; readonly held: number }>();
  let held = 0;
  const forget = (who: Who) => {
    held -= kept.get(who)?.held ?? 0;
    kept.delete(who);
  };
  const hasInFlight = (who: Who, base: number) => typeof who === "string" && isAnyInFlight(document, who, base);
  const keep = (who: Who, standing: Standing) => {
    forget(who);
    const own = standing.bridge.held;
    kept.set(who, { standing, held: own });
    held += own;
    const isOver = () => kept.size > MOST_KEPT || held > MOST_HELD;
    if (!isOver()) return;
    // What is in flight has to be followed from its beginning, so who has nothing there goes first.
    for (const [other, known] of kept) {
      if (other !== who && isOver() && !hasInFlight(other, known.standing.base)) forget(other);
    }
    for (const other of kept.keys()) if (other !== who && isOver()) forget(other);
  };
  const slots = createSlots<Who, Under>();
  const begin = (who: Who, base: number, ops: readonly Operation[]): Under => {
    const client = clientOf(who);
    const known = kept.get(who)?.standing;
    const isBehind = known !== undefined && known.base <= base;
    const begins = () => {
      if (client === null || clear.is(client, base))
        return followOn(document, client, { bridge: createUnseenTexts([base]), upto: base, base });
      return isBehind
        ? followOn(document, client, { bridge: known.bridge.copy(), upto: known.upto, base })
        : approach(document, client, base);
    };
    return {
      base,
      approach: begins(),
      rewinding: createRewinding(document, client, base, replacedBy(ops)),
    };
  };
  const clear = createClear(document.seq);
  const weaves = createTextWeaves(document, next);
  /** It was made without a look at what its author had not seen. */
  const unseeing = (who: Who, ops: readonly Operation[]): TextView => {
    if (typeof who !== "string" || !ops.some(({ op }) => op === "update")) return SAW_ALL;
    return { ...SAW_ALL, accepted: (seq) => clear.end(who, seq) };
  };
  return {
    of(who, base, ops, looks) {
      const client = clientOf(who);
      if (base === undefined || !concernTexts(ops, base, document)) return success(unseeing(who, ops));
      const shown = shownIn(ops);
      if (!shown && !isAnyUnseen(document, client, base)) return success(SAW_ALL);
      if (!shown && isAlone(document, client, base, ops)) return success({ ...SAW_ALL, asked: () => ({ base }) });
      const woven = weaves.of(ops, client ?? {}, base, createWork(looks));
      if (woven) {
        const seen = viewOfWoven(woven, base);
        const accepted = (seq: number) => {
          seen.accepted(seq);
          if (client !== null) clear.end(client, seq);
        };
        return success({ ...seen, accepted });
      }
      // What waits for its commit, and is not in mind, is nowhere to be read.
      if (document.texts.from > document.seq) return null;
      const work = createWork(looks);
      if (slots.mustWait(who)) return null;
      const before = slots.of(who);
      const under = before?.base === base ? before : begin(who, base, ops);
      const standing = under.approach.step(work);
      const isRewound = standing !== null && (typeof standing === "string" || (under.rewinding?.step(work) ?? true));
      if (!standing || !isRewound) {
        slots.put(who, under, under.approach.held);
        return null;
      }
      slots.leave(who);
      if (typeof standing === "string") {
        forget(who);
        if (standing === "blurred") return null;
        // What replaces a value needs not know what that was.
        if (!shown && !ops.some(isOnText)) return success(unseeing(who, ops));
        const why = `${WHY[standing]} seq ${base}: read the tree, and send it as it is in that, with its seq as base`;
        return failure("expired", why, { base: document.seq });
      }
      keep(who, standing);
      const told: Told = {
        took: (pairs) => {
          looks.decided += PAIR * pairs;
        },
        moved(after) {
          keep(who, after);
          if (client !== null) clear.end(client, after.upto);
        },
      };
      return success(
        shown ? viewOfUndo(standing, shown, document.nodes, told) : viewOf(standing, under.rewinding, told),
      );
    },
  };
}

const WHY: Readonly<Record<Exclude<Unknown, "blurred">, string>> = {
  expired: "the history does not reach back any more to",
  tooMuch: "others have done more to texts than can be held since",
};

/**
 * Whether nobody else has done anything to the texts that are edited: then it comes out as it was asked for, whatever its author has in
 * flight, and others elsewhere.
 */
function isAlone({ texts }: StoredDocument, client: string | null, base: number, ops: readonly Operation[]): boolean {
  return ops.every((each) => {
    return (each.op === "edit" || each.op === "mark") && !texts.isTouched(each.id, each.attr, base, client);
  });
}

/** What an undo does to texts where its author sees it, if it does anything there. */
function shownIn([operation]: readonly Operation[]): readonly ShownStep[] | undefined {
  return isUndo(operation) && operation.shown && operation.shown.length > 0 ? operation.shown : undefined;
}

function clientOf(who: Who): string | null {
  return typeof who === "string" ? who : null;
}

/** The texts that updates replace. */
function replacedBy(ops: readonly Operation[]): (readonly [NodeId, string])[] {
  return ops.flatMap((each) => {
    if (each.op !== "update") return [];
    const texts = Object.entries(each.attrs ?? {}).filter(([, value]) => typeof value === "string");
    return texts.map(([attr]) => [each.id, attr] as const);
  });
}

/** Values that replace others are as ever where nobody edits any. */
function concernTexts(ops: readonly Operation[], base: number, { texts }: StoredDocument): boolean {
  if (shownIn(ops)) return true;
  return ops.some((each) => {
    if (isOnText(each)) return true;
    return each.op === "update" && base < texts.lastEdit && replacedBy([each]).length > 0;
  });
}

/** Whether others have done anything to texts since, or nobody knows without reading. */
function isAnyUnseen({ texts }: StoredDocument, client: string | null, base: number): boolean {
  for (const event of texts.backward(Number.MAX_SAFE_INTEGER)) {
    if (event.seq <= base) return false;
    if (client === null || event.client !== client || !event.isAsSeen) return true;
  }
  return base < texts.from;
}

/** What finding out may take in one turn; it is counted where the mutation is. */
export function createWork(looks: FrameLooks): Meter {
  let done = 0;
  return {
    add(units) {
      done += units;
      looks.decided += units;
    },
    full: () => done >= AT_ONCE,
  };
}

function viewOfWoven(woven: Woven, base: number): TextView {
  const steps: TextStep[] = [];
  let differs = false;
  const sight: TextSight = {
    size: 1,
    lengthOf: (_id, _attr, now) => now,
    take(step) {
      const taken = step.op === "edit" ? woven.take(step) : [step];
      steps.push(step);
      differs ||= taken.length !== 1 || !isSame(taken[0], step);
      return taken;
    },
  };
  return {
    texts: { ...SAW_ALL.texts, sight },
    asked: () => ({ base, ...(differs && { steps }) }),
    accepted: woven.accepted,
  };
}

function viewOf({ bridge: stood, base }: Standing, rewinding: Rewinding | null, { took, moved }: Told): TextView {
  const bridge = stood.copy();
  const isBehind = bridge.size > 0;
  const steps: TextStep[] = [];
  let differs = false;
  let left = LIMITS.unseenPairs;
  const take = (step: TextStep) => {
    const pairs = bridge.pairsOf(step);
    left -= pairs;
    if (left < 0) return [];
    took(pairs);
    const taken = bridge.take(step);
    steps.push(step);
    differs ||= taken.length !== 1 || !isSame(taken[0], step);
    return taken;
  };
  const sight: TextSight = {
    get size() {
      return bridge.size;
    },
    lengthOf: bridge.lengthOf,
    take,
    get isOver() {
      return left < 0;
    },
    ...(rewinding && { seen: (id, attr) => madeOf(rewinding.seen(id, attr), id, attr, steps) }),
  };
  return {
    texts: { ...SAW_ALL.texts, sight },
    asked: () => (isBehind ? { base, ...(differs && { steps }) } : undefined),
    accepted: (seq) => moved({ bridge, upto: seq, base }),
  };
}

/** What the steps of a mutation have made of a text so far; undefined where they have split or joined it. */
function madeOf(seen: string | undefined, id: NodeId, attr: string, steps: readonly TextStep[]): string | undefined {
  let text = seen;
  for (const step of steps) {
    if (text === undefined) break;
    if (step.op === "mark" || step.attr !== attr || !nodesOf(step).includes(id)) continue;
    text = step.op === "edit" ? applyChanges(text, step.changes) : undefined;
  }
  return text;
}

function isSame(one: TextStep | undefined, other: TextStep): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
