import { describe, expect, it } from "vitest";
import { byteLength } from "../../src/protocol/index.ts";
import { insert, item, update } from "../tree/document.ts";
import { openRoom, type Room } from "./room.ts";

const INCARNATION = "id0";

/** A document of `size` nodes with `seq` events, three in a commit. */
function roomAt(seq: number, size = 1): Room {
  const children = Array.from({ length: size - 1 }, (_, index) => item(`n${index}`));
  const room = openRoom(item("root", ...children));
  const ann = room.enter("ann");
  for (let each = 1; each <= seq; each++) {
    ann.mutate(update("root", { each }));
    if (each % 3 === 0) room.settle();
  }
  room.settle();
  ann.drop();
  return room;
}

function resume(room: Room, seq: number, incarnation = INCARNATION): string[] {
  const visitor = room.join(`c${seq}`, { seq, incarnation });
  const heard = visitor.hearShort();
  visitor.drop();
  return heard;
}

describe("resuming", () => {
  it("S7 with everything, nothing comes but the welcome, in less than a kibibyte", () => {
    const room = roomAt(7);
    const visitor = room.join("bob", { seq: 7, incarnation: INCARNATION });
    const [welcome, ...rest] = visitor.hearTexts();
    expect(rest).toEqual([]);
    expect(byteLength(welcome ?? "")).toBeLessThan(1024);
    expect(JSON.parse(welcome ?? "")).toMatchObject({ type: "welcome", seq: 7, resume: "delta" });
  });

  it("S7 only what was missed comes, from the middle of a commit as well", () => {
    const room = roomAt(20);
    for (let seq = 0; seq < 20; seq++) {
      const delta = seq === 19 ? "delta 20" : `delta ${seq + 1}-20`;
      expect(resume(room, seq), `from ${seq}`).toEqual(["welcome 20 delta", delta]);
    }
  });

  it("S7 a resumed client is live", () => {
    const room = roomAt(5);
    const bob = room.join("bob", { seq: 3, incarnation: INCARNATION });
    bob.hear();
    room.call(update("root", { x: 1 }));
    expect(bob.hearShort()).toEqual(["delta 6"]);
  });

  it("S7 a snapshot where that is less: of a small tree after 100 events", () => {
    const room = roomAt(150);
    expect(resume(room, 50)[0]).toBe("welcome 150 delta");
    expect(resume(room, 49)).toEqual(["welcome 150 snapshot", "snapshot 150 done"]);
  });

  it("S7 a snapshot where that is less: of a larger tree after as many events as it has nodes", () => {
    const room = roomAt(150, 120);
    expect(resume(room, 30)[0]).toBe("welcome 150 delta");
    expect(resume(room, 29)[0]).toBe("welcome 150 snapshot");
  });

  it("S7 a snapshot for who knows more than there is, or says no seq, or no incarnation", () => {
    const room = roomAt(5);
    expect(resume(room, 6)[0]).toBe("welcome 5 snapshot");
    expect(room.join("bob", { incarnation: INCARNATION }).hearShort()[0]).toBe("welcome 5 snapshot");
    expect(room.join("bob", { seq: 5 }).hearShort()[0]).toBe("welcome 5 snapshot");
  });

  it("S7 the log is asked how far back it reaches", () => {
    const room = roomAt(12);
    room.server.sql.exec("DELETE FROM events WHERE last <= 6");
    const oldest = Number(room.server.sql.exec("SELECT min(first) AS first FROM events")[0]?.first);
    expect(resume(room, oldest - 1)).toEqual(["welcome 12 delta", `delta ${oldest}-12`]);
    expect(resume(room, oldest - 2)[0]).toBe("welcome 12 snapshot");
    room.server.sql.exec("DELETE FROM events");
    expect(resume(room, 11)[0]).toBe("welcome 12 snapshot");
    expect(resume(room, 12)).toEqual(["welcome 12 delta"]);
  });

  it("S7 after a checkpoint and an eviction as before", () => {
    const room = roomAt(20);
    room.server.ask((calls, now) => calls.stop(now));
    room.server.evict();
    expect(resume(room, 20)).toEqual(["welcome 20 delta"]);
    expect(resume(room, 10)).toEqual(["welcome 20 delta", "delta 11-20"]);
  });

  it("S15 who holds another incarnation gets a snapshot", () => {
    const room = roomAt(5);
    expect(resume(room, 5, "another")).toEqual(["welcome 5 snapshot", "snapshot 5 done"]);
    expect(resume(room, 5, "")).toEqual(["welcome 5 snapshot", "snapshot 5 done"]);
  });

  it("S15 a document that was deleted and created again is another one", () => {
    const room = roomAt(5);
    const bob = room.enter("bob");
    room.server.call((calls) => calls.destroy());
    expect([bob.hearShort(), bob.closed?.code]).toEqual([["error notFound"], 4004]);
    room.server.evict();
    for (const table of ["meta", "events", "nodes", "clients", "journal", "skips", "versions"])
      room.server.sql.exec(`DROP TABLE ${table}`);
    room.server.defaults = { create: "join" };
    const again = room.join("bob", { seq: 0, incarnation: INCARNATION });
    const [welcome] = again.hear();
    expect(welcome).toMatchObject({ type: "welcome", seq: 0, mutation: 0, resume: "snapshot" });
    expect(welcome?.type === "welcome" && welcome.incarnation).not.toBe(INCARNATION);
  });

  it("W8 what was missed is the same text that everybody else was sent", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.mutate(insert("a", "root"));
    ann.mutate(insert("b", "a"), update("a", { text: "木\u0000\ud83c" }));
    ann.mutate(update("b", {}));
    room.settle();
    const live = bob.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
    const later = room
      .join("cy", { seq: 0, incarnation: INCARNATION })
      .hear()
      .flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(later).toEqual(live);
    expect(JSON.stringify(later)).toBe(JSON.stringify(live));
  });
});
