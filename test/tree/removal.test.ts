import { describe, expect, it } from "vitest";
import { createKeeper, fullOrder, mustGet, type NodeData, type Store } from "../../src/tree/index.ts";
import {
  answer,
  insert,
  item,
  move,
  openDocument,
  remove,
  type Stance,
  type TestDocument,
  unseenPlaced,
  update,
} from "./document.ts";
import { dedent, outline } from "./outline.ts";

const FAMILY = `
  root
    a
    p
      c
        d
      e
    z`;

function expectOutline(document: TestDocument, text: string): void {
  expect(outline(document.store)).toBe(dedent(text));
}

/** Nodes one inside the other. */
function nested(ids: readonly string[]): NodeData {
  const [bottom, ...above] = [...ids].reverse();
  return above.reduce((inner, id) => item(id, inner), item(bottom ?? ""));
}

describe("C6: what a remover has not seen is kept", () => {
  it("C6 several of them keep their order, between the neighbours of the removed node", () => {
    const document = openDocument(FAMILY);
    document.by("bob", [insert("n1", "p", { after: null }), insert("n2", "c"), insert("n3", "p")]);
    expect(answer(document.by("ann", remove("p"), { base: 0 }))).toEqual({ rescued: ["n1", "n2", "n3"] });
    expectOutline(document, "root\n  a\n  n1\n  n2\n  n3\n  z");
  });

  it("C6 of nested ones the outermost is named, and takes along what it holds, seen or not", () => {
    const document = openDocument(FAMILY);
    document.by("bob", insert("n", "c", {}, [item("m")]));
    document.by("cy", insert("o", "m"));
    document.by("bob", move("e", "m"));
    expect(answer(document.by("ann", remove("p"), { base: 0 }))).toEqual({ rescued: ["n"] });
    expectOutline(
      document,
      `
      root
        a
        n
          m
            o
            e
        z`,
    );
  });

  it("C6 what was moved inside counts as put there, what was only changed or shuffled by the remover does not", () => {
    const document = openDocument(FAMILY);
    document.by("bob", update("c", { x: 1 }));
    document.by("ann", move("e", "c"), { base: 0 });
    expect(answer(document.by("ann", remove("p"), { base: 0 }))).toEqual({});
    expectOutline(document, "root\n  a\n  z");
  });

  it("C6 a child that others moved within the removed node is kept too", () => {
    const document = openDocument(FAMILY);
    document.by("bob", move("e", "p", { after: null }));
    expect(answer(document.by("ann", remove("p"), { base: 0 }))).toEqual({ rescued: ["e"] });
    expectOutline(document, "root\n  a\n  e\n  z");
  });

  it("C6 a child that others restored inside is kept", () => {
    const document = openDocument(FAMILY);
    document.by("ann", remove("c"));
    document.by("bob", move("c", "p"));
    expect(answer(document.by("ann", remove("p"), { base: 1 }))).toEqual({ rescued: ["c"] });
    expectOutline(document, "root\n  a\n  c\n    d\n  z");
  });

  it("C6 the base decides: what is not above it was seen, and without it everything was", () => {
    for (const [base, kept] of [
      [0, ["n", "m"]],
      [1, ["m"]],
      [2, undefined],
      [undefined, undefined],
    ] as const) {
      const document = openDocument(FAMILY);
      document.by("bob", insert("n", "p"));
      document.by("bob", insert("m", "p"));
      expect(answer(document.by("ann", remove("p"), { base }))).toEqual(kept ? { rescued: kept } : {});
    }
  });

  it("C6 the author's own work was seen, in earlier mutations and in this one", () => {
    const document = openDocument(FAMILY);
    document.by("ann", insert("n", "p"), { base: 0 });
    const verdict = document.by("ann", [insert("m", "p"), move("z", "p"), remove("p")], { base: 0 });
    expect(answer(verdict)).toEqual({});
    expectOutline(document, "root\n  a");
  });

  it("C6 a node that was rescued is new to whoever has not seen who put it there, and to nobody else", () => {
    const document = openDocument("root\n  o\n    p\n  z");
    document.by("bob", insert("n", "p"));
    document.by("ann", remove("p"), { base: 0 });
    // The remover of p has not seen it, though it has moved it itself.
    expect(answer(document.by("ann", remove("o"), { base: 0 }))).toEqual({ rescued: ["n"] });
    expectOutline(document, "root\n  n\n  z");
    const seen = openDocument("root\n  o\n    p\n  z");
    seen.by("bob", insert("n", "p"));
    seen.by("ann", remove("p"), { base: 0 });
    // Who has seen it in p has seen it in o.
    expect(answer(seen.by("cy", remove("o"), { base: 1 }))).toEqual({});
    expectOutline(seen, "root\n  z");
  });

  it("C6, T13 what was rescued has left its place in the removed node to a ghost", () => {
    const document = openDocument(FAMILY);
    document.by("bob", [insert("n", "p", { after: "c" }), insert("m", "p", { after: null })]);
    document.by("ann", remove("p"), { base: 0 });
    expectOutline(document, "root\n  a\n  m\n  n\n  z");
    expect(fullOrder(document.store, "root")).toEqual(["a", "m", "n", "-p", "z"]);
    expect(fullOrder(document.store, "p")).toEqual(["^m", "c", "^n", "e"]);
    document.by("ann", move("p", "root", { after: "p" }));
    document.by("ann", insert("o", "p", { after: "n" }));
    document.by("ann", [move("n", "p", { after: "n" }), move("m", "p", { before: "m" })]);
    expectOutline(document, "root\n  a\n  p\n    m\n    c\n      d\n    n\n    o\n    e\n  z");
  });

  it("C6 what was removed before is not looked into: it goes, and whatever others put into it before", () => {
    const document = openDocument(FAMILY);
    document.by("bob", insert("n", "d"));
    document.by("ann", remove("c"), { base: 1 });
    expect(answer(document.by("cy", remove("p"), { base: 0 }))).toEqual({});
    expectOutline(document, "root\n  a\n  z");
  });

  it("C6, C14 what others put inside is found in their events as it is in the branch", () => {
    const document = openDocument(FAMILY);
    document.by("bob", [insert("n", "c", {}, [item("m")]), insert("o", "p", { after: null }), insert("q", "root")]);
    document.by("cy", [move("a", "e"), insert("r", "m"), remove("o")]);
    document.by("ann", move("d", "e"), { base: 0 });
    const placed = () => unseenPlaced(0, "ann", document.events);
    expect([...placed()].sort()).toEqual(["a", "m", "n", "o", "q", "r"]);
    const verdict = document.by("ann", remove("p"), { base: 0, unseenPlaced: placed });
    expect(answer(verdict)).toEqual({ rescued: ["n", "a"] });
    expectOutline(document, "root\n  n\n    m\n      r\n  a\n  z\n  q");
  });

  it("C14 with too many events to look at, a branch is looked through, or refused where it is large", () => {
    const document = openDocument({
      id: "root",
      type: "item",
      children: [
        { id: "large", type: "item", children: Array.from({ length: 2_001 }, (_, index) => item(`l${index}`)) },
        { id: "small", type: "item", children: [item("s")] },
      ],
    });
    document.by("bob", [insert("n", "large"), insert("m", "small")]);
    const stance: Stance = { base: 0, unseenPlaced: () => null };
    expect(answer(document.by("ann", remove("large"), stance))).toEqual({ code: "unseen", op: 0 });
    expect(answer(document.by("ann", remove("small"), stance))).toEqual({ rescued: ["m"] });
    // Who has seen everything need not look.
    expect(answer(document.by("ann", remove("large"), { unseenPlaced: () => null }))).toEqual({});
  });

  it.each([
    // All are met, and 63 of the 64 that are looked at first once more.
    ["as many looks as it takes it is found", 10 * 221 + 63, { rescued: 20 }],
    ["one less it is refused, as the branch is too large to look through", 10 * 221 + 62, { code: "unseen" }],
  ])("C14 with %s", (_, looks, expected) => {
    const places = Array.from({ length: 20 }, (__, place) => place);
    const paths = places.map((place) => nested(Array.from({ length: 10 }, (__, level) => `p${place}-${level}`)));
    const document = openDocument(item("root", item("top", ...paths)));
    document.by(
      "bob",
      places.map((place) => insert(`n${place}`, `p${place}-9`)),
    );
    const placed = () => unseenPlaced(0, "ann", document.events);
    const verdict = document.by("ann", remove("top"), { base: 0, unseenPlaced: placed, looks });
    expect(verdict.ok ? { rescued: verdict.receipts.rescued?.length } : { code: verdict.code }).toEqual(expected);
  });

  it("C14 small branches are looked through, whatever events have placed elsewhere", () => {
    const names = Array.from({ length: 100 }, (_, index) => `b${index}`);
    const document = openDocument(item("root", item("z"), ...names.map((name) => item(name, item(`in-${name}`)))));
    document.by("bob", [...names.map((name) => insert(`n-${name}`, "z")), insert("n", "b7")]);
    const placed = () => unseenPlaced(0, "ann", document.events);
    const verdict = document.by("ann", names.map(remove), {
      base: 0,
      unseenPlaced: placed,
      looks: 10 * (2 * names.length + 1),
    });
    expect(answer(verdict)).toEqual({ rescued: ["n"] });
  });

  it("C14 what stands above many that others put inside is looked at once", () => {
    const ids = Array.from({ length: 900 }, (_, level) => `p${level}`);
    const document = openDocument({ id: "root", type: "item", children: [nested(ids)] });
    document.by(
      "bob",
      Array.from({ length: 2_000 }, (_, index) => insert(`n${index}`, "p899")),
    );
    const { store } = document;
    const placed = unseenPlaced(0, "ann", document.events);
    let looked = 0;
    const counting: Store = {
      ...store,
      get(id) {
        looked++;
        return store.get(id);
      },
    };
    const found = createKeeper(1_000, { placed: () => placed, placedSince: () => null, updated: () => [] }).unseenIn(
      counting,
      mustGet(store, "p0"),
      ({ placed: at }) => at === 0,
      (at) => at === 0,
    );
    expect(found).toHaveLength(2_000);
    expect(looked).toBeLessThan(20_000);
  });

  it("C12, T4 refused as unseen, the mutation leaves no trace", () => {
    const document = openDocument(FAMILY);
    document.by("bob", insert("n", "c"));
    const before = document.text();
    const verdict = document.by("ann", [update("a", { x: 1 }), remove("z"), remove("p")], {
      base: 0,
      conflicts: "reject",
    });
    expect(answer(verdict)).toEqual({ code: "unseen", op: 2 });
    expect(document.text()).toBe(before);
  });
});

