import fc from "fast-check";
import type { Attrs, Json, NodeData, NodeId } from "../../src/tree/index.ts";

/** One step of a transaction. */
export type Deed =
  | { readonly do: "insert"; readonly node: NodeData; readonly parent: NodeId; readonly after?: NodeId | null }
  | { readonly do: "update"; readonly id: NodeId; readonly attrs: Attrs; readonly unset: readonly string[] }
  | { readonly do: "type"; readonly id: NodeId; readonly type: string }
  | { readonly do: "move"; readonly id: NodeId; readonly parent: NodeId; readonly before?: NodeId | null }
  | { readonly do: "remove"; readonly id: NodeId };

/** What happens next. `who` counts round the people, `page` round the pages that each has open. */
export type Action =
  | {
      readonly do: "mutate";
      readonly who: number;
      readonly page: number;
      readonly deeds: readonly Deed[];
      readonly group?: string;
    }
  | { readonly do: "undo" | "redo"; readonly who: number; readonly page: number }
  | { readonly do: "presence"; readonly who: number; readonly page: number; readonly data: Json }
  | { readonly do: "offline" | "online" | "duplicate" | "linger" | "release" | "spoil"; readonly who: number }
  | { readonly do: "cut"; readonly who: number; readonly up: number; readonly down: number; readonly silent: boolean }
  | { readonly do: "hold"; readonly who: number; readonly direction: "up" | "down" | "both" }
  | { readonly do: "deliver"; readonly who: number; readonly direction: "up" | "down"; readonly count: number }
  | { readonly do: "open"; readonly who: number }
  | { readonly do: "close"; readonly who: number; readonly page: number }
  | { readonly do: "advance"; readonly milliseconds: number }
  | { readonly do: "settle" | "crash" | "evict" | "stop" }
  | { readonly do: "call"; readonly deeds: readonly Deed[] };

export interface Script {
  readonly people: number;
  readonly actions: readonly Action[];
}

export const FIRST_TREE: NodeData = {
  id: "root",
  type: "list",
  children: [
    {
      id: "a",
      type: "item",
      attrs: { x: 0 },
      children: [
        { id: "d", type: "item" },
        { id: "e", type: "item" },
      ],
    },
    { id: "b", type: "item", attrs: { x: 0 }, children: [{ id: "f", type: "item" }] },
    // Too large to be brought back with its content.
    { id: "c", type: "item", attrs: { x: 0, long: "c".repeat(9_000) } },
  ],
};

// Few ids: what is named exists mostly, and was often removed, moved or inserted by someone else.
const old = fc.constantFrom(..."aaabbcdef");
const fresh = fc.constantFrom(..."klmn");
const id = fc.oneof({ weight: 5, arbitrary: old }, { weight: 2, arbitrary: fresh });
const parent = fc.oneof({ weight: 3, arbitrary: id }, { weight: 2, arbitrary: fc.constant("root") });
const sibling = fc.oneof(fc.constant(null), id);
const kind = <D extends string>(name: D) => fc.constant(name);
const node: fc.Arbitrary<NodeData> = fc.record(
  {
    id: fresh,
    type: fc.constant("item"),
    attrs: fc.record({ x: fc.nat(9) }),
    children: fc.constantFrom<NodeData[][]>([], [], [{ type: "item" }]),
  },
  { requiredKeys: ["type"] },
);

const deed: fc.Arbitrary<Deed> = fc.oneof<fc.WeightedArbitrary<Deed>[]>(
  {
    weight: 4,
    arbitrary: fc.record(
      { do: kind("insert"), node, parent, after: sibling },
      { requiredKeys: ["do", "node", "parent"] },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: kind("update"),
      id,
      attrs: fc.record({ x: fc.nat(9), y: fc.nat(2) }, { requiredKeys: [] }),
      unset: fc.constantFrom<string[][]>([], [], ["z"], ["z", "w"]),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind("type"), id, type: fc.constantFrom("item", "heading") }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: kind("move"), id, parent, before: sibling }, { requiredKeys: ["do", "id", "parent"] }),
  },
  { weight: 3, arbitrary: fc.record({ do: kind("remove"), id }) },
);

const deeds = fc.oneof(
  { weight: 4, arbitrary: deed.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(deed, { minLength: 2, maxLength: 4, size: "max" }) },
);
const who = fc.nat(3);
const page = fc.nat(1);
const few = fc.nat(3);

const action: fc.Arbitrary<Action> = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  {
    weight: 30,
    arbitrary: fc.record(
      { do: kind("mutate"), who, page, deeds, group: fc.constantFrom("g", "h") },
      { requiredKeys: ["do", "who", "page", "deeds"] },
    ),
  },
  { weight: 14, arbitrary: fc.record({ do: fc.constantFrom("undo" as const, "undo", "redo"), who, page }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: kind("presence"), who, page, data: fc.constantFrom<Json[]>(1, "here", null) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("offline" as const, "online", "online"), who }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("duplicate" as const, "linger", "release", "release", "release", "spoil"),
      who,
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: kind("cut"), who, up: few, down: few, silent: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: kind("hold"), who, direction: fc.constantFrom("up" as const, "down", "both") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: kind("deliver"), who, direction: fc.constantFrom("up" as const, "down"), count: few }),
  },
  { weight: 4, arbitrary: fc.record({ do: kind("open"), who }) },
  { weight: 4, arbitrary: fc.record({ do: kind("close"), who, page }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: kind("advance"), milliseconds: fc.constantFrom(0, 1, 8, 20, 60, 500, 4_000, 30_000) }),
  },
  { weight: 9, arbitrary: fc.record({ do: kind("settle") }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("crash" as const, "evict", "stop") }) },
  { weight: 3, arbitrary: fc.record({ do: kind("call"), deeds }) },
);

export const anyScript: fc.Arbitrary<Script> = fc.record({
  people: fc.integer({ min: 2, max: 3 }),
  actions: fc.array(action, { minLength: 30, maxLength: 160, size: "max" }),
});
