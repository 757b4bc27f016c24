import { increasing } from "../text/index.ts";
import type { NodeId, NodeRecord } from "./node.ts";

type Node = Readonly<NodeRecord>;

/** Two states of a tree, and which nodes events between them have put somewhere: the others are where they were, in the same order. */
export interface Sides {
  /** A node as it stands in the first one; undefined where it is not there. */
  before(id: NodeId): Node | undefined;
  /** The same in the other one. */
  after(id: NodeId): Node | undefined;
  isPlaced(id: NodeId): boolean;
}

/** The order of siblings in both states. Costs the placed ones around what is asked for; yields once for each that is looked at. */
export interface Order {
  /** Placed siblings in a row among which a placed node stands in the second state, from the left. */
  rowOf(id: NodeId): Generator<null, readonly NodeId[]>;
  /**
   * Whether a placed node that has the same parent in both states is left where it is. Of those in a row that stood behind the same sibling
   * as many as can are, and the others go around them.
   */
  stays(id: NodeId): Generator<null, boolean>;
}

/** Behind which sibling that is not placed a node stands, null before the first, and as which of the placed ones there. */
interface Spot {
  readonly anchor: NodeId | null;
  readonly index: number;
}

export function createOrder({ before, after, isPlaced }: Sides): Order {
  const spots = new Map<NodeId, Spot>();
  const staying = new Map<NodeId, boolean>();

  function* spotOf(id: NodeId): Generator<null, Spot> {
    const row: NodeId[] = [];
    let here: NodeId | null = id;
    for (; here !== null && isPlaced(here) && !spots.has(here); here = before(here)?.prev ?? null) {
      row.push(here);
      yield null;
    }
    const { anchor, index } = (here !== null && spots.get(here)) || { anchor: here, index: -1 };
    for (const [at, each] of row.reverse().entries()) spots.set(each, { anchor, index: index + at + 1 });
    return spots.get(id) ?? { anchor, index };
  }
  function* rowAround(id: NodeId): Generator<null, { readonly anchor: NodeId | null; readonly row: NodeId[] }> {
    let first = id;
    let anchor = after(id)?.prev ?? null;
    for (; anchor !== null && isPlaced(anchor); anchor = after(anchor)?.prev ?? null) {
      first = anchor;
      yield null;
    }
    const row: NodeId[] = [];
    for (let here: NodeId | null = first; here !== null && isPlaced(here); here = after(here)?.next ?? null) {
      row.push(here);
      yield null;
    }
    return { anchor, row };
  }
  return {
    *rowOf(id) {
      return (yield* rowAround(id)).row;
    },
    *stays(id) {
      const known = staying.get(id);
      if (known !== undefined) return known;
      const { anchor, row } = yield* rowAround(id);
      const stood: (number | undefined)[] = [];
      for (const each of row) {
        yield null;
        const was = before(each);
        const spot = was && was.parent === after(each)?.parent ? yield* spotOf(each) : undefined;
        stood.push(spot?.anchor === anchor ? spot.index : undefined);
      }
      const left = new Set(increasing(stood));
      for (const [at, each] of row.entries()) {
        const index = stood[at];
        staying.set(each, index !== undefined && left.has(index));
      }
      return staying.get(id) ?? false;
    },
  };
}
