import type { NodeId, NodeRecord } from "./node.ts";
import type { Anchors } from "./operations.ts";
import { mustGet, type ReadStore } from "./store.ts";

/** An exact place: under `parent`, right after its child `after`, or first when null. */
export interface Place {
  readonly parent: NodeId;
  readonly after: NodeId | null;
}

type Node = Readonly<NodeRecord>;

/**
 * The exact place that anchors mean under a live parent, for a node that is new, or for `moving`, which may stand
 * among those children already and is then looked through: anchored to itself, it stays where it is.
 */
export function resolveAnchors(store: ReadStore, parent: Node, anchors: Anchors, moving?: Node): Place {
  const sibling = anchors.after === null ? null : besideAnchor(store, parent, anchors);
  return { parent: parent.id, after: lookThrough(sibling === undefined ? parent.last : sibling, moving) };
}

/**
 * Where what is sent into a removed node lands: where that node stood, in its nearest live ancestor. After its old prev,
 * else before its old next, else last; but beside its own anchors where these are there, so that a list that someone
 * offline has built in a removed node keeps its order.
 */
export function whereItStood(store: ReadStore, removed: Node, { after, before }: Anchors, moving?: Node): Place {
  let top = removed;
  for (;;) {
    if (top.parent === null) throw new Error("the root neither moves nor goes");
    const parent = mustGet(store, top.parent);
    if (parent.removed === null) {
      // `after: null` meant the first place in the removed node; an old prev that is null says only that there was none.
      const own = besideAnchor(store, parent, { after: after ?? undefined, before });
      if (own !== undefined) return { parent: parent.id, after: lookThrough(own, moving) };
      return resolveAnchors(store, parent, { after: top.prev ?? undefined, before: top.next }, moving);
    }
    top = parent;
  }
}

/** The child of `parent` to stand behind so as to stand beside an anchor, null for the first place; undefined without one. */
function besideAnchor(store: ReadStore, parent: Node, { after, before }: Anchors): NodeId | null | undefined {
  if (after && isLiveChild(store, parent.id, after)) return after;
  if (before && isLiveChild(store, parent.id, before)) return mustGet(store, before).prev;
  return undefined;
}

function isLiveChild(store: ReadStore, parent: NodeId, id: NodeId): boolean {
  const node = store.get(id);
  return node !== undefined && node.parent === parent && node.removed === null;
}

function lookThrough(after: NodeId | null, moving: Node | undefined): NodeId | null {
  return moving && after === moving.id ? moving.prev : after;
}
