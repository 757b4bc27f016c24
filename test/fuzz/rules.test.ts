import { describe, expect, test } from "vitest";
import type { TreeEvent } from "../../src/protocol/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import type { Account, Deed } from "./account.ts";
import { type Picture, pictureOf } from "./picture.ts";
import { between } from "./rules/between.ts";
import { converges } from "./rules/converges.ts";
import { disappeared } from "./rules/disappeared.ts";
import { left } from "./rules/left.ts";
import { order } from "./rules/order.ts";
import { restored } from "./rules/restored.ts";
import { told } from "./rules/told.ts";
import type { Act } from "./script.ts";

/** `root` with these children; one that is written `p(x y)` has children itself, `x=1` the attribute v. */
function tree(text: string): Picture {
  const [root] = nodesOf(`root(${text})`);
  if (!root) throw new Error("there is a root");
  return pictureOf(root);
}

function nodesOf(text: string): NodeData[] {
  return [...text.matchAll(/(\w+)(?:=(\d))?(?:\(((?:[^()]|\([^()]*\))*)\))?/g)].map(([, id = "", v, inner]) => ({
    id,
    type: "item",
    ...(v !== undefined && { attrs: { v: Number(v) } }),
    ...(inner !== undefined && { children: nodesOf(inner) }),
  }));
}

/** Each act is an event of its own, seen by everybody, and makes the tree that is written beside it. */
function account(first: string, ...happened: readonly (readonly [number, Act, string, Partial<Deed>?])[]): Account {
  const trees = [tree(first), ...happened.map(([, , text]) => tree(text))];
  const deeds = happened.map(([who, act, text, more], at): Deed => {
    const [before = tree(first), after] = [trees[at], tree(text)];
    const heard = { base: at, live: true, made: true, answered: true, seq: at + 1, told: [], rested: after };
    return { who, act, before, after, ...heard, ...more };
  });
  const events = happened.map((_, at): TreeEvent => {
    const author = { client: "ann", mutation: at + 1, userId: null };
    return { seq: at + 1, time: 0, ...author, ops: [] };
  });
  return { deeds, events, trees, end: trees.at(-1) ?? tree(first) };
}

const insert = (id: string, after: string): Act => ({ do: "insert", id, parent: "root", after });
const move = (id: string, after: string | null): Act => ({ do: "move", id, parent: "root", after });
const remove = (id: string): Act => ({ do: "remove", id });
const set = (id: string, value: number): Act => ({ do: "update", id, key: "v", value });
const undo: Act = { do: "undo" };

describe("a rule is broken", () => {
  test("by a copy that is another, or waits for something", () => {
    const copy = { tree: tree("a b"), pending: 0, state: "live", errors: [] };
    expect(converges(tree("a b"), [copy, copy])).toEqual([]);
    expect(converges(tree("a b"), [copy, { ...copy, tree: tree("b a") }])).toHaveLength(1);
    expect(converges(tree("a b"), [{ ...copy, pending: 1 }])).toEqual(["person 0: 1 pending, live"]);
    expect(converges(tree("a b"), [{ ...copy, errors: [new Error("no")] }])).toEqual(["person 0: Error: no"]);
  });

  test("by a node that disappears with something else than what its remover saw", () => {
    expect(disappeared(account("a p(x)", [0, remove("p"), "a"]))).toEqual([]);
    const unseen = { before: tree("a p") };
    expect(disappeared(account("a p(x)", [0, remove("p"), "a", unseen]))).toHaveLength(1);
    expect(disappeared(account("a p(x)", [0, set("p", 1), "a p=1"]))).toHaveLength(1);
  });

  test("by an undone insert that takes along what another has put there", () => {
    const put: Act = { do: "insert", id: "m", parent: "n" };
    const undone = account("a", [0, insert("n", "a"), "a n"], [1, put, "a n(m)"], [0, undo, "a"]);
    expect(disappeared(undone)).toEqual(["m disappeared with event 3, and nobody removed it"]);
  });

  test("by two that nobody touched and that change their order", () => {
    expect(order(account("a b c", [0, move("c", null), "c a b"]))).toEqual([]);
    expect(order(account("a b c", [0, move("c", null), "c b a"]))).toHaveLength(1);
  });

  test("by what does not stay between the two that it was put between", () => {
    const inserted = [0, insert("n", "a"), "a n b"] as const;
    expect(between(account("a b", inserted, [1, set("a", 1), "a=1 n b"]))).toEqual([]);
    expect(between(account("a b", inserted, [1, set("a", 1), "a=1 b n"]))).toHaveLength(1);
    expect(between(account("a b", inserted, [1, move("b", null), "b a n"]))).toEqual([]);
    expect(between(account("a b", inserted, [1, move("b", null), "b a n"], [1, undo, "a b n"]))).toHaveLength(1);
  });

  test("by what is left when everything was undone, and was not told", () => {
    const without = account("a b", [1, set("b", 2), "a b=2"]);
    const undone = (end: string, more: Partial<Deed> = {}) =>
      account("a b", [0, set("a", 1), "a=1 b"], [1, set("b", 2), "a=1 b=2"], [0, undo, end, more]);
    expect(left(undone("a b=2"), without)).toEqual([]);
    expect(left(undone("a=1 b=2"), without)).toHaveLength(1);
    expect(left(undone("a b"), without)).toHaveLength(1);
    expect(left(undone("b=2 a"), without)).toHaveLength(1);
    expect(left(undone("a=1 b=2", { told: [{ id: "a", why: "changed" }] }), without)).toEqual([]);
    expect(left(undone("a=1 b=2", { told: [{ id: "b", why: "changed" }] }), without)).toHaveLength(1);
  });

  test("by what is not restored when it is made again", () => {
    const played = account("a b", [0, move("b", null), "b a"]);
    const undone = account("a b", [0, move("b", null), "b a"], [0, undo, "a b"]);
    expect(restored(played, undone, { ...undone, end: tree("b a") })).toEqual([]);
    expect(restored(played, undone, { ...undone, end: tree("a b") })).toHaveLength(1);
  });

  test.each<[string, Account]>([
    ["an attribute", account("a=0 b", [0, set("a", 1), "a=1 b"], [0, undo, "a=1 b"])],
    ["a place among siblings", account("a b c", [0, move("c", null), "c a b"], [0, undo, "a c b"])],
    ["a parent", account("p(x) a", [0, move("x", "a"), "p a x"], [0, undo, "p a x"])],
    ["what went with a removed node", account("p(x) a", [0, remove("p"), "a"], [0, undo, "p a"])],
    ["an insert", account("a", [0, insert("n", "a"), "a n"], [0, undo, "a n"])],
  ])("by an undo that does not bring back %s and does not tell", (_name, broken) => {
    expect(told(broken)).toHaveLength(1);
    const [act, undoing] = broken.deeds;
    if (!act || !undoing) throw new Error("there are two deeds");
    expect(told({ ...broken, deeds: [act, { ...undoing, told: [{ id: "a", why: "changed" }] }] })).toEqual([]);
    const strange = { ...undoing, told: [{ id: "nobody", why: "changed" }] };
    expect(told({ ...broken, deeds: [act, strange] })).toEqual(["nobody was told, and never was"]);
  });
});
