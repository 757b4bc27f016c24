import { describe, expect, it } from "vitest";
import { checkTree, fullOrder, type NodeId, type Operation } from "../../src/tree/index.ts";
import { answer, insert, item, move, openDocument, remove, type TestDocument } from "./document.ts";
import { childrenOf, inline, outline } from "./outline.ts";

/** A document whose root has these children. */
function siblings(ids: string): TestDocument {
  return openDocument(item("root", ...ids.split(" ").map((id) => item(id))));
}

function children(document: TestDocument, parent = "root"): string {
  expect(checkTree(document.store, document.store.records())).toEqual([]);
  return childrenOf(document.store, parent).join(" ");
}

/** The children of the root after some operations, and others whose author has seen nothing of those. */
function unseen(ids: string, theirs: readonly Operation[], mine: readonly Operation[]): string {
  const document = siblings(ids);
  for (const operation of theirs) expect(document.by("bob", operation).ok).toBe(true);
  for (const operation of mine) expect(document.by("ann", operation, { base: 0 }).ok).toBe(true);
  return children(document);
}

/** Sends what undoes an event as the ordinary operations that a client sends. */
function undo(document: TestDocument, seq: number, author = "ann"): void {
  const operations = document.events[seq - 1]?.inverse.map((inverse): Operation => {
    if (inverse.op === "update") return inverse;
    const { was, ...operation } = inverse;
    return operation;
  });
  expect(document.by(author, operations ?? []).ok).toBe(true);
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((first) => permutations(list.filter((each) => each !== first)).map((rest) => [first, ...rest]));
}

/** What may have happened to a sibling that someone anchors to without having seen that. */
const GONE: readonly (readonly [name: string, gone: (id: NodeId) => Operation])[] = [
  ["removed", (id) => remove(id)],
  ["moved elsewhere", (id) => move(id, "e")],
];

