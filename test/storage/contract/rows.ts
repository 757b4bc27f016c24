import { describe, expect, it } from "vitest";
import { createLayer, type NodeData } from "../../../src/tree/index.ts";
import { countingSql } from "../../support/counting-sql.ts";
import { problemsOf } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { PLAIN } from "../../tree/outline.ts";
import type { StorageUnderTest } from "./under-test.ts";

const COMMIT_READ = /^SELECT last, time, body FROM events/;
const NODE_READ = /FROM nodes/;

export function registerRows({ create }: StorageUnderTest): void {
  describe("reading", () => {
    it("D2 loading replays only the events after the checkpoint", () =>
      create((real) => {
        const sql = countingSql(real);
        const writer = createWriter(sql, item("root", item("a")));
        for (let count = 0; count < 40; count++) writer.write("ann", update("a", { count }));
        writer.stored.checkpoint();
        const commitsRead = () => {
          sql.take();
          const { stored } = reopen(sql);
          const reads = sql.take().filter((statement) => COMMIT_READ.test(statement)).length;
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

    it("D2 what is changed is never let go, and nothing is lost around it", () =>
      create((sql) => {
        const text = "x".repeat(600_000);
        const { stored, write } = createWriter(
          sql,
          wideTree(40, (index) => ({ index, text })),
        );
        const readAll = () => {
          for (let index = 0; index < 40; index++) stored.nodes.get(`n${index}`);
        };
        readAll();
        write("ann", update("n0", { text: "changed" }));
        write("bob", [insert("new", "n1"), move("n2", "n3")]);
        write("cy", remove("n4"));
        readAll();
        expect(stored.nodes.dirty).toBeGreaterThan(4);
        const look = ({ nodes }: typeof stored) => ({
          n0: nodes.get("n0")?.attrs,
          new: nodes.get("new")?.parent,
          n2: nodes.get("n2")?.parent,
          n4: nodes.get("n4")?.removed,
          size: nodes.size,
        });
        const expected = { n0: { index: 0, text: "changed" }, new: "n1", n2: "n3", n4: 3, size: 41 };
        expect(look(stored)).toEqual(expected);
        stored.checkpoint();
        readAll();
        expect(look(stored)).toEqual(expected);
        const again = reopen(sql).stored;
        expect(look(again)).toEqual(expected);
        for (const each of [stored, again]) expect(problemsOf(sql, each)).toEqual([]);
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

    it("D2 a layer over rows reads the same tree, and leaves the rows alone", () =>
      create((sql) => {
        const { nodes } = createWriter(sql, item("root", item("a"))).stored;
        const layer = createLayer(nodes);
        layer.edit("a").type = "other";
        expect([layer.get("a")?.type, nodes.get("a")?.type, nodes.dirty]).toEqual(["other", PLAIN, 0]);
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
  });
}

function wideTree(count: number, attrs: (index: number) => NonNullable<NodeData["attrs"]>): NodeData {
  const children = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: PLAIN, attrs: attrs(index) }));
  return { id: "root", type: PLAIN, children };
}
