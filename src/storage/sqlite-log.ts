import type { Commit, Log } from "./log.ts";
import { numberOf, type Sql, type SqlRow, textOf } from "./sql.ts";

/** Rows are limited to 2 MB on the platform (not locally, 2026-11); a character takes at most three bytes. */
const PART_CHARS = 512 * 1024;
/** Commits read in one go. Bodies can be large, and the object has 128 MB. */
const PAGE = 16;

/** The log as rows of the table `events`. */
export function createSqliteLog(sql: Sql): Log {
  return {
    append({ first, last, time, events, inverses }) {
      const parts = split(`${events}\n${inverses}`, PART_CHARS);
      for (const [part, body] of parts.entries()) {
        sql.exec(
          "INSERT INTO events (first, part, last, time, body) VALUES (?, ?, ?, ?, ?)",
          first,
          part,
          last,
          time,
          body,
        );
      }
    },
    *after(seq, since = 0) {
      const [start] = sql.exec("SELECT first FROM events WHERE first <= ? ORDER BY first DESC LIMIT 1", seq + 1);
      let from = start ? numberOf(start, "first") : seq + 1;
      for (;;) {
        // `time` stands before the body in the row, so a row that is passed over is not read to its end.
        const page = sql.exec(
          "SELECT first FROM events WHERE first >= ? AND part = 0 AND time >= ? ORDER BY first LIMIT ?",
          from,
          since,
          PAGE,
        );
        for (const row of page) {
          const commit = readCommit(sql, numberOf(row, "first"));
          from = commit.last + 1;
          if (commit.last > seq) yield commit;
        }
        if (page.length < PAGE) return;
      }
    },
    *backward() {
      let below = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const page = sql.exec(
          "SELECT first FROM events WHERE first < ? AND part = 0 ORDER BY first DESC LIMIT ?",
          below,
          PAGE,
        );
        for (const row of page) {
          below = numberOf(row, "first");
          yield readCommit(sql, below);
        }
        if (page.length < PAGE) return;
      }
    },
    oldest() {
      const [row] = sql.exec("SELECT first FROM events ORDER BY first LIMIT 1");
      return row ? numberOf(row, "first") : null;
    },
    drop: (first) => void sql.exec("DELETE FROM events WHERE first <= ?", first),
  };
}

function readCommit(sql: Sql, first: number): Commit {
  const rows: SqlRow[] = sql.exec("SELECT last, time, body FROM events WHERE first = ? ORDER BY part", first);
  const [head] = rows;
  if (!head) throw new Error(`the log has no commit ${first}`);
  const body = rows.map((row) => textOf(row, "body")).join("");
  // JSON text holds no raw line break, so the first one divides.
  const middle = body.indexOf("\n");
  return {
    first,
    last: numberOf(head, "last"),
    time: numberOf(head, "time"),
    events: body.slice(0, middle),
    inverses: body.slice(middle + 1),
  };
}

/** Pieces of at most `size` characters; a surrogate pair is never cut, or both halves would be lost as UTF-8. */
function split(text: string, size: number): string[] {
  if (text.length <= size) return [text];
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + size, text.length);
    const unit = text.charCodeAt(end - 1);
    if (end < text.length && unit >= 0xd800 && unit < 0xdc00) end--;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}
