import { following } from "./links.ts";
import type { Refusal } from "./mutate.ts";
import type { Attrs, NodeId, NodeRecord } from "./node.ts";
import { mustGet, type ReadStore } from "./store.ts";
import { weighAttrs } from "./weight.ts";

/**
 * How much of the document one mutation may drag along beside what it says itself: a small request can mean a large
 * event, as a restore carries content, and an inverse the values that are overwritten. Each refuses what is more than
 * there is left.
 */
export interface Budget {
  /** Removes or restores a subtree. */
  dragsNodes(store: ReadStore, top: NodeId): Refusal | null;
  /** Carries attributes. */
  dragsAttrs(attrs: Attrs): Refusal | null;
}

const OVER: Refusal = { code: "tooLarge", message: "it drags too much of the document along; take it apart" };

/** The budget of one mutation: so many nodes removed or restored, so many characters of attributes carried. */
export function createBudget(nodes: number, characters: number): Budget {
  return {
    dragsNodes(store, top) {
      // Counted no further than there is left.
      let node: Readonly<NodeRecord> | undefined = mustGet(store, top);
      for (; node && nodes >= 0; node = following(store, top, node)) nodes--;
      return nodes < 0 ? OVER : null;
    },
    dragsAttrs(attrs) {
      characters -= weighAttrs(attrs);
      return characters < 0 ? OVER : null;
    },
  };
}
