import type { StoredDocument, TextEvent } from "../storage.ts";
import {
  type Author,
  type Changes,
  createWeave,
  type EditStep,
  growth,
  keyOf,
  nodesOf,
  type Step as TextStep,
  type Weave,
} from "../text/index.ts";
import { type Edit, type NodeId, namesAttr, type Operation, textIn } from "../tree/index.ts";
import { MET } from "./work.ts";

/**
 * The texts that several edit at once, woven: what an edit comes to is found there in one walk, whoever made it and whatever its author has
 * in flight. So it is for all together, where a bridge is for each of them.
 */
export interface TextWeaves {
  /**
   * The weaves of the texts of edits, for an author who had seen what there was up to `base`; null where there is more to it than edits, or more
   * than a weave holds. `work` is told what that takes.
   */
  of(ops: readonly Operation[], author: Author, base: number, work: (units: number) => void): Woven | null;
}

export interface Woven {
  /** What an edit of its author comes to, as the event that comes next. */
  take(step: EditStep): TextStep[];
  /** It is this event; without that all is woven anew. */
  accepted(seq: number): void;
}

/** Texts that are kept woven: whichever was met last is last. */
const MOST_TEXTS = 16;
/** So many runs at most, and events that one begins with: beyond that a bridge is asked. */
const MOST_RUNS = 1_024;
const MOST_EVENTS = 4_096;
/** What all who have done something in the last so many events have seen is forgotten. */
const LATELY = 2_048;
/** When there are so many more runs than there were left, and twice as many. */
const MORE = 64;
/** Each of its changes may take a run apart: with more of them it is nothing for a weave. */
const MOST_CHANGES = 256;
/** What can't be woven is not tried again for so many events. */
const LATER = 256;
/** To walk a run, in the unit of `Meter`. */
const RUN = 2;

interface Known {
  readonly id: NodeId;
  readonly attr: string;
  readonly weave: Weave;
  /** Everything after this event, and up to that one, is in it; nobody asks who has not seen the first. */
  since: number;
  upto: number;
  /** What clients had seen, and the events for which they had. */
  readonly seen: Map<string, { readonly base: number; readonly seq: number }>;
  /** So many runs were left when something was forgotten. */
  left: number;
  /** Something was taken that is no event yet. */
  isAhead: boolean;
}

/** `next`: the seq of the event that comes next. */
export function createTextWeaves(document: StoredDocument, next: () => number): TextWeaves {
  /** Or the event up to which it is not tried again. */
  const known = new Map<string, Known | { readonly not: number }>();
  const weave = (
    id: NodeId,
    attr: string,
    author: Author,
    base: number,
    work: (units: number) => void,
  ): Known | null => {
    const { texts, nodes } = document;
    const events: Made[] = [];
    let [length, since, lowest, met] = [textIn(nodes.get(id)?.attrs ?? {}, attr)?.length ?? 0, texts.from, base, 0];
    for (const event of texts.backward(Number.MAX_SAFE_INTEGER)) {
      // What is in flight was made behind what was in flight then: back to where nothing was.
      const isEnough = event.seq <= lowest;
      const made = isEnough ? null : madeOf(event, id, attr);
      if (isEnough || made === "other" || met++ === MOST_EVENTS) {
        since = event.seq;
        break;
      }
      if (!made) continue;
      length -= made.grown;
      lowest = Math.min(lowest, made.base);
      events.push(made);
    }
    work(MET * met);
    if (lowest < since) return null;
    const woven: Known = {
      ...{ id, attr, since: lowest, upto: texts.latest, isAhead: false },
      ...{ weave: createWeave(length), seen: new Map(), left: 0 },
    };
    // Else what it has not seen might be forgotten meanwhile.
    if (typeof author === "string") woven.seen.set(author, { base, seq: woven.upto });
    for (const each of events.reverse()) if (!add(woven, each, work)) return null;
    return woven;
  };
  /** What has happened since is woven in; false where that can't be. */
  const follow = (each: Known, work: (units: number) => void): boolean => {
    const { texts } = document;
    if (each.isAhead || each.upto < texts.from || each.weave.runs > MOST_RUNS) return false;
    for (const event of texts.after(each.upto)) {
      const made = madeOf(event, each.id, each.attr);
      if (made === "other" || (made && made.base < each.since) || (made && !add(each, made, work))) return false;
      work(RUN);
      each.upto = event.seq;
    }
    return true;
  };
  const find = ({ id, attr }: Edit, author: Author, base: number, work: (units: number) => void): Known | null => {
    const key = keyOf(id, attr);
    const before = known.get(key);
    if (before && "not" in before && document.texts.latest < before.not) return null;
    known.delete(key);
    const isThere = before && "weave" in before && base >= before.since && follow(before, work);
    const is = isThere ? before : weave(id, attr, author, base, work);
    known.set(key, is ?? { not: document.texts.latest + LATER });
    const [oldest] = known.keys();
    if (known.size > MOST_TEXTS && oldest !== undefined) known.delete(oldest);
    return is && base >= is.since ? is : null;
  };
  return {
    of(ops, author, base, work) {
      const all = new Map<string, Known>();
      for (const each of ops) {
        if (each.op !== "edit" || each.changes.length > MOST_CHANGES) return null;
        const key = keyOf(each.id, each.attr);
        const found = all.get(key) ?? find(each, author, base, work);
        if (!found) return null;
        all.set(key, found);
      }
      return {
        take(step) {
          const found = all.get(keyOf(step.id, step.attr));
          if (!found) return [step];
          found.isAhead = true;
          const [changes = []] = take(found, { author, base, seq: next(), steps: [step] });
          work(RUN * found.weave.runs);
          return changes.length > 0 ? [{ ...step, changes }] : [];
        },
        accepted(seq) {
          for (const each of all.values()) {
            Object.assign(each, { isAhead: false, upto: seq });
            forgetSome(each, seq);
          }
        },
      };
    },
  };
}

