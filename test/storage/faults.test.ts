import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/protocol/index.ts";
import { entriesOf } from "../../src/storage/log.ts";
import { createSqliteTables, finish, type Tables } from "../../src/storage.ts";
import type { Operation } from "../../src/tree/index.ts";
import { InjectedFault, openTestSql, type TestSql } from "../support/node-sqlite.ts";
import { dump, problemsOf, rowIdsOf, stateOf, tablesOf, treeAtOnce } from "../support/stored.ts";
import { BEGIN, createWriter, look, reopen, type Writer } from "../support/writer.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { outline } from "../tree/outline.ts";

const CLIENTS = ["ann", "bob"];
const HOUR = 3_600_000;

/** Repeats a piece of work on a new database with its n-th statement failing, for every n that it has. */
function failEverywhere(scene: (sql: TestSql) => { work: () => void; afterFault: () => void }): number {
  for (let n = 1; ; n++) {
    const sql = openTestSql();
    const { work, afterFault } = scene(sql);
    sql.failAt(n);
    let failed = false;
    try {
      work();
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
      failed = true;
    }
    sql.failAt(null);
    if (failed) afterFault();
    sql.close();
    if (!failed) return n - 1;
  }
}

/** A document with a checkpoint, a log behind it, clients, removed nodes, and much that is dirty. */
function busyDocument(sql: TestSql): Writer {
  const children = Array.from({ length: 100 }, (_, index) => item(`n${index}`));
  const writer = createWriter(sql, item("root", ...children));
  writer.write("ann", update("n1", { x: 1 }));
  writer.stored.checkpoint();
  // Several batches of rows, and one row too large for a batch.
  for (let index = 10; index < 30; index++) writer.submit("ann", update(`n${index}`, { text: "x".repeat(50_000) }));
  writer.submit("bob", update("n2", { text: "y".repeat(300_000) }));
  writer.submit("bob", [insert("new", "n3"), move("n4", "n5"), remove("n6")]);
  writer.commit();
  writer.write("ann", remove("ghost"));
  return writer;
}

