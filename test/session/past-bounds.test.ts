import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS, LIMITS } from "../../src/protocol/index.ts";
import {
  binPage,
  blamePage,
  createDocument,
  createMeter,
  createSqliteTables,
  lastDoings,
  openDocument,
  type Slices,
  type StoredDocument,
} from "../../src/storage.ts";
import { eachFlat } from "../../src/tree/index.ts";
import { countingSql } from "../support/counting-sql.ts";
import { openTestSql } from "../support/node-sqlite.ts";

// The log of a document of many events, read as it lies there. With a million it is the same page by page (docs/history.md has figures).

const COMMITS = 2_600;
const PER_COMMIT = 50;
const EVENTS = COMMITS * PER_COMMIT;
/** What was done in the beginning is about this node, by this user. */
const EARLY = 100;

let document: StoredDocument;
/** Characters of bodies and rows that were read. */
let read = { characters: 0, rows: 0 };

beforeAll(() => {
  const sql = countingSql(openTestSql(), (statement, rows) => {
    if (!statement.includes("FROM events")) return;
    read.rows += rows.length;
    for (const { body } of rows) read.characters += typeof body === "string" ? body.length : 0;
  });
  const tables = createSqliteTables(sql);
  const node = (id: string) => ({ id, type: "item", attrs: { text: "" } });
  const tree = { id: "root", type: "list", children: [node("early"), node("late")] };
  createDocument(tables, eachFlat(tree, String), {
    ...{ incarnation: "one", salt: 1, options: DEFAULT_OPTIONS, now: 1 },
  });
  for (let first = 1; first <= EVENTS; first += PER_COMMIT) {
    const seqs = Array.from({ length: PER_COMMIT }, (_, index) => first + index);
    const isEarly = (seq: number) => seq <= EARLY;
    const id = (seq: number) => (isEarly(seq) ? "early" : "late");
    const events = seqs.map((seq) => ({
      ...{ seq, time: seq, client: isEarly(seq) ? "early" : `client-${seq % 7}`, mutation: seq },
      userId: isEarly(seq) ? "early" : `user-${seq % 7}`,
      ops: [{ op: "edit", id: id(seq), attr: "text", changes: ["ab"] }],
    }));
    const inverses = seqs.map((seq) => [
      { op: "edit", id: id(seq), attr: "text", changes: [-2], ...(seq !== 1 && seq !== EARLY + 1 && { was: seq - 1 }) },
    ]);
    const text = (list: readonly unknown[]) => JSON.stringify(list).slice(1, -1);
    const last = first + PER_COMMIT - 1;
    tables.log.append({ first, last, time: last, events: text(events), inverses: text(inverses) });
  }
  tables.meta.put("checkpoint", JSON.stringify({ ...JSON.parse(tables.meta.get("checkpoint") ?? ""), seq: EVENTS }));
  const opened = openDocument(tables, () => "one");
  if (!opened) throw new Error("there is no document");
  document = opened;
  const early = document.nodes.edit("early");
  early.attrs = { text: "ab".repeat(EARLY) };
  early.written = { text: EARLY };
});

/** What a call comes to, in how many turns, and the most that one of them has read. */
function run<T>(work: Slices<T>) {
  read = { characters: 0, rows: 0 };
  let most = 0;
  for (let turns = 1; ; turns++) {
    const before = read.characters;
    const step = work.next(0);
    most = Math.max(most, read.characters - before);
    if (step.done) return { value: step.value, turns, most, ...read };
  }
}

/** A page of bodies is read at once. */
const AT_ONCE = 512 * 1024;
const LOOKED_THROUGH = 4 * LIMITS.pastPage + AT_ONCE;

