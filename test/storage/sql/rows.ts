import { describe, expect, it } from "vitest";
import type { Sql, SqlRow } from "../../../src/storage.ts";
import { type Above, type NodeData, rootRecord } from "../../../src/tree/index.ts";
import { type CountingSql, countingSql } from "../../support/counting-sql.ts";
import { treeAtOnce } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { PLAIN } from "../../tree/outline.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

const COMMIT_READ = /^SELECT first, last, time, body FROM events/;
const NODE_READ = /FROM nodes/;

/** A port that also counts the characters of nodes that are read, since the last call of `takeRead`. */
function countingContent(real: Sql): { sql: CountingSql; takeRead(): number } {
  let characters = 0;
  const sql = countingSql(real, (statement, rows) => {
    if (NODE_READ.test(statement)) characters += JSON.stringify(rows).length;
  });
  const takeRead = () => {
    const taken = characters;
    characters = 0;
    return taken;
  };
  return { sql, takeRead };
}

export function registerSqlRows({ create }: SqlUnderTest): void {
  describe("reading", () => {
    it("D2 loading replays only the events after the checkpoint", () =>
      create((real) => {
        const writer = createWriter(real, item("root", item("a")));
        for (let count = 0; count < 40; count++) writer.write("ann", update("a", { count }));
        writer.stored.checkpoint();
        const commitsRead = () => {
          let reads = 0;
          const look = (statement: string, rows: readonly SqlRow[]) => {
            if (COMMIT_READ.test(statement)) reads += rows.length;
          };
          const { stored } = reopen(countingSql(real, look));
          expect([stored.seq, stored.nodes.get("a")?.attrs]).toEqual([
            writer.stored.seq,
            writer.stored.nodes.get("a")?.attrs,
          ]);
          return reads;
        };
        // The commit that the checkpoint ends with may be looked at: it could reach beyond.
        expect(commitsRead()).toBeLessThanOrEqual(1);
        for (let count = 1; count <= 3; count++) {
          writer.write("ann", update("a", { count: -count }));
          expect(commitsRead()).toBe(count);
        }
      }));

    it("D2 node rows are read on demand, and once", () =>
      create((real) => {
        const sql = countingSql(real);
        createWriter(
          sql,
          wideTree(5_000, () => ({})),
        );
        sql.take();
        const { stored, write } = reopen(sql);
        const nodesRead = () => sql.take().filter((statement) => NODE_READ.test(statement)).length;
        expect(nodesRead()).toBe(0);
        write("ann", update("n4000", { x: 1 }));
        expect(nodesRead()).toBe(1);
        write("ann", move("n10", "n20"));
        // Itself, its neighbours, its parents up to the root, and where it goes.
        expect(nodesRead()).toBeLessThanOrEqual(6);
        write("ann", update("n10", { x: 2 }));
        expect(nodesRead()).toBe(0);
        expect(stored.nodes.size).toBe(5_001);
      }));

    it("D2 clean rows in memory are bounded, and what was let go is read again", () =>
      create((real) => {
        const sql = countingSql(real);
        // 24 Mi characters of attributes, three times what may stay.
        const text = "x".repeat(600_000);
        const { stored } = createWriter(
          sql,
          wideTree(40, (index) => ({ index, text })),
        );
        const ids = Array.from({ length: 40 }, (_, index) => `n${index}`);
        const { stored: reloaded } = reopen(sql);
        for (const { nodes } of [stored, reloaded]) {
          for (const _ of [1, 2]) {
            for (const [index, id] of ids.entries()) expect(nodes.get(id)?.attrs).toEqual({ index, text });
          }
          sql.take();
          nodes.get("n39");
          expect(sql.take(), "the last one read is still there").toEqual([]);
          let missed = 0;
          for (const id of ids.toReversed()) {
            nodes.get(id);
            missed += sql.take().length;
          }
          expect(missed, "8 Mi characters hold 13 of them").toBeGreaterThanOrEqual(40 - 13);
          expect(nodes.get("ghost")).toBe(undefined);
        }
      }));

    it("D2 what is changed and written over and over takes its room once", () =>
      create((real) => {
        const sql = countingSql(real);
        const { stored, write } = createWriter(
          sql,
          wideTree(20, () => ({})),
        );
        for (let index = 1; index < 20; index++) stored.nodes.get(`n${index}`);
        for (let round = 0; round < 20; round++) {
          write("ann", update("n0", { text: `${round}`.padEnd(600_000) }));
          stored.checkpoint();
        }
        sql.take();
        for (let index = 1; index < 20; index++) stored.nodes.get(`n${index}`);
        expect(sql.take(), "all of them are still in memory").toEqual([]);
      }));

    it("D2 the records of clients in memory are bounded, and right after that", () =>
      create((real) => {
        const sql = countingSql(real);
        const { stored, submit, commit } = createWriter(sql, item("root", item("a")));
        const ids = Array.from({ length: 1_500 }, (_, index) => `client${index}`);
        for (const [index, id] of ids.entries()) submit(id, update("a", { x: index }), { user: `user${index}` });
        commit();
        stored.checkpoint();
        sql.take();
        for (const [index, id] of ids.entries()) {
          expect(stored.clients.get(id)).toMatchObject({ id, user: `user${index}`, mutation: 1 });
        }
        expect(sql.take().length).toBeGreaterThanOrEqual(500);
        expect(stored.clients.get("stranger")).toBe(undefined);
      }));

    it("D2 what was released is remembered for no longer", () =>
      create((real) => {
        createWriter(real, item("root", item("a")));
        const sql = countingSql(real);
        const { nodes } = reopen(sql).stored;
        const put = (id: string) => {
          const record = { ...rootRecord(id, "item", {}), parent: "root" };
          sql.take();
          nodes.put(record);
          return sql.take().length;
        };
        const frozen = nodes.freeze();
        expect(put("b"), "whether there was a b has to be known").toBe(1);
        frozen.release();
        expect(put("c")).toBe(0);
      }));

    it("D4 remembers who made an event long after it has left memory", () =>
      create((real) => {
        const sql = countingSql(real);
        const { stored, submit, commit } = createWriter(sql, item("root", item("a")));
        submit("ann", update("a", { x: 0 }), { user: "u1" });
        for (let count = 1; count <= 5_000; count++) {
          submit("bob", update("a", { count }));
          if (count % 1_000 === 0) commit();
        }
        for (const each of [stored, reopen(sql).stored]) {
          expect(each.recent.authorOf(1)).toMatchObject({ client: "ann", userId: "u1" });
          expect(each.recent.authorOf(2)).toMatchObject({ client: "bob", userId: null });
          expect(each.recent.authorOf(5_001)).toMatchObject({ client: "bob", userId: null });
          expect(each.recent.authorOf(5_002)).toBe(undefined);
          const reads = () => sql.take().filter((statement) => COMMIT_READ.test(statement)).length;
          reads();
          for (let seq = 2; seq <= 5_001; seq++) each.recent.authorOf(seq);
          expect(reads(), "a commit is read for all of its events").toBeLessThanOrEqual(5);
        }
      }));

    it("D10 what comes next in document order is read many rows at once", () =>
      create((real) => {
        const sql = countingSql(real);
        createWriter(
          sql,
          wideTree(5_000, (index) => ({ index })),
        );
        const { nodes } = reopen(sql).stored;
        const frozen = nodes.freeze();
        sql.take();
        expect([...frozen.nodes()].length).toBe(5_001);
        expect(sql.take().length).toBeLessThanOrEqual((5_001 / 64) * 2);
        frozen.release();
        nodes.get("n17");
        expect(sql.take().length, "and they stay in memory where there is room").toBe(0);
      }));

    it("D10 large ones are read once each, and take nothing from what was read ahead", () =>
      create((real) => {
        const sql = countingSql(real);
        createWriter(
          sql,
          wideTree(1_000, (index) => ({ text: "x".repeat(index % 4 === 0 ? 5_000 : 10) })),
        );
        const { nodes } = reopen(sql).stored;
        sql.take();
        expect([...nodes.freeze().nodes()].length).toBe(1_001);
        expect(sql.take().length).toBeLessThan(250 + 10);
      }));

    it("D10 what comes next is read across the ends of many small branches", () =>
      create((real) => {
        const sql = countingSql(real);
        const children = Array.from({ length: 1_000 }, (_, index) =>
          item(`s${index}`, item(`t${index}`, item(`u${index}`))),
        );
        const sections = Array.from({ length: 20 }, (_, index) =>
          item(`r${index}`, ...children.slice(50 * index, 50 * index + 50)),
        );
        createWriter(sql, item("root", ...sections));
        const { nodes } = reopen(sql).stored;
        sql.take();
        expect([...nodes.freeze().nodes()].length).toBe(3_021);
        expect(sql.take().length).toBeLessThan(20);
      }));

    it("T14 what is removed and comes back again and again is counted without its content, and looked up once", () =>
      create((real) => {
        const { sql, takeRead } = countingContent(real);
        const nodes = Array.from({ length: 60 }, (_, index) => ({
          id: `n${index}`,
          type: PLAIN,
          attrs: { text: "x".repeat(200_000) },
        }));
        createWriter(sql, item("root", { ...item("x"), children: nodes }));
        const { write } = reopen(sql);
        sql.take();
        takeRead();
        write("ann", Array.from({ length: 50 }, () => [remove("x"), move("x", "root")]).flat());
        // The first one, to see that it is too large to be carried.
        expect(takeRead()).toBeLessThan(300_000);
        expect(sql.take().length).toBeLessThan(10);
      }));

    it("D8 the way back past many small branches reads them, and not what stands behind each", () =>
      create((real) => {
        const { sql, takeRead } = countingContent(real);
        const writer = createWriter(sql, item("root", item("a"), item("b")));
        const pairs = Array.from({ length: 500 }, (_, index) => insert(`p${index}`, "a", {}, [item(`c${index}`)]));
        writer.write("ann", pairs);
        writer.stored.checkpoint();
        const { stored } = reopen(sql);
        takeRead();
        expect(treeAtOnce(stored, 0)?.get("a")).toMatchObject({ first: null });
        // A thousand rows, some of them twice.
        expect(takeRead()).toBeLessThan(600_000);
      }));

    it("C14 where many nodes stand is looked up at once, and that some are not there once", () =>
      create((real) => {
        const sql = countingSql(real);
        const sections = Array.from({ length: 200 }, (_, at) =>
          item(`s${at}`, item(`t${at}`, ...Array.from({ length: 5 }, (__, index) => item(`n${at}-${index}`)))),
        );
        createWriter(sql, item("root", ...sections));
        const { nodes } = reopen(sql).stored;
        sql.take();
        const ids = Array.from({ length: 1_000 }, (_, index) => `n${index % 200}-${Math.floor(index / 200)}`);
        const asked = [...ids, ...ids.map((id) => `no-${id}`)];
        nodes.expectAbove?.(asked);
        for (const id of asked) {
          const found = nodes.stem?.(id, "above");
          expect(found?.parent).toBe(id.startsWith("no") ? undefined : id.replace(/n(\d+)-.*/, "t$1"));
          for (
            let above: Above | undefined = found;
            above;
            above = above.parent === null ? undefined : nodes.above?.(above.parent)
          ) {
            expect(above.removed).toBe(null);
          }
        }
        expect(sql.take().length).toBeLessThan(10);
        nodes.delete("n7-0");
        expect([nodes.stem?.("n7-0", "below"), nodes.above?.("n7-0")]).toEqual([undefined, undefined]);
      }));

    it("D10 a walk through more than fits into memory empties it of nothing that is used", () =>
      create((real) => {
        const sql = countingSql(real);
        const text = "x".repeat(8_000);
        createWriter(
          sql,
          wideTree(2_000, (index) => ({ index, text })),
        );
        const { nodes } = reopen(sql).stored;
        for (const id of ["n1999", "n1000"]) nodes.get(id);
        for (let time = 0; time < 2; time++) expect([...nodes.freeze().nodes()].length).toBe(2_001);
        sql.take();
        for (const id of ["n1999", "n1000"]) nodes.get(id);
        expect(sql.take()).toEqual([]);
      }));
  });
}

function wideTree(count: number, attrs: (index: number) => NonNullable<NodeData["attrs"]>): NodeData {
  const children = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: PLAIN, attrs: attrs(index) }));
  return { id: "root", type: PLAIN, children };
}
