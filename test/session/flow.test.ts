import { describe, expect, it } from "vitest";
import { byteLength, LIMITS } from "../../src/protocol/index.ts";
import { item, update } from "../tree/document.ts";
import { openRoom, parse } from "./room.ts";
import { commit, eventsOf, KiB, stall } from "./traffic.ts";

describe("flow control", () => {
  it("S9 a sync follows the frame that fills 256 KiB, exactly", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.join("ann");
    let bytes = 0;
    const heard: string[] = [];
    for (let each = 0; each < 60; each++) {
      heard.push(...ann.hearTexts());
      commit(room, 20 * KiB + each);
    }
    heard.push(...ann.hearTexts());
    let syncs = 0;
    for (const text of heard) {
      if (parse(text).type === "sync") {
        expect(bytes, `sync ${syncs}`).toBeGreaterThanOrEqual(LIMITS.syncBytes);
        expect(parse(text)).toEqual({ type: "sync", n: ++syncs });
        bytes = 0;
      } else {
        expect(bytes).toBeLessThan(LIMITS.syncBytes);
        bytes += byteLength(text);
      }
    }
    expect(syncs).toBe(4);
  });

  it("S9 bytes are bytes of UTF-8", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    room.call(update("a", { text: "木".repeat(90_000) }));
    expect(ann.hearShort()).toEqual(["delta 1", "sync 1"]);
  });

  it("S9 with four unanswered nothing more is sent, and with one answered again something", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    for (let each = 0; each < 3; each++) commit(room, 10);
    expect(ann.hear()).toEqual([]);
    ann.send({ type: "sync", n: 1 });
    expect(ann.hearShort()).toEqual(["delta 5", "sync 5"]);
    ann.send({ type: "sync", n: 2 });
    expect(eventsOf(ann)).toEqual([6, 7, 8]);
  });

  it("S9 three unanswered hinder nothing", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    for (let each = 0; each < 3; each++) commit(room, 300 * KiB);
    commit(room, 10);
    expect(ann.hearShort()).toEqual(["delta 1", "sync 1", "delta 2", "sync 2", "delta 3", "sync 3", "delta 4"]);
    for (let each = 0; each < 10; each++) commit(room, 300 * KiB);
    expect(ann.hearShort()).toEqual(["delta 5", "sync 4"]);
  });

  it("S9 who answers is never behind, however much comes", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    for (let each = 1; each <= 40; each++) {
      commit(room, 300 * KiB);
      expect(ann.hearShort()).toEqual([`delta ${each}`, `sync ${each}`]);
      ann.send({ type: "sync", n: each });
    }
  });

  it("S9 little is sent to who reads nothing while 20 MB are committed, and all of it once it reads", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    let sent = 0;
    const seqs: number[] = [];
    const hear = () => {
      for (const text of ann.hearTexts()) {
        sent += byteLength(text);
        const message = parse(text);
        if (message.type === "delta") seqs.push(...message.events.map(({ seq }) => seq));
        if (message.type === "sync") synced = message.n;
      }
    };
    let synced = 0;
    let answered = 0;
    const count = 200;
    for (let each = 0; each < count; each++) {
      commit(room, 100 * KiB);
      for (const message of bob.hear()) if (message.type === "sync") bob.send(message);
      hear();
    }
    expect(sent).toBeLessThan(4 * LIMITS.syncBytes + 4 * 110 * KiB);
    const before = sent;
    // It reads on at its own pace; never more than four parts are under way.
    while (answered < synced) {
      ann.send({ type: "sync", n: ++answered });
      const start = sent;
      hear();
      expect(sent - start).toBeLessThan(LIMITS.syncBytes + 110 * KiB);
    }
    expect(sent).toBeGreaterThan(before + 18_000_000);
    expect(seqs).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    commit(room, 10);
    expect(eventsOf(ann), "it is live again").toEqual([count + 1]);
  });

  it("S9 after 30 s it is closed with 4008 at the next commit, and not before", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    stall(room, ann);
    bob.send({ type: "sync", n: 4 });
    room.wait(LIMITS.syncTimeout);
    commit(room, 10);
    expect(ann.closed).toBe(null);
    room.wait(1);
    expect(ann.closed).toBe(null);
    commit(room, 10);
    expect([ann.hearShort(), ann.closed?.code]).toEqual([["error tooSlow"], 4008]);
    expect([bob.closed, eventsOf(bob).at(-1)]).toEqual([null, 7]);
    // Those 30 s go on over a hibernation, and its way back is the log.
    const again = room.join("ann", { seq: 4, incarnation: "id0" });
    expect(again.hearShort()[0]).toBe("welcome 7 delta");
  });

  it("S9 the 30 s go on over a hibernation", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    room.server.evict();
    room.wait(LIMITS.syncTimeout + 1);
    commit(room, 10);
    expect(ann.closed?.code).toBe(4008);
  });

  it("S9 who reads slowly and steadily is not closed: a snapshot may take longer than 30 s", () => {
    const children = Array.from({ length: 20 }, (_, index) => ({
      ...item(`n${index}`),
      attrs: { text: "x".repeat(260 * KiB) },
    }));
    const room = openRoom(item("root", item("a"), ...children));
    const ann = room.join("ann");
    for (let n = 1; n <= 16; n++) {
      ann.hear();
      room.wait(10_000);
      ann.send({ type: "sync", n });
      room.call(update("a", { n }));
      expect(ann.closed, `after ${n * 10} s`).toBe(null);
    }
  });

  it("S9 who reads slowly and steadily is not closed: catching up may take longer than 30 s", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    for (let each = 0; each < 24; each++) commit(room, 300 * KiB);
    for (let n = 1; n <= 16; n++) {
      ann.hear();
      room.wait(10_000);
      ann.send({ type: "sync", n });
      commit(room, 10);
      expect(ann.closed, `after ${n * 10} s`).toBe(null);
    }
  });

  it("S9 an answer that comes after its time closes, and nothing follows the close", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    commit(room, 10);
    room.wait(LIMITS.syncTimeout + 1);
    ann.send({ type: "sync", n: 4 });
    // The room throws when something is sent to a socket that was closed.
    const heard = ann.hearShort();
    if (ann.closed) expect(heard).toEqual(["error tooSlow"]);
    else expect(heard).toEqual(["delta 5", "sync 5", "delta 6"]);
  });

  it("S9 a snapshot that was given up is not held any more", () => {
    const children = Array.from({ length: 20 }, (_, index) => ({
      ...item(`n${index}`),
      attrs: { text: "x".repeat(260 * KiB) },
    }));
    const room = openRoom(item("root", item("a"), ...children));
    const ann = room.join("ann");
    ann.hear();
    room.wait(LIMITS.syncTimeout + 1);
    ann.send({ type: "sync", n: 4 });
    expect(ann.closed === null || ann.hearShort().at(-1) === "error tooSlow").toBe(true);
  });

  it("S9 who reads nothing is sent no more after a while, though the server sleeps after every little frame", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    let syncs = 0;
    // How much a wake-up counts for is not the point: there is an end to it.
    for (let each = 0; each < 1_000 && syncs < 4; each++) {
      commit(room, 100);
      room.server.evict();
      syncs += ann.hear().filter(({ type }) => type === "sync").length;
    }
    expect(syncs).toBe(4);
    commit(room, 100);
    expect(ann.hear()).toEqual([]);
  });

  it("S9 nor is it sent much more than without any sleep, where frames are larger", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    let sent = 0;
    for (let each = 0; each < 100; each++) {
      commit(room, 100 * KiB);
      room.server.evict();
      for (const text of ann.hearTexts()) sent += byteLength(text);
    }
    expect(sent).toBeLessThan(2 * 4 * LIMITS.syncBytes);
  });

  it("S9 a stalled subscriber is no hindrance to the others", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    for (let each = 1; each <= 20; each++) {
      commit(room, 300 * KiB);
      expect(bob.hearShort()).toEqual([`delta ${each}`, `sync ${each}`]);
      bob.send({ type: "sync", n: each });
    }
    expect(eventsOf(ann)).toEqual([1, 2, 3, 4]);
  });
});