describe("storage that fails", { timeout: 60_000 }, () => {
  it("D3 a checkpoint is written whole or not at all, whichever statement fails", () => {
    const statements = failEverywhere((sql) => {
      const { stored } = busyDocument(sql);
      const before = { rows: dump(sql), state: stateOf(sql, stored, CLIENTS) };
      return {
        work: () => stored.checkpoint(),
        afterFault() {
          expect(dump(sql)).toEqual(before.rows);
          const again = reopen(sql).stored;
          expect(stateOf(sql, again, CLIENTS)).toEqual(before.state);
          expect(problemsOf(sql, again)).toEqual([]);
          // And the next one succeeds.
          again.checkpoint();
          expect(stateOf(sql, reopen(sql).stored, CLIENTS)).toEqual(before.state);
        },
      };
    });
    expect(statements, "batches of rows, a large row, two clients, the seq, the commit").toBeGreaterThanOrEqual(8);
  });

  it("B39 options that make room keep what was acknowledged, whichever statement finds none, and however much is to go", () => {
    const full = new Error("database or disk is full: SQLITE_FULL");
    const configured = new Set<boolean>();
    for (let n = 1; n <= 24; n++) {
      const sql = openTestSql();
      const children = Array.from({ length: 4_000 }, (_, index) => item(`n${index}`));
      const { stored, write } = createWriter(sql, item("root", item("a"), item("top", ...children)));
      write("ann", remove("top"));
      write("ann", update("a", { x: 1 }), { at: BEGIN + HOUR });
      stored.configure({ ...stored.options, historyRetention: HOUR / 2 });
      // It comes to a part of what has expired.
      stored.checkpoint(BEGIN + HOUR);
      expect([stored.nodes.doomed.waits, stored.historyFrom]).toEqual([true, 2]);
      write("ann", update("a", { x: 2 }), { at: BEGIN + 2 * HOUR });
      sql.failAt(n, full);
      let failed: unknown = null;
      try {
        stored.configure({ ...stored.options, historyRetention: 0 });
      } catch (error) {
        failed = error;
      }
      sql.failAt(null);
      expect([null, full]).toContain(failed);
      configured.add(failed === null);
      const again = reopen(sql).stored;
      expect([again.seq, again.nodes.get("a")?.attrs.x], `statement ${n}`).toEqual([3, 2]);
      sql.close();
    }
    expect(configured).toEqual(new Set([true, false]));
  });

  it("D3 one in steps is written whole or not at all, whichever statement fails, and can be ended by another", () => {
    for (const isLost of [true, false]) {
      const statements = failEverywhere((sql) => {
        const children = Array.from({ length: 1_700 }, (_, index) => item(`n${index}`));
        const { stored, write } = createWriter(sql, item("root", item("a")));
        write("ann", insert("top", "root", {}, children));
        write("bob", [update("a", { x: 1 }), remove("n7")]);
        const before = stateOf(sql, stored, CLIENTS);
        return {
          work: () => finish(stored.checkpointInSteps(BEGIN)),
          afterFault() {
            if (!isLost) stored.checkpoint();
            expect(stateOf(sql, reopen(sql).stored, CLIENTS)).toEqual(before);
            expect(sql.exec("SELECT * FROM journal")).toEqual([]);
          },
        };
      });
      expect(statements).toBeGreaterThan(15);
    }
  });

  it("X93 keys that were not stored leave the row of those before as it was, whichever statement fails and whatever comes then", () => {
    const edit = (id: string): Operation => ({ op: "edit", id, attr: "text", changes: ["e"] });
    const press = ({ write }: Writer, who: string) => write(who, edit(who === "ann" ? "n1" : "n2"));
    for (const begins of [0, 3]) {
      for (const then of ["ann", "bob", "mark"]) {
        const statements = failEverywhere((sql) => {
          const tables = createSqliteTables(sql);
          const writer = createWriter(tables, item("root", item("n1"), item("n2")));
          for (let key = 0; key < begins; key++) press(writer, "ann");
          const before = { rows: dump(sql), state: stateOf(sql, writer.stored, CLIENTS) };
          return {
            work() {
              writer.submit("cy", edit("n2"));
              writer.submit("bob", remove("ghost"));
              writer.commit();
            },
            afterFault() {
              expect(dump(sql)).toEqual(before.rows);
              // The same tables: they may take the row for longer than it is.
              const again = reopen(tables);
              expect(stateOf(sql, again.stored, CLIENTS)).toEqual(before.state);
              if (then === "mark") again.write("ann", update("n1", { marked: true }));
              else press(again, then);
              for (const who of ["ann", "bob", "bob", "ann"]) press(again, who);
              const read = reopen(sql).stored;
              expect([...read.log.after(0)].flatMap(entriesOf)).toEqual(
                [...again.stored.log.after(0)].flatMap(entriesOf),
              );
              expect(stateOf(sql, read, CLIENTS)).toEqual(stateOf(sql, again.stored, CLIENTS));
              expect(read.seq).toBe(begins + 5);
            },
          };
        });
        expect(statements, "the row, a client, the commit").toBeGreaterThanOrEqual(3);
      }
    }
  });

  it("D3 a checkpoint that failed can be tried again by the same document", () => {
    const sql = openTestSql();
    const { stored } = busyDocument(sql);
    const before = stateOf(sql, stored, CLIENTS);
    sql.failAt(5);
    expect(() => stored.checkpoint()).toThrow(InjectedFault);
    expect(stateOf(sql, stored, CLIENTS)).toEqual(before);
    stored.checkpoint();
    expect(stateOf(sql, reopen(sql).stored, CLIENTS)).toEqual(before);
  });

  const large: Operation[] = ["n1", "n2"].map((id) => update(id, { text: "z".repeat(400_000) }));
  it.each<[string, readonly Operation[][]]>([
    ["of one row", [[update("n1", { x: 2 })]]],
    ["with rejections", [[update("n1", { x: 2 })], [remove("ghost")]]],
    ["in parts", [large]],
    ["in parts, with rejections", [large, [remove("ghost")]]],
  ])("S14 a commit %s is written whole or not at all, whichever statement fails", (_, mutations) => {
    const statements = failEverywhere((sql) => {
      const { stored, submit, commit } = busyDocument(sql);
      const before = { rows: dump(sql), state: stateOf(sql, stored, CLIENTS) };
      for (const operations of mutations) submit("ann", operations);
      return {
        work: commit,
        afterFault() {
          expect(dump(sql)).toEqual(before.rows);
          expect(stateOf(sql, reopen(sql).stored, CLIENTS)).toEqual(before.state);
        },
      };
    });
    expect(statements).toBeGreaterThanOrEqual(1);
  });

  it("D12 history and what it removed go together or not at all, whichever statement fails", () => {
    const later = BEGIN + 10_000;
    const statements = failEverywhere((sql) => {
      const { stored } = busyDocument(sql);
      stored.checkpoint();
      const before = { rows: dump(sql), state: stateOf(sql, stored, CLIENTS) };
      stored.configure({ ...stored.options, historyRetention: 1_000 });
      const { meta: _, ...rows } = dump(sql);
      expect(before.rows).toMatchObject(rows);
      return {
        work: () => stored.checkpoint(later),
        afterFault() {
          const again = reopen(sql).stored;
          // It may have been done when the look for more failed.
          if (again.historyFrom <= again.seq) {
            // A commit of megabytes is let go of later than what was before it.
            if (again.historyFrom === 1) expect(dump(sql)).toMatchObject(rows);
            expect(again.nodes.get("n6"), "it can still be restored").toMatchObject({ removed: expect.any(Number) });
          }
          again.checkpoint(later);
          expect([again.historyFrom, again.nodes.get("n6")]).toEqual([again.seq + 1, undefined]);
          expect(rowIdsOf(sql)).not.toContain("n6");
          expect(problemsOf(sql, reopen(sql).stored)).toEqual([]);
        },
      };
    });
    expect(statements).toBeGreaterThanOrEqual(9);
  });

  it.each([true, false])(
    "D3 options are changed whole or not at all, whichever statement fails (logged: %s)",
    (logged) => {
      const statements = failEverywhere((sql) => {
        const { stored } = busyDocument(sql);
        stored.checkpoint();
        const before = dump(sql);
        const options = { ...stored.options, documentStorage: logged, gracePeriod: 1 };
        return {
          work: () => stored.configure(options),
          afterFault() {
            expect(dump(sql)).toEqual(before);
            const again = reopen(sql).stored;
            again.configure(options);
            expect(reopen(sql).stored.options).toEqual(options);
            expect(sql.exec("SELECT first FROM events").length > 0).toBe(logged);
          },
        };
      });
      expect(statements).toBeGreaterThanOrEqual(2);
    },
  );

  it("D6 a document whose creation fails is whole or was never created, whichever statement fails", () => {
    const statements = failEverywhere((sql) => ({
      work: () => createWriter(sql, item("root", item("a"))),
      afterFault() {
        const stored = look(sql);
        // It may have failed when it was first read.
        if (stored) return expect(outline(stored.nodes)).toBe("root\n  a");
        expect(tablesOf(sql)).toEqual([]);
        expect(createWriter(sql, item("root")).stored.seq).toBe(0);
      },
    }));
    expect(statements).toBeGreaterThanOrEqual(8);
  });

  it("S14 opening a document that fails changes nothing, whichever statement fails", () => {
    const statements = failEverywhere((sql) => {
      const { stored } = busyDocument(sql);
      const before = { rows: dump(sql), state: stateOf(sql, stored, CLIENTS) };
      return {
        work: () => look(sql),
        afterFault() {
          expect(dump(sql)).toEqual(before.rows);
          expect(stateOf(sql, reopen(sql).stored, CLIENTS)).toEqual(before.state);
        },
      };
    });
    expect(statements).toBeGreaterThanOrEqual(6);
  });
});

