import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { dedent } from "../tree/outline.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { type Answer, join } from "./socket-client.ts";

type Ops = Operation | readonly Operation[];

/** Two mutations by authors who have not seen each other's, and what comes of them in either order. */
interface Meeting {
  readonly title: string;
  readonly start: string;
  readonly conflicts?: "reject";
  readonly one: Ops;
  readonly two: Ops;
  /** The tree in the end, and what the second to arrive is told beside its seq. */
  readonly oneFirst: readonly [tree: string, told: object];
  readonly twoFirst: readonly [tree: string, told: object];
}

const ab = "root\n  a\n  b";
const family = "root\n  a\n  p\n    c\n      d\n  z";
const gone = "root\n  a\n  z";
/** W12: there is no event of it. */
const UNCHANGED = { type: "unchanged" };

const meetings: readonly Meeting[] = [
  {
    title: "C1 the same attribute twice",
    start: ab,
    one: update("a", { x: 1, y: 1 }),
    two: update("a", { x: 2, z: 2 }),
    oneFirst: ["root\n  a x=2 y=1 z=2\n  b", {}],
    twoFirst: ["root\n  a x=1 y=1 z=2\n  b", {}],
  },
  {
    title: "C1 an attribute set and unset",
    start: ab,
    one: update("a", { x: 1 }),
    two: update("a", {}, ["x"]),
    oneFirst: ["root\n  a\n  b", {}],
    twoFirst: ["root\n  a x=1\n  b", {}],
  },
  {
    title: "C2 the same node moved twice",
    start: family,
    one: move("c", "root", { after: null }),
    two: move("c", "z"),
    oneFirst: ["root\n  a\n  p\n  z\n    c\n      d", {}],
    twoFirst: ["root\n  c\n    d\n  a\n  p\n  z", {}],
  },
  {
    title: "C3 A into B, and B into A",
    start: ab,
    one: move("a", "b"),
    two: move("b", "a"),
    oneFirst: ["root\n  b\n    a", { code: "cycle", op: 0, seq: 1, client: "one", userId: null }],
    twoFirst: ["root\n  a\n    b", { code: "cycle", op: 0, seq: 1, client: "two", userId: null }],
  },
  {
    title: "C4, C6 insert into a node, and its removal",
    start: family,
    one: remove("p"),
    two: insert("n", "p", { after: "c" }, [item("m")]),
    oneFirst: ["root\n  a\n  n\n    m\n  z", { redirected: ["n"] }],
    twoFirst: ["root\n  a\n  n\n    m\n  z", { rescued: ["n"] }],
  },
  {
    title: "C4, C6 insert into what lies in a node, and its removal",
    start: family,
    one: remove("p"),
    two: insert("n", "d"),
    oneFirst: ["root\n  a\n  n\n  z", { redirected: ["n"] }],
    twoFirst: ["root\n  a\n  n\n  z", { rescued: ["n"] }],
  },
  {
    title: "C5, C6 move into a node, and its removal",
    start: family,
    one: remove("p"),
    two: move("a", "c"),
    // Where `p` stood is where `a` is.
    oneFirst: ["root\n  a\n  z", UNCHANGED],
    twoFirst: ["root\n  a\n  z", { rescued: ["a"] }],
  },
  {
    title: "C6 what others put inside at several places is kept in its order",
    start: family,
    one: remove("p"),
    two: [insert("l", "p"), insert("m", "d"), insert("n", "p", { after: null })],
    // Rescued in document order, redirected one after the other to the same place.
    oneFirst: ["root\n  a\n  l\n  m\n  n\n  z", { redirected: ["l", "m", "n"] }],
    twoFirst: ["root\n  a\n  n\n  m\n  l\n  z", { rescued: ["n", "m", "l"] }],
  },
  {
    title: "C7 a child moved out of a node, and its removal",
    start: family,
    one: remove("p"),
    two: move("c", "root"),
    oneFirst: ["root\n  a\n  z\n  c\n    d", {}],
    twoFirst: ["root\n  a\n  z\n  c\n    d", {}],
  },
  {
    title: "C8 update of a node, and its removal",
    start: family,
    one: remove("p"),
    two: update("c", { x: 1 }),
    oneFirst: [gone, { removed: ["c"] }],
    twoFirst: [gone, {}],
  },
  {
    title: "C9 remove twice",
    start: family,
    one: remove("p"),
    two: remove("p"),
    oneFirst: [gone, { removed: ["p"] }],
    twoFirst: [gone, { removed: ["p"] }],
  },
  {
    title: "C9 removal of a node and of what lies in it",
    start: family,
    one: remove("p"),
    two: remove("c"),
    oneFirst: [gone, { removed: ["c"] }],
    twoFirst: [gone, {}],
  },
  {
    title: "C10 the same id inserted twice",
    start: ab,
    one: insert("n", "a"),
    two: insert("n", "b"),
    oneFirst: ["root\n  a\n    n\n  b", { code: "exists", op: 0 }],
    twoFirst: ["root\n  a\n  b\n    n", { code: "exists", op: 0 }],
  },
  {
    title: "C11 without its old prev a removed node stood where it stood",
    start: family,
    one: [remove("p"), remove("a")],
    two: insert("n", "p"),
    oneFirst: ["root\n  n\n  z", { redirected: ["n"] }],
    twoFirst: ["root\n  n\n  z", { rescued: ["n"] }],
  },
  {
    title: "C11 and so it did without either neighbour",
    start: "root\n  a\n  p\n  z\n  y",
    one: [remove("p"), remove("a"), remove("z")],
    two: insert("n", "p"),
    oneFirst: ["root\n  n\n  y", { redirected: ["n"] }],
    twoFirst: ["root\n  n\n  y", { rescued: ["n"] }],
  },
  {
    title: "C12 insert into a node, and its removal, in a document that rejects",
    start: family,
    conflicts: "reject",
    one: remove("p"),
    two: insert("n", "d"),
    oneFirst: [gone, { code: "removed", op: 0, seq: 1, client: "one" }],
    twoFirst: ["root\n  a\n  p\n    c\n      d\n        n\n  z", { code: "unseen", op: 0 }],
  },
  {
    title: "C12 move into a node, and its removal, in a document that rejects",
    start: family,
    conflicts: "reject",
    one: remove("p"),
    two: move("a", "c"),
    oneFirst: [gone, { code: "removed", op: 0, seq: 1, client: "one" }],
    twoFirst: ["root\n  p\n    c\n      d\n      a\n  z", { code: "unseen", op: 0 }],
  },
  {
    title: "C13 a node that never was",
    start: ab,
    one: [update("a", { x: 1 }), move("ghost", "a")],
    two: insert("n", "ghost"),
    oneFirst: [ab, { code: "notFound", op: 0 }],
    twoFirst: [ab, { code: "notFound", op: 1 }],
  },
  {
    title: "C13 the root moved and removed",
    start: ab,
    one: move("root", "a"),
    two: remove("root"),
    oneFirst: [ab, { code: "root", op: 0 }],
    twoFirst: [ab, { code: "root", op: 0 }],
  },
];

