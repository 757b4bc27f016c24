import { describe, expect, it } from "vitest";
import { byteLength } from "../../src/protocol/index.ts";
import { applyEvent, fromRows, type MapStore, type NodeRow } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { outline } from "../tree/outline.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

const INCARNATION = "id0";
/** Those who join keep what is removed, unless it is said otherwise. */
const KEEPS = { keeps: 0 };
const MANY = 500;
const back = move("big", "root", { after: "big" });

/** `root(a big(500 rows) z)`. */
function openLarge(): Room {
  const rows = Array.from({ length: MANY }, (_, index) => item(`row${index}`));
  return openRoom(item("root", item("a"), item("big", ...rows), item("z")));
}

/** What one has who applies what it hears and keeps what is removed; `hear` gives back the sync that it was asked for last. */
function createFollower(): { hear(visitor: Visitor): number | null; outline(): string; readonly snapshots: number } {
  let tree: MapStore | null = null;
  let seq = -1;
  let rows: NodeRow[] = [];
  let part = -1;
  let snapshots = 0;
  return {
    hear(visitor) {
      let asked: number | null = null;
      for (const message of visitor.hear()) {
        if (message.type === "sync") asked = message.n;
        if (message.type === "snapshot") {
          if (part !== message.seq) rows = [];
          part = message.seq;
          rows.push(...message.nodes);
          if (!message.done) continue;
          tree = fromRows(rows);
          seq = message.seq;
          snapshots++;
        }
        if (message.type !== "delta" || !tree) continue;
        for (const event of message.events) {
          // W8: an older one is an answer.
          if (event.seq <= seq) continue;
          expect(event.seq).toBe(seq + 1);
          applyEvent(tree, event);
          seq = event.seq;
        }
      }
      return asked;
    },
    outline: () => (tree ? outline(tree) : ""),
    get snapshots() {
      return snapshots;
    },
  };
}

function enter(room: Room, client: string): Visitor {
  const visitor = room.join(client, KEEPS);
  visitor.hear();
  return visitor;
}

function truth(room: Room): string {
  const visitor = room.join("truth");
  const follower = createFollower();
  follower.hear(visitor);
  visitor.drop();
  return follower.outline();
}

