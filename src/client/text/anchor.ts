import type { Position, Side } from "../../text/index.ts";
import type { NodeId } from "../../tree/index.ts";
import type { TreeDocument } from "../document.ts";
import { textsOf } from "./texts.ts";

/** A place in a text that goes with what is around it, into another row where that is split or joined. */
export interface Anchor {
  /** Null while the node is not in the document. */
  readonly at: Position | null;
  /** It stays where it is from now on, and costs nothing any more. */
  release(): void;
}

/**
 * Anchors a place. `side` says where it stays when something is put right there, by whomever: left of that, as the caret of somebody
 * who sees others type, or right of it.
 */
export function anchor(document: TreeDocument, id: NodeId, attr: string, index: number, side: Side = "left"): Anchor {
  const texts = textsOf(document);
  const anchored = texts.anchor({ id, attr, index }, side);
  return {
    get at() {
      const { position } = anchored;
      return document.get(position.id) ? position : null;
    },
    release: () => texts.release(anchored),
  };
}
