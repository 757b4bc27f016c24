import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../src/protocol/index.ts";
import type { NodeData, Operation } from "../../../src/tree/index.ts";
import { problemsOf } from "../../support/stored.ts";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import type { StorageUnderTest } from "./under-test.ts";

const TEXT = "x".repeat(1_000_000);
const COUNT = 24;

export function registerWeight({ create }: StorageUnderTest): void {
  describe("what has changed, by weight", () => {
    it("B30 a checkpoint is due from 12 MiB on, and from 16 MiB on nothing more is decided before it", () =>
      create((tables) => {
        const { stored, submit, commit } = large(tables);
        const seen: string[] = [];
        for (let count = 1; count <= 17; count++) {
          submit("ann", update(`n${count}`, { x: 1 }));
          seen.push(stored.heavy ? "heavy" : stored.checkpointDue ? "due" : "light");
        }
        // 12 MiB are 12.6 nodes, 16 MiB 16.8.
        expect(seen).toEqual([...Array(12).fill("light"), ...Array(4).fill("due"), "heavy"]);
        commit();
        stored.lighten();
        expect([stored.heavy, stored.checkpointDue, stored.nodes.dirty]).toEqual([false, false, 0]);
        const again = reopen(tables).stored;
        expect([again.seq, again.checkpointSeq, again.nodes.get("n17")?.attrs.x]).toEqual([17, 17, 1]);
      }));

    it("B30 what is light is not written", () =>
      create((tables) => {
        const { stored, write } = large(tables);
        for (let count = 1; count <= 16; count++) write("ann", update(`n${count}`, { x: 1 }));
        stored.lighten();
        expect([stored.checkpointSeq, stored.nodes.dirty]).toEqual([0, 16]);
      }));

    it("B30 a node weighs what it takes now, however often it changes", () =>
      create((tables) => {
        const { stored, submit } = large(tables);
        for (let count = 1; count <= 100; count++) submit("ann", update("n1", { x: count }));
        expect(Math.round(stored.nodes.dirtyWeight / 1_000)).toBe(1_000);
        submit("ann", { op: "update", id: "n1", unset: ["text"] });
        expect(stored.nodes.dirtyWeight).toBeLessThan(1_000);
        submit("ann", update("n1", { text: TEXT }));
        expect(Math.round(stored.nodes.dirtyWeight / 1_000)).toBe(1_000);
      }));

    it("B30 what nests weighs what it takes in memory, many times its text", () =>
      create((tables) => {
        const { stored, submit } = createWriter(tables, item("root", item("a")));
        submit("ann", update("a", { lists: Array.from({ length: 300_000 }, () => []) }));
        expect(Math.round(stored.nodes.dirtyWeight / 1_000_000)).toBe(11);
      }));

    it("B30 clients weigh, too: what they were answered is held until it is written", () =>
      create((tables) => {
        const { stored, submit } = createWriter(tables, item("root"));
        const before = stored.clients.dirtyWeight;
        submit("ann", remove("ghost"));
        submit("ann", update("root", { x: 1 }));
        expect([before, stored.clients.dirtyWeight > 500]).toEqual([0, true]);
        stored.clients.written();
        expect(stored.clients.dirtyWeight).toBe(0);
      }));

    it("B33 a large node is not measured anew at each update, nor when one is undone, nor when it is read again", () =>
      create((tables) => {
        const { stored, submit, commit } = large(tables);
        const texts = vi.spyOn(JSON, "stringify");
        const measured = () => {
          const large = texts.mock.results.filter(({ value }) => typeof value === "string" && value.length > 900_000);
          texts.mockClear();
          return large.length;
        };
        submit("ann", update("n1", { x: 0 }));
        const first = measured();
        expect(first, "memory does not know what a row takes").toBeLessThanOrEqual(1);
        for (let x = 1; x < 20; x++) submit("ann", update("n1", { x, y: "木" }));
        submit("ann", { op: "update", id: "n1", unset: ["y"] });
        submit("ann", update("n1", { x: "" }));
        commit();
        submit("ann", { op: "undo", seqs: [stored.seq] });
        submit("ann", update("n1", { x: 2 }));
        expect(measured()).toBe(0);
        texts.mockRestore();
      }));

    it("B31 one mutation changes 16 MiB of nodes, and not more: the operation is named that came to it, and nothing is done", () =>
      create((tables) => {
        const { stored, write } = large(tables);
        const updates = (count: number): Operation[] =>
          Array.from({ length: count }, (_, index) => update(`n${index}`, { x: 1 }));
        expect(write("ann", updates(17))).toMatchObject({ ok: false, problem: { code: "tooLarge", op: 16 } });
        expect([stored.seq, stored.nodes.dirty, stored.nodes.get("n0")?.attrs.x]).toEqual([0, 0, undefined]);
        expect(write("ann", updates(16))).toMatchObject({ ok: true });
        expect(write("ann", update("n20", { x: 1 }))).toMatchObject({ ok: true });
        expect(problemsOf(tables, stored)).toEqual([]);
      }));

    it("B31 what is refused makes memory forget nothing: a record counts once in it, however often that is", () =>
      create((tables) => {
        const { nodes } = large(tables).stored;
        for (const id of ["root", "n1", "n2"]) nodes.get(id);
        const tooLarge = () => {
          throw new Error("too large");
        };
        const refused = () => {
          expect(() => nodes.edit("n1")).toThrow("too large");
          return { ok: false };
        };
        for (let each = 0; each < 10; each++) nodes.attempt?.(tooLarge, refused);
        const reads = vi.spyOn(tables.nodes, "get");
        for (const id of ["root", "n1", "n2"]) nodes.get(id);
        expect(reads).not.toHaveBeenCalled();
      }));

    it("B31 what stands beside counts, and all above that grows higher", () =>
      create((tables) => {
        const { write, stored } = createWriter(tables, chain(17));
        // 17 nodes know how many levels are below them.
        const refused = write("ann", insert("low", "n16"));
        expect(refused).toMatchObject({ ok: false, problem: { code: "tooLarge", op: 0 } });
        expect(stored.nodes.dirty).toBe(0);
        expect(write("ann", insert("high", "n10"))).toMatchObject({ ok: true });
        expect(problemsOf(tables, stored)).toEqual([]);
      }));

    it("B31 an undo of much is refused whole; what is less is undone", () =>
      create((tables) => {
        const { write, stored } = large(tables);
        for (let index = 0; index < 20; index++) write("ann", update(`n${index}`, { x: 1 }));
        stored.checkpoint();
        const undo = (from: number, to: number): Operation => {
          return { op: "undo", seqs: Array.from({ length: to - from }, (_, index) => from + index) };
        };
        expect(write("ann", undo(1, 21))).toMatchObject({ ok: false, problem: { code: "tooLarge" } });
        expect(stored.nodes.get("n3")?.attrs.x).toBe(1);
        expect(write("ann", undo(1, 11))).toMatchObject({ ok: true });
        expect([stored.nodes.get("n3")?.attrs.x, stored.nodes.get("n13")?.attrs.x]).toEqual([undefined, 1]);
      }));

    it("B31 a document of less than 4 MiB is changed whole", () =>
      create((tables) => {
        const children = Array.from({ length: 3_000 }, (_, index) => item(`n${index}`));
        const { write, stored } = createWriter(tables, item("root", ...children, item("far")));
        expect(
          write(
            "ann",
            children.map(({ id }) => move(id ?? "", "far")),
          ),
        ).toMatchObject({ ok: true });
        expect(stored.nodes.dirtyWeight).toBeLessThan(LIMITS.changedBytes);
      }));
  });
}

/** A document with nodes of a megabyte, none of which is in memory. */
function large(tables: Parameters<typeof reopen>[0]): Writer {
  const children = Array.from({ length: COUNT }, (_, index) => ({ ...item(`n${index}`), attrs: { text: TEXT } }));
  createWriter(tables, item("root", ...children));
  return reopen(tables);
}

/** Nodes of a megabyte, one in the other. */
function chain(length: number): NodeData {
  let node: NodeData | undefined;
  for (let index = length - 1; index >= 0; index--) {
    node = { ...item(`n${index}`), attrs: { text: TEXT }, ...(node && { children: [node] }) };
  }
  return item("root", ...(node ? [node] : []));
}
