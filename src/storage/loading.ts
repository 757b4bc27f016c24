import type { CopyHead, CopyPast, DocumentOptions } from "../protocol/index.ts";
import { createSoundness, type NodeId } from "../tree/index.ts";
import { checkLarge } from "./large-commits.ts";
import { bornLife, writeLife } from "./life.ts";
import { createNodeRows, FIRST_TOTALS, type Totals } from "./nodes.ts";
import { readDocument } from "./opening.ts";
import { ANY_NODE, createMeter, type Slices } from "./slices.ts";
import type { Found, RowList, RowTable, Tables } from "./tables.ts";

/** A document that is made of the rows of another one. Until `finish` it does not exist, whatever happens. */
export interface Loading {
  /** What it takes in storage by now, in bytes. */
  readonly bytes: number;
  /** The options that it will have. */
  readonly options: DocumentOptions;
  /** Whether a row of nodes or clients has one of these ids. */
  has(table: RowTable, ids: readonly string[]): boolean;
  /** Writes rows of a table. */
  load(table: RowTable, rows: RowList): void;
  /** Looks through what has come, of so many nodes, and at the commits that begin with these events, in slices: what is wrong, or null. */
  check(nodes: number, large: readonly number[]): Slices<string | null>;
  /** Does again, in slices, what the log has behind the nodes that have come; then all but the head of a document is there. */
  replay(birth: LoadedBirth): Slices<void>;
  /** Writes the head that makes a document of it: `nodes` is how many have come. */
  finish(birth: LoadedBirth): void;
}

export interface LoadedBirth {
  readonly incarnation: string;
  /** What the places of what is gone are balanced by, where the rows do not bring that. */
  readonly salt: number;
  readonly nodes: number;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Begins with tables as empty as an import does. */
export function beginLoading(tables: Tables, { schema, root, options, past }: CopyHead): Loading {
  const { rows, meta } = tables;
  if (schema < rows.schema) {
    tables.transaction(() => {
      tables.clear();
      tables.prepare(schema);
    });
  }
  const createdAt = past?.createdAt ?? null;
  let isWritten = false;
  /** All that a document has but what says that it is one. */
  const writeHead = ({ incarnation, salt, nodes, now }: LoadedBirth) => {
    const { seq, time, kept } = past ?? { seq: 0, time: now, kept: null };
    const oldest = tables.log.oldest() ?? seq + 1;
    const totals = kept ? totalsOf(kept, oldest) : bare(nodes);
    meta.put("incarnation", JSON.stringify(incarnation));
    meta.put("salt", JSON.stringify(kept?.salt ?? salt));
    meta.put("checkpoint", JSON.stringify({ seq, time, ...totals }));
    // One that was deleted while this was read may have been the last to need what was let go of, and would hold back all else.
    for (const version of past?.versions ?? []) if (version.seq >= oldest - 1) tables.versions.put(version);
    writeLife(meta, bornLife(tables.takeRowsWritten(), kept?.counters, seq));
    isWritten = true;
  };
  const begin = () => {
    rows.loaded();
    // As those of a document that has slept since.
    tables.prepare();
  };
  return {
    get bytes() {
      return tables.bytes;
    },
    options,
    has: (table, ids) =>
      table === "nodes"
        ? tables.nodes.existing(ids).length > 0
        : ids.some((id) => tables.clients.get(id) !== undefined),
    load: (table, list) => tables.transaction(() => rows.load(table, list)),
    *check(nodes, large) {
      rows.loaded();
      const problem = yield* checkRows(tables, root, nodes);
      return problem ? `no tree: ${problem}` : yield* checkLarge(tables.log, large);
    },
    *replay(birth) {
      if (!past || past.kept) return;
      begin();
      tables.transaction(() => writeHead(birth));
      const document = readDocument(tables, () => birth.incarnation, { root, createdAt: past.createdAt, options });
      const replayed = document.catchUp(createMeter());
      while (!replayed.next(birth.now).done) {
        if (document.checkpointDue) yield* document.checkpointInSteps(birth.now);
        yield;
      }
      yield* document.checkpointInSteps(birth.now);
      document.setDue({ ...document.due });
    },
    finish(birth) {
      if (!isWritten) begin();
      tables.transaction(() => {
        if (!isWritten) writeHead(birth);
        meta.put("document", JSON.stringify({ root, createdAt: createdAt ?? birth.now, options }));
      });
    },
  };
}

/** Nobody knows whether there are large ones. */
function bare(size: number): Totals {
  return { ...FIRST_TOTALS, size, large: true };
}

/** What was removed before the history begins can be restored no more: it may begin later than when the nodes were read. */
function totalsOf({ totals, historyFrom }: NonNullable<CopyPast["kept"]>, oldest: number): Totals {
  if (oldest <= historyFrom) return totals;
  return { ...totals, doomed: [], search: { until: oldest - 1, after: "", again: false } };
}

/** Removed nodes looked for at once. */
const REMOVED_AT_ONCE = 250;
const ROWS_AT_ONCE = 1_024;

function* checkRows(tables: Tables, root: NodeId, count: number): Slices<string | null> {
  const nodes = createNodeRows(tables.nodes, root, FIRST_TOTALS, null);
  const soundness = createSoundness(nodes);
  const meter = createMeter();
  function* through(top: NodeId): Slices<void> {
    for (const _ of soundness.branch(top)) {
      meter.add(ANY_NODE);
      if (meter.full()) yield;
    }
  }
  yield* through(root);
  for (let after: NodeId | null = ""; after !== null; ) {
    const page: Found = tables.nodes.removed({ after, until: Number.MAX_SAFE_INTEGER }, ROWS_AT_ONCE, REMOVED_AT_ONCE);
    for (const top of page.found) yield* through(top);
    after = page.last;
    yield;
  }
  return soundness.problem(count);
}
