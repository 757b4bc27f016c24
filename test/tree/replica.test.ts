import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyEvent,
  checkTree,
  commitLayer,
  createLayer,
  forgetRemoved,
  fromData,
  fromRows,
  type MapStore,
  toRows,
} from "../../src/tree/index.ts";
import { type DocumentEvent, insert, move, openDocument, remove, type TestDocument, update } from "./document.ts";
import { outline, recordsText } from "./outline.ts";
import { play, playAll } from "./play.ts";
import { history, START, type Step } from "./random-history.ts";
import { runs } from "./seed.ts";

const RUNS = 1_000;

describe("T8: whoever applies the events has the tree", { timeout: 120_000 }, () => {
  it("T8 a replica that drops removed nodes has the same live tree after every event", () => {
    const follows = (steps: readonly Step[]) => {
      const replica = newStore();
      for (const { verdict, document } of play(steps)) {
        if (!verdict.ok) continue;
        follow(replica, lastEvent(document));
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
        if (replica && verdict.ok) follow(replica, lastEvent(document));
        if (++turns === at) replica = fromRows(shuffled(overTheWire([...toRows(document.store)]), shuffle));
        if (replica) expectSameLiveTree(replica, document.store);
      }
    };
    fc.assert(fc.property(history, fc.integer({ min: 1, max: 40 }), fc.nat(), joins), runs(RUNS / 4));
  });

  it("T8 a store that replays all events, and keeps removed nodes, has every record again", () => {
    const reloads = (steps: readonly Step[]) => {
      const document = playAll(steps);
      const store = newStore();
      for (const event of overTheWire(document.events)) applyEvent(store, event);
      expect(recordsText(store.size, store.records())).toBe(document.text());
    };
    fc.assert(fc.property(history, reloads), runs(RUNS));
  });

  it("T8 a replica may apply an event in a layer first, and commit it", () => {
    const layers = (steps: readonly Step[]) => {
      const replica = newStore();
      for (const event of playAll(steps).events) {
        const before = recordsText(replica.size, replica.records());
        const layer = createLayer(replica);
        applyEvent(layer, event);
        forgetRemoved(layer, event.ops);
        expect(recordsText(replica.size, replica.records()), "nothing is written before the commit").toBe(before);
        commitLayer(layer, replica);
      }
      expectSameLiveTree(replica, playAll(steps).store);
    };
    fc.assert(fc.property(history, layers), runs(RUNS / 4));
  });

  it("T8 forgets what an event removed, but nothing that it brought back", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    document.by("ann", [remove("a"), update("b", { x: 1 }), move("b", "root"), remove("c"), move("c", "b")]);
    document.by("bob", [insert("d", "c"), remove("b"), move("d", "root")]);
    const replica = openDocument("root\n  a\n    b\n  c").store;
    for (const event of document.events) follow(replica, event);
    expectSameLiveTree(replica, document.store);
    expect(outline(replica)).toBe("root\n  d");
    expect([...replica.records()].map(({ id }) => id)).toEqual(["root", "d"]);
  });

  it("T8 forgets a node that was removed, restored and removed again with another", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    document.by("ann", [remove("b"), move("b", "c"), remove("c")]);
    const replica = openDocument("root\n  a\n    b\n  c").store;
    for (const event of document.events) follow(replica, event);
    expectSameLiveTree(replica, document.store);
  });
});

function newStore(): MapStore {
  return fromData(START, () => "");
}

/** What a replica does with an event that it gets. */
function follow(replica: MapStore, event: DocumentEvent): void {
  const { seq, ops } = overTheWire(event);
  applyEvent(replica, { seq, ops });
  forgetRemoved(replica, ops);
}

/** As JSON makes it: nothing undefined, nothing shared. */
function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function lastEvent({ events }: TestDocument): DocumentEvent {
  const event = events.at(-1);
  if (!event) throw new Error("nothing was committed");
  return event;
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
