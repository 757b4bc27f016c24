import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCosts } from "../../src/session/costs.ts";
import { createDebts } from "../../src/session/debts.ts";
import { insert, item, move } from "../tree/document.ts";
import { openRoom, type Visitor } from "./room.ts";

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

  it("B4 what is owed is what was charged, less what time has paid, in whatever order", () => {
    const charge = fc.record({ who: fc.constantFrom("a", "b", "c"), amount: fc.nat(500), after: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 30 }), (charges) => {
        const debts = createDebts({ credit: 0, perMillisecond: 3 });
        let [now, total] = [NOW, 0];
        for (const { who, amount, after } of charges) {
          now += after;
          total = Math.max(0, total - 3 * after) + amount;
          debts.charge(who, amount, now);
          if (amount > 0) expect(debts.waitFor(who, now)).toBe(Math.ceil(Math.round(total * 1e6) / 1e6 / 3));
        }
      }),
    );
  });

  it("B4 a clock that was set back pays off nothing", () => {
    const debts = createDebts({ credit: 0, perMillisecond: 1 });
    debts.charge("a", 100, NOW);
    expect([debts.waitFor("a", NOW - 5_000), debts.waitFor("a", NOW - 4_950)]).toEqual([100, 50]);
  });
});

describe("what mutations cost others", () => {
  const HEAVY = { work: 21 * 1024 * 1024 + 384 * 1024, logged: 0, sent: 0 };

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

describe("who has to wait", () => {
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
