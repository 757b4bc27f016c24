import { describe, expect, it } from "vitest";
import { LIMITS, type SessionsQuery } from "../../src/protocol/index.ts";
import { historyPage, sessionsPage } from "../../src/session/history.ts";
import { seqOfMoment } from "../../src/session/moments.ts";
import { createSqliteTables, finish } from "../../src/storage.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { BEGIN, createWriter, type Writer } from "../support/writer.ts";
import { item, move, remove, update } from "../tree/document.ts";

const row = (id: string, text?: string, ...children: NodeData[]): NodeData => ({
  ...{ id, type: "row", attrs: text === undefined ? {} : { text }, children },
});

function open(...children: NodeData[]): Writer {
  return createWriter(createSqliteTables(openTestSql()), { id: "root", type: "list", children });
}

/** What each event is in words. */
function summaries({ stored }: Writer): (string | undefined)[] {
  return finish(historyPage(stored, { summary: true })).entries.map(({ summary }) => summary);
}

const put = (node: NodeData, parent: string): Operation => ({ op: "insert", node, parent });

describe("what happened, in words", () => {
  const plans = row("plans", "Plans");
  const edit = (id: string, ...changes: (string | number)[]): Operation => ({ op: "edit", id, attr: "text", changes });

  it.each<[string, readonly Operation[], string]>([
    ["rows that move", ["a", "b", "c"].map((id) => move(id, "plans")), "moved 3 rows under Plans"],
    ["one row", [move("a", "plans")], "moved Milk under Plans"],
    ["one without a name", [move("c", "b")], "moved a row under Bread"],
    ["no name of a parent", [move("a", "c")], "moved Milk"],
    ["several parents", [move("a", "plans"), move("b", "a")], "moved 2 rows"],
    ["what is new", [put(row("n", "Tea", row("m")), "plans")], "added Tea under Plans"],
    [
      "of several types",
      [put(row("n"), "plans"), put({ id: "m", type: "item" }, "plans")],
      "added 2 nodes under Plans",
    ],
    ["values", [update("a", { due: 1 }), update("b", { due: 2, done: true })], "changed due and done of 2 rows"],
    ["many values", [update("a", { x: 1, y: 1, z: 1 })], "changed Milk"],
    ["a type", [{ op: "update", id: "a", type: "box" }], "changed type of Milk"],
    ["texts", [edit("a", 4, "!"), edit("b", 5, "!")], "edited 2 rows"],
    ["marks", [{ op: "mark", id: "a", attr: "text", from: 0, to: 2, key: "bold", value: true }], "formatted Milk"],
    ["a split", [{ op: "split", id: "a", attr: "text", at: 2, node: { id: "n", type: "row" } }], "split Mi"],
    ["a join", [{ op: "join", id: "b", into: "a", attr: "text" }], "joined a row to MilkBread"],
    [
      "several things",
      [put(row("n", "Tea"), "plans"), update("a", { x: 1 }), remove("b")],
      "added Tea under Plans, changed x of Milk and removed Bread",
    ],
  ])("V11 %s", (_, operations, words) => {
    const writer = open(plans, row("a", "Milk"), row("b", "Bread"), row("c"));
    writer.write("ann", operations);
    expect(summaries(writer)).toEqual([words]);
  });

  it("V11 an undo is what it takes back, and a removed node has its name", () => {
    const writer = open(plans, row("a", "Milk"));
    writer.write("ann", remove("a"));
    writer.write("ann", { op: "undo", seqs: [1] });
    writer.write("ann", { op: "redo", seqs: [1] });
    writer.write("ann", move("a", "plans"));
    expect(summaries(writer)).toEqual(["removed Milk", "took back a change", "did a change again", "restored Milk"]);
  });

  it("V11 many nodes of one type are called by it, and a restore by the moment where its meta says so", () => {
    const ids = Array.from({ length: 21 }, (_, index) => `r${index}`);
    const writer = open(plans, ...ids.map((id) => row(id, "x")), { id: "i", type: "item" });
    const all = ids.map((id) => update(id, { x: 1 }));
    writer.write("ann", all, { meta: { restored: "5" } });
    writer.write(
      "ann",
      [...ids, "i"].map((id) => update(id, { x: 2 })),
      { meta: { restored: "version:Draft" } },
    );
    writer.write("bob", update("i", { x: 3 }), { meta: { restored: "7" } });
    writer.write("bob", update("i", { y: 2 }));
    expect(summaries(writer).slice(0, 2)).toEqual([
      "restored event 5: changed x of 21 rows",
      "restored version:Draft: changed x of 22 nodes",
    ]);
    const { entries } = finish(sessionsPage(writer.stored, { summary: true }));
    expect(entries.map(({ summary }) => summary)).toEqual([
      "restored earlier moments: changed x of 22 nodes",
      "restored event 7 and changed x and y of an item",
    ]);
  });

  it("V11 names are titles before names, labels and texts, in one line of 40 characters; all of it has 300", () => {
    const attrs = { text: "t", label: "l", name: `a\n${"x".repeat(60)}`, title: " " };
    const writer = open(
      { id: "a", type: "row", attrs },
      { id: "b", type: "entry", attrs: { title: 7, text: "𝄞".repeat(30) } },
    );
    writer.write("ann", remove("a"));
    writer.write("ann", remove("b"));
    writer.write(
      "ann",
      ["k", "l"].map((key) => update("a", { [key.repeat(128)]: 1 })),
    );
    const [first, second, third] = summaries(writer);
    expect(first).toBe(`removed a ${"x".repeat(37)}…`);
    expect(second).toBe(`removed ${"𝄞".repeat(19)}…`);
    expect(third).toBe(`changed ${"k".repeat(39)}… and ${"l".repeat(39)}… of a ${"x".repeat(37)}…`);
    expect(LIMITS.summaryLength).toBe(300);
  });

  it.each([
    ["row", "2 rows"],
    ["entry", "2 entries"],
    ["day", "2 days"],
    ["box", "2 boxes"],
    ["child", "2 children"],
    ["news", "2 nodes"],
    ["h1", "2 nodes"],
  ])("V11 the plural of %s", (type, words) => {
    const writer = open({ id: "a", type }, { id: "b", type });
    writer.write("ann", [remove("a"), remove("b")]);
    expect(summaries(writer)).toEqual([`removed ${words}`]);
  });
});