describe("S16 a large branch that comes back", () => {
  it("T14 is one small frame for who has seen it go, whatever lies below it", () => {
    const room = openLarge();
    const ann = enter(room, "ann");
    for (const operation of [remove("big"), back]) {
      ann.mutate(operation);
      room.settle();
      const texts = ann.hearTexts();
      expect(texts.length).toBe(1);
      expect(byteLength(texts[0] ?? "")).toBeLessThan(400);
    }
  });

  it("is the tree anew for who came in between, and what follows comes after it", () => {
    const room = openLarge();
    const ann = enter(room, "ann");
    ann.mutate(remove("big"));
    room.settle();
    const bob = room.join("bob", KEEPS);
    const follower = createFollower();
    follower.hear(bob);
    expect(follower.outline()).toBe("root\n  a\n  z");
    ann.hear();
    ann.mutate(update("a", { x: 1 }), back);
    ann.mutate(insert("n", "big", { after: null }));
    room.settle();
    ann.mutate(update("row7", { late: 1 }));
    room.settle();
    expect(ann.hearShort().filter((each) => each.startsWith("snapshot"))).toEqual([]);
    follower.hear(bob);
    expect(follower.snapshots).toBe(2);
    expect(follower.outline()).toBe(truth(room));
    // It holds from now on what it has been sent.
    ann.mutate(remove("big"));
    ann.mutate(back);
    room.settle();
    follower.hear(bob);
    expect(follower.snapshots).toBe(2);
    expect(follower.outline()).toBe(truth(room));
  });

  it("S4 W8 is answered to its own author, too, where that one lacks it, without asking", () => {
    const room = openLarge();
    const ann = enter(room, "ann");
    ann.mutate(remove("big"));
    room.settle();
    const bob = enter(room, "bob");
    bob.send({
      type: "mutate",
      mutations: [
        { mutation: 1, ops: [update("z", { x: 1 })] },
        { mutation: 2, ops: [back] },
        { mutation: 3, ops: [remove("nobody")] },
        { mutation: 4, ops: [update("z", { x: 2 })] },
      ],
    });
    room.settle();
    const heard = bob.hear();
    expect(heard.filter(({ type }) => type === "snapshot").length).toBe(1);
    const answered = heard.flatMap((message) => {
      if (message.type === "reject") return [`reject ${message.mutation}`];
      return message.type === "delta" ? message.events.map(({ mutation }) => `event ${mutation}`) : [];
    });
    expect(answered.toSorted()).toEqual(["event 1", "event 2", "event 4", "reject 3"]);
  });

  it("S7 who resumes says what it keeps: with that it is a delta, without it the tree anew", () => {
    for (const [keeps, snapshots] of [
      [{ keeps: 0 }, 0],
      [{ keeps: 1 }, 1],
      [{}, 1],
    ] as const) {
      const room = openLarge();
      room.call(remove("big"));
      room.call(update("a", { x: 1 }));
      room.call(back);
      const bob = room.join("bob", { seq: 2, incarnation: INCARNATION, ...keeps });
      const heard = bob.hearShort();
      expect(heard.filter((each) => each.startsWith("snapshot")).length, JSON.stringify(keeps)).toBe(snapshots);
      expect(heard.at(-1)).toBe(snapshots === 0 ? "delta 3" : "snapshot 3 done");
    }
  });

  it("S7 who has missed both, the removal and the restore, needs neither", () => {
    const room = openLarge();
    room.call(update("a", { x: 1 }));
    room.call(remove("big"));
    room.call(back);
    expect(room.join("bob", { seq: 1, incarnation: INCARNATION, keeps: 1 }).hearShort()).toEqual([
      "welcome 3 delta",
      "delta 2-3",
    ]);
  });

  it("S9 who reads slowly comes to it in the log", () => {
    const room = openLarge();
    room.call(remove("big"));
    const bob = room.join("bob", KEEPS);
    const follower = createFollower();
    follower.hear(bob);
    const text = "x".repeat(300 * 1024);
    for (let count = 0; count < 6; count++) room.call(update("a", { text, count }));
    room.call(back);
    room.call(update("row3", { x: 1 }));
    for (let asked = follower.hear(bob); asked !== null; asked = follower.hear(bob))
      bob.send({ type: "sync", n: asked });
    expect(follower.snapshots).toBe(2);
    expect(follower.outline()).toBe(truth(room));
  });

  it("S8 after a hibernation the attachment still says what it keeps", () => {
    const room = openLarge();
    room.call(remove("big"));
    const bob = room.join("bob", KEEPS);
    const ann = room.join("ann", { seq: 0, incarnation: INCARNATION, ...KEEPS });
    const followers = [createFollower(), createFollower()] as const;
    followers[0].hear(bob);
    ann.hear();
    room.server.evict();
    room.call(back);
    room.settle();
    followers[0].hear(bob);
    expect(followers[0].snapshots).toBe(2);
    expect(followers[0].outline()).toBe(truth(room));
    // She has seen it go.
    expect(ann.hearShort()).toEqual(["delta 2"]);
  });

  it("is the tree anew for who never said that it keeps what is removed, each time", () => {
    const room = openLarge();
    const bob = room.enter("bob");
    for (let time = 0; time < 2; time++) {
      room.call(remove("big"));
      room.call(back);
      room.settle();
      expect(bob.hearShort()).toEqual([`delta ${2 * time + 1}`, `snapshot ${2 * time + 2} done`]);
    }
  });

  it("is the tree anew for one of those who lack it after the other, and what happens meanwhile comes once", () => {
    const room = openLarge();
    room.call(remove("big"));
    const visitors = Array.from({ length: 20 }, (_, index) => enter(room, `visitor${index}`));
    room.call(back);
    const told = () =>
      visitors.filter((visitor) => visitor.hearShort().some((each) => each.startsWith("snapshot"))).length;
    let turns = 0;
    const counts: number[] = [];
    for (; room.server.due !== null && turns < 100; turns++) {
      // Within the commit window: it is in memory before it is in the log.
      visitors[19]?.mutate(update("z", { turns }));
      room.server.fire();
      counts.push(told());
    }
    expect(Math.max(...counts)).toBe(1);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(20);
  });

  it("an attribute of that name is no restore", () => {
    const room = openLarge();
    room.call(remove("big"));
    const bob = enter(room, "bob");
    room.call(update("a", { restores: 1 }));
    expect(bob.hearShort()).toEqual(["delta 2"]);
  });

  it("T7 what comes back over and over in one mutation comes with no more content than a frame may have", () => {
    const rows = Array.from({ length: 63 }, (_, index) => ({
      ...item(`row${index}`.padEnd(128, "-")),
      type: "t".repeat(128),
    }));
    const room = openRoom(item("root", item("big", ...rows)));
    const bob = enter(room, "bob");
    const { ops } = room.call(...Array.from({ length: 2_000 }, () => [remove("big"), back]).flat());
    expect(ops.filter(({ op }) => op === "remove").length).toBe(2_000);
    expect(ops.filter(({ op }) => op === "insert").length).toBeLessThan(3_000);
    expect(bob.hearTexts().join("").length).toBeLessThan(2.5 * 1024 * 1024);
    expect(dataOf(room.server)).toMatchObject({ children: [{ id: "big", children: rows }] });
  });

  it("T7 one of 64 nodes comes with its content, for everyone, and one of 65 does not", () => {
    for (const [below, ops] of [
      [63, 64],
      [64, 1],
    ] as const) {
      const rows = Array.from({ length: below }, (_, index) => item(`row${index}`));
      const room = openRoom(item("root", item("big", ...rows)));
      room.call(remove("big"));
      const bob = enter(room, "bob");
      expect(room.call(back).ops.length).toBe(ops);
      room.settle();
      expect(bob.hearShort()).toEqual([ops === 1 ? "snapshot 2 done" : "delta 2"]);
    }
  });
});
