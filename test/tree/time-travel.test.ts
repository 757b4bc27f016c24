import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyInverse, checkTree, createLayer, type Inverse, type NodeId, type Store } from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { insert, item, move, openDocument, remove, type TestDocument, update } from "./document.ts";
import { inline, outline, treeText } from "./outline.ts";
import { play } from "./play.ts";
import { history, START, type Step } from "./random-history.ts";

const RUNS = 200;

describe("T9: inverses, newest first, restore the tree", { timeout: 120_000 }, () => {
  it("T9 in a layer over the store, which is left as it is, and then in the store itself", () => {
    const travels = (steps: readonly Step[]) => {
      const { document, before } = record(steps);
      const now = document.text();
      const ids = [...document.store.records()].map(({ id }) => id);
      // Who only reads the past needs no places in it.
      for (const layer of [createLayer(document.store, null), createLayer(document.store)]) {
        travelBack(document, layer, before, () => treeText(layer, recordsOf(layer, ids)));
      }
      expect(document.text(), "the base is untouched").toBe(now);
      travelBack(document, document.store, before, () => {
        expect(checkTree(document.store, document.store.records())).toEqual([]);
        return document.tree();
      });
    };
    fc.assert(fc.property(history, travels), runs(RUNS));
  });

  it("T9 what an event did and undid in itself is undone too", () => {
    const document = openDocument("root\n  a\n    b\n    c\n  d");
    const before = document.tree();
    document.by("ann", [
      remove("b"),
      remove("a"),
      move("b", "d"),
      update("c", { x: 1 }),
      move("a", "b"),
      insert("e", "a", { after: null }, [item("f")]),
      remove("f"),
      remove("d"),
      move("f", "root", { after: null }),
    ]);
    expect(outline(document.store)).toBe("root\n  f");
    for (const inverse of document.events[0]?.inverse ?? []) applyInverse(document.store, inverse);
    expect(document.tree()).toBe(before);
    expect(checkTree(document.store, document.store.records())).toEqual([]);
  });

  it("T9 what was restored inside something removed is removed again there", () => {
    const document = openDocument("root\n  a\n    b\n      c\n    d");
    document.by("ann", remove("b"));
    document.by("ann", remove("a"));
    const before = document.tree();
    document.by("ann", move("b", "a", { after: "b" }));
    expect(document.tree()).not.toBe(before);
    for (const inverse of document.events[2]?.inverse ?? []) applyInverse(document.store, inverse);
    expect(document.tree()).toBe(before);
    document.by("ann", move("a", "root"));
    expect(inline(outline(document.store))).toBe("root(a(d))");
    expect(checkTree(document.store, document.store.records())).toEqual([]);
  });

  it("T9 an inverse without its marks is an ordinary operation that undoes the event for everyone", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    const before = outline(document.store);
    document.by("ann", [update("b", { x: 1 }), move("c", "a"), remove("a"), insert("d", "root")]);
    document.by("ann", document.events[0]?.inverse ?? []);
    expect(outline(document.store)).toBe(before);
  });

  it("T9, T13 undone so, a node comes back to where it stood, wherever its neighbours are", () => {
    for (const operation of [remove("b"), move("b", "a")]) {
      const document = openDocument("root\n  a\n  b\n  c");
      document.by("ann", operation);
      document.by("bob", [move("a", "c"), insert("d", "root", { after: null })]);
      document.by("ann", document.events[0]?.inverse ?? []);
      expect(inline(outline(document.store))).toBe("root(d b c(a))");
      const both = openDocument("root\n  a\n  b\n  c\n  e");
      both.by("ann", operation);
      both.by("bob", [remove("c"), move("a", "e"), insert("d", "root", { before: "c" })]);
      both.by("ann", both.events[0]?.inverse ?? []);
      expect(inline(outline(both.store))).toBe("root(b d e(a))");
    }
  });

  it("T9, T13 the inverse of a removal, and of a move to another parent, is anchored to the node itself", () => {
    for (const operation of [remove("b"), move("b", "a")]) {
      const document = openDocument("root\n  a\n  b\n  c");
      document.by("ann", operation);
      expect(document.events[0]?.inverse).toEqual([
        { op: "move", id: "b", parent: "root", after: "b", before: "c", was: expect.objectContaining({ placed: 0 }) },
      ]);
    }
  });

  it("T9 the inverse of a move within a parent has the neighbours that it had", () => {
    const document = openDocument("root\n  a\n  b\n  c");
    document.by("ann", move("b", "root"));
    document.by("ann", move("c", "root", { after: null }));
    expect(document.events.map(({ inverse }) => inverse)).toMatchObject([
      [{ op: "move", id: "b", parent: "root", after: "a", before: "c", was: { placed: 0 } }],
      [{ op: "move", id: "c", parent: "root", after: "a", before: "b", was: { placed: 0 } }],
    ]);
  });

  it("T9, C6 the inverse of a removal that rescued something has the neighbours of that moment", () => {
    const document = openDocument("root\n  a\n  b\n    d\n  c");
    document.by("bob", insert("n", "b", { before: "d" }));
    document.by("ann", [update("a", { x: 1 }), remove("b")], { base: 0 });
    expect(document.events[1]?.inverse.slice(0, 2)).toMatchObject([
      { op: "move", id: "b", parent: "root", after: "b", before: "c", was: { placed: 0 } },
      { op: "move", id: "n", parent: "b", after: "n", before: "d", was: { placed: 1 } },
    ]);
    document.by("ann", document.events[1]?.inverse ?? []);
    expect(inline(outline(document.store))).toBe("root(a b(n d) c)");
  });
});

/** Plays a history and keeps the tree as it was before each event. */
function record(steps: readonly Step[]): { document: TestDocument; before: string[] } {
  const before: string[] = [];
  let document = openDocument(START);
  let now = document.tree();
  for (const turn of play(steps)) {
    document = turn.document;
    if (document.events.length > before.length) before.push(now);
    now = document.tree();
  }
  return { document, before };
}

function travelBack(document: TestDocument, store: Store, before: readonly string[], text: () => string): void {
  for (const { seq, inverse } of document.events.toReversed()) {
    // As the log keeps them.
    const list: Inverse[] = JSON.parse(JSON.stringify(inverse));
    for (const each of list) applyInverse(store, each);
    expect(text(), `before event ${seq}`).toBe(before[seq - 1]);
  }
}

function recordsOf(store: Store, ids: readonly NodeId[]) {
  return ids.map((id) => store.get(id)).filter((record) => record !== undefined);
}
