import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frozen, StoredDocument, Tables } from "../../../src/storage.ts";
import { type NodeRow, type Operation, rowText, toRows } from "../../../src/tree/index.ts";
import { recordsOf } from "../../support/stored.ts";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { history, START } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

export function registerFrozen({ create, runs }: StorageUnderTest): void {
  describe("a frozen tree", () => {
    it("S8 D2 stays at its moment whatever happens while it is half read", async () => {
      const happenings = fc.array(fc.constantFrom("read", "freeze", "checkpoint", "let go"), { maxLength: 60 });
      const property = fc.asyncProperty(history, happenings, async (steps, then) => {
        await create((tables) => {
          const writer = createWriter(tables, START);
          const readers: Reader[] = [];
          for (const [index, { author, ops }] of steps.entries()) {
            writer.write(author, ops);
            const what = then[index % Math.max(1, then.length)];
            if (what === "freeze" && readers.length < 5) readers.push(startReading(tables, writer.stored));
            if (what === "read") for (const reader of readers) reader.read(2);
            if (what === "checkpoint") writer.stored.checkpoint();
            if (what === "let go") readers.shift()?.release();
          }
          for (const reader of readers) reader.expectWhole();
        });
      });
      await fc.assert(property, runs(60));
    });

    // More rows than one page of the scan, by far; changed in every way, in front of and behind where it is read.
    it.each([0, 1, 31, 32, 33, 700, 1_500])("S8 D2 of 1 500 nodes, of which %i were read when all changed", (read) =>
      create((tables) => {
        const children = Array.from({ length: 1_499 }, (_, index) => item(`n${index}`));
        createWriter(tables, item("root", ...children));
        const writer = reopen(tables);
        // Some are dirty already when it is frozen.
        for (let index = 0; index < 1_499; index += 50) writer.submit("ann", update(`n${index}`, { dirty: index }));
        writer.write("ann", remove("n77"));
        const reader = startReading(tables, writer.stored);
        reader.read(read);
        changeEverything(writer, 1);
        const second = startReading(tables, writer.stored);
        writer.stored.checkpoint();
        reader.read(200);
        second.read(40);
        changeEverything(writer, 2);
        writer.stored.checkpoint();
        reader.expectWhole();
        second.expectWhole();
        startReading(tables, writer.stored).expectWhole();
      }),
    );

    it("S8 D2 keeps nodes whose rows are deleted meanwhile", () =>
      create((tables) => {
        const children = Array.from({ length: 100 }, (_, index) => item(`n${index}`));
        createWriter(tables, item("root", ...children));
        const { stored } = reopen(tables);
        const unread = startReading(tables, stored);
        for (let index = 0; index < 100; index++) stored.nodes.delete(`n${index}`);
        unread.read(5);
        tables.transaction(() => stored.nodes.write());
        stored.nodes.written();
        unread.expectWhole();
      }));

    it("S8 D2 keeps a node that is deleted and put again as it was", () =>
      create((tables) => {
        createWriter(tables, item("root", item("a"), item("b")));
        const { stored } = reopen(tables);
        const reader = startReading(tables, stored);
        const record = { ...stored.nodes.edit("a"), type: "other" };
        stored.nodes.delete("a");
        stored.nodes.put(record);
        reader.expectWhole();
      }));
  });
}

/** Reads a frozen tree bit by bit and compares with how it stood when it was frozen. */
interface Reader {
  read(count: number): void;
  /** Reads the rest. */
  expectWhole(): void;
  release(): void;
}

function startReading(tables: Tables, stored: StoredDocument): Reader {
  // Through links alone, record by record.
  const plain = new Map(recordsOf(tables, stored).map((record) => [record.id, record]));
  const store = { root: stored.nodes.root, size: 0, buried: 0, get: (id: string) => plain.get(id) };
  const expected = Array.from(toRows(store), (row) => JSON.stringify(row)).sort();
  const frozen: Frozen = stored.nodes.freeze();
  const rows = frozen.texts();
  const seen: string[] = [];
  const read = (count: number) => {
    for (let left = count; left > 0; ) {
      const row = rows.next();
      if (row.done) return;
      if (!row.value) continue;
      seen.push(rowText(row.value));
      left--;
    }
  };
  return {
    read,
    expectWhole() {
      read(Number.POSITIVE_INFINITY);
      frozen.release();
      expect(seen.map(normal).sort()).toEqual(expected.map(normal).sort());
    },
    release: () => frozen.release(),
  };
}

/** The order of attributes is no part of what a row says. */
function normal(text: string): string {
  const [id, parent, prev, type, attrs]: NodeRow = JSON.parse(text);
  const sorted = Object.keys(attrs)
    .sort()
    .map((key) => [key, attrs[key]]);
  return JSON.stringify([id, parent, prev, type, sorted]);
}

function changeEverything(writer: Writer, round: number): void {
  const operations: Operation[] = [];
  const count = 1_499;
  for (let index = 0; index < count; index++) {
    const id = `n${index}`;
    if (index % 5 === 0) operations.push(update(id, { round }));
    if (index % 5 === 1) operations.push(move(id, `n${(index + 2) % count}`));
    if (index % 5 === 2) operations.push(insert(`r${round}-${index}`, id));
    if (index % 5 === 3) operations.push(round === 1 ? remove(id) : move(id, "root", { after: null }));
    if (index % 5 === 4 && index % 2 === round % 2) operations.push(update(id, { x: [index] }));
  }
  // Half of them in one mutation, which goes through a layer, half one by one.
  const half = operations.length / 2;
  for (const outcome of [
    writer.write("ann", operations.slice(0, half)),
    ...operations.slice(half).map((operation) => writer.submit("bob", operation)),
  ]) {
    expect(outcome).toMatchObject({ ok: true });
  }
  writer.commit();
}
