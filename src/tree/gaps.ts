import { type Ghost, type Gone, NO_ORDER, type NodeId, type NodeRecord, type Order, type Spot } from "./node.ts";
import { mustGet, type ReadStore, type Store } from "./store.ts";

// The gaps between live siblings, each a treap of what is gone there. What hangs where stands in the records (`Order`), so
// all of it is kept by whatever keeps nodes, and a gap of a million costs twenty look-ups.

/** A node leaves at most so many ghosts; each makes its row longer. */
export const MOST_GHOSTS = 8;

/** The name of a ghost. */
export function ghostOf(id: NodeId, { since, of, dated }: Pick<Ghost, "since" | "of" | "dated">): Gone {
  if (!dated) return `^${id}`;
  return of === undefined ? `^${since}^${id}` : `^${since}/${of}^${id}`;
}

interface Parsed {
  readonly id: NodeId;
  readonly is: "removed" | "ghost";
  /** Since when it is a ghost; null where it does not say. */
  readonly since: number | null;
  readonly of?: number | undefined;
}

/** Ids have no `^`. */
export function parseGone(gone: Gone): Parsed {
  if (!gone.startsWith("^")) return { id: gone, is: "removed", since: null };
  const middle = gone.indexOf("^", 1);
  if (middle < 0) return { id: gone.slice(1), is: "ghost", since: null };
  const id = gone.slice(middle + 1);
  // Read for each step in a treap: by split() and map() it was a tenth of an undo of 10 000 moves (2026-11-27).
  const slash = gone.indexOf("/");
  if (slash < 0 || slash > middle) return { id, is: "ghost", since: Number(gone.slice(1, middle)) };
  return { id, is: "ghost", since: Number(gone.slice(1, slash)), of: Number(gone.slice(slash + 1, middle)) };
}

/** Whether it is where a node stood itself. */
export function isOwn({ id }: Pick<NodeRecord, "id">, gone: Gone): boolean {
  return parseGone(gone).id === id;
}

/** Tells one ghost from the others of its node. */
export function isNamed(parent: NodeId, { since, of }: Pick<Parsed, "since" | "of">): (ghost: Ghost) => boolean {
  return (ghost) => {
    if (ghost.parent !== parent || since === null || !ghost.dated)
      return ghost.parent === parent && !ghost.dated === (since === null);
    return ghost.since === since && ghost.of === of;
  };
}

/** Puts two treaps together, all of one before all of the other. */
export function join(
  store: Store,
  parent: NodeId,
  left: Gone | null,
  right: Gone | null,
  isHigher: (one: Gone, other: Gone) => boolean,
): Gone | null {
  let top: Gone | null = null;
  let above: { readonly gone: Gone; readonly side: "left" | "right" } | null = null;
  const hang = (gone: Gone | null) => {
    if (above) setChild(store, parent, above.gone, above.side, gone);
    else top = gone;
    if (gone !== null) setSpot(store, parent, gone, { up: above?.gone ?? null, behind: null });
  };
  let [one, other] = [left, right];
  while (one !== null && other !== null) {
    if (isHigher(one, other)) {
      hang(one);
      above = { gone: one, side: "right" };
      one = spotOf(store, parent, one).right;
    } else {
      hang(other);
      above = { gone: other, side: "left" };
      other = spotOf(store, parent, other).left;
    }
  }
  hang(one ?? other);
  return top;
}

export function topOf(store: ReadStore, parent: NodeId, after: NodeId | null): Gone | null {
  const order = store.get(after ?? parent)?.order;
  return (after === null ? order?.lead : order?.gap) ?? null;
}

export function setTop(store: Store, parent: NodeId, after: NodeId | null, top: Gone | null): void {
  // What is deleted step by step may have lost the sibling already.
  if (!store.get(after ?? parent)) return;
  if (top !== null) setSpot(store, parent, top, { up: null, behind: after });
  if (topOf(store, parent, after) === top) return;
  setOrder(store, after ?? parent, after === null ? { lead: top } : { gap: top });
}

