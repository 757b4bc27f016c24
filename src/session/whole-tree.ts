import type { Result, TreeQuery } from "../protocol/index.ts";
import { createMeter, type Slices, type StoredDocument } from "../storage.ts";
import { createAssembly } from "../tree/index.ts";
import { OVERTAKEN } from "./moment.ts";
import { inParts, type Parts, readText, readTree } from "./tree-answer.ts";

/** Nodes that are held at once: 13 MB beside their text. */
const MOST_NODES = 128 * 1024;
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** As many rows of what is removed are passed over as the tree has nodes, and a few always. */
const FEW = 1_000;
/** What it takes to read a row and to put it into its place. */
const SCANNED = 192;

/** What a query names as JSON text. */
export function* readTreeText(
  documentId: string,
  stored: StoredDocument,
  query: TreeQuery,
  parts: Parts,
): Slices<Result<null>> {
  const { depth, ...moment } = query;
  const isWhole = (query.node ?? stored.nodes.root) === stored.nodes.root && isNow(stored, query);
  const whole = isWhole && depth === undefined ? yield* readWhole(documentId, stored, parts) : null;
  return whole ?? (yield* readTree(documentId, stored, moment, (found) => readText(found, parts, depth)));
}

function isNow({ seq }: StoredDocument, { at }: TreeQuery): boolean {
  return at === undefined || ("seq" in at && at.seq === seq);
}

/**
 * The whole tree of now, read in the order of ids: rows lie in that order, and a walk takes three times as long. Null where it is
 * more than may be held meanwhile, or where most rows are of what was removed.
 */
function* readWhole(documentId: string, stored: StoredDocument, parts: Parts): Slices<Result<null> | null> {
  const { incarnation, seq, nodes } = stored;
  const { root, size } = nodes;
  if (size > MOST_NODES) return null;
  const meter = createMeter();
  const assembly = createAssembly();
  const frozen = nodes.freeze();
  try {
    let most = 2 * size + FEW;
    // What lies below a removed node hangs below nothing.
    for (const text of frozen.allTexts()) {
      if (most-- === 0) return null;
      if (text) assembly.add(text);
      if (assembly.characters > MOST_CHARACTERS) return null;
      meter.add(SCANNED + (text?.attrs.length ?? 0));
      if (!meter.full()) continue;
      yield;
      if (frozen.overtaken) return OVERTAKEN;
    }
  } finally {
    frozen.release();
  }
  return yield* inParts({ documentId, incarnation, seq }, assembly.text(root), parts, meter);
}
