import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createRounds, SHARE } from "../../src/session/rounds.ts";
import type { Operation } from "../../src/tree/index.ts";
import { insert, item, update } from "../tree/document.ts";
import { begin } from "./life.ts";
import { openRoom, type Room, type Visitor, WRITER } from "./room.ts";

/** A frame of as many inserts as fit: far more than a share. */
function flood(first: number, mutations = 256, inserts = 30) {
  return JSON.stringify({
    type: "mutate",
    mutations: Array.from({ length: mutations }, (_, index) => ({
      mutation: first + index,
      ops: Array.from({ length: inserts }, (__, at) => insert(`n${first + index}-${at}`, "root")),
    })),
  });
}

/** Without the turns that it takes. */
function sendAtOnce({ server }: Room, { id }: Visitor, frame: string): void {
  server.message(id, frame);
}

const events = (visitor: Visitor) =>
  visitor.hear().flatMap((message) => (message.type === "delta" ? message.events : []));

describe("rounds", () => {
  it("B1 who floods waits for himself: others are answered in the turn in which they come", () => {
    const room = openRoom(item("root"));
    const [rude, honest] = [room.enter("rude"), room.enter("honest")];
    for (let frame = 0; frame < 4; frame++) sendAtOnce(room, rude, flood(1 + 256 * frame));
    expect(events(honest).length).toBeLessThan(64);
    const one = { mutation: 1, ops: [insert("h", "root")] };
    sendAtOnce(room, honest, JSON.stringify({ type: "mutate", mutations: [one] }));
    const heard = [];
    // The commit window may be open.
    for (let timers = 0; timers < 4; timers++) {
      room.server.fire();
      heard.push(...events(honest));
    }
    expect(heard.some(({ client }) => client === "honest")).toBe(true);
    expect(heard.length).toBeLessThan(256);
  });

  it("B2 what waits is done in its order, all of it, as many turns as it takes", () => {
    const room = openRoom(item("root"));
    const [rude, bob] = [room.enter("rude"), room.enter("bob")];
    for (let frame = 0; frame < 2; frame++) sendAtOnce(room, rude, flood(1 + 256 * frame, 256, 4));
    room.settle();
    expect(events(bob).map(({ mutation }) => mutation)).toEqual(Array.from({ length: 512 }, (_, at) => at + 1));
  });

  it("B2 what somebody has sent before leaving is done all the same", () => {
    const room = openRoom(item("root"));
    const [rude, bob] = [room.enter("rude"), room.enter("bob")];
    sendAtOnce(room, rude, flood(1, 256, 4));
    rude.drop();
    room.settle();
    expect(events(bob)).toHaveLength(256);
  });

  it("B1 however many come at once, a turn sends no more than a share, and who writes does not wait for them", () => {
    const many = Array.from({ length: 4_000 }, (_, at) => ({ ...item(`n${at}`), attrs: { text: "x".repeat(400) } }));
    const room = openRoom(item("root", ...many));
    const honest = room.join("honest");
    for (let heard = honest.hear(); heard.length > 0; heard = honest.hear()) {
      for (const message of heard) if (message.type === "sync") honest.send(message);
      room.settle();
    }
    const all = Array.from({ length: 30 }, () => room.connect());
    for (const [at, each] of all.entries())
      sendAtOnce(room, each, JSON.stringify({ type: "join", protocol: 2, client: `c${at}` }));
    const bytes = () => all.reduce((sum, each) => sum + each.hearTexts().join("").length, 0);
    expect(bytes()).toBeLessThan(2 * LIMITS.partBytes);
    sendAtOnce(
      room,
      honest,
      JSON.stringify({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("h", "root")] }] }),
    );
    expect(events(honest)).toHaveLength(1);
    let whole = 0;
    while (room.server.due !== null) {
      room.server.fire();
      const sent = bytes();
      whole += sent;
      expect(sent).toBeLessThan(2 * LIMITS.partBytes);
    }
    // Each has as much as may be unanswered.
    expect(whole).toBeGreaterThan(30 * 3 * LIMITS.partBytes);
  });

  it("B1 X94 however many take what they missed in runs, a turn reads no more than a share for them, however little that comes to", () => {
    const KEYS = 4_000;
    const room = openRoom(item("root", item("a"), ...Array.from({ length: KEYS }, (_, at) => item(`n${at}`))));
    const typist = room.enter("typist");
    for (let first = 1; first <= KEYS; first += 250) {
      const mutations = Array.from({ length: 250 }, (_, at) => ({
        mutation: first + at,
        ops: [{ op: "edit", id: "a", attr: "text", changes: ["x"] } as const],
      }));
      typist.send({ type: "mutate", mutations });
      room.settle();
    }
    const held = { incarnation: "id0", seq: 0, runs: true };
    const all = Array.from({ length: 30 }, () => room.connect());
    for (const [at, each] of all.entries())
      sendAtOnce(room, each, JSON.stringify({ type: "join", protocol: 2, client: `c${at}`, ...held }));
    const parts = () => all.reduce((sum, each) => sum + events(each).length, 0);
    const heard = [parts()];
    while (room.server.due !== null) {
      room.server.fire();
      heard.push(parts());
    }
    expect(Math.max(...heard)).toBe(1);
    expect(heard.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(30);
  });

  it("B1 X44 the marks of a text are work of whoever types in it", () => {
    const marks = Array.from({ length: 2_000 }, (_, at) => [2 * at, 2 * at + 1, "bold", true]);
    const room = openRoom(item("root", { ...item("a"), attrs: { text: "x".repeat(4_000), "text:marks": marks } }));
    const [rude, honest] = [room.enter("rude"), room.enter("honest")];
    const mutations = Array.from({ length: 64 }, (_, at) => ({
      mutation: 1 + at,
      ops: [{ op: "edit", id: "a", attr: "text", changes: ["y"] }],
    }));
    sendAtOnce(room, rude, JSON.stringify({ type: "mutate", mutations }));
    const heard = [events(honest).length];
    while (room.server.due !== null) {
      room.server.fire();
      heard.push(events(honest).length);
    }
    expect(Math.max(...heard)).toBeLessThan(4);
    expect(heard.reduce((sum, each) => sum + each, 0)).toBe(64);
  });

  it("B3 what waits of a client is let go when it joins again, and what it makes then is not taken for that", () => {
    const room = openRoom(item("root"));
    const old = room.enter("agent");
    sendAtOnce(room, old, flood(1));
    old.drop();
    const again = room.join("agent");
    const welcome = again.hear().find((message) => message.type === "welcome");
    const first = (welcome?.mutation ?? 0) + 1;
    for (const mutation of [first, first + 1])
      again.send({ type: "mutate", mutations: [{ mutation, ops: [insert(`new${mutation}`, "root")] }] });
    room.settle();
    const made = events(again).filter(({ mutation }) => (mutation ?? 0) >= first);
    expect(made.map(({ ops }) => ops[0])).toMatchObject([
      { node: { id: `new${first}` } },
      { node: { id: `new${first + 1}` } },
    ]);
  });

  it("B2 L3 the document does not sleep before all that was sent is decided", () => {
    const room = begin({ gracePeriod: 0 }, item("root"));
    const old = room.enter("agent");
    sendAtOnce(room, old, flood(1));
    old.drop();
    room.server.now += 200;
    room.server.ring();
    room.settle();
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({ value: { seq: 256 } });
  });

  it("B3 what takes much more parsed than as text waits as text", () => {
    const room = openRoom(item("root"));
    const [first, second] = [room.enter("first"), room.enter("second")];
    const ops = Array.from({ length: 3_300 }, () => []);
    const mutations = Array.from({ length: 100 }, (_, at) => ({ mutation: at + 1, ops }));
    for (const each of [first, second]) sendAtOnce(room, each, JSON.stringify({ type: "mutate", mutations }));
    room.settle();
    const refused = second.hear().flatMap((each) => (each.type === "reject" ? [each.mutation] : []));
    expect(refused).toEqual(mutations.map(({ mutation }) => mutation));
  });

  it("B1 S4 a counter that is sent twice by HTTP while it waits for its turn is decided once", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    const answers: unknown[] = [];
    const post = (mutation: number, ...ops: Operation[]) =>
      room.server.call((calls, now) =>
        calls.mutate({ client: "c", mutation, ops }, WRITER, now).whenDone((result) => answers.push(result)),
      );
    post(1, ...Array.from({ length: 1_000 }, (_, at) => insert(`m${at}`, "root")));
    ann.mutate(update("a", { x: 1 }));
    for (let times = 0; times < 2; times++) post(2, { op: "insert", node: { type: "item" }, parent: "a" });
    room.settle();
    expect(answers).toHaveLength(3);
    expect(answers[2]).toEqual(answers[1]);
    expect(events(ann).filter(({ client }) => client === "c")).toHaveLength(2);
  });

  it("B2 nothing that waits makes a document of one that was deleted", () => {
    const room = openRoom(item("root"));
    const rude = room.enter("rude");
    sendAtOnce(room, rude, flood(1));
    room.server.call((calls) => calls.destroy());
    room.server.deleteAll();
    room.settle();
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({ problem: { code: "notFound" } });
  });

  it("B3 who has sent more than may wait is closed with 4028, at the bound nobody is", () => {
    const room = openRoom(item("root"));
    const rude = room.enter("rude");
    sendAtOnce(room, rude, flood(1));
    const frame = `{"type":"sync","n":0,"pad":"${"x".repeat(1_000_000)}"}`;
    // The rest of the first frame waits as well.
    for (let sent = 0; sent < 3; sent++) sendAtOnce(room, rude, frame);
    expect(rude.closed).toBe(null);
    sendAtOnce(room, rude, frame);
    expect(rude.closed?.code).toBe(4028);
    expect(rude.hear().at(-1)).toMatchObject({ type: "error", code: "rateLimited" });
  });
});

