import { describe, expect, it } from "vitest";
import { insert, item, remove, update } from "../tree/document.ts";
import { dataOf, find } from "./look.ts";
import { openRoom, WRITER } from "./room.ts";

describe("calls", () => {
  it("D6 reading a document that was never created creates nothing", () => {
    const { server } = openRoom();
    const problem = { ok: false, problem: { code: "notFound" } };
    expect(server.ask((calls, now) => calls.info(now))).toMatchObject(problem);
    expect(find(server)).toMatchObject(problem);
    expect(server.ask((calls, now) => calls.history({}, now))).toMatchObject(problem);
    expect(server.ask((calls, now) => calls.stop(now))).toMatchObject(problem);
    expect(server.call((calls) => calls.destroy())).toMatchObject(problem);
    expect(server.ask((calls, now) => calls.mutate({ ops: [] }, WRITER, now))).toMatchObject(problem);
    expect(server.sql.exec("SELECT name FROM sqlite_master")).toEqual([]);
  });

  it("H1 getOrStart creates with its tree and options, and changes nothing that is there", () => {
    const { server } = openRoom();
    const start = (tree: ReturnType<typeof item>) =>
      server.ask((calls, now) => calls.getOrStart({ tree, options: { conflicts: "reject" } }, now));
    const created = start(item("top", item("a")));
    expect(created).toMatchObject({
      ok: true,
      value: {
        created: true,
        documentId: "doc",
        seq: 0,
        treeSize: 2,
        subscriberCount: 0,
        options: { conflicts: "reject" },
      },
    });
    expect(start(item("other"))).toEqual({ ok: true, value: created?.ok && { ...created.value, created: false } });
    const twice = openRoom().server.ask((calls, now) =>
      calls.getOrStart({ tree: item("top", item("a"), item("a")), options: {} }, now),
    );
    expect(twice).toMatchObject({ ok: false, problem: { code: "invalid" } });
  });

  it("C12 the document's own choice of conflicts holds, after an eviction as well", () => {
    const { server } = openRoom();
    const tree = item("root", item("a"));
    server.ask((calls, now) => calls.getOrStart({ tree, options: { conflicts: "reject" } }, now));
    const { call, join } = openRoom(undefined, server);
    call(remove("a"));
    server.evict();
    const ann = join("ann");
    ann.hear();
    ann.mutate(insert("b", "a"));
    expect(ann.hear()).toMatchObject([{ type: "reject", code: "removed", seq: 1 }]);
  });

  it("info counts who has joined, and no others", () => {
    const room = openRoom(item("root"));
    room.connect();
    const ann = room.enter("ann");
    room.enter("bob");
    const count = () => {
      const info = room.server.ask((calls, now) => calls.info(now));
      return info?.ok && info.value.subscriberCount;
    };
    expect(count()).toBe(2);
    room.server.evict();
    expect(count()).toBe(2);
    ann.drop();
    expect(count()).toBe(1);
  });

  it("D8 tree gives the document at any seq, or says why not", () => {
    const room = openRoom(item("root", item("a")));
    room.call(insert("b", "a"));
    room.call(remove("a"));
    const at = (seq: number, node?: string) => dataOf(room.server, { at: { seq }, node });
    expect(at(0)).toEqual(item("root", item("a")));
    expect(at(1)).toEqual(item("root", item("a", item("b"))));
    expect(at(2)).toEqual(item("root"));
    expect([at(3), at(2, "a"), at(0, "b"), at(2, "ghost")]).toEqual(["invalid", "notFound", "notFound", "notFound"]);
    expect(at(1, "b")).toEqual(item("b"));
    room.server.sql.exec("DELETE FROM events");
    expect(at(1)).toBe("expired");
  });

  it("S2 everyone hears of a mutation by a call, and the caller of its receipts", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    room.call(remove("a"));
    const answer = room.call(insert("b", "a"));
    expect(answer).toMatchObject({ seq: 2, redirected: ["b"], ops: [{ op: "insert", parent: "root" }] });
    expect(ann.hear()).toMatchObject([
      { type: "delta", events: [{ seq: 1, client: null, mutation: null, userId: null }] },
      { type: "delta", events: [{ seq: 2, redirected: ["b"] }] },
    ]);
  });

  it("H5 stop checkpoints and closes everyone with 4000; the document goes on at the next join", () => {
    const room = openRoom(item("root"));
    const [ann, bob, silent] = [room.enter("ann"), room.enter("bob"), room.connect()];
    ann.mutate(insert("a", "root"));
    ann.mutate(insert("b", "root"));
    ann.hear();
    bob.hear();
    const stopped = room.server.ask((calls, now) => calls.stop(now));
    expect(stopped).toMatchObject({ ok: true, value: { seq: 2, checkpointSeq: 2, subscriberCount: 0 } });
    // What waited was committed and told first.
    expect(ann.hearShort()).toEqual(["delta 2", "error stopped"]);
    expect(bob.hearShort()).toEqual(["delta 2", "error stopped"]);
    expect([ann, bob, silent].map(({ closed }) => closed?.code)).toEqual([4000, 4000, 4000]);
    room.settle();
    expect(room.join("ann").hearShort()).toEqual(["welcome 2 snapshot", "snapshot 2 done"]);
    room.call(update("a", { x: 1 }));
  });

  it("H6 destroy closes everyone with 4004", () => {
    const room = openRoom(item("root"));
    const [ann, silent] = [room.enter("ann"), room.connect()];
    expect(room.server.call((calls) => calls.destroy())).toEqual({ ok: true, value: null });
    expect([ann.hearShort(), ann.closed?.code, silent.closed?.code]).toEqual([["error notFound"], 4004, 4004]);
    room.settle();
    expect(room.server.due).toBe(null);
  });

  it("W1 leaving closes with 1000", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    ann.send({ type: "leave" });
    expect([ann.hear(), ann.closed]).toEqual([[], { code: 1000, reason: "left" }]);
    expect(room.server.open()).toEqual([]);
  });

  it("the session reads no clock, no chance and no timer: the same inputs give the same texts", () => {
    const play = () => {
      const room = openRoom(item("root", item("a")));
      const [ann, bob] = [room.join("ann", { presence: 1 }), room.join("bob")];
      ann.mutate({ op: "insert", node: { type: "item" }, parent: "root" });
      bob.mutate(remove("ghost"));
      bob.mutate(remove("a"));
      room.settle();
      room.server.evict();
      room.call(insert("b", "root"));
      return [ann.hearTexts(), bob.hearTexts(), room.server.sql.exec("SELECT * FROM events")];
    };
    expect(play()).toEqual(play());
  });
});
