import type { Meter, StoredDocument } from "../storage.ts";
import { type Author, createWeave, type EditStep, keyOf, type Step as TextStep, type Weave } from "../text/index.ts";
import { type Edit, type Operation, textIn } from "../tree/index.ts";
import { type Made, madeOf } from "./text-made.ts";
import { MET } from "./work.ts";

/**
 * The texts that several edit at once, woven: what an edit comes to is found there in one walk, whoever made it and whatever its author has
 * in flight. So it is for all together, where a bridge is for each of them.
 */
export interface TextWeaves {
  /**
   * The weaves of the texts of edits, for an author who had seen what there was up to `base`; null where there is more to it than edits, or more
   * than a weave holds or is done in one piece: a bridge is asked then. `work` is told what it takes, and full where it is enough.
   */
  of(ops: readonly Operation[], author: Author, base: number, work: Meter): Woven | null;
}

export interface Woven {
  /** What an edit of its author comes to, as the event that comes next. */
  take(step: EditStep): TextStep[];
  /** It is this event; without that nothing of it was taken. */
  accepted(): void;
}

/** Texts that are kept woven: whichever was met last is last. */
const MOST_TEXTS = 16;
/** So many of them one mutation may ask for: else each could let go of those of all others. */
const MOST_AT_ONCE = 4;
/** What a weave may hold, in runs; with more its older half is forgotten, and who has not seen that has a bridge. */
const MOST_HELD = 2_048;
/**
 * Whoever has done nothing in so many events is not waited for: what it has in flight then has a bridge, until it has none. A start under
 * full load kept one silent for 2 700 of others (workerd, 2026-11-28).
 */
const LATELY = 4_096;
/** With more people so few events have to do. */
const MOST_PEOPLE = 1_024;
const CROWDED = 512;
/** What all have seen is forgotten when there is so much more than was left, and twice as much. */
const MORE = 64;
/** To walk over a run, and to pass over an event, in the unit of `Meter`. */
const RUN = 2;
const PASSED = 8;
/** Runs that are walked over in one piece, at most: 2 ms. */
const MOST_WALKED = 64 * 1024;

/** What a client had seen when it did something last. What it did up to `blind` is woven as if nobody had. */
interface Last {
  readonly base: number;
  readonly seq: number;
  readonly blind: number;
}

interface Known {
  weave: Weave;
  /** Everything after this event, and up to that one, is in it; nobody asks who has not seen the first. */
  since: number;
  upto: number;
  readonly people: Map<string, Last>;
  /** So much was left when something was forgotten. */
  left: number;
}

/** What they are woven of. */
type Source = Pick<StoredDocument, "texts"> & { readonly nodes: Pick<StoredDocument["nodes"], "get"> };

/** `next`: the seq of the event that comes next. */
export function createTextWeaves(document: Source, next: () => number): TextWeaves {
  const { texts, nodes } = document;
  const known = new Map<string, Known>();
  /** A text with what has happened to it back to where nothing was in flight; where that is too much, or unknown, as it is now. */
  const begin = ({ id, attr }: Edit, length: number, base: number, work: Meter): Known => {
    const events: Made[] = [];
    let [before, lowest] = [length, base];
    for (const event of texts.backward(Number.MAX_SAFE_INTEGER)) {
      if (event.seq <= lowest) break;
      const made = madeOf(event, id, attr);
      work.add(PASSED);
      if (made === "unknown" || work.full()) lowest = Number.NEGATIVE_INFINITY;
      if (made === "unknown" || lowest < texts.from) break;
      if (!made) continue;
      // What is in flight was made behind what was in flight then.
      lowest = Math.min(lowest, made.base ?? lowest);
      before -= made.grown;
      events.push(made);
    }
    const { latest } = texts;
    const woven = { weave: createWeave(before), since: lowest, upto: latest, people: new Map<string, Last>(), left: 0 };
    if (lowest >= texts.from && events.reverse().every((made) => add(woven, made, work))) return woven;
    return { ...woven, weave: createWeave(length), since: latest, people: new Map() };
  };
  /** What has happened since is woven in; false where that can't be. */
  const follow = (each: Known, { id, attr }: Edit, work: Meter): boolean => {
    if (each.upto < texts.from) return false;
    for (const event of texts.after(each.upto)) {
      const made = madeOf(event, id, attr);
      work.add(PASSED);
      if (made === "unknown" || work.full() || (made && !add(each, made, work))) return false;
      each.upto = event.seq;
    }
    return true;
  };
  const find = (edit: Edit, base: number, work: Meter): Known | null => {
    const node = nodes.get(edit.id);
    const text = node && textIn(node.attrs, edit.attr);
    if (typeof text !== "string") return null;
    const key = keyOf(edit.id, edit.attr);
    const before = known.get(key);
    known.delete(key);
    // Another row may have the id of one that is gone for good.
    const isKnown = before && follow(before, edit, work) && before.weave.length === text.length;
    const found = isKnown ? before : begin(edit, text.length, base, work);
    forgetSome(found, base);
    known.set(key, found);
    const [oldest] = known.keys();
    if (known.size > MOST_TEXTS && oldest !== undefined) known.delete(oldest);
    return found;
  };
  return {
    of(ops, author, base, work) {
      const all = new Map<string, Known>();
      const client = typeof author === "string" ? author : null;
      let walks = 0;
      for (const each of ops) {
        if (each.op !== "edit") return null;
        walks += 1 + each.changes.length;
        const key = keyOf(each.id, each.attr);
        // What nobody else has touched comes out as it was asked for.
        if (all.has(key) || !texts.isTouched(each.id, each.attr, base, client)) continue;
        const found = all.size < MOST_AT_ONCE && walks < MOST_WALKED ? find(each, base, work) : null;
        if (!found || seenBy(found, author, base) === null) return null;
        all.set(key, found);
      }
      for (const { weave } of all.values()) if (isMuch(weave, walks)) return null;
      const seq = next();
      const taken = new Map(Array.from(all, ([key, each]) => [key, { ...each, weave: each.weave.copy() }]));
      return {
        take(step) {
          const found = taken.get(keyOf(step.id, step.attr));
          if (!found) return [step];
          const changes = weaveIn(
            found,
            { author, base: seenBy(found, author, base) ?? base, seq },
            step.changes,
            work,
          );
          return changes.length > 0 ? [{ ...step, changes }] : [];
        },
        accepted() {
          for (const [key, each] of all) {
            Object.assign(each, { weave: taken.get(key)?.weave, upto: seq });
            note(each, author, { base, seq, blind: 0 });
            forgetSome(each, base);
          }
        },
      };
    },
  };
}

