import { append, type Changes, type Draft, finish, growth } from "./changes.ts";

/** Who makes changes: a client, or somebody who is met once. */
export type Author = string | object;

/**
 * A text with what was taken away from it for a while, and who put each unit there, when: so what somebody has changed who had not seen
 * all of that is found in one walk, however much it was. Costs the runs that were put and taken away, not the events. What it says is what
 * `transform` says over one event after the other, to the tie. After the event graph walker of Gentle and Kleppmann (2025), for the one
 * order of a log.
 */
export interface Weave {
  /**
   * What changes come to that their author made who had seen what there was up to `base`, and what it did itself. They are the event
   * `seq` from now on.
   */
  take(author: Author, base: number, seq: number, changes: Changes): Changes;
  /** Forgets who did what up to an event: everybody has seen that. */
  forget(upto: number): void;
  /** The same, and what is taken by the one is not taken by the other. */
  copy(): Weave;
  readonly runs: number;
  /** What it takes in memory, in runs: who has taken one away after others counts, and when each of its units came. */
  readonly size: number;
  /** Units of the text as it is. */
  readonly length: number;
  /** Runs that were walked over so far. */
  readonly walked: number;
}

/** Units next to each other that came from one author, each behind the one before, and have the same fate. It is never changed. */
interface Run {
  readonly length: number;
  readonly author: Author | null;
  /** When the first unit came; 0: it was there at the beginning. */
  readonly came: number;
  /** When each did, in order; null: all at once. */
  readonly seqs: readonly number[] | null;
  /** Who has taken them away, when. */
  readonly gone: readonly Gone[];
  /** It stands here for nobody but this author. */
  readonly only?: Author;
}

interface Gone {
  readonly author: Author;
  readonly seq: number;
}

/** Whoever makes changes now, and what it has seen. */
interface View {
  readonly author: Author;
  readonly base: number;
}

/** `length`: units of the text at the beginning. */
export function createWeave(length: number): Weave {
  return weaveOf(length > 0 ? [old(length)] : [], length);
}

function weaveOf(known: readonly Run[], units: number): Weave {
  let runs = known.slice();
  let all = units;
  let walked = 0;
  /** Makes what is behind so many units of a run one of its own. */
  const cut = (index: number, units: number) => {
    const run = runs[index];
    if (!run || units === 0 || units >= run.length) return;
    const { came, seqs, length } = run;
    runs.splice(
      index,
      1,
      { ...run, length: units, seqs: seqs?.slice(0, units) ?? null },
      { ...run, length: length - units, came: seqs?.[units] ?? came, seqs: seqs?.slice(units) ?? null },
    );
  };
  return {
    take(author, base, seq, changes) {
      const view = { author, base };
      const draft: Draft = [];
      /** Where it stands: behind so many runs, and units of the next. */
      let [index, units] = [0, 0];
      const pass = (run: Run, count: number) => {
        walked++;
        if (run.gone.length === 0) append(draft, count, false);
        units += count;
        if (units < run.length) return;
        index++;
        units = 0;
      };
      const cutHere = () => {
        cut(index, units);
        if (units > 0) index++;
        units = 0;
      };
      const takeAway = (count: number) => {
        cutHere();
        cut(index, count);
        const run = runs[index];
        if (!run) return;
        if (run.gone.length === 0) append(draft, -count, false);
        runs[index] = withGone(run, { author, seq });
        index++;
        walked++;
      };
      const goOver = (count: number, isTaken: boolean) => {
        for (let left = count; left > 0; ) {
          const run = runs[index];
          if (!run) {
            append(draft, isTaken ? -left : left, false);
            return;
          }
          const seen = Math.min(left, seenOf(run, view) - units);
          if (seen <= 0) pass(run, run.length - units);
          else if (isTaken) takeAway(seen);
          else pass(run, seen);
          left -= Math.max(0, seen);
        }
      };
      const put = (text: string, wasBound: boolean) => {
        const left = units > 0 ? runs[index] : runs[index - 1];
        const looseSince = wasBound && left ? goneFor(left, view) : 0;
        const isBound = wasBound && looseSince === 0;
        const find = () => {
          const { spot, looked } = placeOf(runs, index, units, view, looseSince);
          walked += looked;
          return spot;
        };
        // What is bound stays where it is, whatever others have put there.
        let place = isBound ? null : find();
        if (place && units > 0) {
          cutHere();
          place = find();
        }
        const behind: Run[] = [];
        for (let run = runs[index]; place && run && run !== place.end; run = runs[index]) {
          const isCarried = place.carried.has(run);
          if (isCarried) behind.push({ ...run, only: author });
          // What is there for its author alone is then nowhere else.
          if (isCarried && run.only === author) runs.splice(index, 1);
          else {
            if (isCarried) runs[index] = withGone(run, { author, seq });
            pass(run, run.length);
          }
        }
        append(draft, text, isBound);
        const before = units === 0 ? runs[index - 1] : undefined;
        if (before && isBound && isOneWith(before, author, text.length)) {
          runs[index - 1] = longer(before, text.length, seq);
          return;
        }
        cutHere();
        runs.splice(index, 0, { length: text.length, author, came: seq, seqs: null, gone: [] }, ...behind);
        index++;
      };
      for (const [at, change] of changes.entries()) {
        if (typeof change === "string") put(change, changes[at - 1] === 0);
        else goOver(Math.abs(change), change < 0);
      }
      const taken = finish(draft);
      all += growth(taken);
      return taken;
    },
    forget(upto) {
      const left: Run[] = [];
      for (const run of runs) {
        if (run.gone.some(({ seq }) => seq <= upto)) continue;
        const last = left.at(-1);
        if ((run.seqs?.at(-1) ?? run.came) > upto) left.push(run);
        else if (run.gone.length > 0) left.push({ ...run, ...old(run.length), gone: run.gone });
        else if (last && isOld(last)) left[left.length - 1] = old(last.length + run.length);
        else left.push(old(run.length));
      }
      runs = left;
    },
    copy: () => weaveOf(runs, all),
    get runs() {
      return runs.length;
    },
    get size() {
      let sum = 0;
      for (const run of runs) sum += sizeOf(run);
      return sum;
    },
    get length() {
      return all;
    },
    get walked() {
      return walked;
    },
  };
}