describe.each(GONE)("T3, T13: an anchor that is %s meanwhile is where it stood", (_name, gone) => {
  const abcde = (...mine: Operation[]) => unseen("a b c d e", [gone("b")], mine);

  it("T13 an insert behind it, or in front of it", () => {
    expect(abcde(insert("n", "root", { after: "b" }))).toBe("a n c d e");
    expect(abcde(insert("n", "root", { before: "b" }))).toBe("a n c d e");
    expect(abcde(insert("n", "root", { after: "b", before: "c" }))).toBe("a n c d e");
    expect(abcde(insert("n", "root", { after: "a", before: "b" }))).toBe("a n c d e");
  });

  it("T13 the first and the last of them", () => {
    const first = (...mine: Operation[]) => unseen("a b c e", [gone("a")], mine);
    expect(first(insert("n", "root", { after: "a" }))).toBe("n b c e");
    expect(first(insert("n", "root", { before: "a" }))).toBe("n b c e");
    const last = (...mine: Operation[]) => unseen("e a b c", [gone("c")], mine);
    expect(last(insert("n", "root", { after: "c" }))).toBe("e a b n");
    expect(last(insert("n", "root", { before: "c" }))).toBe("e a b n");
    const only = (...mine: Operation[]) => unseen("e c", [gone("c")], mine);
    expect(only(insert("n", "root", { after: "c" }), insert("m", "root", { before: "c" }))).toBe("e m n");
  });

  it("T13 a list that is typed behind it, or in front of it, keeps its order", () => {
    expect(
      abcde(
        insert("n1", "root", { after: "b" }),
        insert("n2", "root", { after: "n1" }),
        insert("n3", "root", { after: "n2" }),
      ),
    ).toBe("a n1 n2 n3 c d e");
    const each = ["n1", "n2", "n3"].map((id) => insert(id, "root", { before: "b" }));
    expect(abcde(...each)).toBe("a n1 n2 n3 c d e");
    expect(abcde(...["n3", "n2", "n1"].map((id) => insert(id, "root", { after: "b" })))).toBe("a n1 n2 n3 c d e");
  });

  it("T13 and so it does in one mutation", () => {
    const document = siblings("a b c d e");
    document.by("bob", gone("b"));
    const typed = [
      insert("n1", "root", { after: "b" }),
      insert("n2", "root", { after: "n1" }),
      insert("m", "root", { before: "b" }),
    ];
    expect(document.by("ann", typed, { base: 0 }).ok).toBe(true);
    expect(children(document)).toBe("a m n1 n2 c d e");
    expect(fullOrder(document.store, "root").map((entry) => entry.at(0))).toEqual([..."amBnncde"].map(goneAs(gone)));
  });

  it("T13 a sibling that is moved there, from either side", () => {
    expect(abcde(move("d", "root", { after: "b" }))).toBe("a d c e");
    expect(abcde(move("d", "root", { before: "b" }))).toBe("a d c e");
    expect(abcde(move("a", "root", { after: "b" }))).toBe("a c d e");
    expect(abcde(move("a", "root", { after: "c" }), move("d", "root", { after: "b" }))).toBe("d c a e");
  });

  it("T13 a node that comes from another parent", () => {
    const document = openDocument(item("root", item("a"), item("b"), item("c"), item("e", item("x"))));
    document.by("bob", gone("b"));
    document.by("ann", move("x", "root", { after: "b" }), { base: 0 });
    expect(children(document)).toBe("a x c e");
  });

  it("T13 both neighbours gone, and those beside them", () => {
    const gap = (...mine: Operation[]) => unseen("a b c d e f", [gone("b"), gone("c")], mine);
    expect(gap(insert("n", "root", { after: "b", before: "c" }))).toBe("a n d e f");
    expect(gap(insert("n", "root", { after: "unheard", before: "c" }))).toBe("a n d e f");
    expect(gap(insert("m", "root", { after: "b" }), insert("n", "root", { after: "c" }))).toBe("a m n d e f");
    expect(gap(insert("n", "root", { after: "c" }), insert("m", "root", { before: "c" }))).toBe("a m n d e f");
    const wide = [gone("a"), gone("b"), gone("c"), gone("d"), gone("f")];
    expect(unseen("a b c d e f", wide, [insert("n", "root", { after: "c" })])).toBe("n e");
    expect(unseen("a b c d e f", wide, [insert("n", "root", { before: "f" })])).toBe("e n");
  });

  it("T13 what came to stand beside it is not passed over", () => {
    const document = siblings("a b c d e");
    document.by("bob", gone("b"));
    document.by("bob", insert("x", "root", { after: "a" }));
    document.by("bob", insert("y", "root", { before: "c" }));
    document.by("ann", insert("n", "root", { after: "b" }), { base: 0 });
    expect(children(document)).toBe("a x n y c d e");
  });

  it("C4, C11 an insert into a removed parent whose neighbours are gone, too", () => {
    const into = [insert("n1", "c"), insert("n2", "c", { after: "n1" }), insert("n3", "c", { after: "unheard" })];
    expect(unseen("a b c d e f", [gone("b"), gone("d"), remove("c")], into)).toBe("a n1 n2 n3 e f");
    expect(unseen("a b c d e f", [remove("c"), gone("d"), gone("b")], into)).toBe("a n1 n2 n3 e f");
    expect(unseen("b c e", [gone("b"), remove("c")], into)).toBe("n1 n2 n3 e");
  });

  it("T13 undone, it stands where it stood, with what was put there on the side that it was put on", () => {
    const document = siblings("a b c d e");
    document.by("bob", gone("b"));
    document.by("ann", insert("n", "root", { after: "b" }), { base: 0 });
    document.by("ann", insert("m", "root", { before: "b" }), { base: 0 });
    undo(document, 1);
    expect(children(document)).toBe("a m b n c d e");
  });
});

/** The first letter of an entry of an order: capital letters stand for what is gone. */
function goneAs(gone: (id: NodeId) => Operation): (letter: string) => string {
  const sign = gone("b").op === "remove" ? "-" : "^";
  return (letter) => (letter === letter.toUpperCase() ? sign : letter);
}

