import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { look } from "../support/writer.ts";
import { item, remove, update } from "../tree/document.ts";
import { begin, infoOf, storedSeq } from "./life.ts";
import type { Room, Visitor } from "./room.ts";

const TEXT = "x".repeat(1_000_000);

/** A document with so many nodes of a megabyte, none of which is in memory, and someone in it. */
function large(count: number): { room: Room; ann: Visitor } {
  const children = Array.from({ length: count }, (_, index) => ({ ...item(`n${index}`), attrs: { text: TEXT } }));
  const room = begin({ sweepInterval: null, snapshotInterval: null }, item("root", ...children));
  const ann = room.join("ann", { keeps: 0 });
  for (let heard = ann.hear(); heard.length > 0; heard = ann.hear()) {
    for (const message of heard) if (message.type === "sync") ann.send(message);
  }
  room.settle();
  room.server.evict();
  return { room, ann };
}

function frameOf(ann: Visitor, ops: readonly Operation[]): void {
  ann.send({ type: "mutate", mutations: ops.map((op, index) => ({ mutation: index + 1, ops: [op] })) });
}

describe("what a frame changes", () => {
  it("B61 is told as held as long as it is in memory alone, and so is what waits for its turn", () => {
    const { room, ann } = large(40);
    const before = room.server.held;
    frameOf(
      ann,
      Array.from({ length: 10 }, (_, index) => update(`n${index}`, { x: index })),
    );
    const changed = room.server.held;
    expect(changed - before).toBeGreaterThan(10 * TEXT.length);
    const bob = room.enter("bob");
    const frame = JSON.stringify({
      type: "mutate",
      mutations: Array.from({ length: 256 }, (_, at) => ({
        mutation: at + 1,
        ops: [update("n1", { y: "y".repeat(3_000) })],
      })),
    });
    room.server.message(bob.id, frame);
    expect(room.server.held - changed).toBeGreaterThan(frame.length / 2);
    room.settle();
    frameOf(ann, [update("n30", { x: 1 })]);
    room.server.evict();
    expect(room.server.held).toBe(0);
  });

  it("B30 is committed and written in the middle of the frame, whenever it comes to 16 MiB", () => {
    const { room, ann } = large(40);
    const rowsOf = () => room.server.sql.peek("SELECT count(*) AS n FROM nodes WHERE attrs LIKE '%\"x\":%'")[0]?.n;
    frameOf(
      ann,
      Array.from({ length: 40 }, (_, index) => update(`n${index}`, { x: index })),
    );
    // Before the window closes.
    expect(rowsOf()).toBeGreaterThanOrEqual(17);
    expect(storedSeq(room)).toBeGreaterThanOrEqual(34);
    room.settle();
    const deltas = ann.hear().flatMap((message) => (message.type === "delta" ? [message.events.length] : []));
    expect(Math.max(...deltas)).toBeLessThanOrEqual(17);
    expect(deltas.reduce((sum, each) => sum + each)).toBe(40);
    expect(ann.closed).toBe(null);
    expect(infoOf(room).seq).toBe(40);
    room.server.evict();
    const kept = look(room.server.sql);
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    expect(numbers.map((index) => kept?.nodes.get(`n${index}`)?.attrs.x)).toEqual(numbers);
  });

  it("B30 what is small as text and large in memory counts as that", () => {
    const room = begin(
      { sweepInterval: null, snapshotInterval: null },
      item("root", ...Array.from({ length: 600 }, (_, at) => item(`n${at}`))),
    );
    const deep = Array.from({ length: 1_200 }, () => []);
    for (let at = 0; at < 600; at++) room.call(update(`n${at}`, { deep }));
    expect(storedSeq(room)).toBeGreaterThan(200);
  });

  it("B30 or the calls that come one by one: 12 MiB are due", () => {
    const { room } = large(20);
    const seqs = Array.from({ length: 20 }, (_, index) => {
      room.call(update(`n${index}`, { x: index }));
      return storedSeq(room);
    });
    expect(seqs).toEqual([...Array(12).fill(0), ...Array(8).fill(13)]);
  });
});

describe("a snapshot under way", () => {
  it("B40 that too much has changed of begins anew, and nobody is closed", () => {
    const children = Array.from({ length: 40 }, (_, index) => ({ ...item(`n${index}`), attrs: { text: TEXT } }));
    const room = begin({ sweepInterval: null, snapshotInterval: null }, item("root", ...children));
    room.server.evict();
    const readers = Array.from({ length: 6 }, (_, index) => room.join(`r${index}`));
    const first = readers.map((reader) => reader.hear());
    for (let index = 0; index < 30; index++) room.call({ op: "update", id: `n${index}`, unset: ["text"] });
    for (const [index, reader] of readers.entries()) {
      const heard = first[index] ?? [];
      for (let read = 0; read < heard.length; read++) {
        const message = heard[read];
        if (message?.type === "sync") reader.send(message);
        heard.push(...reader.hear());
      }
      const seqs = heard.flatMap((message) => (message.type === "snapshot" ? message.seq : []));
      expect([Math.min(...seqs), Math.max(...seqs), reader.closed]).toEqual([0, 30, null]);
      expect(heard.findLast(({ type }) => type === "snapshot")).toMatchObject({ seq: 30, done: true });
    }
  });
});

