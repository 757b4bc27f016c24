import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { answer, insert, item, move, openDocument, remove, type Stance, update } from "./document.ts";
import { dedent, outline } from "./outline.ts";

/** Two mutations made at the same time: each author has seen the document as it began, and nothing of the other. */
function meet(start: string, first: Operation, second: Operation, stance: Stance = {}): [outline: string, ...object[]] {
  const document = openDocument(start);
  const ann = document.by("ann", first, { base: 0, ...stance });
  const bob = document.by("bob", second, { base: 0, ...stance });
  return [outline(document.store), answer(ann), answer(bob)];
}

function expected(text: string, ...answers: object[]): [outline: string, ...object[]] {
  return [dedent(text), ...answers];
}

describe("two mutations meet, in both orders of arrival", () => {
  const ab = `
    root
      a
      b`;
  const family = `
    root
      a
      p
        c
          d
      z`;

  it("C1 the same attribute twice: the later event wins, other attributes are untouched", () => {
    const one = update("a", { x: 1, y: 1 });
    const two = update("a", { x: 2, z: 2 });
    expect(meet(ab, one, two)).toEqual(expected("root\n  a x=2 y=1 z=2\n  b", {}, {}));
    expect(meet(ab, two, one)).toEqual(expected("root\n  a x=1 y=1 z=2\n  b", {}, {}));
  });

  it("C1 setting and unsetting the same attribute: the later event wins", () => {
    const set = update("a", { x: 1 });
    const unset = update("a", {}, ["x"]);
    expect(meet(ab, set, unset)).toEqual(expected("root\n  a\n  b", {}, {}));
    expect(meet(ab, unset, set)).toEqual(expected("root\n  a x=1\n  b", {}, {}));
  });

  it("C1 the type is an attribute like any other, of the root too (T1)", () => {
    const one: Operation = { op: "update", id: "root", type: "page" };
    const two: Operation = { op: "update", id: "root", type: "book", attrs: { x: 1 } };
    expect(meet("root", one, two)).toEqual(expected("root:book x=1", {}, {}));
    expect(meet("root", two, one)).toEqual(expected("root:page x=1", {}, {}));
  });

  it("C2 the same node moved twice: the later event wins", () => {
    const up = move("c", "root", { after: null });
    const over = move("c", "z");
    expect(meet(family, up, over)).toEqual(expected("root\n  a\n  p\n  z\n    c\n      d", {}, {}));
    expect(meet(family, over, up)).toEqual(expected("root\n  c\n    d\n  a\n  p\n  z", {}, {}));
  });

  it("C3 A into B, then B into A: the second is rejected, naming the event that won", () => {
    const one = move("a", "b");
    const two = move("b", "a");
    const lost = { code: "cycle", op: 0, seq: 1 };
    expect(meet(ab, one, two)).toEqual(expected("root\n  b\n    a", {}, lost));
    expect(meet(ab, two, one)).toEqual(expected("root\n  a\n    b", {}, lost));
  });

  it("C4 insert into a removed node, or remove what was inserted into: it is kept where the node stood", () => {
    const insertion = insert("n", "p", { after: "c" }, [item("m")]);
    const text = "root\n  a\n  n\n    m\n  z";
    expect(meet(family, remove("p"), insertion)).toEqual(expected(text, {}, { redirected: ["n"] }));
    expect(meet(family, insertion, remove("p"))).toEqual(expected(text, {}, { rescued: ["n"] }));
  });

  it("C4 insert into what lies in a removed node", () => {
    const insertion = insert("n", "d");
    const text = "root\n  a\n  n\n  z";
    expect(meet(family, remove("p"), insertion)).toEqual(expected(text, {}, { redirected: ["n"] }));
    expect(meet(family, insertion, remove("p"))).toEqual(expected(text, {}, { rescued: ["n"] }));
  });

  it("C5, C6 move into a removed node, or remove what was moved into", () => {
    const into = move("a", "c");
    const text = "root\n  a\n  z";
    expect(meet(family, remove("p"), into)).toEqual(expected(text, {}, { redirected: ["a"] }));
    expect(meet(family, into, remove("p"))).toEqual(expected(text, {}, { rescued: ["a"] }));
  });

  it("C7 a child moved out of a removed node comes back alive, with what is below it", () => {
    const out = move("c", "root");
    const text = "root\n  a\n  z\n  c\n    d";
    expect(meet(family, remove("p"), out)).toEqual(expected(text, {}, {}));
    expect(meet(family, out, remove("p"))).toEqual(expected(text, {}, {}));
  });

  it("C7 in the event it is inserts that carry the content, with exact places (T7)", () => {
    const document = openDocument(family);
    document.by("ann", [update("d", { x: 1 }), remove("p")]);
    document.by("bob", move("c", "root", { before: "z" }), { base: 0 });
    expect(document.events[1]?.ops).toMatchObject([
      { op: "insert", node: { id: "c", type: "item" }, parent: "root", after: "a" },
      { op: "insert", node: { id: "d", type: "item", attrs: { x: 1 } }, parent: "c", after: null },
    ]);
  });

  it("C8 update of a removed node: kept with it, seen again if it is restored", () => {
    const change = update("c", { x: 1 });
    for (const [first, second, told] of [
      [remove("p"), change, { removed: ["c"] }],
      [change, remove("p"), {}],
    ] as const) {
      const document = openDocument(family);
      document.by("ann", first, { base: 0 });
      expect(answer(document.by("bob", second, { base: 0 }))).toEqual(told);
      expect(outline(document.store)).toBe("root\n  a\n  z");
      document.by("ann", move("p", "root", { after: "a" }));
      expect(outline(document.store)).toBe("root\n  a\n  p\n    c x=1\n      d\n  z");
    }
  });

  it("C5 a removed node is restored in the parent that it was removed from, though that is removed, too", () => {
    const document = openDocument(family);
    document.by("ann", remove("c"), { base: 0 });
    document.by("ann", remove("p"), { base: 0 });
    expect(answer(document.by("bob", move("c", "p"), { base: 0 }))).toEqual({ removed: ["c"] });
    expect(outline(document.store)).toBe("root\n  a\n  z");
    // It is a part of what is removed now, like any other.
    expect(answer(document.by("bob", move("c", "p"), { base: 0 }))).toEqual({ redirected: ["c"] });
    expect(outline(document.store)).toBe("root\n  a\n  c\n    d\n  z");
  });

  it("C5 it comes back with that parent, to where it stood or was sent", () => {
    for (const [anchors, text] of [
      [{ after: "y" }, "root\n  p\n    x\n    y\n      d\n    z"],
      [{ after: null }, "root\n  p\n    y\n      d\n    x\n    z"],
      [{ after: "z" }, "root\n  p\n    x\n    z\n    y\n      d"],
      [{}, "root\n  p\n    x\n    z\n    y\n      d"],
    ] as const) {
      const document = openDocument("root\n  p\n    x\n    y\n      d\n    z");
      document.by("ann", remove("y"));
      document.by("ann", remove("p"));
      expect(answer(document.by("bob", move("y", "p", anchors)))).toEqual({ removed: ["y"] });
      document.by("ann", move("p", "root"));
      expect(outline(document.store)).toBe(text);
    }
  });

  it("C9 remove twice: the second is accepted and changes nothing for who has seen the first", () => {
    const document = openDocument(family);
    document.by("ann", remove("p"), { base: 0 });
    const text = document.text();
    expect(document.by("bob", remove("p"), { base: 1 })).toEqual({ ok: true, ops: [], inverse: [], receipts: {} });
    expect(document.by("bob", remove("d"), { base: 1 })).toEqual({ ok: true, ops: [], inverse: [], receipts: {} });
    expect(document.text()).toBe(text);
  });

  it("C9 remove twice unseen: the second is one more reason to be gone, and seen when the first is undone", () => {
    const document = openDocument(family);
    document.by("ann", remove("p"), { base: 0 });
    expect(answer(document.by("bob", remove("p"), { base: 0 }))).toEqual({ removed: ["p"] });
    expect(answer(document.by("bob", remove("d"), { base: 0 }))).toEqual({ removed: ["d"] });
    expect(document.events.map(({ ops }) => ops)).toEqual([
      [{ op: "remove", id: "p" }],
      [{ op: "remove", id: "p", again: true }],
      [{ op: "remove", id: "d", again: true }],
    ]);
    document.by("bob", move("p", "root", { after: "p" }));
    expect(outline(document.store)).toBe("root\n  a\n  p\n    c\n  z");
  });

  it("C9 remove a node and what it lies in: both are gone in either order", () => {
    expect(meet(family, remove("p"), remove("c"))).toEqual(expected("root\n  a\n  z", {}, { removed: ["c"] }));
    expect(meet(family, remove("c"), remove("p"))).toEqual(expected("root\n  a\n  z", {}, {}));
  });

  it("C10 insert of an id that exists is rejected", () => {
    const lost = { code: "exists", op: 0 };
    expect(meet(ab, insert("n", "a"), insert("n", "b"))).toEqual(expected("root\n  a\n    n\n  b", {}, lost));
    expect(meet(ab, insert("n", "b"), insert("n", "a"))).toEqual(expected("root\n  a\n  b\n    n", {}, lost));
  });

  it("C10 the id of a removed node is taken too (T2), and so is one that stands in the insert twice", () => {
    expect(meet(ab, remove("a"), insert("a", "root"))).toEqual(expected("root\n  b", {}, { code: "exists", op: 0 }));
    const twice = insert("n", "root", {}, [item("m", item("n"))]);
    expect(meet(ab, update("a", {}), twice)).toEqual(expected(ab, {}, { code: "exists", op: 0 }));
    expect(meet(ab, update("a", {}), insert("n", "root", {}, [item("n")]))).toEqual(
      expected(ab, {}, { code: "exists", op: 0 }),
    );
    const below = insert("n", "root", {}, [item("b")]);
    expect(meet(ab, update("a", {}), below)).toEqual(expected(ab, {}, { code: "exists", op: 0 }));
  });

  it("C10 whoever wants the id of a removed node hears that it can be restored", () => {
    const document = openDocument(ab);
    document.by("ann", remove("a"));
    expect(document.by("bob", insert("a", "root"))).toMatchObject({ message: expect.stringContaining("restores") });
    expect(document.by("bob", insert("b", "root"))).toMatchObject({ message: expect.not.stringContaining("restores") });
  });

  it("C12 a document may refuse instead of redirecting and rescuing", () => {
    const reject: Stance = { conflicts: "reject" };
    const removed = { code: "removed", op: 0, seq: 1 };
    const gone = "root\n  a\n  z";
    expect(meet(family, remove("p"), insert("n", "p"), reject)).toEqual(expected(gone, {}, removed));
    expect(meet(family, remove("p"), insert("n", "d"), reject)).toEqual(expected(gone, {}, removed));
    expect(meet(family, remove("p"), move("a", "c"), reject)).toEqual(expected(gone, {}, removed));
    const unseen = { code: "unseen", op: 0 };
    expect(meet(family, insert("n", "d"), remove("p"), reject)).toEqual(
      expected("root\n  a\n  p\n    c\n      d\n        n\n  z", {}, unseen),
    );
    expect(meet(family, move("a", "c"), remove("p"), reject)).toEqual(
      expected("root\n  p\n    c\n      d\n      a\n  z", {}, unseen),
    );
    // The other rules stay as they are.
    expect(meet(family, remove("p"), move("c", "a"), reject)).toEqual(
      expected("root\n  a\n    c\n      d\n  z", {}, {}),
    );
    expect(meet(family, remove("p"), update("c", { x: 1 }), reject)).toEqual(expected(gone, {}, { removed: ["c"] }));
    expect(meet(family, remove("p"), remove("p"), reject)).toEqual(expected(gone, {}, { removed: ["p"] }));
    expect(meet(family, insert("n", "c"), remove("p"), { ...reject, base: 1 })).toEqual(expected(gone, {}, {}));
  });

  it("C12 refused or not, what changes nothing is judged the same", () => {
    const document = openDocument(family);
    document.by("bob", remove("p"));
    // In front of p is where a stands; yet its author meant a node that is gone.
    expect(answer(document.by("ann", move("a", "p"), { conflicts: "reject" }))).toMatchObject({ code: "removed" });
    expect(answer(document.by("ann", move("a", "p")))).toEqual({ redirected: ["a"] });
    expect(document.events).toHaveLength(1);
  });

  it("C5, C12 what is restored inside something removed is not refused", () => {
    const document = openDocument(family);
    document.by("ann", remove("c"));
    document.by("ann", remove("p"));
    expect(answer(document.by("bob", move("c", "p"), { conflicts: "reject" }))).toEqual({ removed: ["c"] });
  });

  it("C13 a node or parent that never was: notFound; the root moved or removed: root", () => {
    const refusal = (operation: Operation) =>
      answer(openDocument(family).by("ann", [update("a", { x: 1 }), operation]));
    const notFound = { code: "notFound", op: 1 };
    expect(refusal(insert("n", "ghost"))).toEqual(notFound);
    expect(refusal(move("ghost", "a"))).toEqual(notFound);
    expect(refusal(move("a", "ghost"))).toEqual(notFound);
    expect(refusal(update("ghost", {}))).toEqual(notFound);
    expect(refusal(remove("ghost"))).toEqual(notFound);
    expect(openDocument(family).by("ann", insert("n", "ghost"))).toMatchObject({
      message: expect.stringContaining("ghost"),
    });
    expect(refusal(move("root", "a"))).toEqual({ code: "root", op: 1 });
    expect(refusal(remove("root"))).toEqual({ code: "root", op: 1 });
  });
});
