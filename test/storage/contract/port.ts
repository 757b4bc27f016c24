import { describe, expect, it } from "vitest";
import { type Accepted, NONE_ACCEPTED } from "../../../src/storage/accepted.ts";
import type { ClientRecord, Tables } from "../../../src/storage.ts";
import { rootRecord } from "../../../src/tree/index.ts";
import { scanned } from "../../support/stored.ts";
import { prepared, type StorageUnderTest } from "./under-test.ts";

/** A client without any answer. */
const NOTHING = { answers: [], accepted: NONE_ACCEPTED };

export function registerPort({ create }: StorageUnderTest): void {
  describe("the port", () => {
    it("D9 exists from the first row on until it is cleared, and looking does not make it exist", () =>
      create((tables) => {
        expect([tables.exists(), tables.exists()]).toEqual([false, false]);
        prepared(tables);
        expect(tables.exists()).toBe(true);
        tables.prepare();
        expect([tables.exists(), tables.meta.get("document")], "a second time changes nothing").toEqual([
          true,
          "a test",
        ]);
        fill(tables, 1);
        tables.clear();
        expect(tables.exists()).toBe(false);
        prepared(tables);
        expect(look(tables)).toEqual({ meta: [], nodes: [], clients: [], log: [], oldest: null, versions: [] });
        fill(tables, 2);
        expect(look(tables).log).toEqual([2]);
      }));

    it("D9 clearing what is empty is nothing", () =>
      create((tables) => {
        tables.clear();
        expect(tables.exists()).toBe(false);
      }));

    it("D9 what is put is got, the last of it, and what is not there is undefined", () =>
      create((tables) => {
        const { meta, clients, nodes } = prepared(tables);
        for (const value of ["", "one", "two 🌳\u0000"]) meta.put("key", value);
        expect([meta.get("key"), meta.get("other")]).toEqual(["two 🌳\u0000", undefined]);
        const ann: ClientRecord = { id: "ann", user: null, mutation: 2 ** 40, seen: 1.8e12, ...NOTHING };
        const refused = { mutation: 3, code: "exists", message: "there", op: 0 } as const;
        const answers = [refused, { mutation: 4, seq: 7, time: 1.8e12, removed: ["a"] }];
        const accepted: Accepted = { runs: [[1, 5, 2]], more: true };
        for (const user of [null, "u1"]) clients.put({ ...ann, user, answers, accepted });
        expect([clients.get("ann"), clients.get("bob")]).toEqual([
          { ...ann, user: "u1", answers, accepted },
          undefined,
        ]);
        expect(nodes.get("ghost")).toBe(undefined);
      }));

    it("D9 what a transaction wrote is taken back when it throws: rows, new, changed and deleted, and the log", () =>
      create((tables) => {
        prepared(tables);
        for (const each of [1, 2, 3]) fill(tables, each);
        const before = look(tables);
        const bytes = tables.bytes;
        const failing = () =>
          tables.transaction(() => {
            overwrite(tables);
            throw new Error("given up");
          });
        expect(failing).toThrow("given up");
        expect(look(tables)).toEqual(before);
        if (tables.capacity !== null) expect(tables.bytes).toBe(bytes);
        expect(failing, "and again").toThrow("given up");
        expect(look(tables)).toEqual(before);
        tables.transaction(() => overwrite(tables));
        expect(look(tables)).not.toEqual(before);
      }));

    it("D9 a transaction takes back what it dropped from the log", () =>
      create((tables) => {
        prepared(tables);
        for (const each of [1, 2, 3]) fill(tables, each);
        const before = look(tables);
        expect(() =>
          tables.transaction(() => {
            tables.log.drop(2);
            fill(tables, 4);
            throw new Error("given up");
          }),
        ).toThrow("given up");
        expect(look(tables)).toEqual(before);
      }));

    it("D9 a transaction takes back that it cleared everything", () =>
      create((tables) => {
        prepared(tables);
        for (const each of [1, 2]) fill(tables, each);
        const before = look(tables);
        expect(() =>
          tables.transaction(() => {
            tables.clear();
            prepared(tables);
            fill(tables, 7);
            throw new Error("given up");
          }),
        ).toThrow("given up");
        expect(look(tables)).toEqual(before);
      }));

    it("D9 a transaction inside another is taken back by itself, and with the outer one", () =>
      create((tables) => {
        prepared(tables);
        const inner = (fails: boolean, each: number) => () => {
          fill(tables, each);
          if (fails) throw new Error("inner");
        };
        tables.transaction(() => {
          fill(tables, 1);
          expect(() => tables.transaction(inner(true, 2))).toThrow("inner");
          tables.transaction(inner(false, 3));
        });
        const kept = look(tables);
        expect(kept.log).toEqual([1, 3]);
        expect(() =>
          tables.transaction(() => {
            tables.transaction(inner(false, 4));
            expect(() => tables.transaction(inner(true, 5))).toThrow("inner");
            fill(tables, 6);
            throw new Error("outer");
          }),
        ).toThrow("outer");
        expect(look(tables)).toEqual(kept);
        expect(tables.transaction(() => tables.transaction(() => 42))).toBe(42);
      }));

    it("D9 says what it takes, and what it may take", () =>
      create((tables) => {
        prepared(tables);
        const before = tables.bytes;
        const text = "x".repeat(100_000);
        const root = rootRecord("root", "item", { text });
        tables.nodes.write(new Map([["root", root]]));
        expect(tables.bytes).toBeGreaterThanOrEqual(before + 100_000);
        expect(tables.capacity === null || tables.capacity > tables.bytes).toBe(true);
      }));
  });
}

/** Writes a row of each kind, the log's included. */
function fill({ meta, nodes, clients, log, versions }: Tables, n: number): void {
  meta.put(`key${n}`, `value ${n}`);
  nodes.write(new Map([[`n${n}`, rootRecord(`n${n}`, "item", { n })]]));
  clients.put({ id: `c${n}`, user: null, mutation: n, seen: n, ...NOTHING });
  log.append({ first: n, last: n, time: n, events: `{"seq":${n}}`, inverses: "[]" });
  versions.put({ id: `v${n}`, name: `version ${n}`, seq: n, time: n, userId: null });
}

/** Changes everything that `fill` has written for 1, deletes what it has written for 2, and adds more. */
function overwrite(tables: Tables): void {
  const { meta, nodes, clients, versions } = tables;
  for (const round of [1, 2]) {
    meta.put("key1", `changed ${round}`);
    nodes.write(
      new Map([
        ["n1", rootRecord("n1", "other", { round, text: "x".repeat(1_000) })],
        ["n2", null],
      ]),
    );
    clients.put({ id: "c1", user: "u", mutation: 10 + round, seen: 1, ...NOTHING });
    versions.put({ id: "v1", name: null, seq: 1, time: round, userId: "u" });
    versions.delete("v2");
    fill(tables, 9 + round);
  }
}

/** Everything that `fill` may have written. */
function look({ meta, nodes, clients, log, versions }: Tables) {
  const all = Array.from({ length: 20 }, (_, index) => index);
  return {
    meta: all.flatMap((n) => meta.get(`key${n}`) ?? []),
    nodes: Array.from(scanned(nodes), ({ id }) => nodes.get(id)),
    clients: all.flatMap((n) => clients.get(`c${n}`) ?? []),
    log: Array.from(log.after(0), ({ first }) => first),
    oldest: log.oldest(),
    versions: versions.all().sort((a, b) => a.seq - b.seq),
  };
}
