import type { MutationContext } from "./draft.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Anchors, Place } from "./operations.ts";
import { type Left, mustGet, type Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

/**
 * The exact place that anchors mean among the children of `parent`, for a node that is new, or for `moving`, which may
 * stand among them already: anchored to itself, it stays where it is, or comes back to where it stood.
 */
export function resolveAnchors(
  store: Store,
  parent: Node,
  anchors: Anchors,
  moving?: Node,
  sight: Pick<MutationContext, "seq" | "sees"> | null = null,
): Place {
  if (anchors.after === null) return { parent: parent.id, after: null };
  const stoodUntil = (id: NodeId) => (sight && id !== moving?.id ? leftUnseen(store, parent.id, id, sight) : undefined);
  return (
    besideAnchor(store, parent, anchors, stoodUntil) ??
    (moving && removedFrom(store, parent, moving, anchors)) ??
    lastOf(store, parent.id, parent.last)
  );
}

/**
 * Where what is sent into a removed node lands (C11): right in front of where the outermost removed node stood, so that what
 * comes one after the other keeps its order; but beside its own anchor where that is a child there, alive or removed.
 */
export function whereItStood(store: Store, top: Node, { after, before }: Anchors): Place {
  const parent = mustGet(store, top.parent ?? "");
  const isChild = (id: NodeId | null | undefined) => typeof id === "string" && store.get(id)?.parent === parent.id;
  // `after: null` meant the first place in the removed node.
  const own = besideAnchor(store, parent, {
    after: isChild(after) ? (after ?? undefined) : undefined,
    before: isChild(before) ? before : undefined,
  });
  return own ?? store.places?.inFront(store, parent, top.id) ?? hinted(store, parent, top);
}

/** The place beside an anchor that stands among these children, alive or gone; undefined where none does. */
function besideAnchor(
  store: Store,
  parent: Node,
  { after, before }: Anchors,
  stoodUntil: (id: NodeId) => Left | undefined = () => undefined,
): Place | undefined {
  if (typeof after === "string") {
    const until = stoodUntil(after);
    if (until === undefined && isLiveChild(store, parent.id, after)) return { parent: parent.id, after };
    const place = store.places?.behind(store, parent, after, until);
    if (place) return place;
  }
  if (typeof before === "string") {
    const until = stoodUntil(before);
    if (until === undefined && isLiveChild(store, parent.id, before))
      return lastOf(store, parent.id, mustGet(store, before).prev);
    return store.places?.inFront(store, parent, before, until) ?? undefined;
  }
  return undefined;
}

/** The event since which an anchor stands elsewhere, for an author who has seen it where it stood before that. */
function leftUnseen(
  { places, get }: Store,
  parent: NodeId,
  id: NodeId,
  { sees, seq }: Pick<MutationContext, "seq" | "sees">,
): Left | undefined {
  const ghosts = places && sees ? get(id)?.order?.ghosts : undefined;
  return ghosts?.find((ghost) => ghost.parent === parent && ghost.since !== seq && !sees?.(ghost.since));
}

/** Where a node stood that an event made leave, beside what it left there, or else beside those it stood between. */
export function whereItLeft(
  store: Store,
  parent: Node,
  id: NodeId,
  left: Partial<Left>,
  prev: NodeId | null,
  next: NodeId | null,
): Place {
  const place = store.places?.behind(store, parent, id, left);
  if (place) return place;
  const node = store.get(id);
  // Where it was removed from, it stands.
  const tombstone = node?.removed !== null && node?.parent === parent.id && store.places?.behind(store, parent, id);
  if (tombstone) return tombstone;
  const since = leftBehind(store, parent, node, prev);
  if (since) return since;
  const beside = besideAnchor(store, parent, { after: prev ?? undefined, before: next });
  return beside ?? (prev === null ? { parent: parent.id, after: null } : lastOf(store, parent.id, parent.last));
}

/** What a node has left goes when it comes back there: so it is what it has left since, behind the same neighbour. */
function leftBehind(store: Store, parent: Node, node: Node | undefined, prev: NodeId | null): Place | undefined {
  const ghosts = node?.order?.ghosts.filter((ghost) => ghost.parent === parent.id) ?? [];
  const places = ghosts.map(({ since, of }) => store.places?.behind(store, parent, node?.id ?? "", { since, of }));
  return places.findLast((place) => place?.after === prev) ?? undefined;
}

/** Where no places are kept, the neighbours that a removed node had tell where it stood, if it is to stand there again. */
function removedFrom(store: Store, parent: Node, moving: Node, { after }: Anchors): Place | undefined {
  if (moving.removed === null || moving.parent !== parent.id || after !== moving.id) return undefined;
  return hinted(store, parent, moving);
}

/** After the old prev of a removed node, else before its old next, else last. */
function hinted(store: Store, parent: Node, { prev, next }: Node): Place {
  const beside = besideAnchor(store, parent, { after: prev ?? undefined, before: next });
  return beside ?? lastOf(store, parent.id, parent.last);
}

/** Behind a live child, or with null at the beginning, and behind all that is gone there. */
function lastOf(store: Store, parent: NodeId, after: NodeId | null): Place {
  return store.places ? store.places.last(store, parent, after) : { parent, after };
}

function isLiveChild(store: Store, parent: NodeId, id: NodeId): boolean {
  const node = store.get(id);
  return node !== undefined && node.parent === parent && node.removed === null;
}
