import { describe, expect, it } from "vitest";
import { eventText, type TreeEvent } from "../../../src/protocol/index.ts";
import { createSqliteTables, type Sql, type StoredDocument } from "../../../src/storage.ts";
import type { Attrs, Effect, Inverse } from "../../../src/tree/index.ts";
import { countingSql } from "../../support/counting-sql.ts";
import { problemsOf } from "../../support/stored.ts";
import { BEGIN, createWriter, reopen } from "../../support/writer.ts";
import { item } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

const TEXT = "x".repeat(1_000_000);
const COUNT = 60;
const MiB = 1024 * 1024;

export function registerReplay({ create }: SqlUnderTest): void {
  describe("a log of before there were bounds", () => {
    it("B32 of small updates of large nodes is replayed with a checkpoint whenever 16 MiB have changed", () =>
      create((sql) => {
        const log = poison(sql);
        for (let seq = 1; seq <= COUNT; seq++) log([eventOf(seq, [small(seq)])]);
        const { stored } = reopen(sql);
        expect([stored.seq, stored.clients.get("ann")?.mutation]).toEqual([COUNT, COUNT]);
        // Every 17th is one too many.
        expect(stored.checkpointSeq).toBe(51);
        expect(stored.nodes.dirtyWeight).toBeLessThan(16 * MiB);
        expectUpdated(sql, stored);
        const again = reopen(sql).stored;
        expect([again.seq, again.checkpointSeq]).toEqual([COUNT, 51]);
        expectUpdated(sql, again);
      }));

    it("B32 with all of them in one event, whose rows are of no event until all of them are written", () =>
      create((sql) => {
        const log = poison(sql);
        log([
          eventOf(
            1,
            Array.from({ length: COUNT }, (_, index) => small(index + 1)),
          ),
        ]);
        const { stored } = reopen(sql);
        expect([stored.seq, stored.checkpointSeq, stored.nodes.dirty]).toEqual([1, 1, 0]);
        expectUpdated(sql, stored);
      }));

    it("B32 with a commit of megabytes: no more of it is read at once than a row, and an effect is parsed alone", () =>
      create((real) => {
        const log = poison(real);
        // Twelve events of four updates, each with another text of a megabyte, and what makes a reader stumble.
        const events = Array.from({ length: 12 }, (_, index) =>
          eventOf(
            index + 1,
            Array.from({ length: 4 }, (_, each) =>
              updateOf(`n${4 * index + each + 1}`, {
                text: `${'"{[\\木'.repeat(9)}${String(index % 10).repeat(900_000)}`,
              }),
            ),
          ),
        );
        log(events);
        let longest = 0;
        const sql = countingSql(real, (_, rows) => {
          for (const { body } of rows) if (typeof body === "string") longest = Math.max(longest, body.length);
        });
        const { stored } = reopen(sql);
        expect(longest).toBeLessThanOrEqual(512 * 1024);
        expect([stored.seq, stored.checkpointSeq, stored.clients.get("ann")?.mutation]).toEqual([12, 12, 12]);
        expect(stored.nodes.get("n48")?.attrs.text).toBe(`${'"{[\\木'.repeat(9)}${"1".repeat(900_000)}`);
        expect(stored.recent.glimpse(12)).toEqual({
          client: "ann",
          userId: null,
          placed: [],
          updated: ["n45", "n46", "n47", "n48"],
        });
        expect(problemsOf(sql, stored)).toEqual([]);
      }));

    it("B32 that is light is replayed without a row written", () =>
      create((sql) => {
        const log = poison(sql);
        for (let seq = 1; seq <= 16; seq++) log([eventOf(seq, [small(seq)])]);
        sql.takeRowsWritten();
        const { stored } = reopen(sql);
        expect([stored.seq, stored.checkpointSeq, sql.takeRowsWritten()]).toEqual([16, 0, 0]);
      }));
  });
}

/** A document with nodes of a megabyte, and what writes commits into its log as the code before did. */
function poison(sql: Sql): (events: readonly TreeEvent[]) => void {
  const children = Array.from({ length: COUNT + 1 }, (_, index) => ({ ...item(`n${index}`), attrs: { text: TEXT } }));
  createWriter(sql, item("root", ...children));
  const { log } = createSqliteTables(sql);
  return (events) => {
    const [first, last] = [events.at(0)?.seq ?? 0, events.at(-1)?.seq ?? 0];
    const inverse: Inverse[] = [{ op: "update", id: "n1", unset: ["x"] }];
    log.append({
      ...{ first, last, time: BEGIN },
      events: events.map(eventText).join(","),
      inverses: events.map(() => JSON.stringify(inverse)).join(","),
    });
  };
}

function eventOf(seq: number, ops: readonly Effect[]): TreeEvent {
  return { seq, time: BEGIN, client: "ann", mutation: seq, userId: null, ops, meta: { ops: [{ a: [1] }, "]}"] } };
}

function updateOf(id: string, attrs: Attrs): Effect {
  return { op: "update", id, attrs };
}

function small(number: number): Effect {
  return { op: "update", id: `n${number}`, attrs: { x: number } };
}

function expectUpdated(sql: Sql, { nodes }: StoredDocument): void {
  for (let number = 1; number <= COUNT; number++) {
    const { x, text } = nodes.get(`n${number}`)?.attrs ?? {};
    expect([x, text === TEXT], `n${number}`).toEqual([number, true]);
  }
  expect(nodes.get("n0")?.attrs.x).toBe(undefined);
  expect(sql.exec("SELECT * FROM journal")).toEqual([]);
}