/** Up to where somebody has seen a text, who says that it is `base`: not less than before. Null where the weave does not know what that is. */
function seenBy({ since, people }: Known, author: Author, base: number): number | null {
  const last = typeof author === "string" ? people.get(author) : undefined;
  const seen = Math.max(base, last?.base ?? 0);
  return seen >= Math.max(since, last?.blind ?? 0) ? seen : null;
}

function note({ people }: Known, author: Author, { base, seq, blind }: Last): void {
  if (typeof author !== "string") return;
  const last = people.get(author) ?? { base, blind };
  people.set(author, { base: Math.max(base, last.base), seq, blind: Math.max(blind, last.blind) });
}

/** Weaves in an event; false where it is too much then. */
function add(to: Known, { seq, author, base, asked, done }: Made, work: Meter): boolean {
  const seen = base === null ? null : seenBy(to, author, base);
  const by = seen === null ? { author: {}, base: seq - 1, seq } : { author, base: seen, seq };
  const list = seen === null ? done : asked;
  if (isMuch(to.weave, entriesOf(list))) return false;
  for (const changes of list) weaveIn(to, by, changes, work);
  note(to, author, { base: base ?? 0, seq, blind: seen === null ? seq : 0 });
  work.add(MET);
  return !work.full();
}

const entriesOf = (list: Made["done"]) => list.reduce((sum, changes) => sum + 1 + changes.length, 0);

/** Each entry may walk over all runs, and add some. */
function isMuch({ runs }: Weave, entries: number): boolean {
  return entries * (runs + entries) > MOST_WALKED;
}

type By = { readonly author: Author; readonly base: number; readonly seq: number };

function weaveIn({ weave }: Known, { author, base, seq }: By, changes: EditStep["changes"], work: Meter) {
  const before = weave.walked;
  const taken = weave.take(author, base, seq, changes);
  work.add(RUN * (weave.walked - before));
  return taken;
}

/** Forgets what all have seen who have done something lately, and who asks, where there is enough of that; and more where it is too much. */
function forgetSome(of: Known, base: number): void {
  const { weave, upto, people } = of;
  const isLittle = weave.size <= Math.min(2 * of.left + MORE, MOST_HELD);
  const isCrowded = people.size > MOST_PEOPLE;
  if (isLittle && !isCrowded) return;
  const lately = upto - (isCrowded ? CROWDED : LATELY);
  let lowest = base >= of.since ? Math.min(upto, base) : upto;
  for (const [client, last] of people) {
    if (last.seq >= lately) lowest = Math.min(lowest, Math.max(last.base, last.blind));
    else {
      people.delete(client);
      of.since = Math.max(of.since, last.blind);
    }
  }
  of.since = Math.max(of.since, lowest);
  weave.forget(of.since);
  while (weave.size > MOST_HELD) {
    of.since = Math.ceil((of.since + upto) / 2);
    weave.forget(of.since);
  }
  of.left = weave.size;
}
