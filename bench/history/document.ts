import { DEFAULT_OPTIONS, type Principal } from "../../src/protocol/index.ts";
import { createLooks } from "../../src/session/sight.ts";
import { createWaiting } from "../../src/session/waiting.ts";
import { createDocument, createSqliteTables, finish, type Sql } from "../../src/storage.ts";
import type { FlatNode, NodeId } from "../../src/tree/index.ts";
import { doingsOf, ESSAY } from "./people.ts";

/** How large a document is, and how much has happened to it. */
export interface DocumentSize {
  readonly nodes: number;
  readonly events: number;
}

/** So many share a commit, as they do where many type, and so many a checkpoint. */
const TOGETHER = 16;
const BETWEEN_CHECKPOINTS = 20_000;
/** Rows of a section. */
const SECTION = 100;
const BEGIN = 1_700_000_000_000;

/** Makes a document in which several people have worked. */
export function makeDocument(sql: Sql, size: DocumentSize): void {
  const sections = Math.ceil(size.nodes / SECTION);
  const rows: NodeId[] = [];
  const birth = { incarnation: "one", salt: 1, options: DEFAULT_OPTIONS, now: BEGIN };
  const document = createDocument(createSqliteTables(sql), nodesOf(size.nodes, sections, rows), birth);
  if (!document) throw new Error("an id stands twice");
  const waiting = createWaiting(document, { documentId: "history", newId: () => "no-id" });
  let done = 0;
  for (const { user, client, mutation, time, ops } of doingsOf(document.nodes, rows, sections, size.events)) {
    const principal: Principal = { user: { id: user }, role: "write" };
    const outcome = waiting.submit({ principal, client, mutation, ops }, createLooks(), time);
    if (!outcome.ok) throw new Error(`${JSON.stringify(ops)}: ${outcome.problem.message}`);
    if (++done % TOGETHER === 0) waiting.commit();
    if (done % BETWEEN_CHECKPOINTS === 0 || done === size.events) {
      waiting.commit();
      finish(document.checkpointInSteps(document.time), document.time);
    }
  }
}

function* nodesOf(nodes: number, sections: number, rows: NodeId[]): Generator<FlatNode> {
  const leaf = (id: NodeId, text: string, parent: NodeId): FlatNode => ({
    id,
    type: "row",
    attrs: { text },
    parent,
    after: null,
  });
  yield leaf("root", "", "");
  for (let index = 0; index < sections; index++) yield leaf(`section-${index}`, `Section ${index}`, "root");
  yield leaf(ESSAY, "", "section-0");
  for (let index = 0; index < nodes - sections - 2; index++) {
    rows.push(`row-${index}`);
    yield leaf(`row-${index}`, `row ${index} with some words in it`, `section-${index % sections}`);
  }
}
