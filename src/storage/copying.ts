import type { CopyHead, CopyPast } from "../protocol/index.ts";
import { branch, type ReadStore } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { entriesOf } from "./log.ts";
import { rowText } from "./node-rows.ts";
import { bodiesOf } from "./sqlite-log.ts";
import { type EventRowText, type NodePage, ROW_TABLES, type RowTable } from "./tables.ts";

// A document as lines, to make it again elsewhere: a head, then the rows of its tables as they are stored, some in a line, and an
// end that says how many they were. Whoever has old ones brings the rows to the schema of now like those of a document that has
// slept since (`schema.ts`), so this has no form of its own that would have to be understood for ever. From object to object nodes
// go by the page, as SQLite has them.

/** Of the lines; of the rows it is the schema. */
export const COPY_VERSION = 1;

/** A line, or for another object of this code rows of nodes. */
export type Piece = string | Uint8Array;

/** A document as it is read, "" where somebody else is to have a turn before the next one. */
export interface Copy<Of extends Piece = Piece> {
  readonly pieces: Iterator<Of>;
  /** Too much has changed since: what comes is worth nothing. */
  readonly overtaken: boolean;
  release(): void;
}

/** What is to be copied beside the tree: nothing; all of the history; for another document in this deployment, also what it can make itself. */
export type CopyDepth = "tree" | "backup" | "everything";

/** The document as it is now. */
export function copyOf(stored: StoredDocument, depth: CopyDepth): Copy {
  const { nodes, clients, rows, seq, time, createdAt, versions, salt, historyFrom, counters } = stored;
  const frozen = nodes.freeze();
  if (depth === "tree")
    return { pieces: copyPieces(headOf(stored, null), { nodes: frozen.pages(true) }), ...all(frozen) };
  const frozenClients = clients.freeze(rows);
  const kept = { salt, historyFrom, totals: nodes.totals(), counters };
  const head = headOf(stored, { createdAt, seq, time, versions: versions.all, kept });
  const pieces = copyPieces(head, {
    nodes: depth === "everything" ? frozen.pages(false) : frozen.rows(),
    // Named now: what is committed later goes into other rows.
    events: withoutGap(rows.events(seq), seq),
    clients: frozenClients.rows(),
    ...(depth === "everything" && { skips: rows.skips(seq) }),
  });
  return { pieces, ...all(frozen, frozenClients) };
}

/** The tree of an earlier seq as a new document. */
export function copyOfPast(stored: StoredDocument, view: ReadStore): Iterator<Piece> {
  return copyPieces(headOf(stored, null), { nodes: bareRows(view) });
}

/** The document as it was after `seq`: the tree that it was after `from`, and the events from there to that, to be done again. */
export function copyOfHistory(stored: StoredDocument, view: ReadStore, from: number, seq: number): Iterator<Piece> {
  const { createdAt, log } = stored;
  const [first] = log.after(from);
  const time = Math.min(createdAt, first?.time ?? createdAt);
  const versions = stored.versions.all.filter((version) => version.seq <= seq);
  const past = { createdAt, seq: from, time, versions, kept: null };
  return copyPieces(headOf(stored, past), {
    nodes: bareRows(view),
    events: withoutGap(eventsUpTo(stored, seq), seq, from),
  });
}

function headOf({ rows, nodes, options }: StoredDocument, past: CopyPast | null): CopyHead {
  // What is copied is stored, wherever this one is kept.
  return {
    version: COPY_VERSION,
    schema: rows.schema,
    root: nodes.root,
    options: { ...options, storage: "sqlite" },
    past,
  };
}

/** Of each table the texts of its rows, or of many at once, null for a row that is not to be told. */
type Parts = { readonly [Table in RowTable]?: Iterable<string | NodePage | null> };

/**
 * Characters of a line, if no single row has more; and how many rows are read before somebody else has a turn: of a tree of long ago about
 * 20 ms, where a line of 2 600 short ones took 35 to 100 (Node, 2026-11-28).
 */
const LINE = 240 * 1024;
const ROWS_AT_ONCE = 1_000;

function* copyPieces(head: CopyHead, parts: Parts): Generator<Piece> {
  yield lineOf(HEAD, JSON.stringify(head));
  const counts: Partial<Record<RowTable, number>> = {};
  for (const table of ROW_TABLES) {
    let rows: string[] = [];
    let characters = 0;
    let read = 0;
    let count = 0;
    for (const row of parts[table] ?? []) {
      if (row !== null && typeof row !== "string") {
        yield typeof row.rows === "string" ? lineOf(table, row.rows) : row.rows;
        count += row.count;
        continue;
      }
      if (++read % ROWS_AT_ONCE === 0) yield "";
      if (row === null) continue;
      if (rows.length > 0 && characters + row.length > LINE) {
        yield lineOf(table, `[${rows.join(",")}]`);
        rows = [];
        characters = 0;
      }
      rows.push(row);
      characters += row.length + 1;
      count++;
    }
    if (rows.length > 0) yield lineOf(table, `[${rows.join(",")}]`);
    counts[table] = count;
  }
  yield lineOf(END, JSON.stringify(counts));
}

/** What the first and the last line are called. */
export const HEAD = "grove";
export const END = "end" as const;

function lineOf(name: string, json: string): string {
  return `{"${name}":${json}}\n`;
}

function* bareRows(view: ReadStore): Generator<string> {
  for (const node of branch(view, view.root)) yield rowText(node, true);
}

/**
 * The texts of events up to `seq`, each behind the one before. The beginning may have been let go of meanwhile, and then the history
 * begins later, unless it has to begin behind `from`; what is missing behind that would be missing in the other document for ever.
 */
function* withoutGap(rows: Iterable<EventRowText>, seq: number, from: number | null = null): Generator<string> {
  let before = from;
  for (const { first, last, text } of rows) {
    if (before !== null && first > before + 1) throw new Error(LET_GO);
    before = last;
    yield text;
  }
  if (before !== null && before < seq) throw new Error(LET_GO);
}

const LET_GO = "history was let go of while it was read; begin again";

function* eventsUpTo({ rows, log }: StoredDocument, seq: number): Generator<EventRowText> {
  for (const row of rows.events(seq)) {
    const { first, last } = row;
    if (last <= seq) {
      yield row;
      continue;
    }
    const commit = log.at(first);
    if (!commit) return;
    const kept = entriesOf(commit).filter((entry) => entry.seq <= seq);
    const events = kept.map(({ inverse: _, ...event }) => JSON.stringify(event));
    const inverses = kept.map(({ inverse }) => JSON.stringify(inverse));
    const time = kept.at(-1)?.time ?? commit.time;
    for (const [part, body] of bodiesOf(events.join(","), inverses.join(",")).entries())
      yield { first, last: seq, text: JSON.stringify([first, part, seq, time, body]) };
    return;
  }
}

interface Held {
  readonly overtaken: boolean;
  release(): void;
}

function all(...held: readonly Held[]): Held {
  return {
    get overtaken() {
      return held.some(({ overtaken }) => overtaken);
    },
    release() {
      for (const each of held) each.release();
    },
  };
}
