import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { answer, insert, move, openDocument, remove, type TestDocument } from "./document.ts";
import { inline, outline } from "./outline.ts";

const START = `
  root
    a
    b
    c
    p
      x`;

/** The tree on one line, `root(a b c p(x))`, after these operations one by one. */
function result(...operations: Operation[]): string {
  return after(openDocument(START), operations);
}

/** The same where the places of what is gone are not kept. */
function resultWithoutPlaces(...operations: Operation[]): string {
  return after(openDocument(START, false), operations);
}

function after(document: TestDocument, operations: readonly Operation[]): string {
  for (const operation of operations) expect(document.by("ann", operation).ok).toBe(true);
  return inline(outline(document.store));
}

describe("T3: anchors are hints", () => {
  it("T3 after a live child, null for first, before a live child, else last", () => {
    expect(result(insert("n", "root", { after: "a" }))).toBe("root(a n b c p(x))");
    expect(result(insert("n", "root", { after: "p" }))).toBe("root(a b c p(x) n)");
    expect(result(insert("n", "root", { after: null }))).toBe("root(n a b c p(x))");
    expect(result(insert("n", "root", { before: "b" }))).toBe("root(a n b c p(x))");
    expect(result(insert("n", "root", { before: "a" }))).toBe("root(n a b c p(x))");
    expect(result(insert("n", "root"))).toBe("root(a b c p(x) n)");
    expect(result(insert("n", "x"))).toBe("root(a b c p(x(n)))");
    expect(result(insert("n", "x", { after: null }))).toBe("root(a b c p(x(n)))");
  });

  it("T3 `after` counts first; `before` counts where it does not hold; `before: null` is no anchor", () => {
    expect(result(insert("n", "root", { after: "c", before: "a" }))).toBe("root(a b c n p(x))");
    expect(result(insert("n", "root", { after: null, before: "c" }))).toBe("root(n a b c p(x))");
    expect(result(insert("n", "root", { after: "ghost", before: "b" }))).toBe("root(a n b c p(x))");
    expect(result(insert("n", "root", { before: null }))).toBe("root(a b c p(x) n)");
    expect(result(insert("n", "root", { after: "ghost", before: null }))).toBe("root(a b c p(x) n)");
  });

  it("T3 without anchors it is last of all, and with null first of all, whatever is gone there", () => {
    const document = openDocument(START);
    document.by("ann", [remove("a"), remove("p")]);
    document.by("ann", [insert("n", "root"), insert("m", "root", { after: null })]);
    document.by("ann", [move("a", "root", { after: "a" }), move("p", "root", { after: "p" })]);
    expect(inline(outline(document.store))).toBe("root(m a b c p(x) n)");
  });

  it("T3 a child of another parent, a stranger, the parent and the node itself are no anchors", () => {
    expect(result(insert("n", "root", { after: "x" }))).toBe("root(a b c p(x) n)");
    expect(result(insert("n", "root", { before: "x" }))).toBe("root(a b c p(x) n)");
    expect(result(insert("n", "p", { after: "p" }))).toBe("root(a b c p(x n))");
    expect(result(insert("n", "root", { after: "n", before: "b" }))).toBe("root(a n b c p(x))");
    expect(result(move("a", "p", { after: "a" }))).toBe("root(b c p(x a))");
    expect(result(move("a", "p", { after: "a", before: "x" }))).toBe("root(b c p(a x))");
  });

  it("T3 a move among the same siblings, from either side, to the place it has, and to the ends", () => {
    expect(result(move("a", "root", { after: "b" }))).toBe("root(b a c p(x))");
    expect(result(move("c", "root", { after: "a" }))).toBe("root(a c b p(x))");
    expect(result(move("c", "root", { before: "b" }))).toBe("root(a c b p(x))");
    expect(result(move("a", "root", { before: "c" }))).toBe("root(b a c p(x))");
    expect(result(move("b", "root", { after: "a" }))).toBe("root(a b c p(x))");
    expect(result(move("b", "root", { before: "c" }))).toBe("root(a b c p(x))");
    expect(result(move("p", "root"))).toBe("root(a b c p(x))");
    expect(result(move("a", "root"))).toBe("root(b c p(x) a)");
    expect(result(move("p", "root", { after: null }))).toBe("root(p(x) a b c)");
    expect(result(move("a", "root", { after: null }))).toBe("root(a b c p(x))");
    expect(result(move("x", "p", { after: null }))).toBe("root(a b c p(x))");
  });

  it("T3 a node anchored to itself stays where it is", () => {
    for (const id of ["a", "b", "p"]) {
      expect(result(move(id, "root", { after: id }))).toBe("root(a b c p(x))");
      expect(result(move(id, "root", { before: id }))).toBe("root(a b c p(x))");
      expect(result(move(id, "root", { after: "ghost", before: id }))).toBe("root(a b c p(x))");
    }
  });

  it("T3 what the event holds is exact: the parent and the sibling before it, which is never the node itself", () => {
    const document = openDocument(START);
    document.by("ann", move("c", "root", { after: "ghost", before: "p" }));
    document.by("ann", move("c", "root", { after: "ghost", before: "b" }));
    document.by("ann", move("p", "root", { before: "b" }));
    document.by("ann", move("b", "root", { before: "a" }));
    expect(document.events.map(({ ops }) => ops)).toEqual([
      [{ op: "move", id: "c", parent: "root", after: "a" }],
      [{ op: "move", id: "p", parent: "root", after: "c" }],
      [{ op: "move", id: "b", parent: "root", after: null }],
    ]);
  });

  it("T3, T13 what the event holds is exact where something is gone, too: the live sibling, and what it stands beside", () => {
    const document = openDocument(START);
    document.by("ann", [remove("b"), remove("c")]);
    document.by("bob", insert("n", "root", { after: "b" }));
    document.by("bob", insert("m", "root", { after: "a" }));
    document.by("bob", insert("o", "root"));
    const [behind, infront, last] = document.events.slice(1).map(({ ops }) => ops[0]);
    expect(behind).toMatchObject({ op: "insert", parent: "root", after: "a", beside: expect.any(String) });
    expect(infront).toEqual({ op: "insert", node: { id: "m", type: "item" }, parent: "root", after: "a" });
    expect(last).toEqual({ op: "insert", node: { id: "o", type: "item" }, parent: "root", after: "p" });
    expect(inline(outline(document.store))).toBe("root(a m n p(x) o)");
  });
});