describe("V46 a page looks at so much and no more, in turns", () => {
  it("V46 a blame goes from event to event, and reads nothing between them", () => {
    const { value, rows, turns } = run(blamePage(document, { node: "early" }));
    expect(value?.texts.text?.[0]).toMatchObject({ userId: "early" });
    expect(value?.texts.text?.at(-1)?.to).toBe(2 * EARLY);
    expect(value?.more).toBe(false);
    expect(rows).toBeLessThan(20);
    expect(turns).toBeLessThan(20);
  });

  it("V46 where something of the node was undone it looks through all events, page by page, and finds the same", () => {
    const found = run(blamePage(document, { node: "early", attr: "text" })).value?.texts;
    const node = document.nodes.edit("early");
    node.past = { undone: [[5, 5, 6]] };
    const first = run(blamePage(document, { node: "early", attr: "text" }));
    expect(first.value?.texts.text).toEqual([{ from: 0, to: 2 * EARLY, seq: null }]);
    expect(first.value?.more).toBe(true);
    expect(first.characters).toBeLessThan(LOOKED_THROUGH);
    expect(first.most).toBeLessThan(2 * AT_ONCE);
    expect(first.turns).toBeGreaterThan(5);
    let [page, pages] = [first.value, 1];
    for (; page?.next; pages++) {
      const before = JSON.parse(page.next);
      const next = run(blamePage(document, { node: "early", attr: "text", before }));
      expect(next.characters).toBeLessThan(LOOKED_THROUGH);
      page = next.value;
    }
    node.past = null;
    expect(pages).toBeLessThan(20);
    expect(page?.texts).toEqual(found);
    expect(page?.inserted).toEqual({ before: 1 });
  });

  it("V46 what a page hands on to the next has an end, however long the names are and many the pieces", () => {
    const long = (index: number) => `${"n".repeat(120)}${index}`;
    const pieces = Array.from({ length: LIMITS.blamePieces }, (_, index) => [
      1_000_000 + 3 * index,
      1,
      2_000_000 + 3 * index,
    ]);
    const cursor = {
      ...{ seq: EVENTS, at: EVENTS, wanted: true, asleep: [] },
      nodes: [["early", null]],
      texts: Array.from({ length: 30 }, (_, index) => [long(index), long(index), null, pieces.slice(0, 10)]),
      attrs: Array.from({ length: LIMITS.blamePieces }, (_, index) => [long(index), 0]),
    };
    const page = run(blamePage(document, { node: "early", before: JSON.parse(JSON.stringify(cursor)) }));
    expect(page.value?.more).toBe(true);
    expect(page.value?.next?.length).toBeGreaterThan(LIMITS.blameCursor / 2);
    expect(page.value?.next?.length).toBeLessThanOrEqual(LIMITS.blameCursor);
    const many = { ...cursor, attrs: [], texts: [["early", "text", null, pieces]] };
    const next = run(blamePage(document, { node: "early", before: JSON.parse(JSON.stringify(many)) })).value?.next;
    expect(next?.length).toBeLessThanOrEqual(LIMITS.blameCursor);
    expect(JSON.parse(next ?? "{}").texts[0][3].length).toBeGreaterThan(200);
  });

  it("V49 a page of the bin of which nothing was removed", () => {
    let pages = 0;
    for (let after: string | undefined; ; ) {
      const query = after === undefined ? {} : { after };
      const page = run(binPage(document, document.nodes, query, createMeter()));
      expect(page.characters).toBeLessThan(LOOKED_THROUGH);
      expect(page.most).toBeLessThan(2 * AT_ONCE);
      expect(page.value.entries).toEqual([]);
      pages++;
      if (page.value.next === null) break;
      after = page.value.next;
    }
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(20);
  });

  it("V55 an undo that finds nothing is `tooLarge`, and has looked through so much", () => {
    const { value, most, characters, turns } = run(
      lastDoings(document, { user: "nobody" }, { count: 1, redo: false }, createMeter()),
    );
    expect(value).toBe("tooLarge");
    expect(most).toBeLessThan(2 * AT_ONCE);
    expect(characters).toBeLessThan(4 * LIMITS.undoSearch + AT_ONCE);
    expect(turns).toBeGreaterThan(5);
    const own = run(lastDoings(document, { user: "user-3" }, { count: 1, redo: false }, createMeter()));
    expect(own.value).toHaveLength(1);
    expect(own.characters).toBeLessThan(AT_ONCE);
  });
});
