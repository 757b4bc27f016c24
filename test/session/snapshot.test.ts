import { describe, expect, it } from "vitest";
import { byteLength, LIMITS, type ServerMessage } from "../../src/protocol/index.ts";
import { applyEvent, forgetRemoved, fromRows, type MapStore, type NodeRow, toData } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { PLAIN } from "../tree/outline.ts";
import { infoOf } from "./life.ts";
import { find } from "./look.ts";
import { inShort, openRoom, parse, type Room, type Visitor } from "./room.ts";

/** A document of `count` nodes of a kibibyte, half of them in rows, half still only in the log. */
function largeRoom(count: number): Room {
  const text = "x".repeat(1_000);
  const nodes = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: PLAIN, attrs: { text } }));
  const half = count / 2;
  const room = openRoom({ id: "root", type: PLAIN, children: nodes.slice(0, half) });
  for (let start = half; start < count; start += 500) {
    const ops = nodes.slice(start, start + 500).map((node) => ({ op: "insert" as const, node, parent: "root" }));
    room.call(...ops);
  }
  return room;
}

function treeOf(messages: readonly ServerMessage[]): MapStore {
  const rows: NodeRow[] = [];
  let store: MapStore | null = null;
  for (const message of messages) {
    if (message.type === "snapshot") {
      expect(store, "no part comes after the last").toBe(null);
      rows.push(...message.nodes);
      if (message.done) store = fromRows(rows);
    }
    if (message.type !== "delta") continue;
    if (!store) throw new Error("events came before the snapshot was done");
    for (const event of message.events) {
      applyEvent(store, event);
      forgetRemoved(store, event.ops);
    }
  }
  if (!store) throw new Error("the snapshot was never done");
  expect(new Set(rows.map(([id]) => id)).size, "no node comes twice").toBe(rows.length);
  return store;
}

function storedTree(room: Room): object {
  const found = find(room.server);
  if (!found?.ok) throw new Error("the tree cannot be read");
  return toData(found.value.view);
}

/** Answers every sync as it comes, until nothing more comes. */
function readOn(visitor: Visitor): ServerMessage[] {
  const all: ServerMessage[] = [];
  for (;;) {
    const heard = visitor.hear();
    if (heard.length === 0) return all;
    all.push(...heard);
    for (const message of heard) if (message.type === "sync") visitor.send(message);
  }
}