describe("whose turn it is", () => {
  const take = (rounds: ReturnType<typeof createRounds<string>>) => rounds.take();

  it("B1 takes turns among those who wait, each in its order", () => {
    const rounds = createRounds<string>();
    for (const item of ["a1", "a2", "a3"]) rounds.put("a", item, 1);
    rounds.put("b", "b1", 1);
    rounds.begin();
    expect([take(rounds), take(rounds), take(rounds), take(rounds), take(rounds)]).toEqual([
      "a1",
      "b1",
      "a2",
      "a3",
      null,
    ]);
    expect(rounds.waiting).toBe(false);
  });

  it("B1 a round ends when as much was done as one may do; the next one goes on", () => {
    const rounds = createRounds<string>();
    rounds.put("a", "a1", 1);
    rounds.put("b", "b1", 1);
    rounds.begin();
    expect(take(rounds)).toBe("a1");
    rounds.charge("a", SHARE);
    expect([take(rounds), rounds.hasHad("a"), rounds.hasHad("b")]).toEqual([null, true, false]);
    rounds.begin();
    expect([take(rounds), rounds.hasHad("a")]).toEqual(["b1", false]);
  });

  it("B1 when all have had eight shares, who has had a little waits as well", () => {
    const rounds = createRounds<string>();
    for (const who of ["a", "b", "d", "e", "f", "g", "h"]) rounds.charge(who, SHARE - 1);
    rounds.charge("i", SHARE - 1_000);
    expect(rounds.mustWait("b")).toBe(false);
    rounds.charge("c", 1024);
    expect([rounds.mustWait("b"), rounds.mustWait("c")]).toEqual([true, false]);
  });

  it("B3 with more than all may have waiting, what waits of whoever has most is let go", () => {
    const rounds = createRounds<string>();
    const size = LIMITS.waitingCharacters - 256;
    for (let at = 0; at < LIMITS.waitingTotal / LIMITS.waitingCharacters; at++)
      expect(rounds.put(`${at}`, "x", size - at)).toBe(null);
    expect(rounds.put("honest", "h", 5)).toBe("0");
    expect(rounds.all().filter((item) => item === "x")).toHaveLength(3);
    expect(rounds.put("1", "y", 2)).toBe("1");
  });

  it("B1 a round that nothing waits for is over after a while", () => {
    const rounds = createRounds<string>();
    rounds.arrive(1_000);
    rounds.charge("a", SHARE);
    rounds.arrive(1_009);
    expect(rounds.hasHad("a")).toBe(true);
    rounds.arrive(1_010);
    expect(rounds.hasHad("a")).toBe(false);
  });
});
