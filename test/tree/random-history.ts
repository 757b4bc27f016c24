import fc from "fast-check";
import type { Attrs, ConflictPolicy, NodeData, NodeId, Operation } from "../../src/tree/index.ts";
import { fromOutline, PLAIN } from "./outline.ts";

/** One mutation of a random history. */
export interface Step {
  readonly author: string;
  /** How many events its author is behind; null: it sends no base. */
  readonly lag: number | null;
  readonly conflicts: ConflictPolicy;
  readonly ops: readonly Operation[];
}

const OPERATIONS = 200;

/** What every history starts from. */
export const START: NodeData = fromOutline(`
  root
    a
      b
        c
      d
    e
      f
      g
        h
    i
    j
`);

/** A limit that histories run into: the tree itself has none. */
export function attrsProblem(attrs: Attrs): string | null {
  return Object.keys(attrs).length > 2 ? "more than two attributes" : null;
}

/** Ids for nodes that come without one. They are few and counted from 0, so that histories name them beforehand. */
export function generatedId(index: number): NodeId {
  return `new${index}`;
}

// Few ids make conflicts: most of what an operation names exists already, and much of that is removed.
const firstId = fc.constantFrom(..."abcdefghij");
const laterId = fc.oneof(fc.constantFrom(..."klm"), fc.nat(3).map(generatedId));
const nodeId = fc.oneof(
  { weight: 40, arbitrary: firstId },
  { weight: 5, arbitrary: laterId },
  { weight: 1, arbitrary: fc.constant("ghost") },
);
const movedId = fc.oneof({ weight: 40, arbitrary: nodeId }, { weight: 1, arbitrary: fc.constant("root") });
const someId = fc.oneof({ weight: 12, arbitrary: nodeId }, { weight: 1, arbitrary: fc.constant("root") });
// Few parents make long lists, in which an anchor is likely to be a sibling, or to have been one.
const parentId = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("root", "root", "root", "a", "e") },
  { weight: 4, arbitrary: someId },
);

const key = fc.constantFrom("x", "y", "z");
const attrs = fc.dictionary(key, fc.oneof(fc.nat(3), fc.constantFrom(null, "text", [1], { deep: true })), {
  maxKeys: 3,
  size: "max",
});
const type = fc.constantFrom(PLAIN, "heading");

const node = fc.letrec<{ node: NodeData }>((tie) => ({
  node: fc.record(
    {
      id: fc.oneof(
        { weight: 1, arbitrary: firstId },
        { weight: 3, arbitrary: fc.constantFrom(..."klm") },
        { weight: 12, arbitrary: fc.constant(undefined) },
      ),
      type,
      attrs,
      children: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.array(tie("node"), { maxLength: 3 }) },
      ),
    },
    { requiredKeys: ["type"] },
  ),
})).node;

/** Absent, null, a child, a node from elsewhere, a dead one, or the node itself: chance decides. */
const anchor = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 6, arbitrary: someId },
);
const anchors = fc.record({ after: anchor, before: anchor }, { requiredKeys: [] });

const insert = fc.tuple(node, parentId, anchors).map(([data, parent, at]): Operation => {
  return { op: "insert", node: data, parent, ...at };
});
const move = fc
  .tuple(movedId, parentId, anchors)
  .map(([id, parent, at]): Operation => ({ op: "move", id, parent, ...at }));
/** Anchored to itself: back to where it stood, if it is sent to where it stands or stood. */
const home = fc.constantFrom(["b", "a"], ["c", "b"], ["d", "a"], ["g", "e"], ["h", "g"], ["e", "root"], ["i", "root"]);
const back = fc
  .tuple(fc.oneof(fc.tuple(movedId, parentId), home), fc.constantFrom("after", "before"))
  .map(([[id = "", parent = ""], anchor]): Operation => ({ op: "move", id, parent, [anchor]: id }));
const update = fc
  .record({ id: someId, attrs, unset: fc.uniqueArray(key, { maxLength: 2 }), type }, { requiredKeys: ["id"] })
  .map(({ unset, ...fields }): Operation => {
    // What is both set and unset does not get as far as the tree.
    const absent = unset?.filter((name) => !Object.hasOwn(fields.attrs ?? {}, name));
    return { op: "update", ...fields, ...(absent && { unset: absent }) };
  });
const remove = movedId.map((id): Operation => ({ op: "remove", id }));

const operation = fc.oneof(
  { weight: 5, arbitrary: insert },
  { weight: 8, arbitrary: move },
  { weight: 3, arbitrary: back },
  { weight: 3, arbitrary: update },
  { weight: 5, arbitrary: remove },
);

const step: fc.Arbitrary<Step> = fc.record({
  author: fc.constantFrom("ann", "bob", "cy"),
  lag: fc.oneof({ weight: 4, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.constant(null) }),
  conflicts: fc.oneof<fc.WeightedArbitrary<ConflictPolicy>[]>(
    { weight: 6, arbitrary: fc.constant("resolve") },
    { weight: 1, arbitrary: fc.constant("reject") },
  ),
  ops: fc.oneof(
    // A long mutation is likely to be refused for one of its operations, so short ones carry a history along.
    { weight: 3, arbitrary: fc.array(operation, { minLength: 1, maxLength: 2, size: "max" }) },
    { weight: 1, arbitrary: fc.array(operation, { minLength: 3, maxLength: 5, size: "max" }) },
  ),
});

/** A node goes from one to the next, and leaves more ghosts than are kept: chance alone would hardly ever do that. */
const tour = fc.shuffledSubarray([..."abcdefgh", "j", "root"], { minLength: 10 }).map((parents): Step[] => {
  const ops = parents.map((parent): Operation => ({ op: "move", id: "i", parent }));
  return [{ author: "ann", lag: null, conflicts: "resolve", ops }];
});
const beginning = fc.oneof<fc.WeightedArbitrary<Step[]>[]>(
  { weight: 9, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: tour },
);

/** A random history of at most 200 operations, in mutations of one to five; some begin with a longer one. */
export const history: fc.Arbitrary<Step[]> = fc
  .tuple(beginning, fc.array(step, { minLength: 1, maxLength: OPERATIONS / 2, size: "max" }))
  .map(([first, steps]) => {
    let left = OPERATIONS;
    return [...first, ...steps].filter(({ ops }) => {
      left -= ops.length;
      return left >= 0;
    });
  });
