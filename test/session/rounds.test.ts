import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createRounds } from "../../src/session/rounds.ts";
import { insert, item } from "../tree/document.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

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
    for (let sent = frame.length; sent <= LIMITS.waitingBytes; sent += frame.length) sendAtOnce(room, rude, frame);
    expect(rude.closed).toBe(null);
    sendAtOnce(room, rude, frame);
    expect(rude.closed?.code).toBe(4028);
    expect(rude.hear().at(-1)).toMatchObject({ type: "error", code: "rateLimited" });
  });
});

describe("whose turn it is", () => {
  const take = (rounds: ReturnType<typeof createRounds<string>>) => rounds.take()?.item;

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
      undefined,
    ]);
    expect(rounds.waiting).toBe(false);
  });

  it("B1 a round ends when as much was done as one may do; the next one goes on", () => {
    const rounds = createRounds<string>();
    rounds.put("a", "a1", 1);
    rounds.put("b", "b1", 1);
    rounds.begin();
    expect(take(rounds)).toBe("a1");
    rounds.charge("a", 384 * 1024);
    expect([take(rounds), rounds.hasHad("a"), rounds.hasHad("b")]).toEqual([undefined, true, false]);
    rounds.begin();
    expect([take(rounds), rounds.hasHad("a")]).toEqual(["b1", false]);
  });

  it("B1 when all have had two shares, who has had a little waits as well", () => {
    const rounds = createRounds<string>();
    rounds.charge("a", 384 * 1024);
    rounds.charge("b", 383 * 1024);
    expect(rounds.mustWait("b")).toBe(false);
    rounds.charge("c", 1024);
    expect([rounds.mustWait("b"), rounds.mustWait("c")]).toEqual([true, false]);
  });

  it("B3 all together have a bound as well, and what was done is counted no more", () => {
    const rounds = createRounds<string>();
    const size = LIMITS.waitingBytes;
    for (let at = 0; at < LIMITS.waitingTotalBytes / size; at++) expect(rounds.put(`${at}`, "x", size)).toBe(true);
    expect(rounds.put("more", "x", 1)).toBe(false);
    rounds.begin();
    rounds.take();
    expect(rounds.put("more", "x", size)).toBe(true);
  });
});
