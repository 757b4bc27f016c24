import {
  ghostOf,
  goneIn,
  isNamed,
  isOwn,
  join,
  MOST_GHOSTS,
  ownerOf,
  parseGone,
  replace,
  rightmost,
  setOrder,
  setSpot,
  setTop,
  split,
  spotOf,
  standingOf,
  topOf,
} from "./gaps.ts";
import type { Ghost, Gone, NodeId, NodeRecord, Spot } from "./node.ts";
import type { KeptPlace, Place } from "./operations.ts";
import { type Left, mustGet, type Places, type ReadStore, type Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

/** Whose they are does not say how high they stand: a removed node and the ghost that it becomes change nothing there. */
const NEVER = Number.POSITIVE_INFINITY;

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
    const [a, b] = [parseGone(one), parseGone(other)];
    const [rankOfA, rankOfB] = [rank(a.id, salt), rank(b.id, salt)];
    if (rankOfA !== rankOfB) return rankOfA > rankOfB;
    if (a.id !== b.id) return a.id < b.id;
    const [sinceA, sinceB] = [a.since ?? NEVER, b.since ?? NEVER];
    return sinceA === sinceB ? (a.of ?? NEVER) > (b.of ?? NEVER) : sinceA > sinceB;
  };

  const merge = (store: Store, parent: NodeId, left: Gone | null, right: Gone | null) =>
    join(store, parent, left, right, isHigher);
  /** Takes one out of its gap. */
  const erase = (store: Store, parent: NodeId, gone: Gone) => {
    const { up, left, right, behind } = spotOf(store, parent, gone);
    replace(store, parent, gone, up, behind, merge(store, parent, left, right));
  };

  const dropGhost = (store: Store, { id }: Node, ghost: Ghost) => {
    const gone = ghostOf(id, ghost);
    // With a parent that is no longer kept goes all that stood there.
    if (store.get(ghost.parent)) erase(store, ghost.parent, gone);
    const isOther = (each: Ghost) => each.parent !== ghost.parent || ghostOf(id, each) !== gone;
    setOrder(store, id, { ghosts: (store.get(id)?.order?.ghosts ?? []).filter(isOther) });
  };
  /** A node that moves twice in one event leaves one ghost with a parent, where it stood before. */
  const hasGhost = ({ order }: Node, parent: NodeId, { since, of }: Left) =>
    order?.ghosts.some((ghost) => ghost.parent === parent && ghost.since === since && ghost.of === of) === true;
  const makeRoom = (store: Store, id: NodeId) => {
    const node = mustGet(store, id);
    const [oldest] = node.order?.ghosts ?? [];
    if (oldest && node.order?.ghosts.length === MOST_GHOSTS) dropGhost(store, node, oldest);
  };
  const addGhost = (store: Store, id: NodeId, parent: NodeId, { since, of, away }: Left, spot: Spot) => {
    const ghost: Ghost = { parent, since, ...(of !== undefined && { of }), ...(away && { away }), dated: true, spot };
    setOrder(store, id, { ghosts: [...(store.get(id)?.order?.ghosts ?? []), ghost] });
    return ghostOf(id, ghost);
  };

  const find = (store: ReadStore, parent: Node, id: NodeId, left?: Partial<Left>): Gone | null => {
    const node = store.get(id);
    if (!node) return null;
    const ghosts = node.order?.ghosts.filter((ghost) => ghost.parent === parent.id) ?? [];
    if (left) {
      const own = ghosts.findLast((ghost) => ghost.of === left.of && (left.since ?? ghost.since) === ghost.since);
      return own ? ghostOf(id, own) : null;
    }
    if (node.parent === parent.id && node.removed !== null) return node.order?.spot ? id : null;
    const latest = ghosts.at(-1);
    return latest ? ghostOf(id, latest) : null;
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
      const gone = known(store, parent, beside);
      // The log of before 2026-11-27 knew another ghost by that name: behind all that is gone there.
      if (!standingOf(store, parent, gone) || ownerOf(store, parent, gone) !== prev) return;
      const [left, right] = split(store, parent, gone);
      setTop(store, parent, prev, left);
      setTop(store, parent, id, right);
    },
    leave(store, node, remains) {
      const { id, parent, prev } = node;
      if (parent === null) return;
      let left: Gone | null = null;
      if (remains === "tombstone") {
        setOrder(store, id, { spot: NOWHERE });
        left = id;
      } else if (remains !== "nothing" && !hasGhost(node, parent, remains)) {
        makeRoom(store, id);
        left = addGhost(store, id, parent, remains, NOWHERE);
      }
      const behind = topOf(store, parent, id);
      if (behind !== null) setOrder(store, id, { gap: null });
      if (left === null && behind === null) return;
      const parts = [topOf(store, parent, prev), left, behind];
      let top: Gone | null = null;
      for (const part of parts) top = merge(store, parent, top, part);
      setTop(store, parent, prev, top);
    },
    lift(store, { id, parent, order }, remains) {
      const spot = order?.spot;
      if (!spot || parent === null) return;
      if (remains === null || hasGhost(mustGet(store, id), parent, remains)) {
        erase(store, parent, id);
        setOrder(store, id, { spot: null });
        return;
      }
      makeRoom(store, id);
      // In the same place of the treap: both names have the same rank.
      const ghost = addGhost(store, id, parent, remains, mustGet(store, id).order?.spot ?? spot);
      const { up, left, right, behind } = spotOf(store, parent, ghost);
      setOrder(store, id, { spot: null });
      for (const child of [left, right]) if (child !== null) setSpot(store, parent, child, { up: ghost });
      replace(store, parent, id, up, behind, ghost);
    },
    behind(store, { id: parent }, id, left) {
      const gone = find(store, mustGet(store, parent), id, left);
      return gone === null ? null : { parent, after: ownerOf(store, parent, gone), beside: gone };
    },
    inFront(store, { id: parent }, id, left) {
      const gone = find(store, mustGet(store, parent), id, left);
      if (gone === null) return null;
      return placeAt(parent, ownerOf(store, parent, gone), before(store, parent, gone));
    },
    last(store, parent, after) {
      const top = topOf(store, parent, after);
      return placeAt(parent, after, top === null ? undefined : rightmost(store, parent, top));
    },
    before: (store, parent, gone) => before(store, parent, known(store, parent, gone)),
    goBack(store, node, { parent, beside, ...kept }, left) {
      if (beside === undefined || !isOwn(node, beside) || isOfAnother(kept, beside)) return { beside };
      if (!standingOf(store, parent, known(store, parent, beside))) return { beside: undefined };
      const front = before(store, parent, known(store, parent, beside));
      const ghost = node.order?.ghosts.find(isNamed(parent, parseGone(known(store, parent, beside))));
      // What the same event has left is where it stood before that.
      const isLeft = left !== null && ghost?.since === left.since && ghost.of === left.of;
      if (beside !== node.id && ghost && !isLeft) dropGhost(store, node, ghost);
      // Its tombstone right in front of that is as good, and will not be there any more.
      if (front === node.id) return { isBack: true, beside: before(store, parent, front) };
      return { isBack: beside === node.id, beside: front };
    },
    isFull: ({ order }) => (order?.ghosts.length ?? 0) >= MOST_GHOSTS,
    expire(store, id, since) {
      const node = store.get(id);
      for (const ghost of node?.order?.ghosts ?? []) if (node && ghost.since === since) dropGhost(store, node, ghost);
    },
    forget(store, node) {
      const { id, parent } = node;
      // Its id may be used anew: what stood below it, and behind it, stands nowhere then.
      vacate(store, id, node.order?.lead ?? null);
      if (parent !== null) vacate(store, parent, node.order?.gap ?? null);
      if (node.order?.lead || node.order?.gap) setOrder(store, id, { lead: null, gap: null });
      for (const ghost of node.order?.ghosts ?? []) dropGhost(store, node, ghost);
      if (!store.get(id)?.order?.spot || parent === null) return;
      if (store.get(parent)) erase(store, parent, id);
      setOrder(store, id, { spot: null });
    },
  };
}

