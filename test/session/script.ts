import fc from "fast-check";
import type { OptionsInput } from "../../src/protocol/index.ts";
import type { ConflictPolicy, Json, NodeData, Operation } from "../../src/tree/index.ts";
import { PLAIN } from "../tree/outline.ts";

/** What happens next in a simulated session. `who` counts round the clients. */
export type Action =
  | { readonly do: "mutate"; readonly who: number; readonly ops: readonly Operation[]; readonly lag: number | null }
  | { readonly do: "deliver"; readonly who: number; readonly up: number; readonly down: number }
  | { readonly do: "deliver all" }
  | { readonly do: "presence"; readonly who: number; readonly data: Json }
  | { readonly do: "connect"; readonly who: number }
  | { readonly do: "cut"; readonly who: number; readonly up: number; readonly down: number }
  | { readonly do: "linger"; readonly who: number; readonly up: number }
  | { readonly do: "duplicate"; readonly who: number }
  | { readonly do: "stall"; readonly who: number }
  | { readonly do: "answer"; readonly who: number }
  | { readonly do: "wait"; readonly milliseconds: number }
  /** The timer and the alarm go off in their time. */
  | { readonly do: "pass"; readonly milliseconds: number }
  /**
   * The alarm goes off, so much later than it should, or before it should, with or without what was in memory; or it
   * is lost, and memory with it.
   */
  | { readonly do: "ring"; readonly late: number | null; readonly after: "nothing" | "evict" | "crash" | "loss" }
  | { readonly do: "ping"; readonly who: number }
  | { readonly do: "fire" }
  | { readonly do: "call"; readonly ops: readonly Operation[] }
  | { readonly do: "evict" }
  | { readonly do: "crash" }
  | { readonly do: "stop" }
  | { readonly do: "fault"; readonly at: number };

export interface Script {
  readonly clients: number;
  /** How many of them answer no sync at first. */
  readonly slow: number;
  /** Whether attributes are so large that flow control sets in. */
  readonly heavy: boolean;
  /** What the document was created with. */
  readonly options: OptionsInput;
  readonly actions: readonly Action[];
}

// Few ids: what is named exists mostly, and was often removed or moved by someone else.
const FIRST = [..."abcdefgh"];
const LATER = [..."klmnopqrst"];
const first = fc.constantFrom(...FIRST);
const later = fc.constantFrom(...LATER);
const id = fc.oneof({ weight: 7, arbitrary: first }, { weight: 2, arbitrary: later });
const target = fc.oneof(
  { weight: 16, arbitrary: id },
  { weight: 4, arbitrary: fc.constant("root") },
  { weight: 1, arbitrary: fc.constant("ghost") },
);
const anchors = fc.record({ after: fc.oneof(fc.constant(null), id), before: id }, { requiredKeys: [] });

/** Large texts are written as a number of characters and made when they are sent, so that scripts can be read. */
const SIZES = { light: [1, 20, 300], heavy: [1, 20_000, 70_000, 120_000] };

function operation(sizes: readonly number[]): fc.Arbitrary<Operation> {
  const attrs = fc.oneof(
    fc.record({ x: fc.nat(3) }),
    fc.constantFrom(...sizes).map((size) => ({ text: `${size} characters` })),
  );
  const fresh = fc.oneof(
    { weight: 6, arbitrary: later },
    { weight: 1, arbitrary: first },
    { weight: 2, arbitrary: fc.constant(undefined) },
  );
  const children = fc.constantFrom([], [], [{ type: PLAIN }], [{ id: "t", type: PLAIN }]);
  const node = fc.record({ id: fresh, type: fc.constant(PLAIN), attrs, children });
  const insert = fc.tuple(node, target, anchors);
  const move = fc.tuple(id, target, anchors);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: insert.map(([data, parent, at]): Operation => ({ op: "insert", node: data, parent, ...at })),
    },
    { weight: 4, arbitrary: move.map(([moved, parent, at]): Operation => ({ op: "move", id: moved, parent, ...at })) },
    { weight: 4, arbitrary: fc.record({ op: fc.constant("update" as const), id: target, attrs }) },
    { weight: 3, arbitrary: id.map((removed): Operation => ({ op: "remove", id: removed })) },
  );
}