describe("a snapshot that is overtaken again and again", () => {
  /** Someone who is sent a large tree, and how much of it changes between two parts of it. */
  function slow(): { ann: Visitor; overtake: () => void; readOn: () => void } {
    const children = Array.from({ length: 40 }, (_, index) => ({ ...item(`n${index + 10}`), attrs: { text: TEXT } }));
    const room = begin({ sweepInterval: null, snapshotInterval: null }, item("root", ...children));
    room.server.evict();
    const ann = room.join("ann");
    let round = 0;
    return {
      ann,
      overtake() {
        for (let id = 30; id < 50; id++) room.call(update(`n${id}`, { round }));
        round++;
      },
      readOn() {
        for (const message of ann.hear()) if (message.type === "sync") ann.send(message);
      },
    };
  }

  it("B40 begins anew 8 times in a row, and then who reads it is too slow", () => {
    const { ann, overtake, readOn } = slow();
    for (let each = 0; each < 8; each++) {
      overtake();
      readOn();
      expect(ann.closed).toBe(null);
    }
    overtake();
    readOn();
    expect(ann.closed?.code).toBe(4008);
    expect(ann.hear().at(-1)).toMatchObject({ type: "error", code: "tooSlow" });
  });

  it("B40 is sent whole where it ends before that", () => {
    const { ann, overtake, readOn } = slow();
    for (let each = 0; each < 7; each++) {
      overtake();
      readOn();
    }
    let last: unknown;
    for (let heard = ann.hear(); heard.length > 0; heard = ann.hear()) {
      for (const message of heard) {
        if (message.type === "sync") ann.send(message);
        if (message.type === "snapshot") last = message.done;
      }
    }
    expect([last, ann.closed]).toEqual([true, null]);
  });
});

describe("what a client was refused", () => {
  it("B34 is kept within 16 KiB: the oldest answers are let go", () => {
    const room = begin();
    const ann = room.enter("ann");
    const ghosts = Array.from({ length: 256 }, (_, index) => remove(`${"g".repeat(110)}${index}`));
    frameOf(ann, ghosts);
    room.settle();
    expect(ann.hearShort().filter((short) => short.startsWith("reject"))).toHaveLength(256);
    const [row] = room.server.sql.exec("SELECT rejections FROM clients");
    const { answers }: { answers: { mutation: number }[] } = JSON.parse(String(row?.rejections));
    const bytes = answers.reduce((sum, answer) => sum + JSON.stringify(answer).length, 0);
    expect(bytes).toBeLessThanOrEqual(LIMITS.answersKeptBytes);
    expect(bytes + 210).toBeGreaterThan(LIMITS.answersKeptBytes);
    // What was let go is not known any more, what was kept is told again.
    const again = (mutation: number) => ann.send({ type: "mutate", mutations: [{ mutation, ops: [remove("ghost")] }] });
    for (const each of [answers[0]?.mutation ?? 0, (answers[0]?.mutation ?? 0) - 1]) again(each);
    room.settle();
    expect(ann.hearShort().map((short) => short.split(" ")[2])).toEqual(["notFound", "expired"]);
  });

  it("B34 says no more than 300 characters", () => {
    const room = begin({ conflicts: "reject" }, item("root", item("a")));
    const ann = room.enter("ann");
    for (let each = 0; each < 10; each++) {
      room.call({ op: "insert", node: { id: `${"x".repeat(120)}${each}`, type: "n" }, parent: "a" });
    }
    room.settle();
    ann.hear();
    ann.send({ type: "mutate", mutations: [{ mutation: 1, base: 0, ops: [remove("a")] }] });
    room.settle();
    const [answer] = ann.hear();
    expect(answer).toMatchObject({ type: "reject", code: "unseen" });
    expect(answer?.type === "reject" && answer.message.length).toBe(301);
  });

  it("B34 one who is behind is closed before an answer to it is let go", () => {
    const { room, ann } = large(1);
    const bob = room.enter("bob");
    // It reads nothing from now on.
    for (let each = 0; each < 6; each++) room.call(update("n0", { text: TEXT, each }));
    room.settle();
    ann.hear();
    bob.hear();
    let counter = 0;
    while (!ann.closed && counter < 256) {
      ann.send({ type: "mutate", mutations: [{ mutation: ++counter, ops: [remove("g".repeat(120))] }] });
      room.settle();
    }
    expect(ann.closed?.code).toBe(4008);
    const [row] = room.server.sql.exec("SELECT rejections FROM clients WHERE id = 'ann'");
    const { answers }: { answers: { mutation: number }[] } = JSON.parse(String(row?.rejections));
    expect(answers.map(({ mutation }) => mutation)).toEqual(Array.from({ length: counter }, (_, index) => index + 1));
  });
});
