import {
  chain,
  decodeClientRow,
  decodeEventRow,
  decodeNodeRow,
  type EventColumns,
  eventsProblem,
  failure,
  LIMITS,
  parsedWeight,
  type Result,
  success,
} from "../protocol/index.ts";
import { commitOf, LARGE_PART, type Loading, notOfALog, ROW_TABLES, type RowTable } from "../storage.ts";

/** Looks at the rows of a backup, which come in the order of their tables, before they are written. */
export interface BackupRows {
  take(table: RowTable, rows: readonly unknown[]): Result<null>;
  /** The first events of what was committed at once and has several rows: these are not looked at yet. */
  readonly large: readonly number[];
  /** All have come; `told` is how many of each there are to be. */
  end(told: Readonly<Record<string, unknown>>): Result<null>;
}

/** The rows of a document at `seq`. */
export function createBackupRows(loading: Loading, seq: number): BackupRows {
  const counts: Record<RowTable, number> = { nodes: 0, events: 0, clients: 0, skips: 0 };
  let current = 0;
  const large: number[] = [];
  /** The first part of the commit that is coming, and how many of it have come; the last event before it. */
  let head: EventColumns | null = null;
  let parts = 0;
  let characters = 0;
  let last: number | null = null;
  let time = 0;

  const endCommit = (): Result<null> => {
    if (!head) return success(null);
    const [first, , to, at] = head;
    if (at < time || to < first || to > seq || (last !== null && first !== last + 1))
      return failure("invalid", `events ${first} to ${to} do not follow those before them`);
    if (parts > 1) large.push(first);
    const problem = parts > 1 ? null : commitProblem(head);
    if (problem) return failure("invalid", `events ${first} to ${to}: ${problem}`);
    [last, time, head, characters] = [to, at, null, 0];
    return success(null);
  };
  const takeEvent = (row: EventColumns): Result<null> => {
    const isFirst = row[1] === 0;
    const goesOn = head && row[0] === head[0] && row[2] === head[2] && row[3] === head[3] && row[1] === parts;
    // The log reads one that has a small row at once, whatever follows.
    const isLarge = head && head[4].length >= LARGE_PART;
    if (!isFirst && !(goesOn && isLarge)) return failure("invalid", "a part of events does not follow the one before");
    const ended = isFirst ? endCommit() : success(null);
    if (!ended.ok) return ended;
    characters += row[4].length;
    if (characters > LIMITS.backupCommitLength)
      return failure("tooLarge", `what was committed at once takes at most ${LIMITS.backupCommitLength} characters`);
    head = isFirst ? row : head;
    parts = isFirst ? 1 : parts + 1;
    return success(null);
  };
  const takeRow = (table: RowTable, row: unknown): Result<readonly unknown[]> => {
    switch (table) {
      case "nodes":
        return decodeNodeRow(row);
      case "clients":
        return decodeClientRow(row);
      case "events":
        return chain(decodeEventRow(row), (columns) => chain(takeEvent(columns), () => success(columns)));
      default:
        return failure("invalid", `what ${table} have is made again`);
    }
  };

  return {
    large,
    take(table, rows) {
      const index = ROW_TABLES.indexOf(table);
      if (index < current) return failure("invalid", `${table} come before ${ROW_TABLES[current]}`);
      const ended = index > current ? endCommit() : success(null);
      if (!ended.ok) return ended;
      current = index;
      const taken: (readonly unknown[])[] = [];
      for (const row of rows) {
        const decoded = takeRow(table, row);
        if (!decoded.ok) return decoded;
        taken.push(decoded.value);
      }
      const ids = taken.map(([id]) => String(id));
      if (table !== "events" && (new Set(ids).size < ids.length || loading.has(table, ids)))
        return failure("exists", `${table}: one of them has come already`);
      loading.load(table, JSON.stringify(taken));
      counts[table] += taken.length;
      return success(null);
    },
    end: (told) =>
      chain(endCommit(), () => {
        if (last !== null && last !== seq) return failure("invalid", `the events end with ${last}, not with ${seq}`);
        const wrong = ROW_TABLES.find((table) => counts[table] !== (told[table] ?? 0));
        return wrong
          ? failure("invalid", `${counts[wrong]} ${wrong} have come, and not as many as are to`)
          : success(null);
      }),
  };
}

/** Bodies may be in the form of the log, which reads only what it has written. */
function commitProblem(row: EventColumns): string | null {
  if (parsedWeight(row[4], LIMITS.parsedMutationBytes) > LIMITS.parsedMutationBytes) return "they come to too much";
  try {
    const commit = commitOf([row], MOST_TYPING);
    if (!commit) return "there are none";
    const [events, inverses]: unknown[] = [`[${commit.events}]`, `[${commit.inverses}]`].map((text) =>
      JSON.parse(text),
    );
    return eventsProblem(events, inverses, commit);
  } catch (error) {
    return notOfALog(error);
  }
}

/** Characters that a row of typing comes to when it is written out: a line of ten may be one of 4 KiB. The log writes none of more than 2 Mi. */
const MOST_TYPING = 4 * 1024 * 1024;
