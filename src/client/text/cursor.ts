import { carry, createLongBridge, type Position, type Side } from "../../text/index.ts";
import type { NodeId } from "../../tree/index.ts";
import type { TreeDocument } from "../document.ts";
import { textsOf } from "./texts.ts";

/** A place in a text as it is told to others, in presence: by whom, and what that one has seen. */
export interface Cursor {
  readonly node: NodeId;
  readonly attr: string;
  readonly index: number;
  readonly seq: number;
  readonly client: string | null;
}

/** A place in a text as it is seen here, to be told to others. */
export function cursorAt({ seq, client }: TreeDocument, node: NodeId, attr: string, index: number): Cursor {
  return { node, attr, index, seq, client };
}

/**
 * Where the cursor of somebody else is by now: behind all that has happened since it was told, as far as the last 1 000 events that changed texts go, and
 * with what is pending here. Null where the node is not in the document. An `anchor` takes it on from there.
 */
export function carryCursor(document: TreeDocument, cursor: Cursor, side: Side = "right"): Position | null {
  const texts = textsOf(document);
  const { node: id, attr, index, seq, client } = cursor;
  // What the other one has done since it had seen when it told. That may be all there is, whatever it says: one by one each of a thousand
  // would meet each of a thousand others.
  const unseen = createLongBridge();
  for (const event of texts.recent.since(seq)) {
    if (event.client === client) for (const step of event.steps) unseen.take(step);
    else unseen.add(event.seq, event.steps);
  }
  const at = carry({ id, attr, index }, [...unseen.steps, ...texts.pending()], side);
  if (!document.get(at.id)) return null;
  return { ...at, index: Math.min(at.index, texts.read(at.id, attr).length) };
}
