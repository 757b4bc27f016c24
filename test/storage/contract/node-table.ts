import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/protocol/index.ts";
import { NONE_ACCEPTED } from "../../../src/storage/accepted.ts";
import type { Tables } from "../../../src/storage.ts";
import { fromData, NO_ORDER, type NodeData, type NodeRecord, rootRecord, type Stem } from "../../../src/tree/index.ts";
import { documentOrder } from "../../support/document-order.ts";
import { scanned } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { item, remove } from "../../tree/document.ts";
import { history, START } from "../../tree/random-history.ts";
import { prepared, type StorageUnderTest } from "./under-test.ts";

/** Ids that a locale would sort otherwise than their characters. */
const NOWHERE = { up: null, left: null, right: null, behind: null };

const IDS = ["-", "0", "10", "2", "A", "Z", "_", "a", "aa", "ab", "b", "z", "~"];

export function registerNodeTable({ create, runs }: StorageUnderTest): void {
  describe("the table of nodes", () => {
    it("D9 gives every field of a record back, and null for a place that is none", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const bare = rootRecord("bare", "item", {});
        const full: NodeRecord = {
          ...{ id: "full", type: "t 🌳", attrs: { text: 'a"\u0000\u2028', deep: [1, { x: null }], n: -1.5e300 } },
          ...{ parent: "p", prev: "v", next: "n", first: "f", last: "l", placed: 7, removed: 8, height: 3 },
          order: { ...NO_ORDER, gap: "g", ghosts: [{ parent: "q", since: 2, spot: NOWHERE }], counted: 4 },
          ...{
            written: { text: 5, "": 6 },
            past: { place: 0, undone: [[4, 6, 9]], home: { parent: "h", after: null } },
          },
        };
        const written: NodeRecord = { ...bare, id: "written", written: { n: 3 } };
        write(tables, [bare, full, written]);
        for (const each of [bare, full, written]) expect(nodes.get(each.id)).toEqual(each);
        expect(nodes.walk("written", 1).get("written")).toEqual(written);
      }));

    it("D9 is scanned in the order of ids, removed nodes without their text", () =>
      create((tables) => {
        const records = IDS.map((id, index) => ({ ...rootRecord(id, "item", { id }), removed: index % 3 ? null : 5 }));
        const { nodes } = prepared(tables);
        write(tables, records.toReversed());
        expect(Array.from(scanned(nodes), ({ attrs, ...text }) => [text, attrs && JSON.parse(attrs)])).toEqual(
          records.map(({ id, parent, prev, type, attrs, removed }) => [
            { id, parent, prev, type },
            removed === null ? attrs : null,
          ]),
        );
      }));

    it("D9 D12 finds what was removed up to a seq a part at a time, whatever the parts", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const removedAt = (index: number) => (index % 4 === 3 ? null : index % 4);
        write(
          tables,
          IDS.map((id, index) => ({ ...rootRecord(id, "item", { id }), removed: removedAt(index) })),
        );
        for (const until of [0, 1, 2]) {
          const wanted = IDS.filter((_, index) => (removedAt(index) ?? 9) <= until);
          for (const [rows, most] of [
            [100, 100],
            [3, 100],
            [100, 1],
            [2, 2],
          ] as const) {
            const all: string[] = [];
            for (let after: string | null = ""; after !== null; ) {
              const { found, last }: ReturnType<typeof nodes.removed> = nodes.removed({ after, until }, rows, most);
              all.push(...found);
              after = last;
            }
            expect(all).toEqual(wanted);
          }
        }
      }));

    it("D9 is written while it is scanned: what lies behind is not seen, nothing is seen twice or left out", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const name = (index: number) => `n${String(index).padStart(4, "0")}`;
        write(
          tables,
          Array.from({ length: 1_000 }, (_, index) => rootRecord(name(2 * index), "item", {})),
        );
        const seen: string[] = [];
        for (const { id } of scanned(nodes)) {
          seen.push(id);
          const index = Number(id.slice(1));
          // One behind, one changed far ahead, one deleted far ahead.
          write(tables, [rootRecord(name(Math.max(0, index - 1)), "new", {})]);
          if (index === 100) write(tables, [rootRecord(name(1_900), "changed", {})]);
          if (index === 200) nodes.write(new Map([[name(1_800), null]]));
        }
        const expected = Array.from({ length: 1_000 }, (_, index) => name(2 * index)).filter(
          (id) => id !== name(1_800),
        );
        expect(seen).toEqual(expected);
        const second = Array.from(scanned(nodes), ({ id }) => id);
        expect(second.length, "the odd ones are there now").toBeGreaterThan(1_900);
      }));

    it("D9 is scanned and walked whole where content is just as much as comes along with others, more, and as much as may be", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const text = (characters: number) => '"\\\u0001é🌳'.repeat(characters).slice(0, characters);
        const sizes = [0, 1_000, 2_040, 2_044, 2_048, 4_080, 4_083, 4_084, 4_085, 4_090, 4_096, 5_000, 300_000, 0];
        const records = sizes.map((characters, index) => ({
          ...rootRecord(`n${String(index).padStart(2, "0")}`, text(100), { text: text(characters) }),
          next: index + 1 < sizes.length ? `n${String(index + 1).padStart(2, "0")}` : null,
        }));
        write(tables, records);
        const expected = records.map(({ id, type, attrs }) => [id, type, attrs]);
        const all = Array.from(scanned(nodes), ({ id, type, attrs }) => [id, type, attrs && JSON.parse(attrs)]);
        expect(all).toEqual(expected);
        for (const record of records) {
          for (const [id, walked] of nodes.walk(record.id, 100)) if (walked) expect(walked).toEqual(nodes.get(id));
        }
      }));

    it("D9 a page of the largest that come along is no larger than a text may be", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const name = (index: number) => `${index}`.padStart(LIMITS.idLength, "x");
        // Quotes take twice as much inside of another text, control characters six times as much.
        const attrs = { quotes: '"'.repeat(2_040) };
        const records = Array.from({ length: 600 }, (_, index) => ({
          ...rootRecord(name(index), "\u0001".repeat(LIMITS.nameLength), attrs),
          ...{ parent: name(index), prev: name(index), next: index < 599 ? name(index + 1) : null },
          ...{ first: index < 599 ? name(index + 1) : null, last: name(index) },
        }));
        write(tables, records);
        expect(Array.from(scanned(nodes), ({ attrs }) => attrs?.length)).toEqual(
          records.map(() => JSON.stringify(attrs).length),
        );
        expect(nodes.walk(name(0), 1_000).size).toBeGreaterThan(0);
        for (const toward of ["below", "above", "before", "behind"] as const) {
          expect(nodes.stems([name(300)], toward, 10_000)[0]).toMatchObject({ id: name(300), next: name(301) });
        }
      }));

    it("D9 tells which of many ids exist", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const ids = Array.from({ length: 3_000 }, (_, index) => `n${index}`);
        write(
          tables,
          ids.filter((_, index) => index % 3 === 0).map((id) => rootRecord(id, "item", {})),
        );
        expect(nodes.existing(ids).sort()).toEqual(ids.filter((_, index) => index % 3 === 0).sort());
        expect([nodes.existing([]), nodes.existing(["ghost", 'a"b']), nodes.existing(["n0"])]).toEqual([
          [],
          [],
          ["n0"],
        ]);
      }));

    it("D9 tells of any number of the longest ids, and deletes as many", () =>
      create((tables) => {
        const { nodes } = prepared(tables);
        const ids = Array.from({ length: 20_000 }, (_, index) => `${index}`.padEnd(LIMITS.idLength, "x"));
        const there = ids.filter((_, index) => index % 20 === 7);
        write(
          tables,
          there.map((id) => rootRecord(id, "item", {})),
        );
        expect(nodes.existing(ids).sort()).toEqual(there.toSorted());
        nodes.write(new Map(ids.map((id) => [id, null])));
        expect(nodes.existing(ids)).toEqual([]);
      }));

    it("D9 walks in document order from anywhere, at least one node, and never past the end of what follows", async () => {
      const property = fc.asyncProperty(history, async (steps) => {
        await create((tables) => {
          const { stored, write: mutate } = createWriter(tables, START);
          for (const { author, ops } of steps) mutate(author, ops);
          stored.checkpoint();
          const order = documentOrder(reopen(tables).stored.nodes);
          for (const [index, id] of order.entries()) {
            const walked = [...tables.nodes.walk(id, 100)];
            const ids = walked.map(([each]) => each);
            expect(ids[0]).toBe(id);
            expect(ids).toEqual(order.slice(index, index + walked.length));
            expect(walked).toEqual(ids.map((each) => [each, tables.nodes.get(each)]));
            for (const toward of ["below", "above", "before", "behind"] as const) {
              const stems = tables.nodes.stems([id], toward, 100).map((each) => stemOf(tables.nodes.get(each.id)));
              expect(tables.nodes.stems([id], toward, 100)).toMatchObject(stems);
            }
          }
        });
      });
      await fc.assert(property, runs(20));
    });

    it.each<[string, NodeData]>([
      ["wide", item("root", ...Array.from({ length: 2_000 }, (_, index) => item(`n${index}`)))],
      ["deep", deep(1_000)],
    ])("D9 walks a %s tree in steps of which each goes on where the last one ended", (_, tree) =>
      create((tables) => {
        createWriter(tables, tree);
        const order = documentOrder(fromData(tree, () => ""));
        for (let at = 0; at < order.length; ) {
          const walked = [...tables.nodes.walk(order[at] ?? "", 100).keys()];
          expect(walked.length).toBeGreaterThan(0);
          expect(walked).toEqual(order.slice(at, at + walked.length));
          at += walked.length;
        }
      }),
    );

    it("D9 what is read, and what was written, is a copy: changing it changes no row", () =>
      create((tables) => {
        const { nodes, clients } = prepared(tables);
        const record = rootRecord("a", "item", { x: 1 });
        const client = { id: "c", user: null, mutation: 1, seen: 1, answers: [], accepted: NONE_ACCEPTED };
        write(tables, [record]);
        clients.put(client);
        const kept = [structuredClone(record), structuredClone(client)];
        const spoil = (each: NodeRecord | undefined) =>
          Object.assign(each ?? {}, { type: "spoilt", attrs: { y: 2 }, first: "b" });
        spoil(record);
        spoil(nodes.get("a"));
        for (const each of nodes.walk("a", 100).values()) spoil(each ?? undefined);
        for (const each of nodes.stems(["a"], "above", 100)) Object.assign(each, { first: "b" });
        Object.assign(client, { mutation: 99 });
        Object.assign(clients.get("c") ?? {}, { mutation: 99, answers: [1] });
        expect([nodes.get("a"), clients.get("c")]).toEqual(kept);
      }));

    it("D9 T6 a removed node and what is below it have rows until these are deleted; the mark stands on the top alone", () =>
      create((tables) => {
        const { stored, write: mutate } = createWriter(tables, item("root", item("a", item("b"))));
        mutate("ann", remove("a"));
        stored.checkpoint();
        expect(Array.from(scanned(tables.nodes), ({ id, attrs }) => [id, attrs !== null])).toEqual([
          ["a", false],
          ["b", true],
          ["root", true],
        ]);
        tables.nodes.write(
          new Map([
            ["a", null],
            ["b", null],
          ]),
        );
        expect([tables.nodes.get("a"), tables.nodes.existing(["a", "b", "root"])]).toEqual([undefined, ["root"]]);
      }));
  });
}

function write(tables: Tables, records: readonly NodeRecord[]): void {
  tables.nodes.write(new Map(records.map((record) => [record.id, record])));
}

/** What a record tells of the way to others. */
function stemOf(record: NodeRecord | undefined): Stem | undefined {
  if (!record) return undefined;
  const { id, parent, prev, next, first, placed, removed } = record;
  return { id, parent, prev, next, first, placed, removed };
}

function deep(levels: number): NodeData {
  let node = item(`n${levels}`);
  for (let level = levels - 1; level > 0; level--) node = item(`n${level}`, node);
  return item("root", node);
}
