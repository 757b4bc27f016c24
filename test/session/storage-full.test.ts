import { describe, expect, it } from "vitest";
import { insert, item, remove, update } from "../tree/document.ts";
import { begin, configure, HOUR, infoOf } from "./life.ts";
import { find } from "./look.ts";
import { type Room, WRITER } from "./room.ts";

const TEXT = "x".repeat(20_000);

/** A document whose database takes no page more than it has, with two people in it; the log takes most of it. */
function full(): { room: Room; ann: ReturnType<Room["enter"]>; bob: ReturnType<Room["enter"]> } {
  const room = begin({ sweepInterval: null, snapshotInterval: null }, item("root", item("a"), item("b")));
  const [ann, bob] = [room.enter("ann"), room.enter("bob")];
  for (let each = 0; each < 20; each++) room.call(update("a", { text: `${each}${TEXT}` }));
  room.wait(1_000);
  configure(room, { gracePeriod: 1 });
  room.call(remove("b"));
  room.settle();
  room.server.sql.limit(0);
  for (const visitor of [ann, bob]) visitor.hear();
  return { room, ann, bob };
}

const large = (text = "z") => update("a", { text: text.repeat(60_000) });

describe("storage that takes no more", () => {
  it("B39 nobody is closed: who waited for the commit is refused, and the next ones before they are decided", () => {
    const { room, ann, bob } = full();
    ann.mutate(large());
    expect([ann.hearShort(), bob.hearShort()]).toEqual([["reject 1 full"], []]);
    expect([ann.closed, bob.closed, room.server.failures]).toEqual([null, null, 0]);
    const before = room.server.sql.totalRows;
    for (let each = 0; each < 50; each++) bob.mutate(insert("x", "root"));
    expect(bob.hearShort()).toHaveLength(50);
    expect(room.server.sql.totalRows).toBe(before);
    expect(infoOf(room)).toMatchObject({ seq: 21, subscriberCount: 2 });
    expect(find(room.server, { node: "a" })?.ok).toBe(true);
  });

  it("B39 after 10 s it is tried again, and goes on where there is room", () => {
    const { room, ann, bob } = full();
    ann.mutate(large());
    room.wait(9_999);
    ann.mutate(large());
    room.wait(1);
    ann.mutate(large());
    expect(ann.hearShort()).toEqual(["reject 1 full", "reject 2 full", "reject 3 full"]);
    room.server.sql.limit(null);
    room.wait(10_000);
    ann.mutate(large());
    room.settle();
    expect([ann.hearShort(), bob.hearShort()]).toEqual([["delta 22"], ["delta 22"]]);
  });

  it("B39 all that shared the window are refused, and can be sent again", () => {
    const { room, ann, bob } = full();
    room.server.sql.limit(null);
    ann.mutate(update("a", { x: 1 }));
    room.server.sql.limit(0);
    ann.mutate(large());
    bob.mutate(insert("y", "root"));
    for (const visitor of [ann, bob]) visitor.hear();
    room.settle();
    expect([ann.hearShort(), bob.hearShort()]).toEqual([["reject 2 full"], ["reject 1 full"]]);
    room.server.sql.limit(null);
    room.wait(10_000);
    bob.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("y", "root")] }] });
    room.settle();
    expect(bob.hearShort()).toEqual(["delta 23"]);
  });

  it("B39 B30 and all of a frame that is committed in its middle", () => {
    const children = Array.from({ length: 20 }, (_, index) => ({
      ...item(`n${index}`),
      attrs: { text: "x".repeat(1_000_000) },
    }));
    const room = begin({ sweepInterval: null, snapshotInterval: null }, item("root", ...children));
    const ann = room.join("ann", { keeps: 0 });
    for (let heard = ann.hear(); heard.length > 0; heard = ann.hear()) {
      for (const message of heard) if (message.type === "sync") ann.send(message);
    }
    room.server.sql.limit(0);
    const meta = { why: "y".repeat(4_000) };
    const mutations = children.map(({ id = "" }, index) => ({
      mutation: index + 1,
      ops: [update(id, { x: 1 })],
      meta,
    }));
    ann.send({ type: "mutate", mutations });
    expect(ann.hearShort()).toEqual(mutations.map(({ mutation }) => `reject ${mutation} full`));
    expect([infoOf(room).seq, ann.closed]).toEqual([0, null]);
  });

  it("B39 a call is refused, too", () => {
    const { room } = full();
    const ask = () => room.server.ask((calls, now) => calls.mutate({ ops: [large()] }, WRITER, now));
    expect(ask(), "as the object answers when a turn fails").toBe(undefined);
    expect(ask()).toMatchObject({ ok: false, problem: { code: "full" } });
    expect(room.server.failures).toBe(0);
  });

  it("B39 V65 to keep less history makes room, though no checkpoint can be written, as soon as no version holds it", () => {
    const { room, ann } = full();
    // What no checkpoint has takes pages that there are not.
    room.server.sql.limit(null);
    for (let each = 0; each < 8; each++) {
      room.call({ op: "insert", node: { id: `n${each}`, type: "n", attrs: { text: TEXT } }, parent: "root" });
    }
    const kept = { name: "kept", at: { seq: 0 } };
    const version = room.server.call((calls, now) => calls.nameVersion(kept, WRITER, now));
    room.wait(1_000);
    room.server.sql.limit(0);
    const refused = room.server.ask((calls, now) => calls.configure({ historyMaxEvents: 0 }, now));
    expect([refused, infoOf(room).historyFrom]).toEqual([undefined, 1]);
    const id = version?.ok ? version.value.id : "";
    expect(room.server.call((calls, now) => calls.deleteVersion(id, WRITER, now))).toEqual({ ok: true, value: null });
    room.wait(10_000);
    const bytes = () => infoOf(room).storageBytes;
    const before = bytes();
    expect(configure(room, { historyRetention: 0 }).options.historyRetention).toBe(0);
    room.settle();
    expect(bytes()).toBeLessThan(before - 100_000);
    ann.hear();
    ann.mutate(insert("y", "root"));
    room.settle();
    expect(ann.hearShort()).toEqual(["delta 30"]);
    room.wait(HOUR);
    expect(() => room.call({ op: "move", id: "b", parent: "root" })).toThrow("notFound");
    expect([ann.closed, room.server.failures]).toEqual([null, 0]);
  });

  it("B39 S14 whichever statement finds no room, nothing is lost: where something was stored, everyone has to come again", () => {
    const heard = new Set<string>();
    for (let n = 1; n < 20; n++) {
      const room = begin({ sweepInterval: null, snapshotInterval: null }, item("root", item("a")));
      const ann = room.enter("ann");
      // The next one makes a checkpoint due.
      for (let each = 0; each < 3; each++) {
        room.call(update("a", { text: "y".repeat(700_000), each }));
        for (const message of ann.hear()) if (message.type === "sync") ann.send(message);
      }
      ann.hear();
      room.server.sql.failAt(n, new Error("database or disk is full: SQLITE_FULL"));
      ann.mutate(update("a", { text: "last" }));
      room.server.sql.failAt(null);
      const [answer = ""] = ann.hearShort();
      heard.add(answer);
      const isStored = room.server.sql.exec("SELECT first FROM events WHERE last = 4").length > 0;
      expect([answer, ann.closed?.code ?? null]).toEqual(
        isStored ? (answer === "delta 4" ? ["delta 4", null] : ["error unavailable", 1011]) : ["reject 1 full", null],
      );
    }
    expect(heard).toEqual(new Set(["reject 1 full", "error unavailable", "delta 4"]));
  });
});