describe("T6, T7: removing and restoring", () => {
  it("T7 what was removed before stays removed; what went along comes back", () => {
    const document = openDocument(FAMILY);
    document.by("ann", remove("c"));
    document.by("ann", remove("p"));
    document.by("ann", move("p", "root", { after: null }));
    expectOutline(document, "root\n  p\n    e\n  a\n  z");
    document.by("ann", move("c", "p", { before: "e" }));
    expectOutline(document, "root\n  p\n    c\n      d\n    e\n  a\n  z");
  });

  it("T6 the node that was removed carries the mark, what is below it does not", () => {
    const document = openDocument(FAMILY);
    document.by("ann", update("p", { x: 1 }));
    document.by("ann", remove("c"));
    document.by("ann", remove("p"));
    const marks = ["p", "c", "d", "e"].map((id) => document.store.get(id)?.removed);
    expect(marks).toEqual([3, 2, null, null]);
    expect(document.store.size).toBe(3);
    expect(document.store.get("p")).toMatchObject({ parent: "root", first: "e", last: "e" });
    expect(document.store.get("c")).toMatchObject({ parent: "p", first: "d", last: "d" });
  });

  it("T7 a node below a removed one, moved out, leaves what was removed from it", () => {
    const document = openDocument(FAMILY);
    document.by("ann", remove("d"));
    document.by("ann", remove("p"));
    expect(document.by("ann", move("c", "root", { after: null })).ok).toBe(true);
    expectOutline(document, "root\n  c\n  a\n  z");
    document.by("ann", move("d", "c", { after: "d" }));
    document.by("ann", move("p", "root", { after: "p" }));
    expectOutline(document, "root\n  c\n    d\n  a\n  p\n    e\n  z");
    expect(fullOrder(document.store, "p")).toEqual(["^c", "e"]);
  });

  it("T7 a middle node first, then what it was removed with: it stays where it was restored", () => {
    const document = openDocument("root\n  p\n    q\n      r\n        s\n      t");
    document.by("ann", remove("p"));
    document.by("ann", move("r", "root"));
    document.by("ann", move("p", "r"));
    expectOutline(document, "root\n  r\n    s\n    p\n      q\n        t");
  });

  it("T7 siblings one by one from a removed parent, the first, the last and the one between", () => {
    for (const ids of [
      ["x", "y", "z"],
      ["z", "y", "x"],
      ["y", "z", "x"],
    ]) {
      const document = openDocument("root\n  p\n    x\n    y\n    z");
      document.by("ann", remove("p"));
      for (const id of ids) document.by("ann", move(id, "root"));
      document.by("ann", move("p", "root"));
      expectOutline(document, `root\n  ${ids.join("\n  ")}\n  p`);
    }
  });

  it("T4, T7 one mutation removes, restores and updates the same node", () => {
    const document = openDocument(FAMILY);
    const verdict = document.by("ann", [
      remove("p"),
      update("p", { x: 1 }),
      move("p", "z"),
      update("p", { y: 2 }),
      update("c", {}, ["x"]),
    ]);
    expect(answer(verdict)).toEqual({ removed: ["p"] });
    expectOutline(document, "root\n  a\n  z\n    p x=1 y=2\n      c\n        d\n      e");
  });

  it("T7 a node and then its parent removed in one mutation are two removals, each restored by itself", () => {
    for (const [first, then] of [
      ["p", "root\n  a\n  z\n  p\n    e"],
      ["c", "root\n  a\n  z\n  c\n    d"],
    ] as const) {
      const document = openDocument(FAMILY);
      document.by("ann", [remove("c"), remove("p")]);
      document.by("ann", move(first, "root"));
      expectOutline(document, then);
      document.by("ann", move(first === "p" ? "c" : "p", first));
      const whole = first === "p" ? "p\n    e\n    c\n      d" : "c\n    d\n    p\n      e";
      expectOutline(document, `root\n  a\n  z\n  ${whole}`);
    }
  });

  it("T7 a node may be restored into its own live neighbourhood, anchored to it", () => {
    const document = openDocument(FAMILY);
    document.by("ann", remove("p"));
    document.by("ann", move("p", "root", { after: "p", before: "z" }));
    expectOutline(document, FAMILY);
  });

  it("C5, C7 a child of a removed node moved within it comes back where that node stood", () => {
    const document = openDocument(FAMILY);
    document.by("ann", remove("p"));
    expect(answer(document.by("bob", move("e", "c"), { base: 0 }))).toEqual({ redirected: ["e"] });
    expectOutline(document, "root\n  a\n  e\n  z");
  });
});

