import type { LoggedEvent } from "../../src/protocol/index.ts";
import { entriesOf } from "../../src/storage/log.ts";
import type { Due } from "../../src/storage.ts";
import { openTestSql, type TestSql } from "../support/node-sqlite.ts";

/** Stands between a server and its database and writes down what is committed, before any of it is let go again. */
export interface Ledger {
  /** The database, to be given to the server. */
  readonly sql: TestSql;
  /** Every event there ever was, by seq. */
  readonly entries: readonly LoggedEvent[];
  /** Notes what has become of the document's life since the last call; `what` has happened. */
  observe(what: string): void;
}

interface Part {
  readonly first: number;
  readonly body: string;
}

interface Moment {
  readonly due: Due | null;
  readonly checkpoint: number;
  readonly oldest: number;
}

export function createLedger(note: (what: string) => void): Ledger {
  const inner = openTestSql();
  const parts: Part[] = [];
  const entries: LoggedEvent[] = [];
  const sql: TestSql = {
    exec(statement, ...values) {
      const rows = inner.exec(statement, ...values);
      const [first, , , , body] = values;
      if (statement.startsWith("INSERT INTO events")) parts.push({ first: Number(first), body: String(body) });
      return rows;
    },
    transaction(work) {
      const { length } = parts;
      try {
        return inner.transaction(work);
      } catch (error) {
        parts.length = length;
        throw error;
      }
    },
    takeRowsWritten: inner.takeRowsWritten,
    get totalRows() {
      return inner.totalRows;
    },
    get bytes() {
      return inner.bytes;
    },
    get statements() {
      return inner.statements;
    },
    limit: inner.limit,
    failAt: inner.failAt,
    peek: inner.peek,
    close: inner.close,
  };
  let last: Moment | null = null;

  const writeDown = () => {
    const bodies = new Map<number, string>();
    for (const { first, body } of parts.splice(0)) bodies.set(first, (bodies.get(first) ?? "") + body);
    for (const [first, body] of bodies) {
      const middle = body.indexOf("\n");
      const [events, inverses] = [body.slice(0, middle), body.slice(middle + 1)];
      for (const entry of entriesOf({ first, last: first, time: 0, events, inverses })) {
        if (entry.seq !== entries.length + 1) throw new Error(`S1: ${entry.seq} follows ${entries.length}`);
        entries.push(entry);
      }
    }
  };
  return {
    sql,
    entries,
    observe(what) {
      writeDown();
      const before = last;
      last = momentOf(sql);
      if (!before) return;
      const graceOver = before.due?.grace !== null && last.due?.grace === null;
      if (what === "alarm") {
        // Whoever sleeps leaves nothing due.
        if (graceOver) note(last.due?.sweep === null ? "grace ends" : "join cancels grace");
        if (last.checkpoint > before.checkpoint) note("checkpoint by alarm");
        if (before.due?.sweep !== null && before.due?.sweep !== last.due?.sweep) note("sweep");
      }
      if (last.oldest > before.oldest) note("history let go");
    },
  };
}

function momentOf(sql: TestSql): Moment {
  const meta = new Map(sql.peek("SELECT key, value FROM meta").map(({ key, value }) => [String(key), String(value)]));
  const life: { due: Due } | null = JSON.parse(meta.get("life") ?? "null");
  const checkpoint: { seq: number } = JSON.parse(meta.get("checkpoint") ?? '{"seq":0}');
  const [oldest] = sql.peek("SELECT min(first) AS first FROM events");
  return { due: life?.due ?? null, checkpoint: checkpoint.seq, oldest: Number(oldest?.first ?? 0) };
}