/** What an event has made of a text, as its author has. */
interface Made {
  readonly author: Author;
  readonly base: number;
  readonly seq: number;
  readonly steps: readonly TextStep[];
  /** The units that it has become longer. */
  readonly grown: number;
}

/** What steps come to that are woven in. */
function take({ weave, seen }: Known, { author, base, seq, steps }: Omit<Made, "grown">): Changes[] {
  if (typeof author === "string") seen.set(author, { base, seq });
  return steps.flatMap((step) => (step.op === "edit" ? [weave.take(author, base, seq, step.changes)] : []));
}

/** Weaves in an event; false where it is too much then. */
function add(to: Known, made: Made, work: (units: number) => void): boolean {
  take(to, made);
  work(RUN * to.weave.runs);
  forgetSome(to, made.seq);
  return to.weave.runs <= MOST_RUNS;
}

/** Forgets what all have seen who have done something lately, where there is enough of that. */
function forgetSome(of: Known, seq: number): void {
  if (of.weave.runs <= 2 * of.left + MORE) return;
  let lowest = seq;
  for (const [client, last] of of.seen) {
    if (last.seq < seq - LATELY) of.seen.delete(client);
    else lowest = Math.min(lowest, last.base);
  }
  of.since = Math.max(of.since, lowest);
  of.weave.forget(of.since);
  of.left = of.weave.runs;
}

/** Null where it does not concern the text, and `other` where there is more to it than edits. */
function madeOf(event: TextEvent, id: NodeId, attr: string): Made | "other" | null {
  const { seq, client, asked, isOwn, isBack, inverse } = event;
  const isOf = (step: TextStep) => step.attr === attr && nodesOf(step).includes(id);
  const done = event.steps.filter(isOf);
  const steps = (isOwn && asked?.steps ? asked.steps.filter(isOf) : done).filter(({ op }) => op !== "mark");
  if (done.length === 0 && steps.length === 0) return null;
  // Of what its author has seen of it that takes back others, something else may have come.
  const isPlain = !(isBack && isOwn) && [...done, ...steps].every(isFew);
  if (!isPlain || inverse.some((each) => each.op === "update" && each.id === id && namesAttr(each, attr)))
    return "other";
  const grown = done.reduce((sum, step) => sum + (step.op === "edit" ? growth(step.changes) : 0), 0);
  // What takes back others has been seen by nobody before it has come.
  const isMade = isOwn && client !== null;
  return { author: isMade ? client : {}, base: (isOwn ? asked?.base : undefined) ?? seq - 1, seq, steps, grown };
}

function isFew(step: TextStep): boolean {
  return step.op === "edit" ? step.changes.length <= MOST_CHANGES : step.op === "mark";
}
