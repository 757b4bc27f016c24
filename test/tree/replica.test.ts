import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyEvent,
  checkTree,
  commitLayer,
  createLayer,
  createPlaces,
  forgetRemoved,
  fromData,
  fromRows,
  type MapStore,
  type NodeData,
  PROVENANCE,
  type Store,
  toRows,
} from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { insert, move, openDocument, remove, SALT, type TestDocument, update } from "./document.ts";
import { fromOutline, inline, outline, recordsText } from "./outline.ts";
import { play, playAll } from "./play.ts";
import { history, START, type Step } from "./random-history.ts";

const RUNS = 200;

describe("T8: whoever applies the events has the tree", { timeout: 120_000 }, () => {
  it("T8 a replica that drops removed nodes has the same live tree after every event", () => {
    const follows = (steps: readonly Step[]) => {
      let replica = newStore();
      for (const { verdict, document } of play(steps)) {
        if (!verdict.ok || verdict.ops.length === 0) continue;
        replica = follow(replica, document);
        expectSameLiveTree(replica, document.store);
      }
    };
    fc.assert(fc.property(history, follows), runs(RUNS));
  });

  it("T8 a replica that starts from the rows of a snapshot, in any order, follows from there", () => {
    const joins = (steps: readonly Step[], at: number, shuffle: number) => {
      let replica: MapStore | undefined;
      let turns = 0;
      for (const { verdict, document } of play(steps)) {
        if (replica && verdict.ok && verdict.ops.length > 0) replica = follow(replica, document);
        if (++turns === at) replica = fromRows(shuffled(overTheWire([...toRows(document.store)]), shuffle));
        if (replica) expectSameLiveTree(replica, document.store);
      }
    };
    fc.assert(fc.property(history, fc.integer({ min: 1, max: 40 }), fc.nat(), joins), runs(RUNS / 4));
  });

  it("T8, T13 a store that replays all events, and keeps removed nodes and places, has every record again", () => {
    const reloads = (steps: readonly Step[]) => {
      const document = playAll(steps);
      const store = fromData(START, () => "", createPlaces(SALT), PROVENANCE);
      for (const event of overTheWire(document.events)) applyEvent(store, event);
      expect(recordsText(store.size, store.records())).toBe(document.text());
    };
    fc.assert(fc.property(history, reloads), runs(RUNS));
  });

  it("T8 a store that replays all events and keeps removed nodes, but no places, has the same live tree", () => {
    const keeps = (steps: readonly Step[]) => {
      const store = newStore();
      for (const { verdict, document } of play(steps)) {
        const event = document.events.at(-1);
        if (!verdict.ok || verdict.ops.length === 0 || !event) continue;
        applyEvent(store, overTheWire(event));
        expect(outline(store)).toBe(outline(document.store));
        expect(store.size).toBe(document.store.size);
      }
      expect(checkTree(store, store.records())).toEqual([]);
    };
    fc.assert(fc.property(history, keeps), runs(RUNS / 4));
  });

  it("T8 a replica may apply an event in a layer first, and commit it", () => {
    const layers = (steps: readonly Step[]) => {
      let replica = newStore();
      for (const { verdict, document } of play(steps)) {
        if (!verdict.ok || verdict.ops.length === 0) continue;
        const before = recordsText(replica.size, replica.records());
        const layer = createLayer(replica);
        const follows = applied(layer, document);
        expect(recordsText(replica.size, replica.records()), "nothing is written before the commit").toBe(before);
        if (follows) commitLayer(layer, replica);
        else replica = anew(document);
      }
      expectSameLiveTree(replica, playAll(steps).store);
    };
    fc.assert(fc.property(history, layers), runs(RUNS / 4));
  });

  it("T8 forgets what an event removed, but nothing that it brought back", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    let replica = fromData(fromOutline("root\n  a\n    b\n  c"), () => "");
    document.by("ann", [remove("a"), update("b", { x: 1 }), move("b", "root"), remove("c"), move("c", "b")]);
    replica = follow(replica, document);
    document.by("bob", [insert("d", "c"), remove("b"), move("d", "root")]);
    replica = follow(replica, document);
    expectSameLiveTree(replica, document.store);
    expect(outline(replica)).toBe("root\n  d");
    expect([...replica.records()].map(({ id }) => id)).toEqual(["root", "d"]);
  });

  it("T8 forgets a node that was removed, restored and removed again with another", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    document.by("ann", [remove("b"), move("b", "c"), remove("c")]);
    const replica = follow(
      fromData(fromOutline("root\n  a\n    b\n  c"), () => ""),
      document,
    );
    expectSameLiveTree(replica, document.store);
  });

  it("T8, T13 where something gone stands between, a replica without it puts a node between the same live ones", () => {
    const document = openDocument("root\n  a\n  b\n  c\n  d");
    let replica = fromData(fromOutline("root\n  a\n  b\n  c\n  d"), () => "");
    for (const operation of [
      remove("b"),
      move("c", "d"),
      insert("n", "root", { after: "b" }),
      insert("m", "root", { before: "b" }),
      insert("o", "root", { after: "c" }),
    ]) {
      document.by("ann", operation);
      replica = follow(replica, document);
      expectSameLiveTree(replica, document.store);
    }
    expect(inline(outline(replica))).toBe("root(a m n o d(c))");
  });

  it("T7 a small branch comes back as inserts with its content; a large one as one move that names the removal", () => {
    const document = openDocument("root\n  a\n    b");
    document.by("ann", { op: "insert", node: bush("l", 65), parent: "root" });
    document.by("ann", { op: "insert", node: bush("s", 64), parent: "root" });
    document.by("ann", {
      op: "insert",
      node: { id: "h", type: "item", attrs: { x: "x".repeat(8 * 1024) } },
      parent: "a",
    });
    document.by("ann", [remove("l"), remove("s"), remove("h")]);
    for (const [id, parent] of [
      ["l", "root"],
      ["s", "root"],
      ["h", "a"],
    ] as const) {
      document.by("bob", move(id, parent));
    }
    const [large, small, heavy] = document.events.slice(-3).map(({ ops }) => ops);
    expect(large).toMatchObject([{ op: "move", id: "l", parent: "root", after: "a", restores: 4 }]);
    expect(small).toHaveLength(64);
    expect(new Set(small?.map(({ op }) => op))).toEqual(new Set(["insert"]));
    expect(small?.[1]).toMatchObject({ node: { id: "s-0", type: "item" }, parent: "s", after: null });
    expect(heavy).toMatchObject([{ op: "move", id: "h", parent: "a", after: "b", restores: 4 }]);
    expect(document.store.size).toBe(1 + 2 + 65 + 64 + 1);
  });
});

