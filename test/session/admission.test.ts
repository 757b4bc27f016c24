import { describe, expect, it } from "vitest";
import { LIMITS, type Principal, type RevokeInput, type Role } from "../../src/protocol/index.ts";
import { type Deed, decides, RIGHTS } from "../../src/protocol/rights.ts";
import { insert, item, update } from "../tree/document.ts";
import { alarmIn, evict, HOUR, MINUTE, SECOND } from "./life.ts";
import { openRoom, READER, type Room, type Visitor, WRITER } from "./room.ts";
import { createServer } from "./server.ts";

const NOW = createServer().now;
const named = (id: string, more: Partial<Principal> = {}): Principal => ({ user: { id }, role: "write", ...more });
const ADMIN: Principal = { user: null, role: "admin" };

function admits({ server }: Room, principal: Principal, deed: Deed): string {
  const admitted = server.call((calls, now) => calls.admit(principal, deed, now));
  if (!admitted) throw new Error("storage failed");
  return admitted.ok ? admitted.value.role : admitted.problem.code;
}

function revoke({ server }: Room, input: RevokeInput): unknown {
  const revoked = server.call((calls, now) => calls.revoke(input, now));
  return revoked?.ok ? revoked.value.subscribers : revoked?.problem.code;
}

const end = ({ closed }: Visitor) => closed && [closed.code, closed.reason];

describe("rights", () => {
  const roles: readonly Role[] = ["read", "write", "admin"];

  it("W30 each role may do what its row says, and all that the roles before it may", () => {
    const table = Object.keys(RIGHTS).map((deed) => [
      deed,
      roles.filter((role) => decides({ user: null, role }, deed as Deed, 0) === null).join(" "),
    ]);
    expect(Object.fromEntries(table)).toEqual({
      info: "read write admin",
      tree: "read write admin",
      history: "read write admin",
      historySessions: "read write admin",
      diff: "read write admin",
      blame: "read write admin",
      bin: "read write admin",
      versions: "read write admin",
      export: "read write admin",
      fork: "read write admin",
      join: "read write admin",
      ticket: "read write admin",
      presence: "read write admin",
      sync: "read write admin",
      auth: "read write admin",
      leave: "read write admin",
      create: "write admin",
      mutate: "write admin",
      undo: "write admin",
      restore: "write admin",
      nameVersion: "write admin",
      renameVersion: "write admin",
      deleteVersion: "write admin",
      options: "admin",
      configure: "admin",
      backup: "admin",
      import: "write admin",
      revoke: "admin",
      stop: "admin",
      destroy: "admin",
    });
    expect(decides({ user: null, role: "read" }, "destroy", 0)).toEqual({
      code: "forbidden",
      message: "destroy takes the role admin, and this is read",
    });
  });

  it("W33 from the very moment that a principal expires it may nothing", () => {
    const principal: Principal = { user: null, role: "admin", expires: 1_000 };
    expect(decides(principal, "info", 999)).toBe(null);
    expect(decides(principal, "info", 1_000)).toEqual({ code: "unauthorised", message: "token expired" });
  });
});

describe("making a document by joining", () => {
  const outcome = (create: "first" | "join" | "explicit", join: object) => {
    const room = openRoom();
    room.server.defaults = { create };
    return room.join("ann", join).hearShort()[0];
  };
  const old = { incarnation: "of-old", seq: 3 };

  it("W32 `first`: who holds an earlier life of it does not make it again; `join`: does; `explicit`: nobody does", () => {
    expect(outcome("first", {})).toBe("welcome 0 snapshot");
    expect(outcome("first", old)).toBe("error notFound");
    expect(outcome("join", {})).toBe("welcome 0 snapshot");
    expect(outcome("join", old)).toBe("welcome 0 snapshot");
    expect(outcome("explicit", {})).toBe("error notFound");
    expect(outcome("explicit", old)).toBe("error notFound");
  });

  it("W32 a document in memory alone was not deleted: who comes back makes it again", () => {
    const room = openRoom();
    room.server.defaults = { storage: "memory" };
    expect(room.join("ann", old).hearShort()[0]).toBe("welcome 0 snapshot");
  });

  it("W32 the option of a document outlives it", () => {
    const room = openRoom();
    const make = (create: "join" | "explicit") => {
      room.server.ask((calls, now) => calls.getOrStart({ options: { create } }, now));
      const creation = room.server.call((calls) => calls.creation());
      room.server.call((calls) => calls.destroy());
      room.server.deleteAll(creation);
    };
    make("explicit");
    expect(room.join("ann").hearShort()).toEqual(["error notFound"]);
    make("join");
    expect(room.join("ann", old).hearShort()[0]).toBe("welcome 0 snapshot");
  });
});

