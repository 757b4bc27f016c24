import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCosts } from "../../src/session/costs.ts";
import { createDebts } from "../../src/session/debts.ts";
import { SHARE } from "../../src/session/rounds.ts";
import { runs } from "../support/seed.ts";
import { insert, item, move } from "../tree/document.ts";
import { openRoom, type Visitor, WRITER } from "./room.ts";

const NOW = 1_800_000_000_000;

describe("debts", () => {
  it("B4 nobody waits up to the credit; past it those who owe do, until it is paid off", () => {
    const debts = createDebts({ credit: 1_000, perMillisecond: 10 });
    debts.charge("rude", 1_000, NOW);
    expect(debts.waitFor("rude", NOW)).toBe(0);
    debts.charge("rude", 1, NOW);
    expect([debts.waitFor("rude", NOW), debts.waitFor("honest", NOW)]).toEqual([1, 0]);
    debts.charge("rude", 1_999, NOW);
    expect([debts.waitFor("rude", NOW), debts.waitFor("rude", NOW + 199), debts.waitFor("rude", NOW + 200)]).toEqual([
      200, 1, 0,
    ]);
  });

  it("B4 all pay in equal parts, and who owes little is done first", () => {
    const debts = createDebts({ credit: 0, perMillisecond: 10 });
    debts.charge("much", 1_000, NOW);
    debts.charge("little", 100, NOW);
    expect(debts.waitFor("little", NOW + 19)).toBeGreaterThan(0);
    expect([debts.waitFor("little", NOW + 20), debts.waitFor("much", NOW + 20)]).toEqual([0, 90]);
  });

  it("B4 who has waited as long as it was told need not wait any more, and not a millisecond less", () => {
    const charge = fc.record({ who: fc.constantFrom("a", "b", "c"), amount: fc.nat(500), after: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 30 }), (charges) => {
        const debts = createDebts({ credit: 0, perMillisecond: 3 });
        let now = NOW;
        for (const { who, amount, after } of charges) {
          now += after;
          debts.charge(who, amount, now);
        }
        for (const who of ["a", "b", "c"]) {
          const wait = debts.waitFor(who, now);
          if (wait > 1) expect(debts.waitFor(who, now + wait - 1)).toBeGreaterThan(0);
          now += wait;
          expect(debts.waitFor(who, now)).toBe(0);
        }
      }),
      runs(100),
    );
  });

  it("B4 who owes little is not told to wait for what others owe", () => {
    const debts = createDebts({ credit: 1_000, perMillisecond: 10 });
    for (let rude = 0; rude < 100; rude++) debts.charge(`rude${rude}`, 10_000, NOW);
    debts.charge("honest", 10, NOW);
    expect([debts.waitFor("honest", NOW), debts.waitFor("rude0", NOW)]).toEqual([101, 99_901]);
  });

  it("B4 a clock that was set back pays off nothing", () => {
    const debts = createDebts({ credit: 0, perMillisecond: 1 });
    debts.charge("a", 100, NOW);
    expect([debts.waitFor("a", NOW - 5_000), debts.waitFor("a", NOW - 4_950)]).toEqual([100, 50]);
  });
});

describe("what mutations cost others", () => {
  const HEAVY = { work: 21 * 1024 * 1024 + SHARE, logged: 0, sent: 0 };

  it("B4 who is alone may do anything; beside others it waits when it has held them up for too long", () => {
    const costs = createCosts();
    costs.charge("rude", HEAVY, NOW);
    costs.charge("rude", HEAVY, NOW);
    expect(costs.waitFor("rude", NOW)).toBe(0);
    costs.charge("honest", { work: 1_000, logged: 100, sent: 100 }, NOW + 1);
    costs.charge("rude", HEAVY, NOW + 2);
    expect(costs.waitFor("rude", NOW + 2)).toBeGreaterThan(1_000);
    expect(costs.waitFor("honest", NOW + 2)).toBe(0);
    expect(costs.waitFor("rude", NOW + 60_000)).toBe(0);
  });

  it("B5 log beyond four times what was sent is free up to 64 Mi characters", () => {
    const costs = createCosts();
    costs.charge("rude", { work: 0, logged: 64 * 1024 * 1024 + 4_096 + 4_000, sent: 1_000 }, NOW);
    expect(costs.waitFor("rude", NOW)).toBe(0);
    costs.charge("rude", { work: 0, logged: 4_096 + 4_001, sent: 1_000 }, NOW);
    expect(costs.waitFor("rude", NOW)).toBe(1);
  });
});

