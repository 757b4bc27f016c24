import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryEntry, HistoryQuery, LoggedEvent } from "../../../src/protocol/index.ts";
import { historyPage } from "../../../src/session/history.ts";
import { entriesOf } from "../../../src/storage/log.ts";
import { finish, type StoredDocument, type Tables } from "../../../src/storage.ts";
import type { NodeId } from "../../../src/tree/index.ts";
import { BEGIN, createWriter, reopen } from "../../support/writer.ts";
import { insert, item, update } from "../../tree/document.ts";
import { history, START, type Step } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

const time = fc.integer({ min: BEGIN - 5, max: BEGIN + 250 });
/** Mostly absent: a query with many conditions finds nothing. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
const meta = fc.dictionary(fc.constantFrom("kind", "n"), fc.constantFrom("import", "1", "true", "null", "x"), {
  maxKeys: 2,
});
const query: fc.Arbitrary<HistoryQuery> = fc.record({
  after: rarely(fc.nat(80)),
  before: rarely(fc.nat(80)),
  order: rarely(fc.constantFrom("oldest", "newest")),
  subtree: rarely(fc.boolean()),
  inverse: rarely(fc.boolean()),
  since: rarely(time),
  until: rarely(time),
  limit: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100 })),
  node: rarely(fc.constantFrom("a", "b", "f", "k", "new0", "root", "ghost")),
  where: rarely(
    fc.record({
      userId: rarely(fc.constantFrom("u1", "nobody")),
      client: rarely(fc.constantFrom("ann", "bob", "nobody")),
      meta: rarely(meta),
    }),
  ),
});

export function registerHistory({ create, runs }: StorageUnderTest): void {
  describe("history", () => {
    it("D7 pages and filters like a filter over all entries, from either end (V1, V2, V3)", async () => {
      const queries = fc.array(query, { minLength: 12, maxLength: 12 });
      let found = 0;
      const property = fc.asyncProperty(history, queries, async (steps, asked) => {
        await create((tables) => {
          const stored = writeHistory(tables, steps);
          const all = [...stored.log.after(0)].flatMap(entriesOf);
          for (const each of asked) {
            const pages = readPages(stored, each);
            const expected = all.filter((entry) => passes(stored, entry, each)).map((entry) => asTold(entry, each));
            expect(pages.flat()).toEqual(each.order === "newest" ? expected.reverse() : expected);
            for (const page of pages) expect(page.length).toBeLessThanOrEqual(each.limit ?? 100);
            found += expected.length;
          }
        });
      });
      await fc.assert(property, runs(30));
      expect(found, "the filters let something through").toBeGreaterThan(150);
    });

    it("D7 a page holds 100 entries unless asked otherwise, and says whether there may be more", () =>
      create((tables) => {
        const { stored, submit, commit } = createWriter(tables, item("root", item("a")));
        for (let count = 0; count < 250; count++) {
          submit("ann", update("a", { count }));
          if (count % 7 === 0) commit();
        }
        commit();
        const look = (asked: HistoryQuery) => {
          const { entries, more, next } = finish(historyPage(stored, asked));
          return [entries.at(0)?.seq, entries.at(-1)?.seq, more, next];
        };
        expect(look({})).toEqual([1, 100, true, 100]);
        expect(look({ after: 100 })).toEqual([101, 200, true, 200]);
        expect(look({ after: 200 })).toEqual([201, 250, false, 250]);
        expect(look({ limit: 250 })).toEqual([1, 250, false, 250]);
        expect(look({ limit: 249 })).toEqual([1, 249, true, 249]);
        expect(look({ after: 250 })).toEqual([undefined, undefined, false, 250]);
        expect(look({ after: 1_000 })).toEqual([undefined, undefined, false, 1_000]);
      }));

    it("D7 values of meta are compared as text, whatever they are", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root"));
        const metas = [
          { k: "1" },
          { k: 1 },
          { k: true },
          { k: null },
          { k: [1, "x"] },
          { k: { y: 2 } },
          { other: 1 },
          {},
        ];
        for (const [index, meta] of metas.entries()) write("ann", insert(`n${index}`, "root"), { meta });
        const found = (text: string) => {
          const { entries } = finish(historyPage(stored, { where: { meta: { k: text } } }));
          return entries.map(({ seq }) => seq);
        };
        expect([found("1"), found("true"), found('[1,"x"]'), found('{"y":2}')]).toEqual([[1, 2], [3], [5], [6]]);
        expect([found("undefined"), found("")]).toEqual([[], []]);
        expect(found("null")).toEqual([4]);
      }));

    it("V4 entries carry what they touch, and what undoes them where that is asked for", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")));
        write("ann", update("a", { x: 1 }), { user: "u", meta: { why: "test" }, at: BEGIN + 7 });
        write("ann", [update("a", { x: 2 }), insert("b", "a")]);
        expect(finish(historyPage(stored, {})).entries[0]).not.toHaveProperty("inverse");
        const { entries } = finish(historyPage(stored, { inverse: true }));
        expect(entries[0]).toEqual({
          ...{ seq: 1, time: BEGIN + 7, client: "ann", mutation: 1, userId: "u", meta: { why: "test" } },
          ops: [update("a", { x: 1 })],
          inverse: [{ op: "update", id: "a", unset: ["x"] }],
          touched: ["a"],
        });
        expect(entries[1]?.touched).toEqual(["a", "b"]);
        expect(entries[1]?.inverse).toEqual([
          { op: "remove", id: "b", was: null },
          { op: "update", id: "a", attrs: { x: 1 }, was: { x: 1 } },
        ]);
      }));

    it("D7 a page ends early where entries are large, and goes on from there", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")));
        for (let count = 0; count < 24; count++) write("ann", update("a", { text: `${count}`.padEnd(300_000) }));
        const pages = readPages(stored, {});
        expect(pages.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
        expect(pages.length).toBeGreaterThanOrEqual(3);
        for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(6 * 1024 * 1024);
      }));
  });
}

/** Writes a history in groups of up to four mutations, two milliseconds apart, and opens it anew. */
function writeHistory(tables: Tables, steps: readonly Step[]): StoredDocument {
  const writer = createWriter(tables, START);
  const metas = [undefined, { kind: "import" }, { n: 1 }, { kind: "x", n: true }, { n: null }];
  for (const [index, { author, ops }] of steps.entries()) {
    const meta = metas[index % metas.length];
    const user = author === "ann" ? { user: "u1" } : {};
    writer.submit(index % 6 === 5 ? null : author, ops, { ...user, ...(meta && { meta }), at: BEGIN + 2 * index });
    if (index % 4 === 3 || index % 7 === 0) writer.commit();
  }
  writer.commit();
  writer.stored.checkpoint();
  return reopen(tables).stored;
}

