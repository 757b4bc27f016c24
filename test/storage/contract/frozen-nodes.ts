import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frozen, StoredDocument } from "../../../src/storage.ts";
import { fromData, type NodeData, type NodeRecord, type Operation, toData, toRows } from "../../../src/tree/index.ts";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { history, START } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

export function registerFrozenNodes({ create, runs }: StorageUnderTest): void {
  describe("the nodes of a frozen tree", () => {
    it("D10 come in document order, as they were, whatever happens between any two of them", async () => {
      const happenings = fc.array(fc.constantFrom("read", "read", "freeze", "checkpoint", "let go", "go on"), {
        maxLength: 60,
      });
      const property = fc.asyncProperty(history, happenings, async (steps, then) => {
        await create((tables) => {
          const writer = createWriter(tables, START);
          const readers: Reader[] = [startReading(writer.stored)];
          for (const [index, { author, ops }] of steps.entries()) {
            writer.write(author, ops);
            const what = then[index % Math.max(1, then.length)];
            if (what === "freeze" && readers.length < 5) readers.push(startReading(writer.stored));
            if (what === "read") for (const reader of readers) reader.read(1);
            if (what === "checkpoint") writer.stored.checkpoint();
            if (what === "let go") readers.shift()?.release();
          }
          for (const reader of readers) reader.expectWhole();
        });
      });
      await fc.assert(property, runs(100));
    });

    // The smallest documents in which a node is read, and then what comes after it changes.
    it.each<[string, Operation[]]>([
      ["a first child is put in", [insert("new", "a", { after: null })]],
      ["its first child is removed", [remove("b")]],
      ["its first child moves away", [move("b", "z")]],
      ["a sibling is put in behind it", [insert("new", "root", { after: "a" })]],
      ["its next sibling is removed", [remove("c")]],
      ["its next sibling moves into it", [move("c", "a", { after: null })]],
      ["it is removed", [remove("a")]],
      ["it moves to the end", [move("a", "root", { after: "z" })]],
      ["it is removed and restored elsewhere", [remove("a"), move("a", "z")]],
      ["everything changes", ["root", "a", "b", "c", "z"].map((id) => update(id, { changed: true }))],
    ])("D10 a node was read, and then %s", (_, operations) =>
      create((tables) => {
        for (const read of [1, 2, 3, 4, 5]) {
          for (const dirty of [false, true]) {
            tables.clear();
            const { stored, write, submit, commit } = createWriter(
              tables,
              item("root", item("a", item("b")), item("c"), item("z")),
            );
            if (dirty)
              write(
                "ann",
                ["root", "a", "b", "c", "z"].map((id) => update(id, { dirty })),
              );
            const reader = startReading(stored);
            reader.read(read);
            for (const operation of operations) submit("ann", operation);
            commit();
            if (read % 2) stored.checkpoint();
            reader.expectWhole();
          }
        }
      }),
    );

    it.each([0, 1, 127, 128, 129, 700, 1_500])("D10 of 1 500 nodes, of which %i were read when all changed", (read) =>
      create((tables) => {
        createWriter(tables, bush(1_499));
        const writer = reopen(tables);
        // Some are dirty already when it is frozen.
        for (let index = 0; index < 1_499; index += 50) writer.submit("ann", update(`n${index}`, { dirty: index }));
        writer.commit();
        const reader = startReading(writer.stored);
        reader.read(read);
        changeEverything(writer, 1);
        const second = startReading(writer.stored);
        writer.stored.checkpoint();
        reader.read(200);
        second.read(40);
        changeEverything(writer, 2);
        writer.stored.checkpoint();
        reader.expectWhole();
        second.expectWhole();
        startReading(writer.stored).expectWhole();
      }),
    );

    it("D10 D2 a pass over rows that memory does not hold leaves what it holds, and counts no one twice", () =>
      create((tables) => {
        const text = "x".repeat(100_000);
        const children = Array.from({ length: 300 }, (_, index) => ({ ...item(`n${index}`), attrs: { text, index } }));
        createWriter(tables, item("root", ...children));
        const { stored } = reopen(tables);
        const reader = startReading(stored);
        for (let index = 0; index < 300; index += 7) {
          reader.read(5);
          stored.nodes.get(`n${index}`);
        }
        reader.expectWhole();
      }));

    it("D10 what was read ahead is not used once the rows were written, and the memory let them go", () =>
      create((tables) => {
        const text = "x".repeat(1_000_000);
        // More than may stay in memory, behind the one that matters.
        const large = Array.from({ length: 10 }, (_, index) => ({ ...item(`z${index}`), attrs: { text } }));
        createWriter(tables, item("root", item("a"), item("b"), item("c"), ...large));
        const { stored, write } = reopen(tables);
        write("ann", update("c", { late: true }));
        const reader = startReading(stored);
        // Reads ahead the row of `c`, which is older than the tree.
        reader.read(2);
        stored.checkpoint();
        for (let index = 0; index < 10; index++) stored.nodes.get(`z${index}`);
        reader.expectWhole();
      }));

    it("D10 is told to the document for as long as someone reads, and not longer", () =>
      create((tables) => {
        const { nodes } = createWriter(tables, item("root", item("a"))).stored;
        expect(nodes.readers).toBe(0);
        const [one, two] = [nodes.freeze(), nodes.freeze()];
        one.release();
        expect(nodes.readers).toBe(1);
        two.release();
        two.release();
        expect(nodes.readers).toBe(0);
      }));
  });
}

