import { describe, expect, it } from "vitest";
import { LEVELS } from "../../../src/storage/skips.ts";
import { createMeter, finish, type StoredDocument, type Tables, treeAt } from "../../../src/storage.ts";
import { createRandom } from "../../../src/testing/random.ts";
import { type NodeData, toData } from "../../../src/tree/index.ts";
import { times } from "../../support/seed.ts";
import { treeAtOnce } from "../../support/stored.ts";
import { createWriter, isEvent, reopen, type Writer } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import { randomDeed } from "./random-deeds.ts";
import type { StorageUnderTest } from "./under-test.ts";

const TREE = item("root", item("a", item("b")), item("c"));
const EVENTS = 60;

export function registerSkips({ create, runs }: StorageUnderTest): void {
  const { seed } = runs(1);
  describe("steps back", () => {
    it("V6, V7 the tree at every seq is the tree as it was, whatever steps back there are", async () => {
      const [used, without] = [count(), count()];
      for (let run = 0; run < times(4); run++) {
        const below = belowOf(seed + run);
        await create((tables) => {
          const small = withSteps(tables, { step: 2 + below(4), fanOut: 2 }, used, () => below(8) === 0);
          const writer = createWriter(small, TREE);
          const trees = play(writer, below);
          finish(writer.stored.checkpointInSteps(writer.stored.time));
          // With another shape nothing is there: that is how it was before.
          for (const where of [small, withSteps(tables, { step: 1_000, fanOut: 2 }, without)]) {
            expectAll(reopen(where).stored, trees, `seed ${seed + run}, opened again`);
          }
        });
      }
      expect(used.times, "steps are taken").toBeGreaterThan(times(200));
      expect(without.times).toBe(0);
    });

    it("V8 what is let go of takes its steps along, and what is left is as it was", async () => {
      for (let run = 0; run < times(4); run++) {
        const below = belowOf(seed + 1_000 + run);
        await create((tables) => {
          const small = withSteps(tables, { step: 3, fanOut: 2 }, count());
          const writer = createWriter(small, TREE);
          play(writer, below);
          finish(writer.stored.checkpointInSteps(writer.stored.time));
          const { stored } = writer;
          stored.configure({ ...stored.options, historyRetention: 8 });
          for (let round = 0; round < 5; round++) finish(stored.checkpointInSteps(stored.time));
          expect(stored.historyFrom).toBeGreaterThan(10);
          // What the history says without steps (D12): where undos put back into what expires, that is not all there was.
          const plain = reopen(withSteps(tables, { step: 1_000, fanOut: 2 }, count())).stored;
          for (const each of [stored, reopen(small).stored]) {
            for (let seq = stored.historyFrom - 1; seq <= stored.seq; seq++) {
              expect(dataAt(each, seq), `seed ${seed + 1_000 + run}, at ${seq}`).toEqual(dataAt(plain, seq));
            }
            expect(treeAtOnce(each, stored.historyFrom - 2)).toBe(null);
          }
          // Those that lead to before the history are gone.
          for (let last = 1; last <= stored.seq; last++)
            for (let level = 0; level < LEVELS; level++)
              if (small.skips.has(level, last))
                expect(last - 3 * 2 ** level).toBeGreaterThanOrEqual(stored.historyFrom - 1);
        });
      }
    });

    it("V6 a jump over thousands of events takes a few steps of each size, and at most one of the smallest event by event", () =>
      create((tables) => {
        const taken = count();
        const small = withSteps(tables, { step: 8, fanOut: 4 }, taken);
        const { stored, write, submit, commit } = createWriter(small, TREE);
        for (let n = 1; n <= 2_990; n++) {
          submit("ann", update("a", { n }));
          if (n % 200 > 0) continue;
          commit();
          finish(stored.checkpointInSteps(stored.time));
        }
        write("ann", update("b", { x: 1 }));
        finish(stored.checkpointInSteps(stored.time));
        taken.times = 0;
        let read = 0;
        const { log, skips, seq, historyFrom, reaches } = stored;
        const backward: typeof log.backward = (before = seq + 1) => {
          read += before - 1 - Math.max(5, before - 1 - ((before - 1) % 8 || 8));
          return log.backward(before);
        };
        const timeline = { skips, seq, historyFrom, reaches, log: { ...log, backward } };
        const view = finish(treeAt(timeline, stored.nodes, 5, createMeter()));
        expect(typeof view === "string" ? view : view.get("a")?.attrs).toEqual({ n: 5 });
        // Down from 2 991 by 7 events, 8, 32, 3 × 128 and 4 × 512, and from 512 by 3 of each size but that and 3 events.
        expect([taken.times, read]).toEqual([1 + 1 + 3 + 4 + 9, 7 + 3]);
      }));

    it("V7 a document that has none gets them at its checkpoints, the newest first", () =>
      create((tables) => {
        const writer = createWriter(tables, TREE);
        for (let n = 1; n <= 100; n++) writer.submit("ann", update("a", { n }));
        writer.commit();
        writer.stored.checkpoint();
        const small = withSteps(tables, { step: 2, fanOut: 2 }, count());
        const { stored, write } = reopen(small);
        write("ann", update("a", { n: 101 }));
        finish(stored.checkpointInSteps(stored.time));
        const lasts = () =>
          Array.from({ length: 50 }, (_, index) => 2 * index + 2).filter((last) => small.skips.has(0, last));
        expect(lasts()).toEqual(Array.from({ length: 32 }, (_, index) => 38 + 2 * index));
        write("ann", update("a", { n: 102 }));
        finish(stored.checkpointInSteps(stored.time));
        expect(lasts()).toHaveLength(50);
        for (let seq = 0; seq < 102; seq++) expect(treeAtOnce(stored, seq)?.get("a")?.attrs.n).toBe(seq || undefined);
      }));

    it("V7 one that would be too large is none: its parts are read", () =>
      create((tables) => {
        const taken = count();
        const small = withSteps(tables, { step: 2, fanOut: 2 }, taken);
        const writer = createWriter(small, TREE);
        const text = (n: number) => `${n}`.padEnd(200_000, "x");
        for (let n = 1; n <= 8; n++) writer.write("ann", [update("a", { n: text(n) }), update("b", { n: text(n) })]);
        const three = (value: string) => [1, 2, 3].map((n) => update("c", { [`n${n}`]: value }));
        writer.write("ann", three(text(9)));
        writer.write("ann", update("c", { x: 1 }));
        writer.write("ann", three(""));
        writer.write("ann", update("c", { x: 2 }));
        finish(writer.stored.checkpointInSteps(writer.stored.time));
        // Two texts of 200 000 are one row of less than 512 Ki characters; three are none.
        expect([small.skips.get(0, 8)?.length, small.skips.get(1, 8)?.length]).toEqual([
          expect.closeTo(400_000, -4),
          expect.closeTo(400_000, -4),
        ]);
        expect(small.skips.get(0, 12)).toBe("");
        expect(treeAtOnce(writer.stored, 9)?.get("c")?.attrs).toEqual({ n1: text(9), n2: text(9), n3: text(9) });
        for (let seq = 1; seq <= 8; seq++) expect(treeAtOnce(writer.stored, seq)?.get("b")?.attrs.n).toBe(text(seq));
        expect(taken.times).toBeGreaterThan(0);
      }));
  });
}