describe("the port that these tests run on", () => {
  it("refuses what the platform refuses", () => {
    const sql = openTestSql();
    const values = Array.from({ length: 101 }, () => 1);
    const marks = (count: number) => `SELECT ${Array.from({ length: count }, () => "?").join("+")} AS sum`;
    expect(sql.exec(marks(100), ...values.slice(1))).toEqual([{ sum: 100 }]);
    expect(() => sql.exec(marks(101), ...values)).toThrow("101 bound values");
    expect(() => sql.exec(`SELECT 1 -- ${"x".repeat(100_000)}`)).toThrow("statement too long");
    expect(() => sql.exec("SELECT ?", "é".repeat(1_000_001))).toThrow("a text of 2000002 bytes");
    for (const statement of ["BEGIN", " savepoint x", "COMMIT", "PRAGMA user_version"]) {
      expect(() => sql.exec(statement)).toThrow("not allowed");
    }
  });

  it("takes back what a transaction wrote, nested ones by themselves", () => {
    const sql = openTestSql();
    sql.exec("CREATE TABLE t (x INTEGER)");
    const write = (x: number) => sql.exec("INSERT INTO t VALUES (?)", x);
    const failing = (x: number) => () => {
      write(x);
      throw new Error("inner");
    };
    sql.transaction(() => {
      write(1);
      expect(() => sql.transaction(failing(2))).toThrow("inner");
      write(3);
    });
    expect(() => sql.transaction(failing(4))).toThrow("inner");
    expect(sql.exec("SELECT x FROM t ORDER BY x")).toEqual([{ x: 1 }, { x: 3 }]);
    sql.failAt(2);
    expect(() => sql.transaction(() => write(5)), "the commit itself fails").toThrow(InjectedFault);
    expect(sql.exec("SELECT x FROM t ORDER BY x")).toEqual([{ x: 1 }, { x: 3 }]);
  });

  it("V67, V68 a version that is noted, and a count of what is kept, are there or not, whichever statement fails", () => {
    const options = { ...DEFAULT_OPTIONS, historyMaxBytes: 1_000, automaticVersions: 1 };
    const statements = failEverywhere((sql) => {
      const { stored, write, submit, commit } = createWriter(sql, item("root", item("a")), options);
      for (let n = 1; n <= 9; n++) write("ann", update("a", { n, text: "x".repeat(100) }), { at: BEGIN + n });
      stored.versions.put({ id: "auto-1", name: null, seq: 1, time: BEGIN, userId: null });
      submit("ann", update("a", { n: 10 }), { at: BEGIN + 2 * HOUR });
      return {
        work() {
          commit();
          stored.checkpoint(BEGIN + 2 * HOUR);
        },
        afterFault() {
          const again = reopen(sql).stored;
          const noted = again.versions.all.map(({ seq }) => seq);
          expect(noted).toEqual(again.seq === 10 ? [9] : [1]);
          again.checkpoint(BEGIN + 2 * HOUR);
          const [{ size } = { size: 0 }] = sql.peek("SELECT sum(octet_length(body)) AS size FROM events");
          const [{ value } = { value: "{}" }] = sql.peek("SELECT value FROM meta WHERE key = 'historyBytes'");
          expect(JSON.parse(String(value))).toMatchObject({ bytes: size });
          expect(Number(size)).toBeLessThanOrEqual(1_000);
          expect(problemsOf(sql, again)).toEqual([]);
        },
      };
    });
    expect(statements, "the event, two versions, the rows, the log, the count").toBeGreaterThan(8);
  });

  it("V7 steps back are there or not, whichever statement fails, and nothing else is lost", () => {
    const small = (sql: TestSql): Tables => {
      const tables = createSqliteTables(sql);
      return Object.create(tables, { skips: { value: { ...tables.skips, shape: { step: 2, fanOut: 2 } } } });
    };
    const statements = failEverywhere((sql) => {
      const { stored, write } = createWriter(small(sql), item("root", item("a")));
      for (let n = 1; n <= 9; n++) write("ann", update("a", { n }));
      return {
        work: () => finish(stored.checkpointInSteps(stored.time)),
        afterFault() {
          const again = reopen(small(sql)).stored;
          for (const each of [again, look(small(sql))]) {
            for (let seq = 0; seq < 9; seq++) {
              const view = each && treeAtOnce(each, seq);
              expect(view?.get("a")?.attrs.n).toBe(seq || undefined);
            }
          }
          again.configure({ ...again.options, historyRetention: 1 });
          finish(again.checkpointInSteps(again.time + HOUR));
          expect(sql.peek("SELECT * FROM skips")).toEqual([]);
        },
      };
    });
    expect(statements, "four steps, and three larger ones").toBeGreaterThan(15);
  });
});
