import { describe, expect, it } from "vitest";
import { insert, item, update } from "../tree/document.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

function busyRoom(): { room: Room; ann: Visitor; bob: Visitor; rows: () => number } {
  const room = openRoom(item("root", item("a")));
  const rows = () => room.server.sql.exec("SELECT first FROM events").length;
  return { room, ann: room.enter("ann"), bob: room.enter("bob"), rows };
}

describe("group commit", () => {
  it("S5 the first mutation of an idle document goes out at once, and opens a window of 0 ms", () => {
    const { room, ann, bob, rows } = busyRoom();
    expect(room.server.window).toBe(null);
    ann.mutate(update("a", { x: 1 }));
    expect([ann.hearShort(), bob.hearShort(), rows()]).toEqual([["delta 1"], ["delta 1"], 1]);
    expect(room.server.window).toBe(0);
  });

  it("S5 what arrives within the window shares one row and one frame, the same text for all", () => {
    const { room, ann, bob, rows } = busyRoom();
    ann.mutate(update("a", { x: 1 }));
    ann.hear();
    bob.hear();
    ann.mutate(update("a", { x: 2 }));
    bob.mutate(update("a", { x: 3 }));
    bob.mutate(insert("a", "root"));
    ann.mutate(update("a", { x: 4 }));
    bob.send({ type: "presence", data: "here" });
    // S2: it is decided, but nobody hears of it before it is in the log.
    expect([ann.hear(), bob.hear(), rows()]).toEqual([[], [], 1]);
    room.wait(1);
    const [annHears, bobHears] = [ann.hearTexts(), bob.hearTexts()];
    expect(bobHears.map((text) => text.slice(0, 16))).toEqual([
      '{"type":"reject"',
      '{"type":"delta",',
      '{"type":"presenc',
    ]);
    expect(annHears).toEqual(bobHears.slice(1));
    const delta = JSON.parse(annHears[0] ?? "");
    expect(delta.events.map(({ seq, client }: { seq: number; client: string }) => [seq, client])).toEqual([
      [2, "ann"],
      [3, "bob"],
      [4, "ann"],
    ]);
    expect(rows()).toBe(2);
  });

  const rounds = (room: Room, visitor: Visitor) => (mutations: number) => {
    for (let each = 0; each < mutations; each++) visitor.mutate(update("a", { each }));
    room.wait(room.server.window ?? 0);
    return room.server.window;
  };

  it("S6 the window grows up to 16 ms as long as a longer one gathers 1.75 times as much, and shrinks after one", () => {
    const { room, ann } = busyRoom();
    const round = rounds(room, ann);
    ann.mutate(update("a", { x: 0 }));
    expect([2, 4, 7, 13, 23, 41, 72].map(round)).toEqual([1, 2, 4, 8, 16, 16, 16]);
    // There is no window after one of 0 ms that nothing came in.
    expect([1, 1, 1, 1, 1, 1].map(round)).toEqual([8, 4, 2, 1, null, null]);
    // The first of three goes out at once then.
    expect([3, 1, 3, 4, 1].map(round)).toEqual([1, null, 1, 2, 1]);
  });

  it("S6 the window shrinks when a longer one gathers no more: those who write wait for their answers", () => {
    const { room, ann } = busyRoom();
    const round = rounds(room, ann);
    ann.mutate(update("a", { x: 0 }));
    expect([4, 7, 8, 8, 8, 8, 8].map(round)).toEqual([1, 2, 1, 2, 1, 2, 1]);
    // What a shorter one gathered under another load is forgotten as soon as it is tried again.
    expect([40, 70, 123, 5, 5, 5, 5].map(round)).toEqual([2, 4, 8, 4, 2, 1, null]);
    expect([6, 9, 16].map(round)).toEqual([1, 2, 4]);
  });

  it("S6 the timer goes off exactly when the window is over", () => {
    const { room, ann, bob } = busyRoom();
    ann.mutate(update("a", { x: 0 }));
    expect([2, 4, 7].map(rounds(room, ann))).toEqual([1, 2, 4]);
    bob.hear();
    ann.mutate(update("a", { x: 1 }));
    room.wait(3);
    expect(bob.hear()).toEqual([]);
    room.wait(1);
    expect(bob.hearShort()).toEqual(["delta 15"]);
  });

  it("S6 nothing waits when it closes empty, and the next one goes out at once", () => {
    const { room, ann, bob } = busyRoom();
    ann.mutate(update("a", { x: 1 }));
    room.wait(1);
    expect([room.server.window, room.server.due]).toEqual([null, null]);
    bob.hear();
    ann.mutate(update("a", { x: 2 }));
    expect(bob.hearShort()).toEqual(["delta 2"]);
  });

  it("S6 a window that closes empty makes the next one shorter", () => {
    const { room, ann } = busyRoom();
    ann.mutate(update("a", { x: 0 }));
    expect([2, 4, 7, 13].map(rounds(room, ann))).toEqual([1, 2, 4, 8]);
    room.wait(8);
    expect(room.server.window).toBe(null);
    ann.mutate(update("a", { x: 3 }));
    expect(room.server.window).toBe(4);
  });

  it("S5 what takes 64 KiB does not wait for the window", () => {
    const { room, ann, bob, rows } = busyRoom();
    const text = (digit: string) => update("a", { text: digit.repeat(25_000) });
    ann.mutate(update("a", { x: 1 }));
    ann.mutate(text("1"));
    ann.mutate(text("2"));
    expect(rows()).toBe(1);
    ann.mutate(text("3"));
    expect(rows()).toBeGreaterThan(1);
    expect(bob.hearShort().filter((short) => short.startsWith("delta"))).toEqual(["delta 1", "delta 2-4"]);
    expect(room.server.window).toBe(0);
    // What is committed counts no more: the next one waits again.
    ann.mutate(update("a", { x: 2 }));
    expect(bob.hear()).toEqual([]);
    room.wait(1);
    expect(bob.hearShort()).toEqual(["delta 5"]);
  });

  it("S5 whoever asks or joins meanwhile sees all that was decided, and it is in the log by then", () => {
    const { room, ann, bob, rows } = busyRoom();
    ann.mutate(update("a", { x: 1 }));
    bob.hear();
    ann.mutate(update("a", { x: 2 }));
    const cy = room.join("cy");
    expect(cy.hearShort()).toEqual(["welcome 2 snapshot", "snapshot 2 done"]);
    expect([bob.hearShort(), rows()]).toEqual([["delta 2"], 2]);
    ann.mutate(update("a", { x: 3 }));
    const info = room.server.ask((calls, now) => calls.info(now));
    expect(info).toMatchObject({ ok: true, value: { seq: 3, treeSize: 2 } });
    expect([bob.hearShort(), rows()]).toEqual([["delta 3"], 3]);
    room.settle();
    expect(bob.hear()).toEqual([]);
  });

  it("S2 finding a document tells its size at its seq, and not what waits", () => {
    const { room, ann } = busyRoom();
    ann.mutate(insert("b", "root"));
    ann.mutate(insert("c", "root"));
    const found = room.server.ask((calls, now) => calls.getOrStart({ options: {} }, now));
    if (!found?.ok) throw new Error("it is there");
    const { seq, treeSize } = found.value;
    expect([
      [1, 3],
      [2, 4],
    ]).toContainEqual([seq, treeSize]);
  });

  it("S1 every mutation takes the next seq, whoever makes it and however", () => {
    const { room, ann, bob } = busyRoom();
    const seqs: number[] = [];
    for (let each = 0; each < 20; each++) {
      ann.mutate(insert(`a${each}`, "root"));
      bob.mutate(insert(`a${each}`, "root"));
      seqs.push(room.call(update("a", { each })).seq);
      bob.mutate(insert(`b${each}`, "root"));
      room.wait(1);
    }
    for (const message of ann.hear()) {
      if (message.type === "delta") seqs.push(...message.events.map(({ seq }) => seq));
    }
    room.settle();
    for (const message of ann.hear()) {
      if (message.type === "delta") seqs.push(...message.events.map(({ seq }) => seq));
    }
    const unique = [...new Set(seqs)].sort((left, right) => left - right);
    expect(unique).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it("S1 the times of events never go back, though the clock does", () => {
    const { room, ann, bob } = busyRoom();
    ann.mutate(update("a", { x: 1 }));
    room.settle();
    room.server.now -= 5_000;
    ann.mutate(update("a", { x: 2 }));
    const times = bob.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(times.map(({ time }) => time - (times[0]?.time ?? 0))).toEqual([0, 0]);
  });
});