describe("sessions", () => {
  const pause = LIMITS.sessionPause;
  const folded = (writer: Writer, query: SessionsQuery = {}) => {
    const { entries, more, next } = finish(sessionsPage(writer.stored, query));
    return { spans: entries.map(({ first, last, events }) => [first, last, events]), more, next };
  };
  const played = (): Writer => {
    const writer = open(row("a", "Milk"), row("b"));
    const deeds: [string, string | undefined, number][] = [
      ["ann-1", "ann", 0],
      ["ann-2", "ann", pause],
      ["ann-1", "ann", 2 * pause + 1],
      ["bob", undefined, 2 * pause + 2],
      ["bob", undefined, 2 * pause + 3],
      ["eve", undefined, 2 * pause + 4],
    ];
    for (const [n, [client, user, at]] of deeds.entries())
      writer.write(client, update("a", { n }), { at: BEGIN + at, ...(user !== undefined && { user }) });
    return writer;
  };

  it("V5 what one person does without a pause of more than ten minutes, and with nobody between, is one", () => {
    const writer = played();
    expect(folded(writer).spans).toEqual([
      [1, 2, 2],
      [3, 3, 1],
      [4, 5, 2],
      [6, 6, 1],
    ]);
    const { entries } = finish(sessionsPage(writer.stored, { summary: true }));
    expect(entries[0]).toEqual({
      ...{ first: 1, last: 2, begun: BEGIN, ended: BEGIN + pause, userId: "ann", client: null, events: 2 },
      ...{ touched: ["a"], summary: "changed n of Milk" },
    });
    expect(entries[2]).toMatchObject({ userId: null, client: "bob" });
  });

  it("V5 pages of sessions lead on, from either end, and are as filtered", () => {
    const writer = played();
    expect(folded(writer, { limit: 2 })).toEqual({
      spans: [
        [1, 2, 2],
        [3, 3, 1],
      ],
      more: true,
      next: 3,
    });
    expect(folded(writer, { limit: 2, after: 3 })).toEqual({
      spans: [
        [4, 5, 2],
        [6, 6, 1],
      ],
      more: false,
      next: 6,
    });
    const newest = folded(writer, { limit: 3, order: "newest" });
    expect(newest).toEqual({
      spans: [
        [6, 6, 1],
        [4, 5, 2],
        [3, 3, 1],
      ],
      more: true,
      next: 3,
    });
    expect(folded(writer, { order: "newest", before: 3 }).spans).toEqual([[1, 2, 2]]);
    expect(folded(writer, { where: { client: "bob" } }).spans).toEqual([[4, 5, 2]]);
  });

  it("V5 one that is not over at the end of a page is told in the next; one that is more than a page in parts", () => {
    const writer = open(row("a"));
    const large = (n: number) => update("a", { n: `${n}`.padEnd(500_000) });
    writer.write("bob", large(0));
    for (let n = 1; n < 8; n++) writer.write("ann", large(n));
    const first = finish(sessionsPage(writer.stored, {}));
    expect(first).toMatchObject({ entries: [{ first: 1, last: 1 }], more: true, next: 1 });
    const second = finish(sessionsPage(writer.stored, { after: 1 }));
    expect(second).toMatchObject({ entries: [{ first: 2, part: true }], more: true });
    expect(second.next).toBe(second.entries[0]?.last);
    const third = finish(sessionsPage(writer.stored, { after: second.next }));
    expect(third).toMatchObject({ entries: [{ first: second.next + 1, last: 8 }], more: false });
    expect(third.entries[0]).not.toHaveProperty("part");
  });
});

