import type { NodeId, NodeRecord } from "./node.ts";
import type { Anchors, Place } from "./operations.ts";
import { mustGet, type Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

/**
 * The exact place that anchors mean among the children of `parent`, for a node that is new, or for `moving`, which may
 * stand among them already: anchored to itself, it stays where it is, or comes back to where it stood.
 */
export function resolveAnchors(store: Store, parent: Node, anchors: Anchors, moving?: Node): Place {
  if (anchors.after === null) return { parent: parent.id, after: null };
  return (
    besideAnchor(store, parent, anchors) ??
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
function besideAnchor(store: Store, parent: Node, { after, before }: Anchors): Place | undefined {
  if (typeof after === "string") {
    if (isLiveChild(store, parent.id, after)) return { parent: parent.id, after };
    const place = store.places?.behind(store, parent, after);
    if (place) return place;
  }
  if (typeof before === "string") {
    if (isLiveChild(store, parent.id, before)) return lastOf(store, parent.id, mustGet(store, before).prev);
    return store.places?.inFront(store, parent, before) ?? undefined;
  }
  return undefined;
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