const BRANCHES = 2_500;
const all = Array.from({ length: BRANCHES }, (_, at) => `n${at}`);

/** Moves of all, there and back: 10 000 operations. */
const shuffle = () => [...["b", "a", "b", "a"].flatMap((to) => all.map((id) => move(id, to)))];
const open = () => openRoom(item("root", item("a", ...all.map((id) => item(id))), item("b"), item("h")));
/** Answers syncs, too. */
const rejections = (visitor: Visitor) =>
  visitor.hear().flatMap((each) => {
    if (each.type === "sync") visitor.send({ type: "sync", n: each.n });
    return each.type === "reject" ? [each] : [];
  });
const send = (visitor: Visitor, mutation: number, ...ops: ReturnType<typeof move>[]) =>
  visitor.send({ type: "mutate", mutations: [{ mutation, ops }] });

/** Until the rude one is told to wait; gives its counter and for how long. */
function untilTold(room: ReturnType<typeof open>, rude: Visitor): { mutation: number; retryAfter: number } {
  for (let mutation = 1; mutation < 20; mutation++) {
    send(rude, mutation, ...shuffle());
    room.settle();
    const [told] = rejections(rude);
    if (told) return { mutation, retryAfter: told.retryAfter ?? 0 };
  }
  throw new Error("it was never told to wait");
}
const counters = (visitor: Visitor) =>
  visitor.hear().flatMap((each) => (each.type === "delta" ? each.events.map(({ mutation }) => mutation) : []));

describe("who has to wait", () => {
  it("B4 S3 waits no more once that was decided, also after a hibernation", { timeout: 60_000 }, () => {
    const room = open();
    const [rude, honest] = [room.enter("rude"), room.enter("honest")];
    honest.mutate(insert("x", "h"));
    const { mutation, retryAfter } = untilTold(room, rude);
    room.wait(retryAfter);
    send(rude, mutation, move("x", "a"));
    room.settle();
    expect(counters(rude)).toContain(mutation);
    room.server.evict();
    send(rude, mutation + 1, move("x", "h"));
    room.settle();
    expect(counters(rude)).toContain(mutation + 1);
  });

  it("B4 nor when that was answered on another way", { timeout: 60_000 }, () => {
    const room = open();
    const [rude, honest] = [room.enter("rude"), room.enter("honest")];
    honest.mutate(insert("x", "h"));
    const { mutation, retryAfter } = untilTold(room, rude);
    const call = { client: "rude", mutation, ops: [move("x", "a")] };
    expect(room.server.ask((calls, now) => calls.mutate(call, WRITER, now))).toMatchObject({ ok: true });
    room.wait(retryAfter);
    send(rude, mutation + 1, move("x", "h"));
    room.settle();
    expect(counters(rude)).toContain(mutation + 1);
  });

  it("B4 is told which counter to send again and when, and nothing behind it is decided before", {
    timeout: 60_000,
  }, () => {
    const room = open();
    const [rude, honest] = [room.enter("rude"), room.enter("honest")];
    honest.mutate(insert("x", "h"));
    let last = 0;
    let told: ReturnType<typeof rejections> = [];
    while (told.length === 0 && last < 20) {
      send(rude, ++last, ...shuffle());
      room.settle();
      told = rejections(rude);
    }
    expect(told).toMatchObject([{ mutation: last, code: "rateLimited", retryAfter: expect.any(Number) }]);
    const { seq } = room.call(insert("y", "h"));
    // Higher counters are passed over, also after the time; the same one is decided then.
    send(rude, last + 1, move("x", "a"));
    room.settle();
    expect([rejections(rude), room.call(insert("z", "h")).seq]).toEqual([[], seq + 1]);
    honest.mutate(insert("x2", "h"));
    room.wait(told[0]?.retryAfter ?? 0);
    send(rude, last + 1, move("x", "a"));
    room.settle();
    send(rude, last, move("x", "a"));
    send(rude, last + 1, move("y", "a"));
    room.settle();
    const done = honest.hear().flatMap((each) => (each.type === "delta" ? each.events : []));
    const theirs = done.filter(({ client, mutation }) => client === "rude" && (mutation ?? 0) >= last);
    expect(theirs.map(({ mutation, ops }) => [mutation, ops[0]])).toMatchObject([
      [last, { id: "x" }],
      [last + 1, { id: "y" }],
    ]);
    expect(honest.closed).toBe(null);
  });
});