type Below = (most: number) => number;

function belowOf(start: number): Below {
  const random = createRandom(start);
  return (most) => Math.floor(random() * most);
}

interface Count {
  times: number;
}
const count = (): Count => ({ times: 0 });

/** Tables whose steps are short; some of them are as if they were too large. */
function withSteps(
  tables: Tables,
  shape: Tables["skips"]["shape"],
  taken: Count,
  isTooLarge: () => boolean = () => false,
): Tables {
  const { skips } = tables;
  const put: typeof skips.put = (level, last, body) => skips.put(level, last, isTooLarge() ? "" : body);
  const get: typeof skips.get = (level, last) => {
    const body = skips.get(level, last);
    if (body) taken.times++;
    return body;
  };
  return Object.create(tables, { skips: { value: { ...skips, shape, put, get } } });
}

/** Plays a random history, with checkpoints now and then; the trees after each event. */
function play(writer: Writer, below: Below): NodeData[] {
  const { stored } = writer;
  const trees = [toData(stored.nodes)];
  for (let deed = 0; trees.length <= EVENTS && deed < 20 * EVENTS; deed++) {
    const author = below(2) === 0 ? "ann" : "bob";
    const base = below(3) === 0 ? { base: Math.max(0, stored.seq - below(4)) } : {};
    if (isEvent(writer.submit(author, randomDeed(writer, below), base))) trees.push(toData(stored.nodes));
    if (below(4) > 0) continue;
    writer.commit();
    if (below(4) === 0) finish(stored.checkpointInSteps(stored.time));
  }
  writer.commit();
  return trees;
}

function expectAll(stored: StoredDocument, trees: readonly NodeData[], where: string): void {
  for (let seq = stored.seq; seq >= 0; seq--) expect(dataAt(stored, seq), `${where}, at ${seq}`).toEqual(trees[seq]);
}

function dataAt(stored: StoredDocument, seq: number): NodeData | null {
  const view = treeAtOnce(stored, seq);
  return view && toData(view);
}
