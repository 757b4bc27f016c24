import { describe, expect, it } from "vitest";
import { countAll } from "../../../src/tree/index.ts";
import { problemsOf } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { PLAIN } from "../../tree/outline.ts";
import type { StorageUnderTest } from "./under-test.ts";

export function registerCheckpoints({ create }: StorageUnderTest): void {
  describe("a checkpoint", () => {
    it("D3 changes nothing that can be seen, and the document goes on after it", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a"), item("b", item("c"))));
        write("ann", remove("b"));
        write("ann", insert("d", "a"));
        const seen = () => ["a", "b", "c", "d"].map((id) => ({ ...stored.nodes.get(id) }));
        const before = seen();
        const events = [...stored.log.after(0)];
        stored.checkpoint();
        expect(seen()).toEqual(before);
        expect([...stored.log.after(0)]).toEqual(events);
        write("bob", move("c", "d"));
        expect(stored.nodes.get("c")).toMatchObject({ parent: "d", removed: null });
        const again = reopen(tables);
        expect([again.stored.seq, again.stored.checkpointSeq]).toEqual([3, 2]);
        expect(again.stored.nodes.get("c")).toEqual(stored.nodes.get("c"));
      }));

    it("T14 what was counted since is stored with options that let go of nothing", () =>
      create((tables) => {
        const children = Array.from({ length: 100 }, (_, index) => item(`n${index}`));
        const { stored, write } = createWriter(tables, item("root", item("a", ...children), item("b")));
        write("ann", remove("a"));
        stored.checkpoint();
        for (const _ of countAll(stored.nodes, 1_000));
        expect(stored.nodes.size).toBe(2);
        stored.configure({ ...stored.options, gracePeriod: 1 });
        write("ann", update("b", { x: 1 }));
        stored.checkpoint();
        const again = reopen(tables).stored;
        expect([again.nodes.size, problemsOf(tables, again)]).toEqual([2, []]);
      }));

    it("D3 writes attributes of every size: alone, beside others, and as large as a node may be", () =>
      create((tables) => {
        const writer = createWriter(tables, item("root"));
        // What grows most when it is quoted twice, what takes most bytes, and what is most of what is allowed.
        const texts = ['"'.repeat(120_000), "\u0001".repeat(40_000), "木".repeat(260_000), "x".repeat(1_000_000)];
        for (let index = 0; index < 40; index++) {
          const text = texts[index % texts.length] ?? "";
          writer.submit("ann", {
            op: "insert",
            node: { id: `n${index}`, type: PLAIN, attrs: { text } },
            parent: "root",
          });
        }
        writer.commit();
        writer.stored.checkpoint();
        const { nodes } = reopen(tables).stored;
        for (let index = 0; index < 40; index++) {
          expect(nodes.get(`n${index}`)?.attrs.text === texts[index % texts.length], `n${index}`).toBe(true);
        }
      }));

    it("D3 is due after 20 000 events", () =>
      create((tables) => {
        const { stored, submit, commit } = createWriter(tables, item("root", item("a")));
        for (let count = 1; count < 20_000; count++) submit("ann", update("a", { count }));
        commit();
        expect(stored.checkpointDue).toBe(false);
        submit("ann", update("a", { count: 0 }));
        commit();
        expect(stored.checkpointDue).toBe(true);
        expect(reopen(tables).stored.checkpointDue, "a reload counts what it has replayed").toBe(true);
        stored.checkpoint();
        expect([stored.checkpointDue, reopen(tables).stored.checkpointDue]).toEqual([false, false]);
      }));

    it("D3 is due after 4 Mi characters of log", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")));
        const halfMebi = "x".repeat(512 * 1024);
        // What is written counts, and so does what undoes it.
        for (let count = 0; count < 4; count++) write("ann", update("a", { text: halfMebi, count }));
        expect(stored.checkpointDue).toBe(false);
        write("ann", update("a", { text: halfMebi, count: 4 }));
        expect([stored.checkpointDue, reopen(tables).stored.checkpointDue]).toEqual([true, true]);
        stored.checkpoint();
        expect([stored.checkpointDue, reopen(tables).stored.checkpointDue]).toEqual([false, false]);
      }));

    it("D3 is due when 20 000 nodes are dirty", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root"));
        for (let part = 0; part < 2; part++) {
          expect(stored.checkpointDue).toBe(false);
          const children = Array.from({ length: 9_999 }, (_, index) => item(`n${part}-${index}`));
          // The root is dirty beside them.
          write("ann", insert(`p${part}`, "root", {}, children));
        }
        expect(stored.nodes.dirty).toBe(20_001);
        expect(stored.checkpointDue).toBe(true);
      }));
  });
}