describe("T13: restoring", () => {
  it("T13 [w x y z]: x and y removed, restored in every order: w x y z", () => {
    for (const removed of permutations(["x", "y"])) {
      for (const restored of permutations([1, 2])) {
        const document = siblings("w x y z");
        for (const id of removed) document.by("bob", remove(id));
        expect(children(document)).toBe("w z");
        for (const seq of restored) undo(document, seq);
        expect(children(document)).toBe("w x y z");
      }
    }
  });

  it("T13 any of four removed or moved away, one by one, undone in every order", () => {
    for (const ids of permutations(["w", "x", "y", "z"])) {
      for (const restored of permutations([1, 2, 3, 4])) {
        const document = openDocument(item("root", ...[..."wxyz"].map((id) => item(id)), item("home")));
        for (const [index, id] of ids.entries()) document.by("bob", index % 2 === 0 ? remove(id) : move(id, "home"));
        expect(children(document)).toBe("home");
        for (const seq of restored) undo(document, seq);
        expect(children(document)).toBe("w x y z home");
      }
    }
  });

  it("T13 so they do when one mutation removed them all", () => {
    const document = siblings("v w x y z");
    document.by("bob", [remove("x"), remove("w"), remove("y")]);
    undo(document, 1);
    expect(children(document)).toBe("v w x y z");
    document.by("bob", [remove("v"), move("w", "x"), remove("x"), remove("z")]);
    undo(document, 3);
    expect(children(document)).toBe("v w x y z");
  });

  it("T13 [a b c d e f]: one removes c, another b and d, then c is restored: a c e f", () => {
    const document = siblings("a b c d e f");
    document.by("ann", remove("c"));
    document.by("bob", [remove("b"), remove("d")], { base: 0 });
    undo(document, 1);
    expect(children(document)).toBe("a c e f");
    undo(document, 2, "bob");
    expect(children(document)).toBe("a b c d e f");
  });

  it("T13, C5 [x[c]]: c removed, then x; restored in any order, c is inside x", () => {
    for (const order of permutations([1, 2])) {
      const document = openDocument(item("root", item("w"), item("x", item("b"), item("c", item("d")), item("e"))));
      document.by("ann", remove("c"));
      document.by("bob", remove("x"));
      for (const seq of order) undo(document, seq);
      expect(inline(outline(document.store))).toBe("root(w x(b c(d) e))");
    }
  });

  it("T13, C5 four levels removed from the inside out, restored in every order", () => {
    for (const order of permutations([1, 2, 3, 4])) {
      const document = openDocument(item("root", item("a", item("b", item("c", item("d"), item("x")), item("y")))));
      for (const id of ["d", "c", "b", "a"]) document.by("bob", remove(id));
      for (const seq of order) undo(document, seq);
      expect(inline(outline(document.store))).toBe("root(a(b(c(d x) y)))");
      expect(document.store.size).toBe(7);
    }
  });

  it("T13 the order inside a removed node is kept, whatever of it was removed before", () => {
    const document = openDocument(item("root", item("p", item("a"), item("b"), item("c"), item("d"))));
    document.by("ann", remove("b"));
    document.by("ann", move("c", "root"));
    document.by("ann", remove("p"));
    undo(document, 3);
    undo(document, 2);
    undo(document, 1);
    expect(inline(outline(document.store))).toBe("root(p(a b c d))");
  });

  it("T13 a removed node that is restored somewhere else in its parent leaves its ghost where it stood", () => {
    const document = siblings("a b c d");
    document.by("ann", remove("b"));
    document.by("ann", move("b", "root"));
    expect(fullOrder(document.store, "root")).toEqual(["a", "^b", "c", "d", "b"]);
    document.by("ann", insert("n", "root", { after: "b" }));
    expect(children(document)).toBe("a c d b n");
  });

  it("T13 one that is restored under another parent leaves its ghost", () => {
    const document = siblings("a b c d");
    document.by("ann", remove("b"));
    document.by("ann", move("b", "d"));
    expect(fullOrder(document.store, "root")).toEqual(["a", "^b", "c", "d"]);
    document.by("ann", insert("n", "root", { after: "b" }));
    expect(children(document)).toBe("a n c d");
  });

  it("T13 removed again, it stands where it stood last", () => {
    const document = siblings("a b c d");
    document.by("ann", remove("b"));
    document.by("ann", move("b", "root"));
    document.by("ann", remove("b"));
    document.by("ann", insert("n", "root"));
    undo(document, 3);
    expect(children(document)).toBe("a c d b n");
  });
});