describe("entries", () => {
  it("V4 name 100 touched nodes, and say that there are more", () => {
    const rows = Array.from({ length: 101 }, (_, index) => row(`r${index}`));
    const writer = open(...rows);
    writer.write(
      "ann",
      rows.slice(0, 100).map(({ id = "" }) => update(id, { x: 1 })),
    );
    writer.write(
      "ann",
      rows.map(({ id = "" }) => update(id, { x: 2 })),
    );
    const [first, second] = finish(historyPage(writer.stored, {})).entries;
    expect([first?.touched.length, first?.touchedMore, second?.touched.length, second?.touchedMore]).toEqual([
      100,
      undefined,
      100,
      true,
    ]);
  });
});

describe("a moment", () => {
  it("V10 is right after the last event at or before a time, and says why it is none", () => {
    const { stored, write, submit, commit } = open(item("a"));
    for (const at of [10, 20]) write("ann", update("a", { at }), { at: BEGIN + at });
    // Typing of three commits in one row.
    for (const at of [30, 40, 50])
      write("ann", { op: "edit", id: "a", attr: "text", changes: ["x"] }, { at: BEGIN + at });
    submit("ann", update("a", { at: 60 }), { at: BEGIN + 60 });
    submit("bob", update("a", { at: 61 }), { at: BEGIN + 60 });
    commit();
    const at = (time: number) => {
      const found = seqOfMoment(stored, { time: BEGIN + time });
      return found.ok ? found.value : found.problem.code;
    };
    expect([at(-1), at(0), at(9), at(10), at(19), at(20)]).toEqual(["invalid", 0, 0, 1, 1, 2]);
    expect([at(39), at(40), at(59), at(60), at(1e9)]).toEqual([3, 4, 5, 7, 7]);
    expect(seqOfMoment(stored, { seq: 8 })).toMatchObject({ problem: { code: "invalid" } });
    expect(seqOfMoment(stored, { version: "v" })).toMatchObject({ problem: { code: "notFound" } });
    stored.versions.put({ id: "i", name: "v", seq: 3, time: BEGIN, userId: null });
    for (const version of ["v", "i"]) expect(seqOfMoment(stored, { version })).toEqual({ ok: true, value: 3 });
    stored.forgetVersion("i");
    stored.configure({ ...stored.options, historyRetention: 1 });
    finish(stored.checkpointInSteps(BEGIN + 31));
    expect([stored.historyFrom, at(20), at(30), at(60)]).toEqual([3, "expired", 3, 7]);
  });
});