/** All pages, one after the other. */
function readPages(stored: StoredDocument, asked: HistoryQuery): HistoryEntry[][] {
  const pages: HistoryEntry[][] = [];
  let { after = 0, before = stored.seq + 1 } = asked;
  for (;;) {
    const { entries, more, next } = finish(historyPage(stored, { ...asked, after, before }));
    pages.push([...entries]);
    if (!more) return pages;
    if (asked.order === "newest") {
      expect(next, "every page goes on").toBeLessThan(before);
      before = next;
    } else {
      expect(next, "every page goes on").toBeGreaterThan(after);
      after = next;
    }
  }
}

/** The filter in its plainest form. */
function passes(stored: StoredDocument, entry: LoggedEvent, query: HistoryQuery): boolean {
  const { after, before, since, until, node, where } = query;
  if (after !== undefined && entry.seq <= after) return false;
  if (before !== undefined && entry.seq >= before) return false;
  if (since !== undefined && entry.time < since) return false;
  if (until !== undefined && entry.time >= until) return false;
  if (where?.userId !== undefined && entry.userId !== where.userId) return false;
  if (where?.client !== undefined && entry.client !== where.client) return false;
  for (const [key, text] of Object.entries(where?.meta ?? {})) {
    const value = entry.meta?.[key];
    if (value === undefined || String(value) !== text) return false;
  }
  if (node === undefined) return true;
  return entry.ops.some((effect) => {
    const named = [effect.op === "insert" ? effect.node.id : effect.id];
    // Whatever is put under a node touches it.
    if (effect.op === "insert" || effect.op === "move") named.push(effect.parent);
    return named.some((id) => (query.subtree ? aboveOf(stored, id) : [id]).includes(node));
  });
}

function aboveOf(stored: StoredDocument, id: NodeId): NodeId[] {
  const parent = stored.nodes.get(id)?.parent ?? null;
  return parent === null ? [id] : [id, ...aboveOf(stored, parent)];
}

/** An event of the log as it is told. */
function asTold({ inverse, ...event }: LoggedEvent, query: HistoryQuery): HistoryEntry {
  const touched = [...new Set(event.ops.map((effect) => (effect.op === "insert" ? effect.node.id : effect.id)))];
  return { ...event, touched, ...(query.inverse && { inverse }) };
}
