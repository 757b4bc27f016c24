import { DEFAULT_OPTIONS, type DocumentOptions } from "../protocol/index.ts";
import { createPlaces, type NodeId } from "../tree/index.ts";
import { createStoredDocument, type StoredDocument } from "./document.ts";
import { readLife, writeLife } from "./life.ts";
import { createNodeRows, FIRST_TOTALS, type Totals } from "./nodes.ts";
import type { MetaTable, Tables } from "./tables.ts";

/** What stands in the last row that a document is made with. */
export interface Identity {
  readonly root: NodeId;
  readonly createdAt: number;
  readonly options: Partial<DocumentOptions>;
}

/** A document as its rows have it; what the log has after the checkpoint is still to be replayed (`catchUp`). */
export function readDocument(tables: Tables, newId: () => string, identity: Identity): StoredDocument {
  const { meta } = tables;
  const options = { ...DEFAULT_OPTIONS, ...identity.options };
  const checkpoint: Partial<Totals> & { seq: number; time: number } = readMeta(meta, "checkpoint");
  let incarnation: string = readMeta(meta, "incarnation");
  let life = readLife(meta);
  // Rows that were written ahead of a checkpoint that never came.
  tables.transaction(() => tables.nodes.putBack());
  // Without a log what no checkpoint has is lost, and a checkpoint that is due tells that there was something.
  if (!options.documentStorage && life.due.checkpoint !== null) {
    incarnation = newId();
    life = { ...life, seq: checkpoint.seq, due: { ...life.due, checkpoint: null } };
    tables.transaction(() => {
      meta.put("incarnation", JSON.stringify(incarnation));
      writeLife(meta, life);
    });
  }
  const salt: number = readMeta(meta, "salt");
  return createStoredDocument({
    ...{ tables, incarnation, salt },
    createdAt: identity.createdAt,
    options,
    nodes: createNodeRows(
      tables.nodes,
      identity.root,
      // What was written before 2026-11-27 does not say whether it has large nodes.
      { ...FIRST_TOTALS, large: true, ...checkpoint },
      createPlaces(salt),
    ),
    checkpoint,
    life,
  });
}

function readMeta<T>(meta: MetaTable, key: string): T {
  const value = meta.get(key);
  if (value === undefined) throw new Error(`the document's meta lacks ${key}`);
  const parsed: T = JSON.parse(value);
  return parsed;
}
