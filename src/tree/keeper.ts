import { upward } from "./above.ts";
import { refuseDepth } from "./depth.ts";
import type { IsKnown, Keeper, Looks } from "./draft.ts";
import { stems } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { wasSeenThere } from "./past.ts";
import { MOST_TOLD } from "./perform.ts";
import { cameFrom, newOnes } from "./placed-since.ts";
import { removeOnceMore } from "./remove-again.ts";
import { type Above, mustGet, type ReadStore, type Store, stemOf } from "./store.ts";
import { mayLook, unseenBelow } from "./unseen.ts";
import { unseenAmong } from "./unseen-placed.ts";
import { weighAttrs } from "./weight.ts";

/** A restored branch of at most so many nodes stands in the event with its content, for everyone to apply. */
const CARRIED_NODES = 64;
const CARRIED_CHARS = 8 * 1024;
/**
 * All branches that one mutation restores together carry no more than this, ids and types counted with their content; nor are
 * more nodes looked at for it.
 */
const CARRIED_IN_ALL = { nodes: 5_000, characters: 1024 * 1024 };
/** A removed branch is looked through as far as this for what its remover has not seen. */
const LOOKED_THROUGH = 2_000;
/** So far even where events tell: many small branches take as long as a large one. To count them reads as many (`size.ts`). */
const LOOKED_FIRST = 64;

/** What events tell of what an author has not seen. */
export interface Unseen {
  /** The nodes that others have placed; null where those are too many. */
  placed(): readonly NodeId[] | null;
  /** The nodes that anyone has placed after an event. */
  placedSince(seq: number): readonly NodeId[] | null;
  /** Nodes that others have updated, with the last event that did: as many as are told. */
  updated(): Iterable<readonly [NodeId, number]>;
}

/**
 * What the object sees to beside the rules that everyone has. Without `unseen` a branch is looked through, however large, for what
 * its remover has not seen. `looks` may be shared by mutations; the keeper itself is one mutation's.
 */
export function createKeeper(
  maxDepth: number,
  unseen?: Unseen,
  looks: Looks = { left: Number.POSITIVE_INFINITY, met: new Set() },
): Keeper {
  const left = { ...CARRIED_IN_ALL };
  const find = (store: Store, top: Readonly<NodeRecord>, isKnown: IsKnown, placed: () => readonly NodeId[] | null) => {
    const told = placed();
    return (
      unseenBelow(store, top, isKnown, LOOKED_FIRST, looks) ??
      (told && unseenAmong(store, top, told, isKnown, looks)) ??
      unseenBelow(store, top, isKnown, LOOKED_THROUGH, looks)
    );
  };
  return {
    tooDeep: (store, parent, branch) => refuseDepth(store, maxDepth, parent, branch),
    unseenIn(store, top, isKnown, sees) {
      const look = (node: Readonly<NodeRecord>) =>
        unseen ? find(store, node, isKnown, unseen.placed) : unseenBelow(store, node, isKnown);
      return newOnes(store, top, look, (node) => wasSeenThere(node, sees));
    },
    removeOnceMore,
    cameFrom,
    placedSince: (store, top, isKnown, seq, kept) =>
      find(store, top, isKnown, () => {
        const placed = unseen?.placedSince(seq);
        return placed ? [...placed, ...kept] : null;
      }),
    updatedIn(store, top) {
      const found: { id: NodeId; seq: number }[] = [];
      for (const [id, seq] of unseen?.updated() ?? []) {
        if (found.length === MOST_TOLD || !mayLook(looks, id)) break;
        const node = stemOf(store, id, "above");
        if (node && standsIn(store, node, top, looks)) found.push({ id, seq });
      }
      return found;
    },
    carried(store, top) {
      // What comes back over and over would make an event of 60 MB out of a frame of 400 KB (2026-11-27).
      if (left.nodes <= 0 || left.characters <= 0) return null;
      const ids = Array.from(firstBelow(store, top, CARRIED_NODES + 1));
      // Many that are just too large to be carried take as long to look at as those that are not.
      left.nodes -= ids.length;
      const nodes = ids.length > CARRIED_NODES ? null : smallOf(store, ids);
      for (const { id, parent, type, attrs } of nodes ?? []) {
        left.characters -= 2 * id.length + (parent?.length ?? 0) + type.length + weighAttrs(attrs);
      }
      return nodes;
    },
  };
}

/** Whether a node is in a branch, alive there; as far as it may be looked for. */
function standsIn(store: ReadStore, node: Above, top: NodeId, looks: Looks): boolean {
  for (const each of upward(store, node)) {
    if (each.id === top) return true;
    if (each.removed !== null || !mayLook(looks, each.id)) return false;
  }
  return false;
}

/** The ids of so many nodes of a branch. */
function* firstBelow(store: ReadStore, top: NodeId, most: number): Generator<NodeId> {
  let count = 0;
  for (const { id } of stems(store, top)) {
    yield id;
    if (++count === most) return;
  }
}

/** These nodes if they are small. Looked up one by one: a large one that is asked for again stays in memory. */
function smallOf(store: ReadStore, ids: readonly NodeId[]): Readonly<NodeRecord>[] | null {
  const nodes: Readonly<NodeRecord>[] = [];
  let characters = 0;
  for (const id of ids) {
    const node = mustGet(store, id);
    characters += weighAttrs(node.attrs);
    if (characters > CARRIED_CHARS) return null;
    nodes.push(node);
  }
  return nodes;
}
