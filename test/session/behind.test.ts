import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { insert, item, remove, update } from "../tree/document.ts";
import { openRoom, READER } from "./room.ts";
import { commit, eventsOf, KiB, nearlyStall, stall } from "./traffic.ts";

describe("who is behind", () => {
  it("S9 rejections that are owed come after the events, once it answers", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    ann.mutate(remove("before"));
    room.settle();
    expect(ann.hearShort()).toEqual(["reject 1 notFound"]);
    stall(room, ann);
    ann.mutate(remove("ghost"));
    ann.mutate(insert("b", "a"));
    ann.mutate(remove("phantom"));
    room.settle();
    expect(ann.hear()).toEqual([]);
    ann.send({ type: "sync", n: 4 });
    const heard = ann.hearShort();
    expect(heard).toEqual(["delta 5", "sync 5", "delta 6", "reject 2 notFound", "reject 4 notFound"]);
    ann.mutate(remove("again"));
    room.settle();
    expect(ann.hearShort()).toEqual(["reject 5 notFound"]);
  });

  it("S9 S4 owed rejections survive an eviction", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    ann.mutate(remove("ghost"));
    room.settle();
    room.server.evict();
    ann.send({ type: "sync", n: 4 });
    expect(ann.hearShort().filter((short) => short.startsWith("reject"))).toEqual(["reject 1 notFound"]);
  });

  it.each([
    ["", false],
    [", also after an eviction", true],
  ])("S9 S4 who is behind and repeats a counter is answered as well, once it answers syncs%s", (_, evicted) => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    ann.mutate(insert("b", "a"));
    ann.mutate(remove("ghost"));
    room.settle();
    ann.drop();
    // Both answers were lost on the way. It joins anew, falls behind, and repeats what it has no answer to.
    const again = room.enter("ann");
    stall(room, again);
    again.send({
      type: "mutate",
      mutations: [
        { mutation: 1, ops: [] },
        { mutation: 2, ops: [] },
      ],
    });
    room.settle();
    if (evicted) room.server.evict();
    again.send({ type: "sync", n: 4 });
    const heard = again.hearShort();
    expect(heard).toContain("delta 1");
    expect(heard).toContain("reject 2 notFound");
  });

  it("S9 B34 who is behind and makes more rejections than are kept, without reading one, is closed with 4008", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    let made = 0;
    for (; !ann.closed && made < 256; made++) ann.mutate(remove("ghost"));
    expect(made).toBeGreaterThan(180);
    expect([ann.closed?.code, ann.hearShort()]).toEqual([4008, ["error tooSlow"]]);
    // None of them is lost.
    const again = room.enter("ann");
    const repeated = Array.from({ length: made }, (_, index) => ({ mutation: index + 1, ops: [] }));
    again.send({ type: "mutate", mutations: repeated });
    room.settle();
    expect(new Set(again.hearShort())).toEqual(new Set(repeated.map(({ mutation }) => `reject ${mutation} notFound`)));
  });

  it("S9 or 256 that change nothing", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    for (let each = 0; each < LIMITS.answersKept - 1; each++) ann.mutate();
    expect(ann.closed).toBe(null);
    ann.mutate();
    expect(ann.closed?.code).toBe(4008);
  });

  it("S9 S13 nor is a reader sent anything while it owes four answers", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.join("ann", {}, READER);
    ann.hear();
    stall(room, ann);
    for (let each = 0; each < 10; each++) ann.mutate(insert("x", "a"));
    expect(ann.hear().filter(({ type }) => type !== "error")).toEqual([]);
  });

  it("S9 S4 answers to repeated counters are paced by syncs like all else, and nothing is lost around them", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    for (let n = 1; n <= 6; n++) {
      ann.mutate(update("a", { text: "x".repeat(300 * KiB), n }));
      room.settle();
      ann.send({ type: "sync", n });
    }
    const again = room.enter("ann");
    again.hear();
    const all = [1, 2, 3, 4, 5, 6].map((mutation) => ({ mutation, ops: [] }));
    // The snapshot had one part, and made the first sync due.
    again.send({ type: "mutate", mutations: all.slice(0, 3) });
    room.settle();
    expect(again.hearShort()).toEqual(["delta 1", "sync 2", "delta 2", "sync 3", "delta 3", "sync 4"]);
    commit(room, 10);
    expect(again.hear(), "with four unanswered nothing more is sent").toEqual([]);
    room.server.evict();
    commit(room, 10);
    expect(again.hear()).toEqual([]);
    again.send({ type: "sync", n: 4 });
    room.settle();
    expect(again.hearShort().filter((short) => short.startsWith("delta"))).toEqual(["delta 7-8"]);
    again.send({ type: "mutate", mutations: all });
    room.settle();
    expect(eventsOf(again)).toEqual([1, 2, 3, 4]);
    again.send({ type: "sync", n: 8 });
    room.settle();
    expect(eventsOf(again)).toEqual([5, 6]);
    again.send({ type: "sync", n: 10 });
    commit(room, 10);
    expect(again.hearShort()).toEqual(["delta 9"]);
  });

  it("S9 a rejection that fills the fourth sync holds back even the events committed with it", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    nearlyStall(room, ann, bob);
    expect(ann.hearShort()).toEqual(["delta 6"]);
    ann.mutate(remove("ghost"));
    bob.mutate(update("a", { text: "y".repeat(300 * KiB) }));
    room.settle();
    expect(ann.hearShort()).toEqual(["reject 1 notFound", "sync 4"]);
    ann.send({ type: "sync", n: 4 });
    expect(ann.hearShort().slice(0, 2)).toEqual(["delta 7", "sync 5"]);
  });
});