/** Whatever hangs in a gap has no place there any more. */
function vacate(store: Store, parent: NodeId, top: Gone | null): void {
  for (const gone of goneIn(store, parent, top)) {
    const { id, is } = parseGone(gone);
    if (is === "removed") setOrder(store, id, { spot: null });
    else {
      const ghosts = store.get(id)?.order?.ghosts ?? [];
      setOrder(store, id, { ghosts: ghosts.filter((ghost) => ghost.parent !== parent || ghostOf(id, ghost) !== gone) });
    }
  }
}

/** Whether that stands for another thing that is undone, which puts the node there when it is done again. */
function isOfAnother({ follows, redo }: KeptPlace, gone: Gone): boolean {
  const { of } = parseGone(gone);
  return follows === true && of !== undefined && of !== redo;
}

/** What the log of before 2026-11-27 calls `^` and an id is called otherwise where it was left since. */
function known(store: ReadStore, parent: NodeId, gone: Gone): Gone {
  const { id, is, since } = parseGone(gone);
  if (is === "removed" || since !== null) return gone;
  const ghost = store.get(id)?.order?.ghosts.findLast((each) => each.parent === parent);
  return ghost ? ghostOf(id, ghost) : gone;
}

function placeAt(parent: NodeId, after: NodeId | null, beside: Gone | undefined): Place {
  return beside === undefined ? { parent, after } : { parent, after, beside };
}

/** FNV-1a with the finish of MurmurHash3; a ghost ranks as its node. */
function rank(id: NodeId, salt: number): number {
  let hash = salt;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