describe("C3: cycles", () => {
  it("C3 a node into itself, into its child, and deep into its subtree: no event put it there, so none is named", () => {
    const document = openDocument(FAMILY);
    for (const target of ["p", "c", "d"]) {
      expect(answer(document.by("ann", move("p", target)))).toEqual({ code: "cycle", op: 0 });
    }
  });

  it("C3 names the latest of the events that put the target there", () => {
    const document = openDocument("root\n  a\n  b\n  c\n  d");
    document.by("ann", move("c", "b"));
    document.by("bob", move("b", "a"));
    document.by("ann", move("d", "c"));
    document.by("ann", update("b", { x: 1 }));
    expect(answer(document.by("cy", move("a", "c"), { base: 0 }))).toEqual({ code: "cycle", op: 0, seq: 2 });
    expect(answer(document.by("cy", move("a", "d"), { base: 0 }))).toEqual({ code: "cycle", op: 0, seq: 3 });
  });

  it("C3 a removed node into what was removed with it, or out of it before", () => {
    const document = openDocument("root\n  p\n    c\n      d\n    e");
    document.by("ann", remove("e"));
    document.by("ann", remove("p"));
    for (const target of ["c", "d", "e"])
      expect(answer(document.by("ann", move("p", target)))).toMatchObject({ code: "cycle" });
    expectOutline(document, "root");
  });

  it("C3 a live node into what was removed out of it: it would land inside itself", () => {
    const document = openDocument("root\n  p\n    c");
    document.by("ann", remove("c"));
    expect(answer(document.by("bob", move("p", "c"), { base: 0 }))).toMatchObject({ code: "cycle" });
  });

  it("C3 a cycle that a mutation made itself is not blamed on an event that is still to come", () => {
    const document = openDocument("root\n  a\n  b");
    const verdict = document.by("ann", [move("a", "b"), move("b", "a")]);
    expect(answer(verdict)).toMatchObject({ code: "cycle", op: 1 });
    const seq = verdict.ok ? undefined : verdict.seq;
    expect(seq ?? 0, "no event has this seq").toBeLessThanOrEqual(document.events.length);
  });
});