describe("C11: where a node stood", () => {
  const stood = (removed: string, ...meanwhile: Operation[]) =>
    result(remove(removed), ...meanwhile, insert("n", removed));

  it("C11 right in front of its place", () => {
    expect(stood("b")).toBe("root(a n c p(x))");
    expect(stood("p")).toBe("root(a b c n)");
    expect(stood("x")).toBe("root(a b c p(n))");
    expect(stood("b", insert("m", "root", { after: "a" }))).toBe("root(a m n c p(x))");
    expect(stood("b", insert("m", "root", { after: "b" }))).toBe("root(a n m c p(x))");
    expect(stood("x", insert("m", "p"))).toBe("root(a b c p(n m))");
  });

  it("C11 wherever its neighbours are: gone, elsewhere, or at the other end", () => {
    expect(stood("b", move("a", "root"))).toBe("root(n c p(x) a)");
    expect(stood("b", remove("a"), insert("m", "root", { after: null }))).toBe("root(m n c p(x))");
    expect(stood("b", move("a", "p"), insert("m", "root", { after: null }))).toBe("root(m n c p(x a))");
    expect(stood("a", insert("m", "root", { after: null }))).toBe("root(m n b c p(x))");
    expect(stood("b", remove("a"), remove("c"))).toBe("root(n p(x))");
    expect(stood("b", move("a", "p"), move("c", "p"))).toBe("root(n p(x a c))");
    expect(stood("a", remove("b"))).toBe("root(n c p(x))");
  });

  it("C11 what is sent there one after the other keeps its order", () => {
    expect(stood("b", insert("m", "b"), insert("l", "b"))).toBe("root(a m l n c p(x))");
    expect(stood("b", insert("m", "b"), move("p", "b"))).toBe("root(a m p(x) n c)");
  });

  it("C11 the anchors of a redirected operation count where they are children there, and `null` for nothing", () => {
    expect(result(remove("b"), insert("n", "b", { after: null }))).toBe("root(a n c p(x))");
    expect(result(remove("b"), insert("n", "b", { after: "x", before: "gone" }))).toBe("root(a n c p(x))");
    expect(result(remove("b"), insert("n", "b", { after: "c", before: "a" }))).toBe("root(a c n p(x))");
    expect(result(remove("b"), insert("n", "b", { after: null, before: "a" }))).toBe("root(n a c p(x))");
  });

  it("C11 a removed child is such an anchor, the removed node itself too; the ghost of one that lives elsewhere is not", () => {
    const between = insert("k", "root", { after: "b" });
    expect(result(remove("b"), between, remove("c"), insert("n", "b", { after: "c" }))).toBe("root(a k n p(x))");
    expect(result(remove("b"), between, remove("c"), insert("n", "b", { before: "c" }))).toBe("root(a k n p(x))");
    expect(result(remove("b"), insert("m", "b"), insert("n", "b", { after: "b" }))).toBe("root(a m n c p(x))");
    expect(result(remove("b"), between, insert("n", "b", { after: "b" }))).toBe("root(a n k c p(x))");
    expect(result(remove("b"), between, move("c", "p"), insert("n", "b", { after: "c" }))).toBe("root(a n k p(x c))");
  });

  it("C5, C11 a neighbour that is moved into the removed node goes in front of it, which may be where it is", () => {
    expect(result(remove("b"), move("a", "b"))).toBe("root(a c p(x))");
    expect(result(remove("b"), remove("a"), move("c", "b"))).toBe("root(c p(x))");
    expect(result(remove("a"), remove("b"), move("p", "a"))).toBe("root(p(x) c)");
    expect(result(remove("b"), move("c", "b"), move("b", "root", { after: "b" }))).toBe("root(a b c p(x))");
  });

  it("C4 insert into a removed first child, and into a removed only child", () => {
    const document = openDocument("root\n  a\n    only\n  b");
    document.by("ann", [remove("a")]);
    expect(answer(document.by("bob", insert("m", "a"), { base: 0 }))).toEqual({ redirected: ["m"] });
    expect(answer(document.by("bob", insert("n", "only"), { base: 0 }))).toEqual({ redirected: ["n"] });
    expect(inline(outline(document.store))).toBe("root(m n b)");
  });

  it("C4, C11 redirected through two removals: to where the outer one stood", () => {
    const document = openDocument("root\n  a\n  p\n    q\n      r\n    s\n  z");
    document.by("ann", remove("q"));
    document.by("ann", remove("p"));
    expect(answer(document.by("bob", insert("n", "r"), { base: 0 }))).toEqual({ redirected: ["n"] });
    expect(answer(document.by("bob", move("z", "q"), { base: 0 }))).toEqual({ redirected: ["z"] });
    expect(inline(outline(document.store))).toBe("root(a n z)");
    // With the outer one restored, the place is inside it again.
    document.by("ann", move("p", "root", { after: null }));
    document.by("bob", insert("m", "r"));
    expect(inline(outline(document.store))).toBe("root(p(m s) a n z)");
  });
});