describe("while connected", () => {
  it("W33 welcome says when it ends; a message after that is not heard, and ends it", () => {
    const room = openRoom(item("root"));
    const ann = room.join("ann", {}, named("u1", { expires: NOW + MINUTE }));
    expect(ann.hear()[0]).toMatchObject({ type: "welcome", expires: NOW + MINUTE, time: NOW });
    room.server.now += MINUTE;
    ann.mutate(insert("a", "root"));
    expect([ann.hearShort(), end(ann)]).toEqual([["error unauthorised"], [4001, "token expired"]]);
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({ value: { seq: 0 } });
  });

  it("W33 a silent one is closed by the alarm, through a hibernation, and nobody else is", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann", named("u1", { expires: NOW + 10 * SECOND }));
    const bob = room.enter("bob", named("u2", { expires: NOW + 20 * SECOND }));
    const cy = room.enter("cy");
    expect(alarmIn(room)).toBe(10 * SECOND);
    evict(room);
    room.wait(10 * SECOND);
    expect([end(ann), end(bob), end(cy)]).toEqual([[4001, "token expired"], null, null]);
    evict(room);
    room.wait(10 * SECOND);
    expect([end(bob), end(cy)]).toEqual([[4001, "token expired"], null]);
    expect(alarmIn(room)).toBeGreaterThan(20 * SECOND);
  });

  it("W34 an auth goes on without a gap: with another role and end, told by an answer", () => {
    const room = openRoom(item("root"));
    const { tokens } = room.server;
    tokens.set("longer", named("u1", { expires: NOW + HOUR, role: "read" }));
    const ann = room.enter("ann", named("u1", { expires: NOW + 10 * SECOND }));
    ann.mutate(insert("a", "root"));
    ann.send({ type: "auth", token: "longer" });
    ann.mutate(insert("b", "root"));
    expect(ann.hearShort()).toEqual(["delta 1", `auth read ${NOW + HOUR}`, "reject 2 forbidden"]);
    evict(room);
    room.wait(20 * SECOND);
    expect(end(ann)).toBe(null);
    tokens.set("again", named("u1"));
    ann.send({ type: "auth", token: "again" });
    ann.mutate(insert("b", "root"));
    expect(ann.hearShort()).toEqual(["auth write for ever", "delta 2"]);
  });

  it("W40 what an `authorize` has decided no token changes: it is answered what counts, and told to come again when that is over", () => {
    const server = createServer();
    server.authenticates = false;
    const room = openRoom(item("root"), server);
    room.server.tokens.set("admin", named("u1", { role: "admin", renewable: true }));
    const decided = named("u1", { role: "read", expires: NOW + MINUTE });
    const ann = room.join("ann", {}, decided);
    expect(ann.hear()[0]).not.toHaveProperty("expires");
    const bob = room.join("bob", {}, { ...decided, renewable: true });
    expect(bob.hear()[0]).toMatchObject({ expires: NOW + MINUTE });
    evict(room);
    for (const each of [ann, bob]) {
      each.send({ type: "auth", token: "admin" });
      each.send({ type: "auth", token: "admin" });
    }
    expect([ann.hearShort(), bob.hearShort()]).toEqual([
      ["auth read for ever", "auth read for ever"],
      ["auth admin for ever", "auth admin for ever"],
    ]);
    ann.mutate(insert("a", "root"));
    expect(ann.hearShort()).toEqual(["reject 1 forbidden"]);
    room.wait(MINUTE);
    expect(ann.closed).toEqual({ code: 1011, reason: "what was decided when this connected is over; connect again" });
    expect(end(bob)).toBe(null);
    // It would be decided so again.
    expect(end(room.join("late", {}, decided))).toEqual([4001, "token expired"]);
  });

  it("W42 a token that cannot be verified now is no verdict: what counts is told, and goes on", () => {
    const room = openRoom(item("root"));
    const expires = NOW + MINUTE;
    const ann = room.enter("ann", named("u1", { expires }));
    room.server.tokens.set("later", named("u1"));
    room.server.keysAreThere = false;
    ann.send({ type: "auth", token: "later" });
    expect(ann.hear()).toEqual([{ type: "auth", role: "write", expires, time: NOW }]);
    ann.mutate(insert("a", "root"));
    expect(ann.hearShort()).toEqual(["delta 1"]);
    room.server.keysAreThere = true;
    ann.send({ type: "auth", token: "later" });
    expect(ann.hearShort()).toEqual(["auth write for ever"]);
  });

  it("W34 a token that is none, is over or is another user's ends the connection", () => {
    const ends = (token: string, principal: Principal) => {
      const room = openRoom(item("root"));
      room.server.tokens.set("over", named("u1", { expires: NOW }));
      room.server.tokens.set("bob's", named("u2"));
      const ann = room.enter("ann", principal);
      ann.send({ type: "auth", token });
      return end(ann);
    };
    expect(ends("none", named("u1"))).toEqual([4001, "no token of ours"]);
    expect(ends("over", named("u1"))).toEqual([4001, "token expired"]);
    expect(ends("bob's", named("u1"))).toEqual([4003, "the token is another user's"]);
    expect(ends("bob's", WRITER)).toEqual([4003, "the token is another user's"]);
    expect(ends("x".repeat(LIMITS.tokenLength), WRITER)).toEqual([4001, "no token of ours"]);
    expect(ends("x".repeat(LIMITS.tokenLength + 1), WRITER)?.[0]).toBe(4010);
  });
});