function action(heavy: boolean): fc.Arbitrary<Action> {
  const single = operation(heavy ? SIZES.heavy : SIZES.light);
  const ops = fc.oneof(
    { weight: 3, arbitrary: single.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(single, { minLength: 2, maxLength: 4, size: "max" }) },
  );
  const who = fc.nat(4);
  const few = fc.nat(4);
  const lag = fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: fc.constant(null) });
  const data = fc.constantFrom<Json[]>(1, "here", { cursor: [1, 2] }, null);
  const kind = <D extends Action["do"]>(name: D) => fc.constant(name);
  return fc.oneof<fc.WeightedArbitrary<Action>[]>(
    { weight: 24, arbitrary: fc.record({ do: kind("mutate"), who, ops, lag }) },
    { weight: 30, arbitrary: fc.record({ do: kind("deliver"), who, up: few, down: few }) },
    { weight: 4, arbitrary: fc.record({ do: kind("deliver all") }) },
    { weight: 5, arbitrary: fc.record({ do: kind("presence"), who, data }) },
    { weight: 14, arbitrary: fc.record({ do: kind("connect"), who }) },
    { weight: 5, arbitrary: fc.record({ do: kind("cut"), who, up: few, down: few }) },
    { weight: 2, arbitrary: fc.record({ do: kind("linger"), who, up: few }) },
    { weight: 5, arbitrary: fc.record({ do: kind("duplicate"), who }) },
    { weight: heavy ? 9 : 2, arbitrary: fc.record({ do: kind("stall"), who }) },
    { weight: 2, arbitrary: fc.record({ do: kind("answer"), who }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: kind("wait"),
        milliseconds: fc.oneof(
          { weight: 6, arbitrary: fc.nat(20) },
          { weight: heavy ? 5 : 1, arbitrary: fc.constant(30_001) },
        ),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: kind("pass"),
        milliseconds: fc.oneof(
          { weight: 8, arbitrary: fc.nat(300) },
          { weight: 4, arbitrary: fc.nat(4_000) },
          { weight: 1, arbitrary: fc.constant(100_000) },
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: kind("ring"),
        late: fc.constantFrom(null, null, 0, 0, 1, 50, 5_000),
        after: fc.constantFrom("nothing", "nothing", "nothing", "evict", "evict", "crash", "loss"),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: kind("ping"), who }) },
    { weight: 8, arbitrary: fc.record({ do: kind("fire") }) },
    { weight: 2, arbitrary: fc.record({ do: kind("call"), ops }) },
    { weight: heavy ? 6 : 3, arbitrary: fc.record({ do: kind("evict") }) },
    { weight: 1, arbitrary: fc.record({ do: kind("crash") }) },
    { weight: 1, arbitrary: fc.record({ do: kind("stop") }) },
    { weight: 1, arbitrary: fc.record({ do: kind("fault"), at: fc.integer({ min: 1, max: 8 }) }) },
  );
}

const conflicts = fc.oneof<fc.WeightedArbitrary<ConflictPolicy>[]>(
  { weight: 7, arbitrary: fc.constant("resolve") },
  { weight: 1, arbitrary: fc.constant("reject") },
);
/** Mostly a short life, so that alarms go off between everything. */
const options: fc.Arbitrary<OptionsInput> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ conflicts }) },
  {
    weight: 3,
    arbitrary: fc.record({
      conflicts,
      gracePeriod: fc.constantFrom(0, 50, 500, 3_000),
      snapshotInterval: fc.constantFrom(null, 100, 100, 400, 2_000),
      sweepInterval: fc.constantFrom(null, 1_000, 1_000, 5_000),
      historyRetention: fc.constantFrom(null, null, null, 0, 100, 1_000),
    }),
  },
);

function script(heavy: boolean): fc.Arbitrary<Script> {
  return fc.record({
    clients: fc.integer({ min: 2, max: 5 }),
    slow: fc.nat(heavy ? 4 : 0),
    heavy: fc.constant(heavy),
    options,
    actions: fc.array(action(heavy), { minLength: 80, maxLength: 240, size: "max" }),
  });
}

export const anyScript = fc.oneof({ weight: 4, arbitrary: script(false) }, { weight: 1, arbitrary: script(true) });

/** What a document starts from; a heavy one is larger than a socket may be sent without an answer. */
export function firstTree(heavy: boolean): NodeData {
  const text = "t".repeat(180_000);
  const children = FIRST.map((child) => ({ id: child, type: PLAIN, ...(heavy && { attrs: { text } }) }));
  return { id: "root", type: PLAIN, children };
}

/** The operations with their texts at full length. */
export function atFullLength(ops: readonly Operation[]): Operation[] {
  const text = JSON.stringify(ops).replaceAll(/"(\d+) characters"/g, (_, size) => `"${"x".repeat(Number(size))}"`);
  const full: Operation[] = JSON.parse(text);
  return full;
}
