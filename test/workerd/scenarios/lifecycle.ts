import { expect, vi } from "vitest";
import { insert, item, remove, update } from "../../tree/document.ts";
import type { People } from "./people.ts";
import type { Scenario } from "./scenario.ts";

/** Nothing comes due while a test runs; its alarms are let go off by hand. */
const LONG = 600_000;
const calm = { gracePeriod: LONG, snapshotInterval: null, sweepInterval: null };

interface Info {
  readonly state: "active" | "grace" | "asleep";
  readonly seq: number;
  readonly checkpointSeq: number;
}

/** What a document says of its life, and whether anything is due. */
async function life(people: People): Promise<string> {
  const { state, seq, checkpointSeq } = await people.get<Info>();
  const due = (await people.nextAlarm()) === null ? "nothing due" : "an alarm";
  return `${state}, ${seq - checkpointSeq} to checkpoint, ${due}`;
}

/** Somebody is there and nothing is due. B26: an alarm that was set while nobody was there may be left, and finds nothing to do. */
async function atRest(people: People, expected: string): Promise<void> {
  expect([expected, expected.replace("nothing due", "an alarm")]).toContain(await life(people));
}

/**
 * Waits until this is said of its life. Each look wakes the object, which then lets its alarm wait another 100 ms: it is
 * not looked at more often than that.
 */
async function settle(people: People, expected: string): Promise<void> {
  await vi.waitFor(async () => expect(await life(people)).toBe(expected), { timeout: 8_000, interval: 250 });
}