describe("revocation", () => {
  it("W35 of a user closes all connections of it, and holds for tokens from before, after a hibernation too", () => {
    const room = openRoom(item("root"));
    const old = named("u1", { issued: NOW - MINUTE });
    const [ann, laptop, bob] = [room.enter("ann", old), room.enter("laptop", old), room.enter("bob", named("u2"))];
    expect(revoke(room, { user: "u1", role: null })).toBe(2);
    expect([end(ann), end(laptop), end(bob)]).toEqual([
      [4003, "access was revoked"],
      [4003, "access was revoked"],
      null,
    ]);
    evict(room);
    for (const principal of [old, named("u1", { issued: NOW }), named("u1"), named("u1", { expires: NOW + HOUR })]) {
      const again = room.join("ann", {}, principal);
      expect([again.hearShort(), again.closed?.code]).toEqual([["error forbidden"], 4003]);
      expect(admits(room, principal, "info")).toBe("forbidden");
    }
    expect(admits(room, named("u1", { issued: NOW + 1 }), "mutate")).toBe("write");
    expect(admits(room, named("u2", { issued: NOW - HOUR }), "mutate")).toBe("write");
    expect(admits(room, ADMIN, "destroy")).toBe("admin");
  });

  it("W35 what was sent and waits for its turn is not done any more", () => {
    const room = openRoom(item("root"));
    const { server } = room;
    const [ann] = [room.enter("ann", named("u1")), room.enter("bob")];
    const frame = (mutation: number) => {
      const ops = Array.from({ length: 2_000 }, (_, n) => insert(`n${mutation}-${n}`, "root"));
      return JSON.stringify({ type: "mutate", mutations: [{ mutation, ops }] });
    };
    for (let mutation = 1; mutation <= 5; mutation++) server.message(ann.id, frame(mutation));
    const before = server.call((calls) => calls.exists());
    expect(before).toBe(true);
    revoke(room, { user: "u1", role: null });
    server.takeTurns();
    room.settle();
    const info = server.ask((calls, now) => calls.info(now));
    expect(info?.ok && info.value.seq).toBeLessThan(5);
    expect(ann.closed?.code).toBe(4003);
  });

  it("W35 what somebody has sent who has left since, and waits for its turn, is not done any more either", () => {
    const room = openRoom(item("root"));
    const { server } = room;
    const [ann] = [room.enter("ann", named("u1")), room.enter("bob")];
    const ops = (mutation: number) => Array.from({ length: 2_000 }, (_, n) => insert(`n${mutation}-${n}`, "root"));
    for (let mutation = 1; mutation <= 5; mutation++) {
      server.message(ann.id, JSON.stringify({ type: "mutate", mutations: [{ mutation, ops: ops(mutation) }] }));
    }
    ann.drop();
    const seq = () => {
      const info = server.ask((calls, now) => calls.info(now));
      return info?.ok ? info.value.seq : Number.NaN;
    };
    revoke(room, { user: "u1", role: null });
    server.takeTurns();
    room.settle();
    expect(seq()).toBeLessThan(5);
  });

  it("W35, W38 authorizeMutation is told the role that is left to one who has left, and to a call that waits", () => {
    const room = openRoom(item("root"));
    const { server } = room;
    const roles: string[] = [];
    server.authorizeMutation = ({ principal }) => {
      roles.push(principal.role);
      return true;
    };
    evict(room);
    const admin = named("u1", { role: "admin" });
    const [ann] = [room.enter("ann", admin), room.enter("bob")];
    for (let mutation = 1; mutation <= 4; mutation++) {
      const ops = Array.from({ length: 2_000 }, (_, n) => insert(`n${mutation}-${n}`, "root"));
      server.message(ann.id, JSON.stringify({ type: "mutate", mutations: [{ mutation, ops }] }));
    }
    ann.drop();
    const call = server.call((calls, now) => calls.mutate({ ops: [insert("by-call", "root")] }, admin, now));
    expect(call).toBeDefined();
    revoke(room, { user: "u1", role: "write" });
    const before = roles.length;
    server.takeTurns();
    room.settle();
    expect(roles.length).toBe(5);
    expect(new Set(roles.slice(before))).toEqual(new Set(["write"]));
  });

  it("W35 to a role: the connection is told, what it sends is refused, and nothing of its token brings it back", () => {
    const room = openRoom(item("root"));
    const old = named("u1", { issued: NOW - MINUTE });
    room.server.tokens.set("old", old);
    room.server.tokens.set("new", named("u1", { issued: NOW + SECOND }));
    const ann = room.enter("ann", old);
    expect(revoke(room, { user: "u1", role: "read" })).toBe(1);
    ann.mutate(insert("a", "root"));
    ann.send({ type: "auth", token: "old" });
    ann.mutate(insert("a", "root"));
    expect(ann.hearShort()).toEqual([
      "auth read for ever",
      "reject 1 forbidden",
      "auth read for ever",
      "reject 2 forbidden",
    ]);
    expect([admits(room, old, "info"), admits(room, old, "mutate")]).toEqual(["read", "forbidden"]);
    expect(room.join("other", {}, old).hear()[0]).toMatchObject({ type: "welcome", role: "read" });
    ann.send({ type: "auth", token: "new" });
    ann.mutate(insert("a", "root"));
    expect(ann.hearShort()).toEqual(["auth write for ever", "delta 1"]);
  });

  it("W35 with the role admin it is over, and gives nobody more than the token says", () => {
    const room = openRoom(item("root"));
    const old = named("u1", { issued: NOW - MINUTE });
    const ann = room.enter("ann", old);
    revoke(room, { user: "u1", role: "read" });
    evict(room);
    expect(revoke(room, { user: "u1", role: "admin" })).toBe(1);
    expect(ann.hearShort()).toEqual(["auth read for ever", "auth write for ever"]);
    expect([admits(room, old, "mutate"), admits(room, old, "stop")]).toEqual(["write", "forbidden"]);
    expect(revoke(room, { user: "u1", role: "admin" })).toBe(0);
  });

  it("W36 of a connection: of that alone, whatever it says later; it may come again", () => {
    const room = openRoom(item("root"));
    room.server.tokens.set("token", named("u1"));
    const [ann, laptop] = [room.enter("ann", named("u1")), room.enter("laptop", named("u1"))];
    expect(revoke(room, { subscriber: ann.id, role: "read" })).toBe(1);
    evict(room);
    ann.send({ type: "auth", token: "token" });
    expect([ann.hearShort(), laptop.hearShort()]).toEqual([["auth read for ever", "auth read for ever"], []]);
    expect(revoke(room, { subscriber: ann.id, role: "admin" })).toBe(1);
    expect(ann.hearShort()).toEqual(["auth write for ever"]);
    expect(revoke(room, { subscriber: ann.id, role: null })).toBe(1);
    expect([end(ann), end(laptop)]).toEqual([[4003, "access was revoked"], null]);
    expect(room.join("ann", {}, named("u1")).hearShort()[0]).toBe("welcome 0 snapshot");
    expect(revoke(room, { subscriber: ann.id, role: null })).toBe("notFound");
  });

  it("W36 it holds where it takes nothing away yet, and through a hibernation", () => {
    const room = openRoom(item("root"));
    room.server.tokens.set("more", named("u1", { role: "admin" }));
    const ann = room.enter("ann", named("u1", { role: "read" }));
    expect(revoke(room, { subscriber: ann.id, role: "read" })).toBe(0);
    evict(room);
    ann.send({ type: "auth", token: "more" });
    expect(ann.hearShort()).toEqual(["auth read for ever"]);
  });

  it("W37 so many users are known by name; with one more the oldest is let go, and with it older tokens of anybody", () => {
    const room = openRoom(item("root"));
    const at = (seconds: number) => NOW + seconds * SECOND;
    for (let n = 1; n <= LIMITS.revocations; n++) {
      room.server.now = at(n);
      revoke(room, { user: `u${n}`, role: null });
    }
    const other = (seconds: number) => named("other", { issued: at(seconds) });
    expect(admits(room, named("u1", { issued: at(1) }), "info")).toBe("forbidden");
    expect(admits(room, other(1), "info")).toBe("write");
    room.server.now = at(2_000);
    revoke(room, { user: "one more", role: null });
    evict(room);
    expect(admits(room, named("u1", { issued: at(1) }), "info")).toBe("unauthorised");
    expect(admits(room, other(1), "info")).toBe("unauthorised");
    expect(admits(room, named("other", { expires: at(9_000) }), "info")).toBe("unauthorised");
    expect(admits(room, other(2), "info")).toBe("write");
    expect(admits(room, named("u2", { issued: at(2) }), "info")).toBe("forbidden");
    // What an application has decided just now is not of any time.
    expect(admits(room, named("other"), "info")).toBe("write");
  });

  it("W35 of nothing that there is: `notFound`, and nothing is kept", () => {
    const room = openRoom();
    expect(revoke(room, { user: "u1", role: null })).toBe("notFound");
    expect(room.server.sql.totalRows).toBe(0);
    expect(admits(room, named("u1"), "create")).toBe("write");
  });

  it("W30 a mutation by a call is decided on in its turn, whoever has asked before", () => {
    const room = openRoom(item("root"));
    expect(
      room.server.ask((calls, now) => calls.mutate({ ops: [update("root", { x: 1 })] }, READER, now)),
    ).toMatchObject({
      ok: false,
      problem: { code: "forbidden" },
    });
  });
});
