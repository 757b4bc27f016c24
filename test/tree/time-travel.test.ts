import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyInverse, checkTree, createLayer, type Inverse, type NodeId, type Store } from "../../src/tree/index.ts";
import { insert, item, move, openDocument, remove, type TestDocument, update } from "./document.ts";
import { outline, recordsText } from "./outline.ts";
import { play } from "./play.ts";
import { history, type Step } from "./random-history.ts";
import { runs } from "./seed.ts";

const RUNS = 1_000;

describe("T9: inverses, newest first, restore every record", { timeout: 120_000 }, () => {
  it("T9 in a layer over the store, which is left as it is, and then in the store itself", () => {
    const travels = (steps: readonly Step[]) => {
      const { document, before } = record(steps);
      const now = document.text();
      const layer = createLayer(document.store);
      const ids = [...document.store.records()].map(({ id }) => id);
      travelBack(document, layer, before, () => textOf(layer, ids));
      expect(document.text(), "the base is untouched").toBe(now);
      travelBack(document, document.store, before, () => {
        expect(checkTree(document.store, document.store.records())).toEqual([]);
        return document.text();
      });
    };
    fc.assert(fc.property(history, travels), runs(RUNS));
  });

  it("T9 what an event did and undid in itself is undone too", () => {
    const document = openDocument("root\n  a\n    b\n    c\n  d");
    const before = document.text();
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
    expect(document.text()).toBe(before);
  });

  it("T9 an inverse without its marks is an ordinary operation that undoes the event for everyone", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    const before = outline(document.store);
    document.by("ann", [update("b", { x: 1 }), move("c", "a"), remove("a"), insert("d", "root")]);
    document.by("ann", document.events[0]?.inverse ?? []);
    expect(outline(document.store)).toBe(before);
  });

  it("T9, T3 undone so, a node goes before its old next where its old prev is gone", () => {
    for (const operation of [remove("b"), move("b", "a")]) {
      const document = openDocument("root\n  a\n  b\n  c");
      document.by("ann", operation);
      document.by("bob", [move("a", "c"), insert("d", "root", { after: null })]);
      document.by("ann", document.events[0]?.inverse ?? []);
      expect(outline(document.store)).toBe("root\n  d\n  b\n  c\n    a");
    }
  });

  it("T9, C6 the inverse of a removal that rescued something has the neighbours of that moment", () => {
    const document = openDocument("root\n  a\n  b\n  c");
    document.by("bob", insert("n", "b"));
    document.by("ann", [update("a", { x: 1 }), remove("b")], { base: 0 });
    expect(document.events[1]?.inverse.slice(0, 2)).toEqual([
      { op: "move", id: "b", parent: "root", after: "a", before: "n", was: { placed: 0 } },
      { op: "move", id: "n", parent: "b", after: null, before: null, was: { placed: 1 } },
    ]);
  });
});

/** Plays a history and keeps every record as it was before each event. */
function record(steps: readonly Step[]): { document: TestDocument; before: string[] } {
  const before: string[] = [];
  let document = openDocument("root");
  for (const turn of play(steps)) {
    if (turn.verdict.ok) before.push(turn.before);
    document = turn.document;
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

function textOf(store: Store, ids: readonly NodeId[]): string {
  return recordsText(
    store.size,
    ids.map((id) => store.get(id)).filter((record) => record !== undefined),
  );
}
