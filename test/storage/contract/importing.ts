import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../../src/protocol/index.ts";
import { beginImport, createDocument, type ImportedNode, type Tables } from "../../../src/storage.ts";
import { documentOrder } from "../../support/document-order.ts";
import { problemsOf, rowIdsOf } from "../../support/stored.ts";
import { BEGIN, createWriter, look, reopen } from "../../support/writer.ts";
import { insert, item, update } from "../../tree/document.ts";
import { outline, PLAIN } from "../../tree/outline.ts";
import type { StorageUnderTest } from "./under-test.ts";

const BIRTH = { incarnation: "imported", salt: 1, options: DEFAULT_OPTIONS, now: BEGIN };
const MANY = 20_000;
const BATCH = 2_000;

export function registerImporting({ create, runs }: StorageUnderTest): void {
  describe("an import", () => {
    it("D11 gives the tree that was read in: children below their parents, siblings in their order", async () => {
      const parents = fc.array(fc.nat(), { maxLength: 200 });
      const property = fc.asyncProperty(parents, async (numbers) => {
        await create((tables) => {
          const nodes = treeOf(numbers);
          importAll(tables, nodes);
          const { stored } = reopen(tables);
          expect(outline(stored.nodes)).toBe(outlineOf(nodes));
          expect([stored.nodes.size, stored.seq, stored.incarnation]).toEqual([nodes.length, 0, "imported"]);
          expect(problemsOf(tables, stored)).toEqual([]);
        });
      });
      await fc.assert(property, runs(60));
    });

    it.each(["wide", "deep", "mixed"])("D11 of 20 000 nodes, %s, written in many steps", (shape) =>
      create((tables) => {
        const parentOf = (index: number) => {
          if (shape === "wide") return 0;
          return shape === "deep" ? index - (index % 1_000 === 1 ? index : 1) : Math.floor((index * 7919) % index);
        };
        const nodes = Array.from({ length: MANY }, (_, index) => node(index, index === 0 ? null : parentOf(index)));
        let flushes = 0;
        const counting: Tables = {
          ...tables,
          transaction: (work) => {
            flushes++;
            return tables.transaction(work);
          },
        };
        importAll(counting, nodes);
        expect(flushes).toBeGreaterThanOrEqual(10);
        const { stored, write } = reopen(tables);
        expect(problemsOf(tables, stored)).toEqual([]);
        expect(documentOrder(stored.nodes)).toEqual(orderOf(nodes));
        expect(rowIdsOf(tables).length).toBe(MANY);
        expect(write("ann", insert("one-more", `n${MANY - 1}`))).toMatchObject({ ok: true, value: { seq: 1 } });
      }),
    );

    it("D11 finds an id that was there before, however long ago it was written", () =>
      create((tables) => {
        const importing = beginImport(tables, BATCH);
        for (let index = 0; index < MANY; index++) {
          const each = { ...node(index, index === 0 ? null : 0), attrs: { text: "x".repeat(1_000) } };
          expect(importing.add(each)).toBe(null);
        }
        for (const index of [0, 1, 1_999, 2_000, 10_000, MANY - 1]) {
          importing.expect([`n${index}`, "fresh"]);
          expect(importing.add({ id: `n${index}`, type: PLAIN, parent: "n0" }), `n${index}`).toBe("exists");
        }
        expect(importing.size).toBe(MANY);
      }));

    it("D11 finds an id that stands twice among those announced together", () =>
      create((tables) => {
        const importing = beginImport(tables, BATCH);
        importing.add({ id: "root", type: PLAIN, parent: null });
        importing.expect(["a", "a", "b"]);
        const answers = ["a", "a", "b"].map((id) => importing.add({ id, type: PLAIN, parent: "root" }));
        expect(answers).toEqual([null, "exists", null]);
      }));

    it("D11 begins with a root, and has one alone; parents come first", () =>
      create((tables) => {
        const importing = beginImport(tables, BATCH);
        expect(importing.add({ id: "a", type: PLAIN, parent: "root" })).toBe("root");
        expect(importing.size).toBe(0);
        expect(importing.add({ id: "root", type: "page", attrs: { x: 1 }, parent: null })).toBe(null);
        expect(importing.add({ id: "other", type: PLAIN, parent: null })).toBe("root");
        expect(importing.add({ id: "b", type: PLAIN, parent: "a" })).toBe("notFound");
        expect(importing.add({ id: "b", type: PLAIN, parent: "b" }), "its own parent").toBe("notFound");
        expect(importing.add({ id: "root", type: PLAIN, parent: "root" })).toBe("exists");
        expect(importing.size).toBe(1);
        importing.finish(BIRTH);
        expect(outline(reopen(tables).stored.nodes)).toBe("root:page x=1");
      }));

    it("D11 of nothing is no document", () =>
      create((tables) => {
        expect(() => beginImport(tables, BATCH).finish(BIRTH)).toThrow();
        expect(look(tables)).toBe(null);
      }));

    it("D11 is no document before it is finished, whatever it has written", () =>
      create((tables) => {
        const importing = beginImport(tables, BATCH);
        for (let index = 0; index < 5_000; index++) {
          importing.add(node(index, index === 0 ? null : 0));
          if (index % 999 === 0) expect(look(tables)).toBe(null);
        }
        expect(rowIdsOf(tables).length, "some of it is written").toBeGreaterThan(1_000);
        importing.finish(BIRTH);
        expect(look(tables)?.nodes.size).toBe(5_000);
      }));

    it("D11 that was broken off is never seen, and the next creation or import drops what it left", () =>
      create((tables) => {
        const breakOff = () => {
          const importing = beginImport(tables, BATCH);
          for (let index = 0; index < 5_000; index++) importing.add(node(index, index === 0 ? null : 0));
          expect(rowIdsOf(tables).length).toBeGreaterThan(1_000);
        };
        breakOff();
        importAll(tables, [node(0, null), node(7, 0)]);
        expect(rowIdsOf(tables)).toEqual(["n0", "n7"]);
        tables.clear();
        breakOff();
        const { stored, write } = createWriter(tables, item("n1", item("n3")));
        expect(rowIdsOf(tables)).toEqual(["n1", "n3"]);
        expect(stored.nodes.get("n4")).toBe(undefined);
        expect(write("ann", [insert("n4", "n3"), update("n1", { x: 1 })])).toMatchObject({ ok: true });
        expect(problemsOf(tables, reopen(tables).stored)).toEqual([]);
      }));

    it("D11 T2 a tree in which an id stands twice leaves nothing, large or small", () =>
      create((tables) => {
        for (const count of [1, 2_500]) {
          const flat = Array.from({ length: count }, (_, index) => flatNode(`n${index}`, index === 0 ? "" : "n0"));
          expect(createDocument(tables, [...flat, flatNode("n0", "n0")], BIRTH)).toBe(null);
          expect([tables.exists(), look(tables)]).toEqual([false, null]);
        }
        expect(createDocument(tables, [flatNode("n0", "")], BIRTH)?.nodes.size).toBe(1);
        expect(rowIdsOf(tables)).toEqual(["n0"]);
      }));
  });
}

