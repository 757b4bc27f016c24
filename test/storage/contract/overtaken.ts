import { describe, expect, it } from "vitest";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import type { StorageUnderTest } from "./under-test.ts";

const TEXT = "x".repeat(900_000);
/** 27 Mi characters: more than a frozen tree may remember. */
const COUNT = 30;

export function registerOvertaken({ create }: StorageUnderTest): void {
  describe("a frozen tree that too much was changed of", () => {
    it("D10 is overtaken after 16 Mi characters, and not before", () =>
      create((tables) => {
        const writer = large(tables);
        const frozen = writer.stored.nodes.freeze();
        let changed = 0;
        while (!frozen.overtaken && changed < COUNT) empty(writer, changed++);
        expect(frozen.overtaken).toBe(true);
        expect(changed * TEXT.length).toBeGreaterThan(15.5 * 1024 * 1024);
        expect(changed * TEXT.length).toBeLessThan(17.5 * 1024 * 1024);
      }));

    it("D10 B40 a large node that changes when it was announced and not read yet is read as it was, in its row or not", () =>
      create((tables) => {
        for (const isWritten of [true, false]) {
          const { stored, write } = large(tables);
          write("ann", update("n0", { text: `old ${TEXT}` }));
          if (isWritten) stored.checkpoint();
          const frozen = stored.nodes.freeze();
          const seen: string[] = [];
          for (const text of frozen.texts()) {
            if (!text) write("ann", update("n0", { text: `new ${TEXT}`, count: seen.length }));
            else if (text.id === "n0") seen.push(text.attrs.slice(0, 12));
          }
          expect(seen).toEqual(['{"text":"old']);
          frozen.release();
          tables.clear();
        }
      }));

    it("D10 remembers each node once, however often it changes", () =>
      create((tables) => {
        const { stored } = large(tables);
        const frozen = stored.nodes.freeze();
        for (let round = 0; round < 100; round++) stored.nodes.edit("n0").attrs = { text: `${round}`.padEnd(500_000) };
        expect(frozen.overtaken).toBe(false);
        const [, first] = frozen.nodes();
        expect(first?.attrs.text === TEXT).toBe(true);
        frozen.release();
      }));

    it("D10 is the one that was frozen first, where many together remember too much", () =>
      create((tables) => {
        const writer = large(tables);
        const [first, second, third] = [1, 2, 3].map(() => writer.stored.nodes.freeze());
        // 7 Mi characters for each of them.
        for (let index = 0; index < 8; index++) empty(writer, index);
        expect([first?.overtaken, second?.overtaken, third?.overtaken]).toEqual([true, false, false]);
        first?.release();
        second?.release();
        // What was released is not counted any more.
        for (let index = 8; index < 16; index++) empty(writer, index);
        expect(third?.overtaken).toBe(false);
        third?.release();
      }));

    it("D10 is alone in that: the document goes on, and who froze it later reads on", () =>
      create((tables) => {
        const writer = large(tables);
        const early = writer.stored.nodes.freeze();
        for (let index = 0; index < 12; index++) empty(writer, index);
        const late = writer.stored.nodes.freeze();
        for (let index = 12; index < 24; index++) empty(writer, index);
        expect([early.overtaken, late.overtaken]).toEqual([true, false]);
        const sizes = Array.from(late.nodes(), ({ attrs }) => String(attrs.text ?? "").length);
        expect(sizes).toEqual([0, ...Array.from({ length: COUNT }, (_, index) => (index < 12 ? 0 : TEXT.length))]);
        late.release();
        expect(writer.stored.nodes.readers, "who was overtaken counts no more").toBe(0);
        writer.write("ann", update("root", { x: 1 }));
        writer.stored.checkpoint();
        expect(reopen(tables).stored.nodes.get("n23")?.attrs).toEqual({ text: "" });
      }));
  });
}

/** Changes a node without a word in the log, whose room a document in memory would need. */
function empty({ stored }: Writer, index: number): void {
  stored.nodes.edit(`n${index}`).attrs = { text: "" };
}

function large(tables: Parameters<typeof reopen>[0]): Writer {
  const children = Array.from({ length: COUNT }, (_, index) => ({ ...item(`n${index}`), attrs: { text: TEXT } }));
  createWriter(tables, item("root", ...children));
  return reopen(tables);
}
