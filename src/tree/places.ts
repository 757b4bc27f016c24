import {
  ghostOf,
  goneIn,
  join,
  ownerOf,
  replace,
  rightmost,
  setOrder,
  setSpot,
  setTop,
  split,
  spotOf,
  topOf,
} from "./gaps.ts";
import type { Gone, NodeId, NodeRecord, Spot } from "./node.ts";
import type { Place } from "./operations.ts";
import { mustGet, type Places, type ReadStore, type Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

/** A node leaves at most so many ghosts; each makes its row longer. */
export const MOST_GHOSTS = 8;

const NOWHERE: Spot = Object.freeze({ up: null, left: null, right: null, behind: null });

/**
 * Keeps where removed and moved-away nodes stood among their siblings (T13).
 *
 * The live siblings are a list of their own, so that whoever reads or writes the tree never meets what is gone. What is gone
 * hangs in the gaps of that list: behind each live sibling, and before the first, a treap, ordered as they stood. A node that
 * goes joins the gaps on both its sides with itself between them; one that comes divides the gap that it comes into. So
 * everything costs the logarithm of what is gone in one gap, and next to nothing where nothing is.
 *
 * The treap is that of Seidel and Aragon (1996): a search tree by place, a heap by a rank that is the hash of the id. Its
 * shape follows from order and ranks alone, whatever happened before. The hash is salted: who could choose ids by their ranks
 * could make the tree a chain.
 *
 * `salt` is a number that nobody outside knows.
 */
export function createPlaces(salt: number): Places {
  const isHigher = (one: Gone, other: Gone) => {
    const [a, b] = [rank(one, salt), rank(other, salt)];
    return a === b ? one < other : a > b;
  };

  const merge = (store: Store, parent: NodeId, left: Gone | null, right: Gone | null) =>
    join(store, parent, left, right, isHigher);
  /** Takes one out of its gap. */
  const erase = (store: Store, parent: NodeId, gone: Gone) => {
    const { up, left, right, behind } = spotOf(store, parent, gone);
    replace(store, parent, gone, up, behind, merge(store, parent, left, right));
  };

  const dropGhost = (store: Store, { id }: Node, parent: NodeId) => {
    const order = store.get(id)?.order;
    if (!order?.ghosts.some((ghost) => ghost.parent === parent)) return;
    // With a parent that is no longer kept goes all that stood there.
    if (store.get(parent)) erase(store, parent, ghostOf(id));
    setOrder(store, id, { ghosts: (store.get(id)?.order?.ghosts ?? []).filter((ghost) => ghost.parent !== parent) });
  };
  const addGhost = (store: Store, id: NodeId, parent: NodeId, since: number, spot: Spot) => {
    const node = mustGet(store, id);
    const [oldest] = node.order?.ghosts ?? [];
    if (oldest && node.order?.ghosts.length === MOST_GHOSTS) dropGhost(store, node, oldest.parent);
    setOrder(store, id, { ghosts: [...(store.get(id)?.order?.ghosts ?? []), { parent, since, spot }] });
  };

  const find = (store: ReadStore, parent: Node, id: NodeId): Gone | null => {
    const node = store.get(id);
    if (!node) return null;
    if (node.parent === parent.id && node.removed !== null) return node.order?.spot ? id : null;
    return node.order?.ghosts.some((ghost) => ghost.parent === parent.id) ? ghostOf(id) : null;
  };
  const before = (store: ReadStore, parent: NodeId, gone: Gone) => {
    const { left } = spotOf(store, parent, gone);
    if (left !== null) return rightmost(store, parent, left);
    let here = gone;
    for (;;) {
      const { up } = spotOf(store, parent, here);
      if (up === null) return undefined;
      if (spotOf(store, parent, up).right === here) return up;
      here = up;
    }
  };

  return {
    enter(store, { id, parent, prev }, beside) {
      if (parent === null) return;
      const top = topOf(store, parent, prev);
      if (top === null) return;
      if (beside === undefined) {
        setTop(store, parent, prev, null);
        setTop(store, parent, id, top);
        return;
      }
      const [left, right] = split(store, parent, beside);
      setTop(store, parent, prev, left);
      setTop(store, parent, id, right);
    },
    leave(store, node, remains) {
      const { id, parent, prev } = node;
      if (parent === null) return;
      if (typeof remains === "object") {
        dropGhost(store, node, parent);
        addGhost(store, id, parent, remains.since, NOWHERE);
      } else if (remains === "tombstone") setOrder(store, id, { spot: NOWHERE });
      const behind = topOf(store, parent, id);
      if (behind !== null) setOrder(store, id, { gap: null });
      const parts = [topOf(store, parent, prev), behind];
      if (remains !== "nothing") parts.splice(1, 0, remains === "tombstone" ? id : ghostOf(id));
      else if (behind === null) return;
      let top: Gone | null = null;
      for (const part of parts) top = merge(store, parent, top, part);
      setTop(store, parent, prev, top);
    },
    lift(store, { id, parent, order }, since) {
      const spot = order?.spot;
      if (!spot || parent === null) return;
      if (since === null) {
        erase(store, parent, id);
        setOrder(store, id, { spot: null });
        return;
      }
      const ghost = ghostOf(id);
      // In the same place of the treap: both names have the same rank.
      addGhost(store, id, parent, since, mustGet(store, id).order?.spot ?? spot);
      const { up, left, right, behind } = spotOf(store, parent, ghost);
      setOrder(store, id, { spot: null });
      for (const child of [left, right]) if (child !== null) setSpot(store, parent, child, { up: ghost });
      replace(store, parent, id, up, behind, ghost);
    },
    behind(store, { id: parent }, id) {
      const gone = find(store, mustGet(store, parent), id);
      return gone === null ? null : { parent, after: ownerOf(store, parent, gone), beside: gone };
    },
    inFront(store, { id: parent }, id) {
      const gone = find(store, mustGet(store, parent), id);
      if (gone === null) return null;
      return placeAt(parent, ownerOf(store, parent, gone), before(store, parent, gone));
    },
    last(store, parent, after) {
      const top = topOf(store, parent, after);
      return placeAt(parent, after, top === null ? undefined : rightmost(store, parent, top));
    },
    before,
    dropGhost,
    expire(store, id, since) {
      const node = store.get(id);
      for (const ghost of node?.order?.ghosts ?? []) {
        if (node && ghost.since === since) dropGhost(store, node, ghost.parent);
      }
    },
    forget(store, node) {
      const { id, parent } = node;
      // Its id may be used anew: what stood below it, and behind it, stands nowhere then.
      vacate(store, id, node.order?.lead ?? null);
      if (parent !== null) vacate(store, parent, node.order?.gap ?? null);
      if (node.order?.lead || node.order?.gap) setOrder(store, id, { lead: null, gap: null });
      for (const ghost of node.order?.ghosts ?? []) dropGhost(store, node, ghost.parent);
      if (!store.get(id)?.order?.spot || parent === null) return;
      if (store.get(parent)) erase(store, parent, id);
      setOrder(store, id, { spot: null });
    },
  };
}

/** Whatever hangs in a gap has no place there any more. */
function vacate(store: Store, parent: NodeId, top: Gone | null): void {
  for (const gone of goneIn(store, parent, top)) {
    if (!gone.startsWith("^")) setOrder(store, gone, { spot: null });
    else {
      const id = gone.slice(1);
      const ghosts = store.get(id)?.order?.ghosts ?? [];
      setOrder(store, id, { ghosts: ghosts.filter((ghost) => ghost.parent !== parent) });
    }
  }
}

function placeAt(parent: NodeId, after: NodeId | null, beside: Gone | undefined): Place {
  return beside === undefined ? { parent, after } : { parent, after, beside };
}

/** FNV-1a with the finish of MurmurHash3; a ghost ranks as its node. */
function rank(gone: Gone, salt: number): number {
  let hash = salt;
  for (let index = gone.startsWith("^") ? 1 : 0; index < gone.length; index++) {
    hash = Math.imul(hash ^ gone.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
