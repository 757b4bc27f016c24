import { carry } from "./carry.ts";
import { growth } from "./changes.ts";
import { behind, cutChanges } from "./cut.ts";
import {
  baseOf,
  cutOf,
  type EditStep,
  isTakenWith,
  kindOf,
  type Move,
  movedBy,
  moveTo,
  type Step,
  splitOf,
  targetOf,
  undone,
} from "./step.ts";
import { transform, transformEarlier } from "./transform.ts";

/** Two steps that were made of the same texts, each as it is after the other. */
export interface Pair {
  readonly later: readonly Step[];
  readonly earlier: readonly Step[];
}

/** What the later step comes to where the earlier was there before, and the other way round: both ways lead to the same texts. */
export function pair(later: Step, earlier: Step): Pair {
  if (later.attr !== earlier.attr) return { later: [later], earlier: [earlier] };
  if (later.op === "edit") {
    if (earlier.op === "edit") return edits(later, earlier);
    const met = editAndMove(later, earlier);
    return { later: met.edits, earlier: [met.move] };
  }
  if (earlier.op === "edit") {
    const met = editAndMove(earlier, later);
    return { later: [met.move], earlier: met.edits };
  }
  const after = over(later, earlier, true) ?? [];
  // Where the earlier has no simple form after the later: that is taken back, and made as it is after the earlier.
  return { later: after, earlier: over(earlier, later, false) ?? [...undone(later), earlier, ...after] };
}

function edits(later: EditStep, earlier: EditStep): Pair {
  if (later.id !== earlier.id) return { later: [later], earlier: [earlier] };
  return {
    later: edit(later, later.id, transform(later.changes, earlier.changes)),
    earlier: edit(earlier, earlier.id, transformEarlier(earlier.changes, later.changes)),
  };
}

function edit({ attr }: Step, id: string, changes: EditStep["changes"]): readonly EditStep[] {
  return changes.length > 0 ? [{ op: "edit", id, attr, changes }] : [];
}

/** Changes go with the text that they are in. */
function editAndMove(step: EditStep, move: Move): { edits: readonly EditStep[]; move: Move } {
  const { id, changes } = step;
  const [target, base, more] = [targetOf(move), baseOf(move), growth(changes)];
  if (id === target) return { edits: [step], move: moveTo(move, target, base + more) };
  if (id !== move.id) return { edits: [step], move };
  const { left, right, at } = cutChanges(changes, cutOf(move), isTakenWith(move) ? "right" : "left");
  const [stays, goes] = kindOf(move) === "head" ? [right, left] : [left, right];
  return {
    edits: [...edit(step, id, stays), ...edit(step, target, behind(goes, base))],
    move: cutAt(move, id, at, move.length + more),
  };
}

/** What `mine` comes to after `other`; undefined where that is none of its own kind. */
function over(mine: Move, other: Move, isLater: boolean): readonly Move[] | undefined {
  const [target, taken] = [targetOf(mine), targetOf(other)];
  const [base, cut] = [baseOf(mine), cutOf(mine)];
  // What the earlier one has, the later does not take from it.
  const loses = isLater ? [] : undefined;
  if (mine.id === other.id) {
    if (target !== taken) return ofOneText(mine, other, isLater);
    return kindOf(mine) === kindOf(other) && cut === cutOf(other) ? [] : loses;
  }
  if (target === taken) return isLater ? [moveTo(mine, target, base + movedBy(other))] : undefined;
  if (target === other.id) {
    if (taken === mine.id) return loses;
    // What it brings follows the end of that text.
    const end = carry({ id: target, attr: mine.attr, index: base }, [other], "left");
    return [moveTo(mine, end.id, end.index)];
  }
  if (taken !== mine.id) return [mine];
  const more = movedBy(other);
  const isAtEnd = cut === baseOf(other) && !isTakenWith(mine);
  return [cutAt(mine, mine.id, isAtEnd ? cut + more : cut, mine.length + more)];
}

/** Both take something of one text, to different places. */
function ofOneText(mine: Move, other: Move, isLater: boolean): readonly Move[] | undefined {
  const [kind, otherKind] = [kindOf(mine), kindOf(other)];
  const [taken, otherBase] = [targetOf(other), baseOf(other)];
  const gone = otherBase + movedBy(other);
  if (mine.op === "join") {
    if (otherKind === "tail") return [cutAt(mine, mine.id, 0, cutOf(other))];
    if (otherKind === "join") return isLater ? [] : undefined;
    // The beginning of the row is in the node of the head: that one is joined, and the rest stays.
    return isLater ? [cutAt(mine, taken, 0, gone)] : undefined;
  }
  const { attr } = mine;
  if (otherKind === "join" && kind === "head") {
    // A row that is joined has a rest no more: that goes to the new node.
    const at = otherBase + cutOf(mine);
    const tail = (node: string, base: number) => [
      splitOf(node, base, { op: "split", id: taken, attr, at, length: gone }),
    ];
    if (isLater) return tail(mine.node, baseOf(mine));
    return baseOf(mine) > 0 ? undefined : tail(mine.id, 0);
  }
  const side =
    kind === otherKind ? (isLater === (kind === "tail") ? "left" : "right") : kind === "tail" ? "right" : "left";
  const { id, index } = carry({ id: mine.id, attr, index: cutOf(mine) }, [other], side);
  const isInside = id === taken && otherKind !== "join";
  if (!isLater && kind !== otherKind && isInside) return undefined;
  if (!isLater && kind === "head" && baseOf(mine) + otherBase > 0) return undefined;
  return [cutAt(mine, id, index, id === mine.id ? mine.length - movedBy(other) : gone)];
}

/** The same of another text, or at another place. */
function cutAt(move: Move, id: string, at: number, length: number): Move {
  return move.op === "join" ? { ...move, id, length } : { ...move, id, at, length };
}
