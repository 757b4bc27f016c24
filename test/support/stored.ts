import { eventsOf } from "../../src/storage/log.ts";
import type { ScannedNode } from "../../src/storage/tables.ts";
import {
  createMeter,
  finish,
  type Sql,
  type SqlRow,
  type StoredDocument,
  type Tables,
  treeAt as travel,
} from "../../src/storage.ts";
import { checkTree, type NodeRecord, type ReadStore } from "../../src/tree/index.ts";
import { outline, recordsText } from "../tree/outline.ts";
import { portOf, type Where } from "./port.ts";

/** Every record of a stored document, removed ones included: the ids are looked for in the rows and in the log. */
export function recordsOf(where: Where, { nodes, log }: StoredDocument): Readonly<NodeRecord>[] {
  const ids = new Set(rowIdsOf(where));
  for (const commit of log.after(0)) {
    for (const { ops } of eventsOf(commit))
      for (const effect of ops) if (effect.op === "insert") ids.add(effect.node.id);
  }
  const records: Readonly<NodeRecord>[] = [];
  for (const id of [...ids].sort()) {
    const record = nodes.get(id);
    if (record) records.push(record);
  }
  return records;
}

/** The tree as it was right after a seq, found in one go; null where it cannot be. */
export function treeAtOnce(stored: StoredDocument, seq: number): ReadStore | null {
  const found = finish(travel(stored, stored.nodes, seq, createMeter()));
  return typeof found === "string" ? null : found;
}

/** The ids of all node rows, in order. */
export function rowIdsOf(where: Where): string[] {
  return Array.from(scanned(portOf(where).nodes), ({ id }) => id);
}

/** All that a reload has to bring back, as plain data: equal ones are equal documents. */
export function stateOf(where: Where, stored: StoredDocument, clients: readonly string[]): object {
  const { incarnation, createdAt, options, seq, time, nodes } = stored;
  return {
    ...{ incarnation, createdAt, options, seq, time, size: nodes.size },
    outline: outline(nodes),
    records: recordsText(nodes.size, recordsOf(where, stored)),
    clients: clients.map((id) => structuredClone(stored.clients.get(id))),
    authors: Array.from({ length: seq + 2 }, (_, wanted) => authorOf(stored, wanted)),
  };
}

function authorOf(stored: StoredDocument, seq: number): object | null {
  const author = stored.recent.authorOf(seq);
  return author ? { client: author.client, userId: author.userId } : null;
}

/** What is wrong with the tree of a stored document; empty when all is well. */
export function problemsOf(where: Where, stored: StoredDocument): string[] {
  while (stored.nodes.mayLackUncounted) stored.nodes.findUncounted();
  return checkTree(stored.nodes, recordsOf(where, stored));
}

const TABLES = ["meta", "events", "nodes", "clients", "journal", "skips", "versions"];

/** The tables of a document that are there. */
export function tablesOf(sql: Sql): string[] {
  const rows = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  return rows.map(({ name }) => String(name)).filter((name) => !name.startsWith("_cf_") && !name.startsWith("sqlite_"));
}

/** Every row of every table: what a failed write must leave as it was. */
export function dump(sql: Sql): Record<string, SqlRow[]> {
  const present = TABLES.filter((table) => tablesOf(sql).includes(table));
  return Object.fromEntries(present.map((table) => [table, sql.exec(`SELECT * FROM ${table} ORDER BY 1, 2`)]));
}

/** How many rows a piece of work writes, as the platform counts and bills them. */
export function rowsWritten(sql: Sql, work: () => void): number {
  const count = () => Number(sql.exec("SELECT total_changes() AS rows")[0]?.rows);
  const before = count();
  work();
  return count() - before;
}

/** Every node row as a scan gives it, as it is read. */
export function* scanned(nodes: Tables["nodes"]): Generator<ScannedNode> {
  for (const row of nodes.scan()) if (row) yield row;
}