/** Reads a frozen tree bit by bit and compares it with a copy made at the moment of freezing. */
interface Reader {
  read(count: number): void;
  /** Reads the rest. */
  expectWhole(): void;
  release(): void;
}

function startReading({ nodes }: StoredDocument): Reader {
  const twin = fromData(structuredClone(toData(nodes)), () => "");
  const expected = Array.from(toRows(twin), ([id, parent, prev, type, attrs]) => ({ id, parent, prev, type, attrs }));
  const frozen: Frozen = nodes.freeze();
  const steps = frozen.nodes();
  const seen: Pick<NodeRecord, "id" | "parent" | "prev" | "type" | "attrs">[] = [];
  const read = (count: number) => {
    for (let each = 0; each < count; each++) {
      const { value, done } = steps.next();
      if (done) return;
      const { id, parent, prev, type, attrs } = value;
      seen.push({ id, parent, prev, type, attrs });
    }
  };
  return {
    read,
    expectWhole() {
      read(Number.POSITIVE_INFINITY);
      frozen.release();
      expect(frozen.overtaken).toBe(false);
      expect(seen).toEqual(expected);
    },
    release: frozen.release,
  };
}

/** Children with children: half of the nodes have the one before them as their parent. */
function bush(count: number): NodeData {
  const children = Array.from({ length: count }, (_, index) => index).filter((index) => index % 3 === 0);
  const below = (index: number) =>
    [index + 1, index + 2].filter((each) => each < count).map((each) => item(`n${each}`));
  return item("root", ...children.map((index) => item(`n${index}`, ...below(index))));
}

function changeEverything(writer: Writer, round: number): void {
  const count = 1_499;
  for (let index = 0; index < count; index++) {
    const id = `n${index}`;
    if (index % 5 === 0) writer.submit("ann", update(id, { round }));
    if (index % 5 === 1) writer.submit("ann", move(id, `n${(index * 7) % count}`));
    if (index % 5 === 2) writer.submit("bob", insert(`r${round}-${index}`, id, { after: null }));
    if (index % 5 === 3) writer.submit("bob", round === 1 ? remove(id) : move(id, "root", { after: null }));
    if (index % 5 === 4) writer.submit("cy", [update(id, { x: [index] }), move(id, "root", { after: null })]);
  }
  writer.commit();
}
