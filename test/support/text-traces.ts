import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

// Real typing (../shared/traces/text): what their README says, read into one form.

/** At `at` of a text, `deleted` units go, and `inserted` comes. */
export type Patch = readonly [at: number, deleted: number, inserted: string];

export interface Transaction {
  /** Whose it is, from 0. */
  readonly author: number;
  /** The last transaction of somebody else that its author has seen, by its place in the list; −1: none. Those before it, too. */
  readonly seen: number;
  /** One after the other, in the text that its author sees. */
  readonly patches: readonly Patch[];
}

export interface TextTrace {
  readonly authors: number;
  readonly transactions: readonly Transaction[];
  readonly endContent: string;
}

export const TEXT_TRACES = ["clownschool", "json-crdt-patch", "sveltecomponent"] as const;
export type TraceName = (typeof TEXT_TRACES)[number];

const fileOf = (name: TraceName) => `../shared/traces/text/${name}.json.gz`;

/** Why the traces can't be replayed here, or null. */
export function missingTraces(names: readonly TraceName[] = TEXT_TRACES): string | null {
  const missing = names.map(fileOf).filter((file) => !existsSync(file));
  return missing.length === 0 ? null : `there is no ${missing.join(", no ")}`;
}

/** A trace of one author, or of several at the same time, as it stands in its file. */
interface Stored {
  readonly endContent: string;
  readonly numAgents?: number;
  readonly txns: readonly {
    readonly patches: readonly Patch[];
    readonly agent?: number;
    readonly parents?: readonly number[];
  }[];
}

export function readTextTrace(name: TraceName): TextTrace {
  const { endContent, numAgents = 1, txns }: Stored = JSON.parse(gunzipSync(readFileSync(fileOf(name))).toString());
  /** Of each transaction, and of the last of each author: the last one of each author that is known there. */
  const known: (readonly number[])[] = [];
  const latest = Array.from({ length: numAgents }, () => Array.from({ length: numAgents }, () => -1));
  const transactions = txns.map(({ patches, agent = 0, parents = [] }, index): Transaction => {
    const before = [latest[agent] ?? [], ...parents.map((parent) => known[parent] ?? [])];
    const sees = Array.from({ length: numAgents }, (_, other) => Math.max(...before.map((each) => each[other] ?? -1)));
    const seen = Math.max(-1, ...sees.filter((_, other) => other !== agent));
    const after = sees.with(agent, index);
    known.push(after);
    latest[agent] = after;
    return { author: agent, seen, patches };
  });
  return { authors: numAgents, transactions, endContent };
}

/** The text that the first `count` transactions come to, by a name for each character: what nobody has to transform. */
export function textAfter({ transactions }: TextTrace, count: number): string {
  interface Character {
    readonly unit: string;
    readonly by: number;
    readonly since: number;
    readonly gone: { by: number; since: number }[];
  }
  const all: Character[] = [];
  for (const [since, { author, seen, patches }] of transactions.slice(0, count).entries()) {
    const knows = (what: { readonly by: number; readonly since: number }) => what.by === author || what.since <= seen;
    const isThere = (each: Character) => knows(each) && !each.gone.some(knows);
    for (const [at, deleted, inserted] of patches) {
      let index = 0;
      for (let left = at; left > 0; index++) if (isThere(itemAt(all, index))) left--;
      all.splice(index, 0, ...[...inserted].map((unit) => ({ unit, by: author, since, gone: [] })));
      index += inserted.length;
      for (let left = deleted; left > 0; index++) {
        const each = itemAt(all, index);
        if (!isThere(each)) continue;
        each.gone.push({ by: author, since });
        left--;
      }
    }
  }
  return all.flatMap(({ unit, gone }) => (gone.length === 0 ? unit : [])).join("");
}

function itemAt<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`there is nothing at ${index}`);
  return item;
}

/** A row of an outline as its author sees it. */
export interface Row {
  readonly id: string;
  readonly length: number;
}

/** What a patch of a text comes to in an outline of its lines. */
export type RowEdit =
  | { readonly does: "insert"; readonly id: string; readonly at: number; readonly text: string }
  | { readonly does: "delete"; readonly id: string; readonly at: number; readonly length: number }
  /** What is behind `at` goes to a new row. */
  | { readonly does: "split"; readonly id: string; readonly at: number; readonly to: string }
  | { readonly does: "join"; readonly id: string; readonly into: string };

/** A newline that is typed splits a row, one that is deleted joins two; each edit is made of the rows as the ones before leave them. */
export function rowEdits(rows: readonly Row[], [at, deleted, inserted]: Patch, newId: () => string): RowEdit[] {
  let index = 0;
  let offset = at;
  for (let row = rows[index]; row && offset > row.length; row = rows[++index]) offset -= row.length + 1;
  const edits: RowEdit[] = [];
  const first = rows[index];
  if (!first) throw new Error(`there is no row at ${at}`);
  let { id, length } = first;
  for (let left = deleted; left > 0; ) {
    const here = Math.min(left, length - offset);
    if (here > 0) edits.push({ does: "delete", id, at: offset, length: here });
    length -= here;
    left -= here;
    if (left === 0) break;
    const next = rows[++index];
    if (!next) throw new Error(`there is no row behind ${id}`);
    edits.push({ does: "join", id: next.id, into: id });
    length += next.length;
    left--;
  }
  for (const [line, text] of inserted.split("\n").entries()) {
    if (line > 0) {
      const to = newId();
      edits.push({ does: "split", id, at: offset, to });
      id = to;
      offset = 0;
    }
    if (text !== "") edits.push({ does: "insert", id, at: offset, text });
    offset += text.length;
  }
  return edits;
}