describe("T13: ghosts", () => {
  it("T13 a node leaves one wherever it was moved from, and takes it away where it comes back to it", () => {
    const document = openDocument(item("root", item("a"), item("x"), item("b"), item("p", item("q"), item("r"))));
    document.by("ann", move("x", "p", { after: "q" }));
    expect(fullOrder(document.store, "root")).toEqual(["a", "^x", "b", "p"]);
    document.by("ann", move("x", "b"));
    expect(fullOrder(document.store, "p")).toEqual(["q", "^x", "r"]);
    expect(fullOrder(document.store, "root")).toEqual(["a", "^x", "b", "p"]);
    document.by("ann", move("x", "root"));
    expect(fullOrder(document.store, "root")).toEqual(["a", "^x", "b", "p", "x"]);
    expect(fullOrder(document.store, "b")).toEqual(["^x"]);
    document.by("ann", move("x", "p", { after: "x" }));
    expect(fullOrder(document.store, "p"), "back to its ghost").toEqual(["q", "x", "r"]);
    expect(fullOrder(document.store, "root")).toEqual(["a", "^x", "b", "p", "^x"]);
    document.by("ann", insert("n", "root", { after: "x" }));
    expect(children(document), "behind the place it left last").toBe("a b p n");
  });

  it("T13 a move within a parent leaves one, too; the anchor is the node itself for who has seen it move", () => {
    const document = siblings("a b c");
    document.by("ann", move("a", "root"));
    expect(fullOrder(document.store, "root")).toEqual(["^a", "b", "c", "a"]);
    document.by("bob", insert("n", "root", { after: "a" }), { base: 1 });
    document.by("cy", insert("m", "root", { after: "a" }), { base: 0 });
    expect(children(document)).toBe("m b c a n");
  });

  it("T13 anchored to itself, a node comes back to exactly that place", () => {
    for (const anchors of [{ after: "x" }, { after: "x", before: "a" }]) {
      const document = siblings("a b x c d");
      document.by("ann", [remove("b"), move("x", "d"), remove("c")]);
      document.by("bob", [insert("m", "root", { before: "x" }), insert("n", "root", { after: "x" })]);
      expect(fullOrder(document.store, "root")).toEqual(["a", "-b", "m", "^x", "n", "-c", "d"]);
      document.by("ann", move("x", "root", anchors));
      expect(fullOrder(document.store, "root")).toEqual(["a", "-b", "m", "x", "n", "-c", "d"]);
    }
  });

  it("T13 an anchor that was removed from another parent since is its ghost here, and itself there", () => {
    const document = openDocument(item("root", item("a"), item("x"), item("b"), item("p", item("q"), item("r"))));
    document.by("ann", move("x", "p", { after: "q" }));
    document.by("ann", remove("x"));
    document.by("bob", [insert("m", "root", { after: "x" }), insert("n", "p", { after: "x" })]);
    expect(fullOrder(document.store, "root")).toEqual(["a", "^x", "m", "b", "p"]);
    expect(fullOrder(document.store, "p")).toEqual(["q", "-x", "n", "r"]);
  });

  it("T13 of more than eight the oldest goes", () => {
    const parents = Array.from({ length: 9 }, (_, index) => `p${index}`);
    const document = openDocument(
      item("root", item("first", item("a"), item("x"), item("b")), ...parents.map((id) => item(id, item(`${id}.1`)))),
    );
    for (const parent of parents.slice(0, 8)) document.by("ann", move("x", parent, { after: null }));
    expect(fullOrder(document.store, "first"), "the eighth").toEqual(["a", "^x", "b"]);
    // Back at its ghost, that one counts no more.
    document.by("ann", move("x", "p3", { after: "x" }));
    expect(fullOrder(document.store, "p3")).toEqual(["x", "p3.1"]);
    expect(fullOrder(document.store, "first")).toEqual(["a", "^x", "b"]);
    document.by("ann", move("x", "p8"));
    expect(fullOrder(document.store, "first"), "the ninth").toEqual(["a", "b"]);
    expect(fullOrder(document.store, "p0")).toEqual(["^x", "p0.1"]);
    expect(fullOrder(document.store, "p3")).toEqual(["^x", "p3.1"]);
    document.by("ann", [insert("n", "first", { after: "x" }), insert("m", "p0", { after: "x" })]);
    expect(children(document, "first")).toBe("a b n");
    expect(children(document, "p0")).toBe("m p0.1");
    expect(fullOrder(document.store, "root").join(" ")).toBe(`first ${parents.join(" ")}`);
  });

  it("T13 ghosts of documents from before 2026-11-27, which have no date in their names, are ghosts like any other", () => {
    const document = siblings("a x b p");
    document.by("ann", [move("x", "p"), remove("b")]);
    for (const record of document.store.records()) {
      const text = JSON.stringify(record.order).replaceAll("^1^x", "^x").replaceAll(',"dated":true', "");
      document.store.edit(record.id).order = JSON.parse(text);
    }
    expect(fullOrder(document.store, "root")).toEqual(["a", "^x", "-b", "p"]);
    document.by("ann", insert("n", "root", { after: "x" }));
    expect(children(document)).toBe("a n p");
    document.by("ann", move("x", "a"));
    expect(fullOrder(document.store, "p")).toEqual(["^x"]);
    document.by("ann", move("x", "root", { after: "x" }));
    expect(children(document)).toBe("a x n p");
    document.by("ann", move("b", "root", { after: "b" }));
    expect(children(document)).toBe("a x n b p");
  });

  it("T13 a child that leaves a removed node leaves its ghost in it", () => {
    const document = openDocument(item("root", item("p", item("a"), item("b"), item("c")), item("z")));
    document.by("ann", remove("p"));
    document.by("ann", move("b", "root"));
    expect(fullOrder(document.store, "p")).toEqual(["a", "^b", "c"]);
    document.by("ann", move("p", "root", { after: "p" }));
    document.by("ann", move("b", "p", { after: "b" }));
    expect(inline(outline(document.store))).toBe("root(p(a b c) z)");
  });

  it("T4 a refused mutation leaves no ghost, and no tombstone", () => {
    const document = siblings("a b c d");
    const before = document.text();
    const verdict = document.by("ann", [move("a", "d"), remove("b"), move("a", "c"), remove("unheard")]);
    expect(answer(verdict)).toEqual({ code: "notFound", op: 3 });
    expect(document.text()).toBe(before);
  });
});

