import { type Ghost, type Gone, NO_ORDER, type NodeId, type NodeRecord, type Order, type Spot } from "./node.ts";
import type { Place } from "./operations.ts";
import { mustGet, type ReadStore, type Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

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
 */
export interface Places {
  /** A live node has been linked. What is gone behind its prev, and stands behind `beside`, stands behind the node now. */
  enter(store: Store, node: Node, beside: Gone | undefined): void;
  /** A live node is about to be unlinked. Its place stays as its tombstone, as its ghost since an event, or not at all. */
  leave(store: Store, node: Node, remains: "tombstone" | "nothing" | { readonly since: number }): void;
  /** A removed node is about to stand among the living. Its place stays as its ghost since an event, or, with null, not. */
  lift(store: Store, node: Node, since: number | null): void;
  /** Where `id` stands or stood among these children, as the exact place right behind it; null if it does not. */
  behind(store: ReadStore, parent: Node, id: NodeId): Place | null;
  /** The exact place right in front of it. */
  inFront(store: ReadStore, parent: Node, id: NodeId): Place | null;
  /** The exact place behind a live child, or with null before the first, and behind all that is gone there. */
  last(store: ReadStore, parent: NodeId, after: NodeId | null): Place;
  /** What stands right in front of something that is gone, in its gap. */
  before(store: ReadStore, parent: NodeId, gone: Gone): Gone | undefined;
  /** The ghost of a node under a parent goes. */
  dropGhost(store: Store, node: Node, parent: NodeId): void;
  /** The ghosts that an event left go. */
  expire(store: Store, id: NodeId, since: number): void;
  /** A removed node is about to be deleted: all its places go. */
  forget(store: Store, node: Node): void;
}

/** A node leaves at most so many ghosts; each makes its row longer. */
export const MOST_GHOSTS = 8;

const NOWHERE: Spot = Object.freeze({ up: null, left: null, right: null, behind: null });

export function ghostOf(id: NodeId): Gone {
  return `^${id}`;
}

/** The places of a document; `salt` is a number that nobody outside knows. */
export function createPlaces(salt: number): Places {
  const isHigher = (one: Gone, other: Gone) => {
    const [a, b] = [rank(one, salt), rank(other, salt)];
    return a === b ? one < other : a > b;
  };

  /** Puts two treaps together, all of one before all of the other. */
  const merge = (store: Store, parent: NodeId, left: Gone | null, right: Gone | null): Gone | null => {
    let top: Gone | null = null;
    let above: { readonly gone: Gone; readonly side: "left" | "right" } | null = null;
    const hang = (gone: Gone | null) => {
      if (above) setChild(store, parent, above.gone, above.side, gone);
      else top = gone;
      if (gone !== null) setSpot(store, parent, gone, { up: above?.gone ?? null, behind: null });
    };
    while (left !== null && right !== null) {
      if (isHigher(left, right)) {
        hang(left);
        above = { gone: left, side: "right" };
        left = spotOf(store, parent, left).right;
      } else {
        hang(right);
        above = { gone: right, side: "left" };
        right = spotOf(store, parent, right).left;
      }
    }
    hang(left ?? right);
    return top;
  };

  /** Takes one out of its gap. */
  const erase = (store: Store, parent: NodeId, gone: Gone) => {
    const { up, left, right, behind } = spotOf(store, parent, gone);
    const rest = merge(store, parent, left, right);
    replace(store, parent, gone, up, behind, rest);
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
      for (const ghost of node.order?.ghosts ?? []) dropGhost(store, node, ghost.parent);
      if (!store.get(id)?.order?.spot || parent === null) return;
      if (store.get(parent)) erase(store, parent, id);
      setOrder(store, id, { spot: null });
    },
  };
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

function topOf(store: ReadStore, parent: NodeId, after: NodeId | null): Gone | null {
  const order = store.get(after ?? parent)?.order;
  return (after === null ? order?.lead : order?.gap) ?? null;
}

function setTop(store: Store, parent: NodeId, after: NodeId | null, top: Gone | null): void {
  // What is deleted step by step may have lost the sibling already.
  if (!store.get(after ?? parent)) return;
  if (top !== null) setSpot(store, parent, top, { up: null, behind: after });
  if (topOf(store, parent, after) === top) return;
  setOrder(store, after ?? parent, after === null ? { lead: top } : { gap: top });
}

/** Another one, or none, in the place of one that was below `up`, or at the top of the gap behind a live sibling. */
function replace(
  store: Store,
  parent: NodeId,
  gone: Gone,
  up: Gone | null,
  behind: NodeId | null,
  by: Gone | null,
): void {
  if (up === null) {
    setTop(store, parent, behind, by);
    return;
  }
  setChild(store, parent, up, spotOf(store, parent, up).left === gone ? "left" : "right", by);
  if (by !== null) setSpot(store, parent, by, { up, behind: null });
}

/** Divides a treap: all up to one of it, and what stands behind that. */
function split(store: Store, parent: NodeId, last: Gone): [Gone | null, Gone | null] {
  let { up, right } = spotOf(store, parent, last);
  let left: Gone | null = last;
  setChild(store, parent, last, "right", null);
  for (let child = last; up !== null; ) {
    const here: Gone = up;
    const spot = spotOf(store, parent, here);
    const side = spot.left === child ? "left" : "right";
    const part: Gone | null = side === "left" ? right : left;
    setChild(store, parent, here, side, part);
    if (part !== null) setSpot(store, parent, part, { up: here, behind: null });
    if (side === "left") right = here;
    else left = here;
    child = here;
    up = spot.up;
  }
  return [left, right];
}

/** The live sibling in front of the gap that something stands in, or null. */
function ownerOf(store: ReadStore, parent: NodeId, gone: Gone): NodeId | null {
  let spot = spotOf(store, parent, gone);
  while (spot.up !== null) spot = spotOf(store, parent, spot.up);
  return spot.behind;
}

function rightmost(store: ReadStore, parent: NodeId, top: Gone): Gone {
  let here = top;
  for (let { right } = spotOf(store, parent, here); right !== null; { right } = spotOf(store, parent, here))
    here = right;
  return here;
}

function spotOf(store: ReadStore, parent: NodeId, gone: Gone): Spot {
  const order = gone.startsWith("^") ? store.get(gone.slice(1))?.order : store.get(gone)?.order;
  const spot = gone.startsWith("^") ? order?.ghosts.find((ghost) => ghost.parent === parent)?.spot : order?.spot;
  if (!spot) throw new Error(`${gone} has no place under ${parent}`);
  return spot;
}

function setSpot(store: Store, parent: NodeId, gone: Gone, change: Partial<Spot>): void {
  const old = spotOf(store, parent, gone);
  const spot: Spot = { ...old, ...change };
  if (spot.up === old.up && spot.left === old.left && spot.right === old.right && spot.behind === old.behind) return;
  if (!gone.startsWith("^")) {
    setOrder(store, gone, { spot });
    return;
  }
  const id = gone.slice(1);
  const moved = (ghost: Ghost): Ghost => (ghost.parent === parent ? { ...ghost, spot } : ghost);
  setOrder(store, id, { ghosts: store.get(id)?.order?.ghosts.map(moved) ?? [] });
}

function setChild(store: Store, parent: NodeId, gone: Gone, side: "left" | "right", child: Gone | null): void {
  setSpot(store, parent, gone, side === "left" ? { left: child } : { right: child });
}

/** Nothing gone at all is no order, so that a record is the same as before. */
function setOrder(store: Store, id: NodeId, change: Partial<Order>): void {
  const node = store.edit(id);
  const order: Order = { ...(node.order ?? NO_ORDER), ...change };
  const { gap, lead, spot, ghosts, counted } = order;
  node.order = gap === null && lead === null && spot === null && ghosts.length === 0 && counted === 0 ? null : order;
}

/** One of a list of siblings. */
export interface Sibling {
  readonly id: NodeId;
  readonly is: "alive" | "removed" | "ghost";
}

/** The children of a node and what is gone among them, in their order. Looks at all of them: for tests and checks. */
export function siblings(store: ReadStore, parent: NodeId): Sibling[] {
  const list: Sibling[] = [];
  const addGap = (top: Gone | null) => {
    const path: Gone[] = [];
    for (let here = top; here !== null || path.length > 0; ) {
      for (; here !== null; { left: here } = spotOf(store, parent, here)) path.push(here);
      const gone = path.pop();
      if (gone === undefined) return;
      list.push(gone.startsWith("^") ? { id: gone.slice(1), is: "ghost" } : { id: gone, is: "removed" });
      here = spotOf(store, parent, gone).right;
    }
  };
  const above = mustGet(store, parent);
  addGap(above.order?.lead ?? null);
  for (let id = above.first; id !== null; ) {
    const node = mustGet(store, id);
    list.push({ id, is: "alive" });
    addGap(node.order?.gap ?? null);
    id = node.next;
  }
  return list;
}

/** The same in words: `a`, `-a` removed, `^a` the ghost of a. */
export function fullOrder(store: ReadStore, parent: NodeId): string[] {
  return siblings(store, parent).map(({ id, is }) => (is === "alive" ? id : is === "ghost" ? `^${id}` : `-${id}`));
}
