import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { getHeapStatistics } from "node:v8";
import { createSession, createSqliteTables, type Session } from "../../src/session.ts";
import { openDocument } from "../../src/storage.ts";
import { openTestSql, type TestSql } from "../../test/support/node-sqlite.ts";
import { type Ask, type Call, callsOf } from "./calls.ts";
import { type DocumentSize, makeDocument } from "./document.ts";

// Every call of history of a document, in a process of its own whose heap is bounded: `node --max-heap-size=128 --expose-gc measure.ts FILE
// NODES EVENTS`; with `make` behind it the document is made.

/** What a call takes. Times in milliseconds, of this thread alone where they are `cpu`. */
export interface Taken {
  readonly name: string;
  /** How the first page ended: a code, where it is an error. */
  readonly outcome: string;
  readonly first: {
    readonly wall: number;
    readonly cpu: number;
    readonly turns: number;
    readonly read: number;
    readonly written: number;
  };
  /** CPU time of the longest turn, of all pages. */
  readonly longest: number;
  /** How much more was on the heap than before, at the end of a turn, garbage included. MB. */
  readonly heap: number;
  /** All pages, where they were asked for. */
  readonly all: {
    readonly pages: number;
    readonly finished: boolean;
    readonly cpu: number;
    readonly read: number;
  } | null;
}

/** In a V8 heap of so many MiB. */
export const HEAP = 128;
/** Of a call with more pages than take so long the rest is left. Milliseconds. */
const ENOUGH = 10_000;
/** What the compiler is warmed up with. */
const SMALL: DocumentSize = { nodes: 1_000, events: 4_000 };

/** Makes a document in a file. */
export async function make(file: string, { nodes, events }: DocumentSize): Promise<void> {
  await run([], [file, `${nodes}`, `${events}`, "make"]);
}

/** Asks all of one in a file, each call cold. */
export async function measure(file: string, { nodes, events }: DocumentSize): Promise<Taken[]> {
  const text = await run([`--max-heap-size=${HEAP}`], [file, `${nodes}`, `${events}`]);
  const taken: Taken[] = JSON.parse(text);
  return taken;
}

function run(flags: readonly string[], words: readonly string[]): Promise<string> {
  const child = fork(fileURLToPath(import.meta.url), words, { execArgv: [...flags, "--expose-gc", "--no-warnings"] });
  return new Promise((resolve, reject) => {
    let told = "";
    child.on("message", (message) => {
      told = String(message);
    });
    child.once("exit", (code) =>
      code === 0 ? resolve(told) : reject(new Error(`${words.join(" ")}: ended with ${code}`)),
    );
  });
}

/** Milliseconds of processor that this thread has taken. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** A session that has nothing in memory yet, and counts the rows that it reads. */
function openCold(sql: TestSql): { readonly session: Session; readonly read: () => number } {
  let read = 0;
  const counting = {
    exec: (...statement: Parameters<TestSql["exec"]>) => {
      const rows = sql.exec(...statement);
      read += rows.length;
      return rows;
    },
    transaction: sql.transaction,
    takeRowsWritten: sql.takeRowsWritten,
    get bytes() {
      return sql.bytes;
    },
  };
  let made = 0;
  const newId = () => `made-${made++}`;
  const session = createSession({ documentId: "history", tables: createSqliteTables(counting), newId });
  return { session, read: () => read };
}

/** How many events there are: what changes nothing is none. */
function seqOf(file: string): number {
  const sql = openTestSql(file);
  const { seq = 0 } = openDocument(createSqliteTables(sql), () => "no-id") ?? {};
  sql.close();
  return seq;
}

function take({ name, ask, all }: Call, file: string): Taken {
  const sql = openTestSql(file);
  try {
    globalThis.gc?.();
    const before = { heap: getHeapStatistics().used_heap_size, written: sql.totalRows };
    const { session, read } = openCold(sql);
    let [longest, heap, turns] = [0, 0, 0];
    const turn = <T>(work: () => T): T => {
      const begin = cpu();
      const result = work();
      longest = Math.max(longest, cpu() - begin);
      heap = Math.max(heap, getHeapStatistics().used_heap_size - before.heap);
      turns++;
      return result;
    };
    const answer = (page: Ask) => {
      const asked = turn(() => page(session.calls, Date.now()));
      while (asked.task.result === null) turn(() => session.work(Date.now()));
      return asked;
    };
    const [begin, wall] = [cpu(), performance.now()];
    const page = answer(ask);
    const first = {
      ...{ wall: performance.now() - wall, cpu: cpu() - begin },
      ...{ turns, read: read(), written: sql.totalRows - before.written },
    };
    let pages = 1;
    let next = all ? page.next() : null;
    for (; next && cpu() - begin < ENOUGH; pages++) next = answer(next).next();
    const { result } = page.task;
    return {
      ...{ name, first, longest, heap: heap / 1e6, outcome: result?.ok === false ? result.problem.code : "" },
      all: all ? { pages, finished: next === null, cpu: cpu() - begin, read: read() } : null,
    };
  } finally {
    sql.close();
  }
}

const [file, nodes, events, makes] = process.argv.slice(2);
if (process.send && process.argv[1] === fileURLToPath(import.meta.url) && file !== undefined) {
  const size = { nodes: Number(nodes), events: Number(events) };
  if (makes) {
    const sql = openTestSql(file);
    // As one, so that it waits for the disk once.
    sql.transaction(() => makeDocument(sql, size));
    sql.close();
  } else {
    const small = `${file}-small`;
    const sql = openTestSql(small);
    sql.transaction(() => makeDocument(sql, SMALL));
    sql.close();
    for (const call of callsOf(seqOf(small))) take(call, small);
    process.send(JSON.stringify(callsOf(seqOf(file)).map((call) => take(call, file))));
  }
  process.disconnect();
}
