import type { Absence, Act, Script, Step } from "./script.ts";

/** The acts of the enumeration: all are about the same few nodes, so that they meet. `at`: which step it is, `who` does it. */
const KINDS: readonly ((at: number, who: number) => Act)[] = [
  (at) => ({ do: "insert", id: `n${at}`, parent: "p", after: null }),
  (at) => ({ do: "insert", id: `n${at}`, parent: "p", after: "x" }),
  (at) => ({ do: "insert", id: `n${at}`, parent: "p" }),
  (at, who) => ({ do: "move", id: "y", parent: "p", after: (at + who) % 2 === 0 ? "z" : null }),
  (at, who) => ({ do: "move", id: "y", parent: (at + who) % 2 === 0 ? "q" : "root", after: null }),
  () => ({ do: "remove", id: "y" }),
  () => ({ do: "remove", id: "p" }),
  (at) => ({ do: "update", id: "y", key: "v", value: at + 1 }),
  () => ({ do: "unset", id: "y", key: "v" }),
  () => ({ do: "undo" }),
  () => ({ do: "redo" }),
];

/** Who is away from a step on, and the order in which they come back. */
interface Sight {
  readonly away: readonly number[];
  readonly how: Absence;
  readonly from: number;
  readonly back: readonly number[];
}

const A = 0;
const B = 1;

/** Seen; unseen, with the events of either first; one of them offline; from the first act on, or a later one. */
const SIGHTS: readonly Sight[] = [
  { away: [], how: "held", from: 0, back: [] },
  ...[0, 1, 2].flatMap((from): Sight[] => [
    { away: [A, B], how: "held", from, back: [A, B] },
    { away: [A, B], how: "held", from, back: [B, A] },
    { away: [from === 0 ? A : B], how: "offline", from, back: [from === 0 ? A : B] },
  ]),
];

/**
 * Every pair and triple of acts of two people, whoever of them acts, that is not a shorter one: with an undo or redo that
 * has nothing to undo, or with no act of the first one, who undoes everything in the end. And what is undone, and made
 * again after something of the other one.
 */
export function* enumerate(): Generator<Script> {
  for (const acts of meetings()) {
    if (!acts.some(({ who }) => who === A) || !acts.every((_, at) => doesSomething(acts.slice(0, at + 1)))) continue;
    const isAlone = acts.every(({ who }) => who === acts[0]?.who);
    for (const sight of SIGHTS) {
      if (!isNew(sight, acts.length, isAlone)) continue;
      for (const reload of [false, true]) yield { people: 2, steps: stepsOf(acts, sight, reload), reload };
    }
  }
}

function* meetings(): Generator<Doing[]> {
  yield* sequences(2);
  yield* sequences(3);
  for (const first of KINDS) {
    for (const other of KINDS) {
      yield [
        { who: A, act: first(0, A) },
        { who: A, act: { do: "undo" } },
        { who: B, act: other(2, B) },
        { who: A, act: { do: "redo" } },
      ];
    }
  }
}

interface Doing {
  readonly who: number;
  readonly act: Act;
}

function* sequences(length: number): Generator<Doing[]> {
  const choices = KINDS.length * 2;
  for (let number = 0; number < choices ** length; number++) {
    yield Array.from({ length }, (_, at) => {
      const choice = Math.floor(number / choices ** at) % choices;
      const who = choice % 2;
      const kind = KINDS[Math.floor(choice / 2)];
      if (!kind) throw new Error(`there is no choice ${choice}`);
      return { who, act: kind(at, who) };
    });
  }
}

/** Whether the last act has something to undo or to make again. */
function doesSomething(acts: readonly Doing[]): boolean {
  const last = acts.at(-1);
  let [done, undone] = [0, 0];
  for (const { who, act } of acts) {
    if (who !== last?.who) continue;
    if (act.do === "undo") [done, undone] = [done - 1, undone + 1];
    else if (act.do === "redo") [done, undone] = [done + 1, undone - 1];
    else [done, undone] = [done + 1, 0];
  }
  return done >= 0 && undone >= 0;
}

/** Whether a sight makes a difference: one who acts alone has nobody to miss, and comes back once. */
function isNew({ away, back, from }: Sight, length: number, isAlone: boolean): boolean {
  if (away.length === 0) return true;
  if (from >= length - 1) return false;
  return !isAlone || (away.length === 1 ? away[0] === A : back[0] === A);
}

function stepsOf(acts: readonly Doing[], { away, how, from, back }: Sight, reload: boolean): Step[] {
  const going = away.map((who): Step => ({ who, goes: how }));
  const coming = back.map((who): Step => ({ who, goes: "back" }));
  const doing = acts.map(({ who, act }): Step => (reload && act.do === "undo" ? { who, act, reload } : { who, act }));
  return [...doing.slice(0, from), ...going, ...doing.slice(from), ...coming];
}