/** A document that falls asleep, wakes up and is changed meanwhile. */
export const lifecycle: readonly Scenario[] = [
  {
    title: "L1, L3, S3, D3 the last subscriber leaves: grace, then a checkpoint and sleep, with nothing due any more",
    options: calm,
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(insert("a", "root"));
      await atRest(people, "active, 1 to checkpoint, nothing due");
      await ann.leave();
      await bob.write(update("a", { x: 1 }));
      await atRest(people, "active, 2 to checkpoint, nothing due");
      await bob.go();
      expect(await life(people)).toBe("grace, 2 to checkpoint, an alarm");
      expect(await people.alarm()).toBe(true);
      expect(await life(people)).toBe("asleep, 0 to checkpoint, nothing due");
      expect(await people.alarm()).toBe(false);
      // Looking at it wakes nothing up for good.
      expect(await people.outline()).toBe("root\n  a x=1");
      expect(await life(people)).toBe("asleep, 0 to checkpoint, nothing due");
      await ann.comeBack();
      await ann.write(insert("b", "a"));
      await atRest(people, "active, 1 to checkpoint, nothing due");
    },
    outcome: {
      tree: "root\n  a x=1\n    b",
      events: ["ann#1", "bob#1", "ann#2"],
      answers: { ann: ["1", "3"], bob: ["2"] },
      here: ["ann"],
    },
  },
  {
    title: "L3, S4 a join cancels the grace period; what was unanswered before it is answered after it",
    options: calm,
    async play(people) {
      const ann = await people.join("ann", { presence: 1 });
      await ann.loseAnswers([insert("a", "root"), insert("a", "root")]);
      expect(await life(people)).toBe("grace, 1 to checkpoint, an alarm");
      await ann.comeBack();
      await atRest(people, "active, 1 to checkpoint, nothing due");
      await ann.write(update("a", { x: 1 }));
    },
    outcome: {
      tree: "root\n  a x=1",
      events: ["ann#1", "ann#3"],
      answers: { ann: ["1", "no: exists @0", "2"] },
      here: ["ann"],
      presence: { ann: 1 },
    },
  },
  {
    title: "L3, L4 in real time: checkpoints while someone is there, and sleep soon after nobody is",
    options: { ...calm, gracePeriod: 50, snapshotInterval: 5_000 },
    modes: ["awake", "hibernating"],
    async play(people) {
      const ann = await people.join("ann");
      await ann.write(update("root", { x: 2 }));
      await settle(people, "active, 0 to checkpoint, nothing due");
      await ann.write(insert("a", "root"));
      await ann.leave();
      await settle(people, "asleep, 0 to checkpoint, nothing due");
      await ann.comeBack();
    },
    outcome: {
      tree: "root x=2\n  a",
      events: ["ann#1", "ann#2"],
      answers: { ann: ["1", "2"] },
      here: ["ann"],
    },
  },
  {
    title: "L3, H3 a mutation by HTTP with nobody there begins the grace period",
    start: "root\n  a",
    options: calm,
    async play(people) {
      expect(await life(people)).toBe("asleep, 0 to checkpoint, nothing due");
      expect(await people.post(insert("b", "a"))).toBe("1");
      expect(await life(people)).toBe("grace, 1 to checkpoint, an alarm");
      expect(await people.post(insert("c", "a"))).toBe("2");
      expect(await people.alarm()).toBe(true);
      expect(await life(people)).toBe("asleep, 0 to checkpoint, nothing due");
    },
    outcome: { tree: "root\n  a\n    b\n    c", events: ["http", "http"], answers: {}, here: [] },
  },
  {
    title: "L4, S4 checkpoints while people are at work: answers, rejections and the past stay what they were",
    start: "root\n  a\n  p\n    c",
    options: { ...calm, snapshotInterval: LONG },
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await atRest(people, "active, 0 to checkpoint, nothing due");
      await ann.writeAll([insert("n", "c"), insert("n", "a")]);
      expect(await life(people)).toBe("active, 1 to checkpoint, an alarm");
      expect(await people.alarm()).toBe(true);
      await atRest(people, "active, 0 to checkpoint, nothing due");
      await bob.write(remove("p"), { base: 0 });
      expect(await people.alarm()).toBe(true);
      await ann.say('{"type":"mutate","mutations":[{"mutation":1,"ops":[]},{"mutation":2,"ops":[]}]}');
      await ann.write(insert("m", "c"), { base: 1 });
      expect(await people.outline("?at=1")).toBe("root\n  a\n  p\n    c\n      n");
    },
    outcome: {
      tree: "root\n  a\n  n\n  m",
      events: ["ann#1", "bob#1 rescued=n", "ann#3 redirected=m"],
      answers: { ann: ["1", "no: exists @0", "3 redirected=m"], bob: ["2 rescued=n"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "L5 a sweep closes nobody who is there",
    options: { ...calm, sweepInterval: LONG },
    async play(people) {
      const ann = await people.join("ann", { presence: "ann" });
      const bob = await people.join("bob");
      for (let sweep = 0; sweep < 3; sweep++) expect(await people.alarm()).toBe(true);
      await people.see({ ann: "ann" });
      await bob.write(insert("a", "root"));
      await ann.write(update("a", { x: 1 }));
    },
    outcome: {
      tree: "root\n  a x=1",
      events: ["bob#1", "ann#1"],
      answers: { ann: ["2"], bob: ["1"] },
      here: ["ann", "bob"],
      presence: { ann: "ann" },
    },
  },
  {
    title: "L7, C12 options are changed in the middle: from then on conflicts are rejected, and checkpoints come",
    start: "root\n  a\n  p",
    options: calm,
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(remove("p"), { base: 0 });
      await bob.write(insert("n", "p"), { base: 0 });
      const options = { conflicts: "reject", snapshotInterval: LONG };
      expect(await people.request("PATCH", "", { options })).toMatchObject({ status: 200 });
      await bob.write(insert("m", "p"), { base: 0 });
      await ann.write(insert("o", "a"));
      expect(await life(people)).toBe("active, 1 to checkpoint, an alarm");
      expect(await people.request("PATCH", "", { options: { conflicts: "resolve" } })).toMatchObject({ status: 200 });
      await bob.write(insert("m", "p"), { base: 0 });
    },
    outcome: {
      tree: "root\n  a\n    o\n  n\n  m",
      events: ["ann#1", "bob#1 redirected=n", "ann#2", "bob#3 redirected=m"],
      answers: { ann: ["1", "3"], bob: ["2 redirected=n", "no: removed @0 by ann at 1", "4 redirected=m"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "L8 without a log the tree alone is stored, at each checkpoint",
    start: "root\n  a",
    options: { ...calm, documentStorage: false },
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      // What is evicted before its checkpoint is lost, by design.
      await people.undisturbed(async () => {
        await ann.write([insert("n", "a"), update("n", { x: 1 })]);
        await bob.write(remove("a"), { base: 0 });
        await ann.write(insert("n", "root"));
        expect(await people.alarm()).toBe(true);
      });
      expect(await people.outline()).toBe("root\n  n x=1");
      await people.undisturbed(async () => {
        await bob.write(insert("m", "n"));
        expect(await people.alarm()).toBe(true);
      });
      // Until it sleeps, the history is in memory.
      expect(await people.request("POST", "/stop")).toMatchObject({ status: 200 });
      for (const person of [ann, bob]) await person.closedWith(4000);
      for (const person of [ann, bob]) await person.comeBack();
    },
    outcome: {
      tree: "root\n  n x=1\n    m",
      events: [],
      seq: 3,
      answers: { ann: ["1", "no: exists @0"], bob: ["2 rescued=n", "3"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "H8, H9 a tree is imported, edited and exported",
    start: null,
    async play(people) {
      const lines = [
        '{"id":"root","type":"item"}',
        '{"id":"a","parent":"root","type":"item","attrs":{"x":1}}',
        '{"id":"b","parent":"root","type":"item"}',
        '{"id":"c","parent":"a","type":"item"}',
      ];
      expect(await people.request("POST", "/import", lines.join("\n"))).toMatchObject({ status: 201 });
      const ann = await people.join("ann");
      await ann.write([insert("n", "a", {}, [item("m")]), remove("c")]);
      expect(await people.request("POST", "/import", lines.join("\n"))).toMatchObject({ status: 409 });
      const { text, type } = await people.request("GET", "/export");
      expect(type).toBe("application/x-ndjson");
      const rows: unknown[] = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(rows).toEqual([
        { id: "root", type: "item" },
        { id: "a", parent: "root", type: "item", attrs: { x: 1 } },
        { id: "n", parent: "a", type: "item" },
        { id: "m", parent: "n", type: "item" },
        { id: "b", parent: "root", type: "item" },
      ]);
    },
    outcome: {
      tree: "root\n  a x=1\n    n\n      m\n  b",
      events: ["ann#1"],
      answers: { ann: ["1"] },
      here: ["ann"],
    },
  },
];
