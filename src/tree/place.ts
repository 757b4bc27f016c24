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
  return { parent: parent.id, after: lookThrough(previousSibling(store, parent, anchors), moving) };
}

/** The child of `parent` that the anchors mean to stand behind, or null for the first place. */
function previousSibling(store: ReadStore, parent: Node, { after, before }: Anchors): NodeId | null {
  if (after === null) return null;
  if (after !== undefined && isLiveChild(store, parent.id, after)) return after;
  if (before !== undefined && before !== null && isLiveChild(store, parent.id, before)) {
    return mustGet(store, before).prev;
  }
  return parent.last;
}

/**
 * Where a removed node, or what lies in it, would stand now: beside its old neighbours under its nearest live ancestor.
 * After its old prev, else before its old next, else last.
 */
export function whereItStood(store: ReadStore, removed: Node, moving?: Node): Place {
  let top = removed;
  for (;;) {
    if (top.parent === null) throw new Error("the root is never removed");
    const parent = mustGet(store, top.parent);
    if (parent.removed === null) {
      // No old prev is no anchor, where `after: null` would mean "first": the old next comes first then.
      return resolveAnchors(store, parent, { after: top.prev ?? undefined, before: top.next }, moving);
    }
    top = parent;
  }
}

function isLiveChild(store: ReadStore, parent: NodeId, id: NodeId): boolean {
  const node = store.get(id);
  return node !== undefined && node.parent === parent && node.removed === null;
}

function lookThrough(after: NodeId | null, moving: Node | undefined): NodeId | null {
  return moving && after === moving.id ? moving.prev : after;
}
