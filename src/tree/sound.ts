import { EXPIRED } from "./expired.ts";
import { parseGone, standingOf } from "./gaps.ts";
import type { Gone, NodeId, NodeRecord } from "./node.ts";
import type { ReadStore } from "./store.ts";

/**
 * Looks through a tree that somebody else has written, row by row, as it might have rings that whoever walks through it never leaves.
 * A node is only come to from where its own `parent` and `prev` say, so none is come to twice, and what cannot be come to is missing in
 * the count. Holds nothing; costs a look at each node, and at each that is gone.
 */
export interface Soundness {
  /** Looks through a branch from its top, the root or a removed node; yields after each node. */
  branch(top: NodeId): Generator<void>;
  /** What is wrong, once all branches were looked through; null where nothing is. */
  problem(nodes: number): string | null;
}

/** Longer than any way to the root, over whatever was removed, and deeper than any branch. */
const MOST_ABOVE = 100_000;
const MOST_LEVELS = 2_000;

/** A node as it is listed. */
interface Listed {
  readonly id: NodeId;
  readonly parent: NodeId | null;
  readonly prev: NodeId | null;
  readonly level: number;
}

export function createSoundness(store: ReadStore): Soundness {
  let wrong: string | null = null;
  let seen = 0;
  /** What says that it stands in a gap, and what was found in one. */
  let said = 0;
  let found = 0;
  const fail = (what: string) => {
    wrong ??= what;
  };

  /** A gap: each in it is come to from above alone. */
  const gap = (parent: NodeId, behind: NodeId | null, top: Gone | null) => {
    const waiting: { gone: Gone; up: Gone | null }[] = top === null ? [] : [{ gone: top, up: null }];
    for (let next = waiting.pop(); next && wrong === null; next = waiting.pop()) {
      const { gone, up } = next;
      const spot = standingOf(store, parent, gone);
      if (!spot || spot.up !== up || (up === null && spot.behind !== behind)) {
        fail(`${gone} does not stand in the gap under ${parent} that it is in`);
        return;
      }
      const removed = parseGone(gone).is === "removed" ? store.get(gone) : undefined;
      if (removed && (removed.removed === null || removed.parent !== parent)) fail(`${gone} was not removed there`);
      found++;
      if (spot.left !== null) waiting.push({ gone: spot.left, up: gone });
      if (spot.right !== null) waiting.push({ gone: spot.right, up: gone });
    }
  };
  const note = (node: Readonly<NodeRecord>) => {
    seen++;
    const { id, parent, order } = node;
    if (!order) return;
    gap(id, null, order.lead);
    if (parent !== null) gap(parent, id, order.gap);
    if (order.spot) said++;
    for (const ghost of order.ghosts) if (store.get(ghost.parent)) said++;
  };
  const isUnderRoot = ({ id, parent }: Readonly<NodeRecord>) => {
    let above = parent;
    for (let steps = 0; above !== null; steps++) {
      const node = steps < MOST_ABOVE ? store.get(above) : undefined;
      if (!node) return false;
      above = node.parent;
      if (above === id) return false;
    }
    return true;
  };

  return {
    *branch(top) {
      const first = store.get(top);
      if (!first) return fail(`there is no node ${top}`);
      const isRoot = top === store.root;
      if (isRoot && (first.parent !== null || first.prev !== null || first.next !== null || first.removed !== null))
        return fail("the root has a place");
      if (!isRoot && first.removed !== EXPIRED && !isUnderRoot(first)) return fail(`${top} was removed from nowhere`);
      const pending: Listed[] = [{ id: top, parent: first.parent, prev: first.prev, level: 0 }];
      for (let next = pending.pop(); next && wrong === null; next = pending.pop()) {
        const { id, parent, prev, level } = next;
        const node = (store.below ?? store.get)(id);
        if (!node || node.parent !== parent || node.prev !== prev || (id !== top && node.removed !== null))
          return fail(`${id} does not stand where it is listed, under ${parent}`);
        if (level > MOST_LEVELS) return fail(`${id} stands too deep`);
        if (id !== top && node.next !== null) pending.push({ id: node.next, parent, prev: id, level });
        if (id !== top && node.next === null && parent !== null && store.get(parent)?.last !== id)
          return fail(`${parent} does not end with ${id}`);
        if (node.first !== null) pending.push({ id: node.first, parent: id, prev: null, level: level + 1 });
        else if (node.last !== null) return fail(`${id} ends with ${node.last}, and does not begin`);
        note(node);
        yield;
      }
    },
    problem(nodes) {
      if (wrong !== null) return wrong;
      if (seen !== nodes) return `${nodes - seen} nodes stand nowhere`;
      return found === said ? null : "what is gone does not stand where it says";
    },
  };
}