/** What an answer tells beside who and when. */
function told(answer: Answer, expected: object): object {
  if ("type" in answer && answer.type === "unchanged") return { type: answer.type };
  if ("type" in answer) {
    const { type: _, mutation: __, message, ...problem } = answer;
    expect(message).not.toBe("");
    // A C3 rejection names its winner; the rest of a rejection is asserted where the table asserts it.
    return Object.fromEntries(Object.entries(problem).filter(([key]) => key in expected));
  }
  const { ops, redirected, rescued, removed } = answer;
  return {
    ...("ops" in expected && { ops }),
    ...(redirected && { redirected }),
    ...(rescued && { rescued }),
    ...(removed && { removed }),
  };
}

async function meet(meeting: Meeting, order: "oneFirst" | "twoFirst", evict: boolean): Promise<void> {
  const { start, conflicts } = meeting;
  const id = await openDocument("meeting", start, conflicts && { conflicts });
  const one = await join(id, "one");
  const two = await join(id, "two");
  const [early, late] = order === "oneFirst" ? [one, two] : [two, one];
  const opsOf = (member: typeof one) => (member === one ? meeting.one : meeting.two);

  await early.write(opsOf(early), { base: 0 });
  if (evict) await evictDurableObject(stubOf(id));
  const [tree, expected] = meeting[order];
  expect(told(await late.write(opsOf(late), { base: 0 }), expected)).toEqual(expected);

  expect(await treeOf(id)).toBe(dedent(tree));
  const { seq } = await call<{ seq: number }>("GET", topic(id));
  for (const member of [one, two]) {
    await member.until(`seq ${seq}`, () => member.replica.seq === seq);
    expect(member.replica.outline()).toBe(dedent(tree));
    member.close();
  }
  // What is stored says the same as what was in memory.
  await evictDurableObject(stubOf(id));
  expect(await treeOf(id)).toBe(dedent(tree));
}

describe.each(meetings)("$title", (meeting) => {
  test("as written", () => meet(meeting, "oneFirst", false));
  test("the other way round", () => meet(meeting, "twoFirst", false));
  test("as written, the object evicted in between", () => meet(meeting, "oneFirst", true));
  test("the other way round, the object evicted in between", () => meet(meeting, "twoFirst", true));
});