function importAll(tables: Tables, nodes: readonly ImportedNode[]): void {
  const importing = beginImport(tables, BATCH);
  for (const [index, each] of nodes.entries()) {
    if (index % 100 === 0) importing.expect(nodes.slice(index, index + 100).map(({ id }) => id));
    expect(importing.add(each)).toBe(null);
  }
  importing.finish(BIRTH);
}

function node(index: number, parent: number | null): ImportedNode {
  return { id: `n${index}`, type: PLAIN, parent: parent === null ? null : `n${parent}` };
}

function flatNode(id: string, parent: string) {
  return { id, type: PLAIN, attrs: undefined, parent, after: null };
}

/** Every node below one of those before it. */
function treeOf(numbers: readonly number[]): ImportedNode[] {
  return [node(0, null), ...numbers.map((number, index) => node(index + 1, number % (index + 1)))];
}

function childrenOf(nodes: readonly ImportedNode[]): Map<string | null, ImportedNode[]> {
  const children = new Map<string | null, ImportedNode[]>();
  for (const each of nodes) children.set(each.parent, [...(children.get(each.parent) ?? []), each]);
  return children;
}

function outlineOf(nodes: readonly ImportedNode[]): string {
  const children = childrenOf(nodes);
  const lines = (parent: string | null, level: number): string[] =>
    (children.get(parent) ?? []).flatMap(({ id }) => [`${"  ".repeat(level)}${id}`, ...lines(id, level + 1)]);
  return lines(null, 0).join("\n");
}

/** Document order by the plainest means, without recursion. */
function orderOf(nodes: readonly ImportedNode[]): string[] {
  const children = new Map<string | null, string[]>();
  for (const { id, parent } of nodes) {
    const siblings = children.get(parent);
    if (siblings) siblings.push(id);
    else children.set(parent, [id]);
  }
  const order: string[] = [];
  const stack = [...(children.get(null) ?? [])];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    order.push(id);
    stack.push(...(children.get(id) ?? []).toReversed());
  }
  return order;
}