describe("a snapshot", () => {
  it("S8 comes in parts of about 256 KiB, of which the last one says so", () => {
    const room = largeRoom(3_000);
    const ann = room.join("ann");
    const messages: ServerMessage[] = [];
    const sizes: number[] = [];
    for (let texts = ann.hearTexts(); texts.length > 0; texts = ann.hearTexts()) {
      for (const text of texts) {
        const message = parse(text);
        messages.push(message);
        if (message.type === "snapshot") sizes.push(byteLength(text));
        if (message.type === "sync") ann.send(message);
      }
    }
    const parts = messages.filter(({ type }) => type === "snapshot");
    expect(parts.length).toBeGreaterThanOrEqual(12);
    expect(parts.map((part) => part.type === "snapshot" && part.done)).toEqual([
      ...Array.from({ length: parts.length - 1 }, () => false),
      true,
    ]);
    for (const size of sizes.slice(0, -1)) {
      expect(size).toBeGreaterThanOrEqual(LIMITS.partBytes);
      expect(size).toBeLessThan(LIMITS.partBytes + 2_000);
    }
    expect(parts.every((part) => part.type === "snapshot" && part.seq === 3)).toBe(true);
    expect(toData(treeOf(messages))).toEqual(storedTree(room));
  });

  it("S8 S9 is paced by syncs: four parts, and then one for each answer", () => {
    const room = largeRoom(3_000);
    const ann = room.join("ann");
    expect(ann.hearShort()).toEqual([
      "welcome 3 snapshot",
      ...[1, 2, 3, 4].flatMap((n) => ["snapshot 3", `sync ${n}`]),
    ]);
    ann.send({ type: "sync", n: 1 });
    expect(ann.hearShort()).toEqual(["snapshot 3", "sync 5"]);
    ann.send({ type: "sync", n: 4 });
    expect(ann.hearShort()).toEqual([6, 7, 8].flatMap((n) => ["snapshot 3", `sync ${n}`]));
    // An answer that was given before changes nothing.
    ann.send({ type: "sync", n: 2 });
    expect(ann.hear()).toEqual([]);
  });

  it("S8 is the tree at its seq, whatever is committed and written meanwhile; then come the events after it", () => {
    const room = largeRoom(2_000);
    const ann = room.join("ann");
    const heard = ann.hear();
    const before = storedTree(room);
    const bob = room.enter("bob");
    let change = 0;
    const changeMuch = () => {
      for (let each = 0; each < 100; each++) {
        const id = `n${(change * 37) % 2_000}`;
        change++;
        if (change % 4 === 0) bob.mutate(update(id, { text: "short", change }));
        if (change % 4 === 1) bob.mutate(insert(`new${change}`, "root", { after: null }));
        if (change % 4 === 2) bob.mutate(move(id, `n${change % 10}`));
        if (change % 4 === 3) bob.mutate(remove(id));
      }
      bob.hear();
      room.settle();
    };
    for (;;) {
      changeMuch();
      const sync = heard.findLast(({ type }) => type === "sync");
      if (sync?.type !== "sync") throw new Error("a sync is owed");
      ann.send(sync);
      const more = ann.hear();
      heard.push(...more);
      if (!more.some(({ type }) => type === "snapshot")) break;
    }
    changeMuch();
    heard.push(...readOn(ann));
    const snapshotAlone = heard.filter(({ type }) => type === "snapshot");
    expect(toData(treeOf(snapshotAlone))).toEqual(before);
    expect(toData(treeOf(heard))).toEqual(storedTree(room));
  });

  it("S8 W8 what its client has mutated while it was on the way is answered, though it stands in the one begun anew", () => {
    const room = largeRoom(2_000);
    const ann = room.join("ann");
    ann.mutate(update("n1", { by: "ann" }));
    ann.mutate(remove("ghost"));
    ann.mutate(update("n1", { by: "ann" }));
    room.settle();
    const { seq } = infoOf(room);
    room.server.evict();
    const heard: ServerMessage[] = [];
    for (let messages = ann.hear(); messages.length > 0; messages = ann.hear()) {
      heard.push(...messages);
      for (const message of messages) if (message.type === "sync") ann.send(message);
    }
    const answers = heard.filter(({ type }) => type === "delta" || type === "reject" || type === "unchanged");
    expect(answers.map(inShort)).toEqual([`delta ${seq}`, "reject 2 notFound", `unchanged 3 ${seq}`]);
    expect(heard.findLast(({ type }) => type === "snapshot")).toMatchObject({ seq, done: true, mutation: 3 });
  });

  it("S8 starts anew after an eviction, at the seq of then", () => {
    const room = largeRoom(3_000);
    const ann = room.join("ann");
    ann.hear();
    room.call(update("n0", { x: 1 }));
    room.server.evict();
    ann.send({ type: "sync", n: 4 });
    const heard = [...ann.hear()];
    expect(heard[0]).toMatchObject({ type: "snapshot", seq: 4, done: false });
    for (const message of heard) if (message.type === "sync") ann.send(message);
    heard.push(...readOn(ann));
    expect(toData(treeOf(heard))).toEqual(storedTree(room));
    room.call(update("n0", { x: 2 }));
    expect(ann.hearShort()).toEqual(["delta 5"]);
  });

  it("S8 is not sent again when it was sent whole, though the server sleeps before the last sync is answered", () => {
    // Two nodes fill a part, and the last part makes the fourth sync due.
    const attrs = { text: "x".repeat(180_000) };
    const children = Array.from({ length: 8 }, (_, index) => ({ id: `n${index}`, type: PLAIN, attrs }));
    const room = openRoom({ id: "0", type: PLAIN, children });
    const ann = room.join("ann");
    expect(ann.hearShort().slice(-2)).toEqual(["snapshot 0 done", "sync 4"]);
    room.server.evict();
    room.call(update("n0", { x: 1 }));
    ann.send({ type: "sync", n: 4 });
    expect(ann.hearShort()[0]).toBe("delta 1");
  });

  it("S8 of a tree of one node is one part", () => {
    const room = openRoom(item("root"));
    expect(room.join("ann").hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  });

  it("S8 holds no removed nodes", () => {
    const room = openRoom(item("root", item("a", item("b")), item("c")));
    room.call(remove("a"));
    const [, snapshot] = room.join("ann").hear();
    if (snapshot?.type !== "snapshot") throw new Error("a snapshot comes second");
    expect(snapshot.nodes.map(([id]) => id).sort()).toEqual(["c", "root"]);
  });

  it("S8 a reader who leaves in the middle leaves nothing behind", () => {
    const room = largeRoom(3_000);
    for (let each = 0; each < 3; each++) {
      const ann = room.join(`c${each}`);
      ann.hear();
      ann.drop();
    }
    room.call(update("n0", { x: 1 }));
    const again = room.join("again");
    expect(toData(treeOf([...readOn(again)]))).toEqual(storedTree(room));
  });
});
