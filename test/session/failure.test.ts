import { describe, expect, it } from "vitest";
import { insert, item, remove, update } from "../tree/document.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

/** Everyone was told to come again, and nothing else. */
function expectAbandoned(...visitors: Visitor[]): void {
  for (const visitor of visitors) {
    expect([visitor.hearShort(), visitor.closed?.code]).toEqual([["error unavailable"], 1011]);
  }
}

function expectSound(room: Room, seq: number, ...ids: string[]): void {
  const visitor = room.join("visitor");
  const [welcome, snapshot] = visitor.hear();
  expect(welcome).toMatchObject({ type: "welcome", seq });
  if (snapshot?.type !== "snapshot") throw new Error("a snapshot comes second");
  expect(snapshot.nodes.map(([id]) => id).sort()).toEqual(["root", ...ids].sort());
  room.call(insert("fresh", "root"));
  expect(visitor.hearShort()).toEqual([`delta ${seq + 1}`]);
}

describe("storage that fails", () => {
  it("S14 S2 while the first mutation is committed: nobody is told, and it never was", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    room.server.sql.failAt(1);
    ann.mutate(insert("a", "root"));
    expectAbandoned(ann, bob);
    expect(room.server.failures).toBe(1);
    expectSound(room, 0);
  });

  it("S14 while the window is committed: none of it was, and it can all be sent again", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.mutate(insert("a", "root"));
    ann.mutate(insert("b", "root"));
    ann.mutate(insert("b", "root"));
    bob.mutate(insert("c", "b"));
    for (const visitor of [ann, bob]) visitor.hear();
    // The rejection makes it a transaction of several statements; the last one fails.
    room.server.sql.failAt(2);
    room.settle();
    expectAbandoned(ann, bob);
    const again = room.enter("ann");
    again.send({
      type: "mutate",
      mutations: [
        { mutation: 2, ops: [insert("b", "root")] },
        { mutation: 3, ops: [insert("b", "root")] },
      ],
    });
    room.settle();
    expect(new Set(again.hearShort())).toEqual(new Set(["delta 2", "reject 3 exists"]));
    expectSound(room, 2, "a", "b");
  });

  it("S14 whichever statement of a commit and the checkpoint after it fails, a repeat is answered and applied once", () => {
    const text = "x".repeat(700_000);
    let afterTheCommit = 0;
    for (let n = 1; n < 50; n++) {
      const room = openRoom(item("root", item("a")));
      const ann = room.enter("ann");
      // The next one makes a checkpoint due.
      for (let each = 0; each < 3; each++) room.call(update("a", { text, each }));
      ann.hear();
      const send = (visitor: Visitor) =>
        visitor.send({ type: "mutate", mutations: [{ mutation: 1, ops: [update("a", { text: "last" })] }] });
      room.server.sql.failAt(n);
      send(ann);
      room.server.sql.failAt(null);
      if (room.server.failures === 0) {
        expect([
          ann.hearShort(),
          room.server.sql.exec("SELECT seq FROM (SELECT max(last) AS seq FROM events)"),
        ]).toEqual([["delta 4"], [{ seq: 4 }]]);
        expect(afterTheCommit, "the checkpoint failed sometimes").toBeGreaterThanOrEqual(3);
        return;
      }
      expectAbandoned(ann);
      const again = room.enter("ann");
      if (room.server.sql.exec("SELECT first FROM events WHERE last = 4").length > 0) afterTheCommit++;
      send(again);
      expect(again.hear()).toMatchObject([{ type: "delta", events: [{ seq: 4, client: "ann", mutation: 1 }] }]);
      expectSound(room, 4, "a");
    }
    throw new Error("a commit has an end");
  });

  it("S14 while someone joins: everyone comes again", () => {
    const room = openRoom(item("root"));
    const bob = room.enter("bob");
    room.server.crash();
    room.server.sql.failAt(2);
    const ann = room.join("ann");
    expectAbandoned(ann);
    expect(bob.closed).toBe(null);
    expectSound(room, 0);
  });

  it("S14 while a snapshot is read: everyone comes again", () => {
    const children = Array.from({ length: 20 }, (_, index) => ({
      ...item(`n${index}`),
      attrs: { text: "x".repeat(300_000) },
    }));
    const room = openRoom(item("root", ...children));
    room.server.evict();
    const ann = room.join("ann");
    ann.hear();
    room.server.sql.failAt(1);
    ann.send({ type: "sync", n: 4 });
    for (let n = 5; !ann.closed && n < 20; n++) ann.send({ type: "sync", n });
    expect([ann.closed?.code, room.server.failures]).toEqual([1011, 1]);
    expect(ann.hearShort().at(-1)).toBe("error unavailable");
    const again = room.join("ann");
    for (let n = 1; n <= 20; n++) again.send({ type: "sync", n });
    expect(again.hearShort().findLast((short) => short.startsWith("snapshot"))).toBe("snapshot 0 done");
  });

  it("S14 while a call is answered: the caller gets no answer, and the mutation is not in the document", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    room.server.sql.failAt(1);
    expect(() => room.call(insert("a", "root"))).toThrow("refused");
    expectAbandoned(ann);
    expectSound(room, 0);
  });

  it("S14 while a document is created: it never was, or is there whole", () => {
    for (let n = 1; n < 100; n++) {
      const room = openRoom();
      room.server.sql.failAt(n);
      const ann = room.join("ann");
      room.server.sql.failAt(null);
      if (!ann.closed) {
        expect(n).toBeGreaterThan(8);
        return;
      }
      expectAbandoned(ann);
      expectSound(room, 0);
    }
    throw new Error("a join has an end");
  });

  it("S14 while stopping: everyone comes again, and the document is as it was", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    ann.mutate(insert("a", "root"));
    room.settle();
    ann.hear();
    room.server.sql.failAt(3);
    expect(room.server.ask((calls, now) => calls.stop(now))).toBe(undefined);
    expectAbandoned(ann);
    expectSound(room, 1, "a");
  });

  it("S14 a rejection alone that cannot be written is told to nobody", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    ann.mutate(insert("a", "root"));
    room.settle();
    ann.hear();
    room.server.sql.failAt(1);
    ann.mutate(remove("ghost"));
    expectAbandoned(ann);
    expect(room.join("ann").hear()[0]).toMatchObject({ mutation: 1 });
  });
});