function newStore(): MapStore {
  return fromData(START, () => "");
}

/** A node with so many in all, the others its children. */
function bush(id: string, count: number): NodeData {
  const children = Array.from({ length: count - 1 }, (_, index) => ({ id: `${id}-${index}`, type: "item" }));
  return { id, type: "item", children };
}

/** What a replica does with the last event of a document: it applies it, or begins anew (R8). */
function follow(replica: MapStore, document: TestDocument): MapStore {
  const layer = createLayer(replica);
  if (!applied(layer, document)) return anew(document);
  commitLayer(layer, replica);
  return replica;
}

/** Applies the last event; false where that brings back what a replica has let go of, and cannot know. */
function applied(replica: Store, { events }: TestDocument): boolean {
  const event = events.at(-1);
  if (!event) throw new Error("nothing was committed");
  const { seq, ops } = overTheWire(event);
  try {
    applyEvent(replica, { seq, ops });
  } catch (error) {
    if (ops.some((effect) => effect.op === "move" && effect.restores !== undefined)) return false;
    throw error;
  }
  forgetRemoved(replica, ops);
  return true;
}

function anew({ store }: TestDocument): MapStore {
  return fromRows(overTheWire([...toRows(store)]));
}

/** As JSON makes it: nothing undefined, nothing shared. */
function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function expectSameLiveTree(replica: MapStore, store: MapStore): void {
  expect(outline(replica)).toBe(outline(store));
  expect(replica.size).toBe(store.size);
  const records = [...replica.records()];
  expect(records.length, "no removed node is kept").toBe(store.size);
  expect(checkTree(replica, records)).toEqual([]);
}

/** An order that depends on a number alone. */
function shuffled<T>(list: readonly T[], by: number): T[] {
  const keyed = list.map((value, index) => ({ value, key: Math.imul(index + 1, (by | 1) * 2654435761) >>> 0 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