/** Another one, or none, in the place of one that was below `up`, or at the top of the gap behind a live sibling. */
export function replace(
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
export function split(store: Store, parent: NodeId, last: Gone): [Gone | null, Gone | null] {
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
export function ownerOf(store: ReadStore, parent: NodeId, gone: Gone): NodeId | null {
  let spot = spotOf(store, parent, gone);
  while (spot.up !== null) spot = spotOf(store, parent, spot.up);
  return spot.behind;
}

export function rightmost(store: ReadStore, parent: NodeId, top: Gone): Gone {
  let here = top;
  for (let { right } = spotOf(store, parent, here); right !== null; { right } = spotOf(store, parent, here))
    here = right;
  return here;
}

export function spotOf(store: ReadStore, parent: NodeId, gone: Gone): Spot {
  const spot = standingOf(store, parent, gone);
  if (!spot) throw new Error(`${gone} has no place under ${parent}`);
  return spot;
}

/** Where something that is gone stands under a parent, if it does. */
export function standingOf(store: ReadStore, parent: NodeId, gone: Gone): Spot | null | undefined {
  const parsed = parseGone(gone);
  const order = store.get(parsed.id)?.order;
  return parsed.is === "removed" ? order?.spot : order?.ghosts.find(isNamed(parent, parsed))?.spot;
}

export function setSpot(store: Store, parent: NodeId, gone: Gone, change: Partial<Spot>): void {
  const old = spotOf(store, parent, gone);
  const spot: Spot = { ...old, ...change };
  if (spot.up === old.up && spot.left === old.left && spot.right === old.right && spot.behind === old.behind) return;
  const parsed = parseGone(gone);
  const { id } = parsed;
  if (parsed.is === "removed") {
    setOrder(store, id, { spot });
    return;
  }
  const isThis = isNamed(parent, parsed);
  const moved = (ghost: Ghost): Ghost => (isThis(ghost) ? { ...ghost, spot } : ghost);
  setOrder(store, id, { ghosts: store.get(id)?.order?.ghosts.map(moved) ?? [] });
}

export function setChild(store: Store, parent: NodeId, gone: Gone, side: "left" | "right", child: Gone | null): void {
  setSpot(store, parent, gone, side === "left" ? { left: child } : { right: child });
}

/** Nothing gone at all is no order, so that a record is the same as before. */
export function setOrder(store: Store, id: NodeId, change: Partial<Order>): void {
  const node = store.edit(id);
  const order: Order = { ...(node.order ?? NO_ORDER), ...change };
  const { gap, lead, spot, ghosts, counted } = order;
  node.order = gap === null && lead === null && spot === null && ghosts.length === 0 && counted === 0 ? null : order;
}

/** What is gone in one gap, in its order. */
export function goneIn(store: ReadStore, parent: NodeId, top: Gone | null): Gone[] {
  const list: Gone[] = [];
  const path: Gone[] = [];
  for (let here = top; here !== null || path.length > 0; ) {
    for (; here !== null; { left: here } = spotOf(store, parent, here)) path.push(here);
    const gone = path.pop();
    if (gone === undefined) break;
    list.push(gone);
    here = spotOf(store, parent, gone).right;
  }
  return list;
}

/** One of a list of siblings. */
export interface Sibling {
  readonly id: NodeId;
  readonly is: "alive" | "removed" | "ghost";
  /** Of a ghost: since when, and which event was undone by that. */
  readonly since: number | null;
  readonly of?: number | undefined;
}

/** The children of a node and what is gone among them, in their order. Looks at all of them: for tests and checks. */
export function siblings(store: ReadStore, parent: NodeId): Sibling[] {
  const list: Sibling[] = [];
  const addGap = (top: Gone | null) => {
    for (const gone of goneIn(store, parent, top)) {
      list.push(parseGone(gone));
    }
  };
  const above = mustGet(store, parent);
  addGap(above.order?.lead ?? null);
  for (let id = above.first; id !== null; ) {
    const node = mustGet(store, id);
    list.push({ id, is: "alive", since: null });
    addGap(node.order?.gap ?? null);
    id = node.next;
  }
  return list;
}

/** The same in words: `a`, `-a` removed, `^a` the ghost of a. */
export function fullOrder(store: ReadStore, parent: NodeId): string[] {
  return siblings(store, parent).map(({ id, is }) => (is === "alive" ? id : is === "ghost" ? `^${id}` : `-${id}`));
}