describe("T13: a long list", () => {
  it("T13 every other one of 2 000 removed, each gap filled, all restored: in order", () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => `n${index}`);
    const document = siblings(ids.join(" "));
    const gone = ids.filter((_, index) => index % 2 === 1);
    // From both ends, so that gaps grow together in no particular order.
    for (const [index] of gone.entries()) {
      document.by("bob", remove(gone.at(index % 2 === 0 ? index / 2 : -(index + 1) / 2) ?? ""));
    }
    for (const id of gone) document.by("ann", insert(`${id}.1`, "root", { after: id }), { base: 0 });
    for (const id of gone) document.by("ann", move(id, "root", { after: id }));
    expect(children(document)).toBe(ids.flatMap((id, index) => (index % 2 === 1 ? [id, `${id}.1`] : [id])).join(" "));
  });

  it("T13 2 000 in a row removed, one by one, inserted behind, and restored from the middle", () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => `n${index}`);
    const document = siblings(`a ${ids.join(" ")} z`);
    for (const id of ids) document.by("bob", remove(id));
    document.by("ann", insert("m", "root", { after: "n999" }), { base: 0 });
    expect(children(document)).toBe("a m z");
    for (const id of [...ids.slice(1_000), ...ids.slice(0, 1_000)]) document.by("ann", move(id, "root", { after: id }));
    expect(children(document)).toBe(`a ${ids.slice(0, 1_000).join(" ")} m ${ids.slice(1_000).join(" ")} z`);
  });
});
