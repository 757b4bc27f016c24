import type { NodeRecord } from "../tree/index.ts";
import { type ClientRecord, clientRowText, readAnswers } from "./client-record.ts";
import type { Commit } from "./log.ts";
import { type Columns, recordOfRow } from "./node-rows.ts";
import { SCHEMA } from "./schema.ts";
import type { RowTable, RowTexts, Tables } from "./tables.ts";
import { isTypingBody, readTyping } from "./typing.ts";

/** What it reads and fills. */
interface Source extends Pick<Tables, "log" | "clients" | "skips"> {
  putNode(record: NodeRecord): void;
  allClients(): Iterable<Readonly<ClientRecord>>;
  allSkips(): Iterable<{ readonly level: number; readonly last: number; readonly body: string }>;
}

/** A row of the log. */
type Row = readonly [first: number, part: number, last: number, time: number, body: string];

/** What tables in memory hold, as rows of a database would have it. */
export function createMemoryRows(source: Source): RowTexts {
  /** The parts of a commit that have come. */
  let parts: Row[] = [];
  const appendParts = () => {
    const commit = commitOf(parts);
    if (commit) source.log.append(commit);
    parts = [];
  };
  const load: Readonly<Record<RowTable, (rows: string) => void>> = {
    nodes(text) {
      const rows: Columns[] = JSON.parse(text);
      for (const columns of rows) source.putNode(recordOfRow(columns));
    },
    clients(text) {
      const rows: (readonly [string, string | null, number, number, string])[] = JSON.parse(text);
      for (const [id, user, mutation, seen, answers] of rows)
        source.clients.put({ id, user, mutation, seen, ...readAnswers(answers) });
    },
    skips(text) {
      const rows: (readonly [number, number, string])[] = JSON.parse(text);
      for (const row of rows) source.skips.put(...row);
    },
    events(text) {
      const rows: Row[] = JSON.parse(text);
      for (const row of rows) {
        if (row[1] === 0) appendParts();
        parts.push(row);
      }
    },
  };
  return {
    schema: SCHEMA,
    *events(until) {
      for (const { first, last, time, events, inverses } of source.log.after(0)) {
        if (first > until) return;
        yield { first, last, text: JSON.stringify([first, 0, last, time, `${events}\n${inverses}`]) };
      }
    },
    *clients() {
      const all = [...source.allClients()].sort(({ id }, other) => (id < other.id ? -1 : 1));
      for (const record of all) yield { id: record.id, text: clientRowText(record) };
    },
    *skips(until) {
      for (const { level, last, body } of source.allSkips())
        if (last <= until) yield JSON.stringify([level, last, body]);
    },
    load(table, rows) {
      if (typeof rows !== "string") throw new Error("only SQLite reads its own JSON");
      load[table](rows);
    },
    loaded: appendParts,
  };
}

/** The commit that stands in rows of the log. Throws where it is typing that comes to more than so many characters. */
export function commitOf(parts: readonly Row[], most?: number): Commit | null {
  const [head] = parts;
  if (!head) return null;
  const [first, , last, time] = head;
  const body = parts.map((row) => row[4]).join("");
  if (isTypingBody(body)) return { first, last, time, ...readTyping(body, most) };
  const middle = body.indexOf("\n");
  return { first, last, time, events: body.slice(0, middle), inverses: body.slice(middle + 1) };
}