/** What was there at the beginning. */
const old = (length: number): Run => ({ length, author: null, came: 0, seqs: null, gone: [] });

const isOld = ({ author, gone, only }: Run) => author === null && gone.length === 0 && only === undefined;

/** Runs are no longer, so that each of a paste is known at once, and few have to be told apart. */
const MOST_UNITS = 64;

/** Is what an author puts right behind a run, bound to it, one with that? */
function isOneWith({ author, only, gone, length }: Run, by: Author, units: number): boolean {
  return author === by && only === undefined && gone.length === 0 && length + units <= MOST_UNITS;
}

function longer(run: Run, units: number, seq: number): Run {
  const { length, came, seqs } = run;
  const before = seqs ?? new Array<number>(length).fill(came);
  return { ...run, length: length + units, seqs: [...before, ...new Array<number>(units).fill(seq)] };
}

function withGone(run: Run, by: Gone): Run {
  return { ...run, gone: [...run.gone, by] };
}

/** When so many units came takes as much as a run. */
const SEQS = 16;

function sizeOf({ gone, seqs }: Run): number {
  return 1 + gone.length + (seqs ? seqs.length / SEQS : 0);
}

/** How many of its units, from the first on, somebody saw. */
function seenOf(run: Run, { author, base }: View): number {
  if (run.only !== undefined && run.only !== author) return 0;
  for (const gone of run.gone) if (gone.seq <= base || gone.author === author) return 0;
  const { came, seqs, length } = run;
  if (run.author === author) return length;
  if (!seqs) return came <= base ? length : 0;
  let low = came <= base ? 1 : 0;
  for (let high = low === 0 ? 0 : seqs.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) > base) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Since when others have taken away what somebody could still see; 0: they have not. */
function goneFor({ gone }: Run, { author, base }: View): number {
  let since = 0;
  for (const each of gone) {
    if (each.author !== author && each.seq > base && (since === 0 || each.seq < since)) since = each.seq;
  }
  return since;
}

/** Where something is put: before a run, or at the end; and what goes behind it, as its author sees that there. */
interface Spot {
  readonly end: Run | undefined;
  readonly carried: ReadonlySet<Run>;
}

/**
 * Where something is put beside what others have put at the same place, unseen and later than a seq; null where there is nothing of that.
 * And how many runs were looked at.
 */
function placeOf(
  runs: readonly Run[],
  start: number,
  at: number,
  view: View,
  since: number,
): { readonly spot: Spot | null; readonly looked: number } {
  let after = since;
  /** The last of others that is before it; and how many of those passed are, too. */
  let [last, before] = [-1, 0];
  const passed: Run[] = [];
  let index = start;
  for (let units = at; ; index++, units = 0) {
    const run = runs[index];
    if (!run) break;
    const seen = seenOf(run, view);
    const isGone = run.gone.length > 0;
    if (seen > units) {
      // It was there for its author. Where it has gone since, what came later stands where this does.
      if (!isGone) break;
      after = Math.max(after, goneFor(run, view));
      passed.push(run);
      continue;
    }
    const came = run.seqs?.[Math.max(units, seen)] ?? run.came;
    const isHere = (run.only ?? view.author) === view.author;
    const isUnseen = isHere && run.author !== null && run.author !== view.author && came > view.base;
    if (!isUnseen) continue;
    if (came > after) [last, before] = [index, passed.length];
    else if (isGone) {
      after = Math.max(after, Math.min(...run.gone.map(({ seq }) => seq)));
      passed.push(run);
    } else break;
  }
  const spot = last < 0 ? null : { end: runs[last + 1], carried: new Set(passed.slice(0, before)) };
  return { spot, looked: 1 + index - start };
}
