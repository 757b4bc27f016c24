import type { Commit, Joining, Log } from "./log.ts";
import { numberOf, type Sql, type SqlRow, textOf } from "./sql.ts";
import { createTypingRow, isTyping, isTypingBody, readTyping, type TypingRow } from "./typing.ts";

/** Rows are limited to 2 MB on the platform (not locally, 2026-11); a character takes at most three bytes. */
const PART_CHARS = 512 * 1024;
/** Commits looked for at once, and bytes of bodies read at once: a statement takes longer than a small body. */
const PAGE = 64;
/** Commits of which the sizes are asked for at once. */
const SIZES = 256;
const PAGE_BYTES = 256 * 1024;
/** A part that takes more may be one of several; a surrogate pair is not cut for the last character. */
export const LARGE = PART_CHARS - 1;

/** Of typing in one row: it is written anew with each commit. A little more than a page is where SQLite wastes least. */
const TYPING_CHARS = 4 * 1024;

/** A row of typing that the next commit may go into. Where its transaction was taken back the row is not so: that is looked at. */
interface OpenRow {
  readonly first: number;
  readonly last: number;
  readonly characters: number;
  readonly row: TypingRow;
}

export interface SqliteLog extends Log {
  /** The next commit goes into a row of its own. */
  seal(): void;
}

/** The log as rows of the table `events`. */
export function createSqliteLog(sql: Sql): SqliteLog {
  let open: OpenRow | null = null;
  const insert = ({ first, last, time }: Commit, bodies: readonly string[]) => {
    for (const [part, body] of bodies.entries()) {
      sql.exec(
        "INSERT INTO events (first, part, last, time, body) VALUES (?, ?, ?, ?, ?)",
        first,
        part,
        last,
        time,
        body,
      );
    }
  };
  const appendTyping = (commit: Commit, joining: Joining) => {
    const { first: seq, last, time } = commit;
    if (open && open.first > joining.after && open.last === seq - 1) {
      const { first, row } = open;
      const more = row.add(joining);
      const characters = open.characters + more.length;
      open = { first, last, characters, row };
      const statement =
        "UPDATE events SET last = ?, time = ?, body = body || ? WHERE first = ? AND part = 0 AND last = ? RETURNING first";
      if (characters <= TYPING_CHARS && sql.exec(statement, last, time, more, first, seq - 1).length > 0) return;
    }
    const row = createTypingRow();
    const body = row.add(joining);
    open = { first: seq, last, characters: body.length, row };
    insert(commit, [body]);
  };
  return {
    append(commit, joining) {
      const { events, inverses } = commit;
      if (joining && events.length + inverses.length < LARGE && isTyping(joining)) appendTyping(commit, joining);
      else {
        open = null;
        insert(commit, bodiesOf(events, inverses));
      }
    },
    at(seq) {
      const [head] = sql.exec(
        "SELECT first, octet_length(body) AS size FROM events WHERE first <= ? AND part = 0 ORDER BY first DESC LIMIT 1",
        seq,
      );
      const [commit] = head ? [...readPage(sql, [head])] : [];
      return commit && commit.last >= seq ? commit : undefined;
    },
    *after(seq, since = 0) {
      const [start] = sql.exec("SELECT first FROM events WHERE first <= ? ORDER BY first DESC LIMIT 1", seq + 1);
      let from = start ? numberOf(start, "first") : seq + 1;
      if (since > 0) from = firstSince(sql, from, since);
      for (;;) {
        // The size of a body is known without reading it.
        const page = sql.exec(
          "SELECT first, octet_length(body) AS size FROM events WHERE first >= ? AND part = 0 ORDER BY first LIMIT ?",
          from,
          PAGE,
        );
        for (const commit of readPage(sql, page)) {
          from = commit.last + 1;
          if (commit.last > seq) yield commit;
        }
        if (page.length === 0) return;
      }
    },
    *backward(before = Number.MAX_SAFE_INTEGER) {
      let below = before;
      for (;;) {
        const page = sql.exec(
          "SELECT first, octet_length(body) AS size FROM events WHERE first < ? AND part = 0 ORDER BY first DESC LIMIT ?",
          below,
          PAGE,
        );
        for (const commit of readPage(sql, page)) {
          below = commit.first;
          yield commit;
        }
        if (page.length === 0) return;
      }
    },
    *sizes(after) {
      for (let from = after; ; ) {
        // The size of a body is known without reading it.
        const page = sql.exec(
          "SELECT first, last, sum(octet_length(body)) AS size FROM events WHERE first > ? GROUP BY first ORDER BY first LIMIT ?",
          from,
          SIZES,
        );
        for (const row of page) {
          from = numberOf(row, "first");
          yield { first: from, last: numberOf(row, "last"), bytes: numberOf(row, "size") };
        }
        if (page.length < SIZES) return;
      }
    },
    oldest() {
      const [row] = sql.exec("SELECT first FROM events ORDER BY first LIMIT 1");
      return row ? numberOf(row, "first") : null;
    },
    drop: (first) => void sql.exec("DELETE FROM events WHERE first <= ?", first),
    seal() {
      open = null;
    },
  };
}

