import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS, LIMITS } from "../../src/protocol/index.ts";
import { NONE_ACCEPTED } from "../../src/storage/accepted.ts";
import { createMemoryLog } from "../../src/storage/memory-log.ts";
import { createMemoryTables } from "../../src/storage.ts";
import { rootRecord } from "../../src/tree/index.ts";
import { treeAtOnce } from "../support/stored.ts";
import { createWriter, reopen } from "../support/writer.ts";
import { insert, item, update } from "../tree/document.ts";

const MEBI = 1024 * 1024;
const commit = (seq: number, characters: number) => ({
  ...{ first: seq, last: seq, time: seq },
  events: "x".repeat(characters),
  inverses: "",
});

describe("the tables of a document in memory", () => {
  it("D9 say what they take, to the byte the same again when it is gone", () => {
    const tables = createMemoryTables();
    tables.prepare();
    expect([tables.bytes, tables.capacity, tables.takeRowsWritten()]).toEqual([0, LIMITS.memoryBytes, 0]);
    const node = (text: string) => rootRecord("a", "item", { text });
    const write = (text: string | null) => tables.nodes.write(new Map([["a", text === null ? null : node(text)]]));
    write("x".repeat(1_000));
    const small = tables.bytes;
    expect(small).toBeGreaterThan(1_000);
    expect(small).toBeLessThan(2_000);
    write("x".repeat(100_000));
    expect(tables.bytes).toBe(small + 99_000);
    write("x".repeat(1_000));
    expect(tables.bytes).toBe(small);
    tables.log.append(commit(1, 5_000));
    expect(tables.bytes).toBe(small + 5_000);
    const client = { id: "c", user: null, mutation: 1, seen: 1, answers: [], accepted: NONE_ACCEPTED };
    tables.clients.put({ ...client, answers: [{ mutation: 1, code: "exists", message: "x".repeat(3_000) }] });
    expect(tables.bytes).toBeGreaterThan(small + 8_000);
    tables.log.drop(1);
    write(null);
    tables.clients.put(client);
    expect(tables.bytes).toBeLessThan(500);
    tables.clear();
    expect(tables.bytes).toBe(0);
  });

  it("D9 take no more when they are full, and the document says so", () => {
    const tables = createMemoryTables();
    const { stored, write } = createWriter(tables, item("root"), { ...DEFAULT_OPTIONS, storage: "memory" });
    let inserted = 0;
    while (stored.space !== "full" && inserted < 100) {
      const node = { ...item(`n${inserted}`), attrs: { text: "x".repeat(900_000) } };
      expect(write("ann", { op: "insert", node, parent: "root" })).toMatchObject({ ok: true });
      inserted++;
      stored.checkpoint();
    }
    expect(inserted).toBeGreaterThan(15);
    expect(inserted).toBeLessThan(37);
    const refused = write("ann", insert("more", "root"));
    expect(refused).toMatchObject({ ok: false, problem: { code: "full" } });
    expect([stored.nodes.get("more"), stored.seq, stored.nodes.size]).toEqual([undefined, inserted, inserted + 1]);
  });

  it("D9 each have their own", () => {
    const [one, two] = [createMemoryTables(), createMemoryTables()];
    createWriter(one, item("root", item("a")));
    expect([two.exists(), two.bytes, two.nodes.get("a")]).toEqual([false, 0, undefined]);
  });
});

describe("the log of a document in memory", () => {
  it("D9 lets the oldest go first, as soon as there is more than its limit, and never the last", () => {
    const log = createMemoryLog(1_000);
    for (let seq = 1; seq <= 10; seq++) log.append(commit(seq, 100));
    expect([log.oldest(), log.characters]).toEqual([1, 1_000]);
    log.append(commit(11, 1));
    expect([log.oldest(), log.characters]).toEqual([2, 901]);
    log.append(commit(12, 5_000));
    expect([log.oldest(), log.characters, [...log.after(0)].length]).toEqual([12, 5_000, 1]);
    log.append(commit(13, 1));
    expect([log.oldest(), log.characters]).toEqual([13, 1]);
  });

  it("D9 keeps 16 Mi characters of a document", () => {
    const tables = createMemoryTables();
    for (let seq = 1; seq <= 40; seq++) tables.log.append(commit(seq, MEBI));
    expect([tables.log.oldest(), tables.bytes]).toEqual([25, 16 * MEBI]);
  });

  it("D9 what was let go by a transaction that failed is there again", () => {
    const tables = createMemoryTables();
    for (let seq = 1; seq <= 16; seq++) tables.log.append(commit(seq, MEBI));
    expect(() =>
      tables.transaction(() => {
        for (let seq = 17; seq <= 20; seq++) tables.log.append(commit(seq, MEBI));
        throw new Error("given up");
      }),
    ).toThrow("given up");
    expect([tables.log.oldest(), tables.bytes]).toEqual([1, 16 * MEBI]);
    expect(Array.from(tables.log.after(0), ({ first }) => first)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  });

  it("D9 D8 looks back as far as it reaches, and no further", () => {
    const tables = createMemoryTables();
    const { stored, write } = createWriter(tables, item("root", item("a")), { ...DEFAULT_OPTIONS, storage: "memory" });
    for (let count = 1; count <= 30; count++) write("ann", update("a", { text: `${count}`.padEnd(500_000) }));
    stored.checkpoint();
    const from = stored.historyFrom;
    expect(from).toBeGreaterThan(10);
    for (const each of [stored, reopen(tables).stored]) {
      expect(treeAtOnce(each, from - 2)).toBe(null);
      expect(String(treeAtOnce(each, from - 1)?.get("a")?.attrs.text).trim()).toBe(`${from - 1}`);
    }
  });
});
