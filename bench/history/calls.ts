import type { Principal } from "../../src/protocol/index.ts";
import type { Calls, Task } from "../../src/session.ts";
import { readState } from "../../src/session.ts";
import { ESSAY, RARE, ROW } from "./people.ts";

/** A call that has begun, and what asks for the page behind it when it is over; null where there is none. */
export interface Asked {
  readonly task: Task<unknown>;
  next(): Ask | null;
}

export type Ask = (calls: Calls, now: number) => Asked;

/** A call of history. */
export interface Call {
  readonly name: string;
  readonly ask: Ask;
  /** Whether all of its pages are asked for, and not only the first. */
  readonly all?: true;
}

const ADMIN: Principal = { user: { id: "bench" }, role: "admin" };

/** What is asked of a document with so many events; what changes it comes last. */
export function callsOf(events: number): Call[] {
  const half = events >> 1;
  const newest = { order: "newest" } as const;
  const section = "section-3";
  const at = (seq: number, node?: string) =>
    once((calls, now) => calls.tree({ at: { seq }, node, depth: 1 }, (answer) => readState(answer, 1), now));
  return [
    { name: "history, oldest first", ask: history({}) },
    { name: "newest first", ask: history(newest) },
    { name: "newest first, in words, with inverses", ask: history({ ...newest, summary: true, inverse: true }) },
    { name: "of a user who has made one event", ask: history({ ...newest, where: { userId: RARE } }), all: true },
    { name: "of a row", ask: history({ ...newest, node: ROW }), all: true },
    { name: "below a section", ask: history({ ...newest, node: section, subtree: true }), all: true },
    { name: "below a row: next to nothing", ask: history({ ...newest, node: ROW, subtree: true }), all: true },
    {
      name: "sessions, in words",
      ask: paged((calls, now, before?: number) => calls.historySessions({ ...newest, before, summary: true }, now)),
    },
    { name: "a row 10 events ago", ask: at(events - 10, ROW) },
    { name: "a row at half of the history", ask: at(half, ROW) },
    { name: "a section at half of the history", ask: at(half, section) },
    { name: "a row at the beginning", ask: at(1_233, ROW) },
    { name: "diff of the last 1 000 events", ask: diff({ from: { seq: events - 1_000 } }), all: true },
    { name: "diff of half of the history", ask: diff({ from: { seq: half } }), all: true },
    { name: "diff of all of it", ask: diff({}), all: true },
    { name: "the same, as operations", ask: diff({ ops: true, limit: 1_000 }), all: true },
    { name: "diff of a section, of half", ask: diff({ from: { seq: half }, node: section }), all: true },
    { name: "restore of a section to half, dry", ask: restore({ to: { seq: half }, node: section, dryRun: true }) },
    { name: "blame of a row", ask: blame({ node: ROW }), all: true },
    { name: "blame of a long text", ask: blame({ node: ESSAY }), all: true },
    { name: "the bin", ask: bin({}) },
    { name: "the bin, searched for what is not there", ask: bin({ text: "nowhere" }), all: true },
    { name: "undo by user, dry", ask: undo({ whose: { user: "user-3" }, count: 1_000, dryRun: true }) },
    { name: "undo of one who has done nothing, dry", ask: undo({ whose: { user: "nobody" }, dryRun: true }) },
    { name: "undo by client", ask: undo({ whose: { client: "user-3-laptop" } }) },
    { name: "undo of an event of long ago", ask: undo({ whose: { seqs: [1_234] } }) },
    {
      name: "restore of a section to the last 1 000 events",
      ask: restore({ to: { seq: events - 1_000 }, node: section }),
    },
    { name: "restore of a section to half", ask: restore({ to: { seq: half }, node: section, partly: true }) },
  ];
}

type Parameter<Name extends "history" | "diff" | "restore" | "blame" | "bin" | "undo"> = Parameters<Calls[Name]>[0];

const history = (query: Parameter<"history">) =>
  paged((calls, now, before?: number) =>
    calls.history({ ...query, ...(query.order ? { before } : { after: before }) }, now),
  );
const diff = (query: Parameter<"diff">) => paged((calls, now, after?: number) => calls.diff({ ...query, after }, now));
const bin = (query: Parameter<"bin">) => paged((calls, now, after?: string) => calls.bin({ ...query, after }, now));
const blame = (query: Parameter<"blame">) =>
  paged((calls, now, before?: string) =>
    calls.blame({ ...query, before: before === undefined ? undefined : JSON.parse(before) }, now),
  );
const restore = (call: Parameter<"restore">) => once((calls, now) => calls.restore(call, ADMIN, now));
const undo = (call: Partial<Parameter<"undo">>) =>
  once((calls, now) => calls.undo({ count: 1, redo: false, dryRun: false, ...call }, ADMIN, now));

function once(ask: (calls: Calls, now: number) => Task<unknown>): Ask {
  return (calls, now) => ({ task: ask(calls, now), next: () => null });
}

/** A call in pages: while there is more, the next one is asked for with the `next` of the one before. */
function paged<Next extends number | string>(
  ask: (calls: Calls, now: number, next?: Next) => Task<{ readonly more: boolean; readonly next: Next | null }>,
  from?: Next,
): Ask {
  return (calls, now) => {
    const task = ask(calls, now, from);
    const next = () => {
      const page = task.result?.ok ? task.result.value : null;
      return page?.more && page.next !== null ? paged(ask, page.next) : null;
    };
    return { task, next };
  };
}