/** Where the first commit from `from` on begins that is not before a time. Times rise with seqs. */
function firstSince(sql: Sql, from: number, since: number): number {
  const [newest] = sql.exec("SELECT first FROM events ORDER BY first DESC LIMIT 1");
  let low = from;
  let high = newest ? numberOf(newest, "first") + 1 : from;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = sql.exec(
      "SELECT first, time FROM events WHERE first >= ? AND part = 0 ORDER BY first LIMIT 1",
      middle,
    );
    if (!row || numberOf(row, "time") >= since) high = middle;
    else low = numberOf(row, "first") + 1;
  }
  return low;
}

/** The commits of a page, in its order. One that was dropped meanwhile is passed over. */
function* readPage(sql: Sql, page: readonly SqlRow[]): Generator<Commit> {
  let batch: number[] = [];
  let bytes = 0;
  for (const row of page) {
    const size = numberOf(row, "size");
    if (size >= LARGE) {
      yield* readCommits(sql, batch);
      batch = [];
      bytes = 0;
      yield* largeCommit(sql, numberOf(row, "first"));
      continue;
    }
    if (batch.length > 0 && bytes + size > PAGE_BYTES) {
      yield* readCommits(sql, batch);
      batch = [];
      bytes = 0;
    }
    batch.push(numberOf(row, "first"));
    bytes += size;
  }
  yield* readCommits(sql, batch);
}

/** A commit in parts, if it is there: whoever wants all of a text reads it, and who can take it in pieces need not. */
function largeCommit(sql: Sql, first: number): Commit[] {
  const [head] = sql.exec(
    "SELECT last, time, sum(octet_length(body)) AS size FROM events WHERE first = ? GROUP BY first",
    first,
  );
  if (!head) return [];
  let whole: Commit | undefined;
  const read = () => {
    whole ??= commitOf(sql.exec("SELECT first, last, time, body FROM events WHERE first = ? ORDER BY part", first))[0];
    return whole;
  };
  return [
    {
      first,
      last: numberOf(head, "last"),
      time: numberOf(head, "time"),
      size: numberOf(head, "size"),
      get events() {
        return read()?.events ?? "";
      },
      get inverses() {
        return read()?.inverses ?? "";
      },
      pieces: () => piecesOf(sql, first),
    },
  ];
}

/** The events of a commit part by part; no more of them once it has been dropped. */
function* piecesOf(sql: Sql, first: number): Generator<string> {
  for (let part = 0; ; part++) {
    const [row] = sql.exec("SELECT body FROM events WHERE first = ? AND part = ?", first, part);
    if (!row) return;
    const body = textOf(row, "body");
    const end = body.indexOf("\n");
    yield end < 0 ? body : body.slice(0, end);
    if (end >= 0) return;
  }
}

/** Commits that follow each other in the log, in either direction. */
function readCommits(sql: Sql, firsts: readonly number[]): Commit[] {
  if (firsts.length === 0) return [];
  const ends = [firsts.at(0) ?? 0, firsts.at(-1) ?? 0];
  const rows = sql.exec(
    "SELECT first, last, time, body FROM events WHERE first BETWEEN ? AND ? ORDER BY first, part",
    Math.min(...ends),
    Math.max(...ends),
  );
  const parts = new Map<number, SqlRow[]>();
  for (const row of rows) {
    const first = numberOf(row, "first");
    const commit = parts.get(first);
    if (commit) commit.push(row);
    else parts.set(first, [row]);
  }
  return firsts.flatMap((first) => commitOf(parts.get(first) ?? []));
}

/** A row of typing, which is written out when somebody asks for it: of a page read ahead a turn mostly takes one. */
function typingOf(range: Pick<Commit, "first" | "last" | "time">, body: string): Commit {
  let read: ReturnType<typeof readTyping> | undefined;
  const whole = () => {
    read ??= readTyping(body);
    return read;
  };
  return {
    ...range,
    isTyping: true,
    stored: body,
    get events() {
      return whole().events;
    },
    get inverses() {
      return whole().inverses;
    },
    get commits() {
      return whole().commits;
    },
  };
}

/** Nothing of no rows. */
function commitOf(rows: readonly SqlRow[]): Commit[] {
  const [head] = rows;
  if (!head) return [];
  const body = rows.map((row) => textOf(row, "body")).join("");
  const range = { first: numberOf(head, "first"), last: numberOf(head, "last"), time: numberOf(head, "time") };
  if (isTypingBody(body)) return [typingOf(range, body)];
  // JSON text holds no raw line break, so the first one divides.
  const middle = body.indexOf("\n");
  return [{ ...range, events: body.slice(0, middle), inverses: body.slice(middle + 1) }];
}

/** What the rows of a commit have. */
export function bodiesOf(events: string, inverses: string): string[] {
  return split(`${events}\n${inverses}`, PART_CHARS);
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