describe("T3, C11 in a store that does not keep the places of what is gone", () => {
  const stood = (removed: string, ...meanwhile: Operation[]) =>
    resultWithoutPlaces(remove(removed), ...meanwhile, insert("n", removed));

  it("T3 a removed child, and one that was moved away, are no anchors", () => {
    const behind = insert("n", "root", { after: "a", before: "c" });
    expect(resultWithoutPlaces(remove("a"), behind)).toBe("root(b n c p(x))");
    expect(resultWithoutPlaces(move("a", "p"), behind)).toBe("root(b n c p(x a))");
    const infront = insert("n", "root", { before: "c" });
    expect(resultWithoutPlaces(remove("c"), infront)).toBe("root(a b p(x) n)");
    expect(resultWithoutPlaces(move("c", "p"), infront)).toBe("root(a b p(x c) n)");
  });

  it("T3 anchored to itself, a removed node comes back to between the neighbours that it had", () => {
    const back = move("b", "root", { after: "b" });
    expect(resultWithoutPlaces(remove("b"), back)).toBe("root(a b c p(x))");
    expect(resultWithoutPlaces(remove("b"), move("c", "root"), back)).toBe("root(a b p(x) c)");
    expect(resultWithoutPlaces(remove("b"), remove("a"), back)).toBe("root(b c p(x))");
  });

  it("C11 after its old prev", () => {
    expect(stood("b")).toBe("root(a n c p(x))");
    expect(stood("p")).toBe("root(a b c n)");
    expect(stood("b", insert("m", "root", { after: "a" }))).toBe("root(a n m c p(x))");
    expect(stood("b", move("a", "root"))).toBe("root(c p(x) a n)");
  });

  it("C11 else before its old next: its prev is gone, lives elsewhere, or never was", () => {
    expect(stood("b", remove("a"), insert("m", "root", { after: null }))).toBe("root(m n c p(x))");
    expect(stood("b", move("a", "p"), insert("m", "root", { after: null }))).toBe("root(m n c p(x a))");
    expect(stood("a", insert("m", "root", { after: null }))).toBe("root(m n b c p(x))");
  });

  it("C11 else last: both are gone, or it was an only child", () => {
    expect(stood("b", remove("a"), remove("c"))).toBe("root(p(x) n)");
    expect(stood("a", remove("b"))).toBe("root(c p(x) n)");
    expect(stood("x", insert("m", "p"))).toBe("root(a b c p(m n))");
    expect(stood("x")).toBe("root(a b c p(n))");
  });

  it("C11 beside its own anchor where that is a live child there", () => {
    expect(resultWithoutPlaces(remove("b"), insert("n", "b", { after: null }))).toBe("root(a n c p(x))");
    expect(resultWithoutPlaces(remove("b"), insert("n", "b", { after: "c", before: "a" }))).toBe("root(a c n p(x))");
    expect(resultWithoutPlaces(remove("b"), insert("n", "b", { after: null, before: "a" }))).toBe("root(n a c p(x))");
  });

  it("C5, T3 a neighbour that is moved into the removed node stays where it is", () => {
    expect(resultWithoutPlaces(remove("b"), move("a", "b"))).toBe("root(a c p(x))");
    expect(resultWithoutPlaces(remove("b"), remove("a"), move("c", "b"))).toBe("root(c p(x))");
    expect(resultWithoutPlaces(remove("a"), remove("b"), move("p", "a"))).toBe("root(c p(x))");
  });
});

describe("C11: what is redirected stands beside its own anchor where that is there", () => {
  it("C4, C11 a list that was built in a removed node keeps its order", () => {
    const document = openDocument("root\n  a\n  p\n  z");
    document.by("bob", [remove("p")]);
    for (const [id, after] of [
      ["n1", null],
      ["n2", "n1"],
      ["n3", "n2"],
    ] as const) {
      document.by("ann", [insert(id, "p", { after })]);
    }
    expect(outline(document.store)).toBe("root\n  a\n  n1\n  n2\n  n3\n  z");
  });
});
