import { carry } from "./carry.ts";
import { type Changes, growth, normalize } from "./changes.ts";
import { cutChanges } from "./cut.ts";
import { markAfter, markBeside } from "./range.ts";
import {
  baseOf,
  cutAt,
  cutOf,
  type EditStep,
  isHead,
  isJoin,
  isTakenWith,
  type Move,
  movedBy,
  moveTo,
  type Step,
  targetOf,
  undone,
} from "./step.ts";
import { transform } from "./transform.ts";

/**
 * Two steps that were made of the same texts, each as it is after the other: the later where the earlier was there before, and
 * the other way round. Both ways lead to the same texts.
 */
export type Pair = readonly [later: readonly Step[], earlier: readonly Step[]];

export function pair(later: Step, earlier: Step): Pair {
  if (later.attr !== earlier.attr) return [[later], [earlier]];
  // Marks change nothing but marks, and the later is what there is then.
  if (later.op === "mark") return [markAfter(later, earlier), markBeside(earlier, later)];
  if (earlier.op === "mark") return [[later], markAfter(earlier, later)];
  if (later.op === "edit") return earlier.op === "edit" ? edits(later, earlier) : editAndMove(later, earlier);
  if (earlier.op === "edit") {
    const [after, before] = editAndMove(earlier, later);
    return [before, after];
  }
  const after = over(later, earlier, true) ?? [];
  // Where the earlier has no simple form after the later: that is taken back, and made as it is after the earlier.
  return [after, over(earlier, later, false) ?? [...undone(later), earlier, ...after]];
}

function edits(later: EditStep, earlier: EditStep): Pair {
  if (later.id !== earlier.id) return [[later], [earlier]];
  return [
    edit(later, later.id, transform(later.changes, earlier.changes)),
    edit(later, later.id, transform(earlier.changes, later.changes, true)),
  ];
}

function edit({ attr }: Step, id: string, changes: Changes): readonly Step[] {
  return changes.length > 0 ? [{ op: "edit", id, attr, changes }] : [];
}

/** Changes go with the text that they are in. */
function editAndMove(step: EditStep, move: Move): Pair {
  const { id, changes } = step;
  const [target, base, more] = [targetOf(move), baseOf(move), growth(changes)];
  if (id === target) return [[step], [moveTo(move, target, base + more)]];
  if (id !== move.id) return [[step], [move]];
  const [left, right, at] = cutChanges(changes, cutOf(move), isTakenWith(move) ? "right" : "left");
  const [stays, goes] = isHead(move) ? [right, left] : [left, right];
  return [
    [...edit(step, id, stays), ...edit(step, target, goes.length > 0 ? normalize(goes, base) : goes)],
    [cutAt(move, id, at, move.length + more)],
  ];
}

/** What `mine` comes to after `other`; undefined where that is none of its own kind. */
function over(mine: Move, other: Move, isLater: boolean): readonly Move[] | undefined {
  const { id, attr } = mine;
  const [target, taken] = [targetOf(mine), targetOf(other)];
  const [base, cut, more] = [baseOf(mine), cutOf(mine), movedBy(other)];
  // What the earlier one has, the later does not take from it.
  const loses = isLater ? [] : undefined;
  if (id === other.id) {
    if (target !== taken) return ofOneText(mine, other, isLater);
    return isJoin(mine) === isJoin(other) && isHead(mine) === isHead(other) && cut === cutOf(other) ? [] : loses;
  }
  if (target === taken) return isLater ? [moveTo(mine, target, base + more)] : undefined;
  if (target === other.id) {
    if (taken === id) return loses;
    // What it brings follows the end of that text.
    const end = carry({ id: target, attr, index: base }, [other], "left");
    return [moveTo(mine, end.id, end.index)];
  }
  if (taken !== id) return [mine];
  // What is brought to the very place of the cut stays with the text on its left.
  const isAtEnd = cut === baseOf(other) && !isTakenWith(mine);
  return [cutAt(mine, id, isAtEnd ? cut + more : cut, mine.length + more)];
}

/** Both take something of one text, to different places. */
function ofOneText(mine: Move, other: Move, isLater: boolean): readonly Move[] | undefined {
  const { id, attr, length } = mine;
  const [target, base, cut] = [targetOf(mine), baseOf(mine), cutOf(mine)];
  const [taken, otherBase] = [targetOf(other), baseOf(other)];
  const gone = otherBase + movedBy(other);
  const isSame = isHead(mine) === isHead(other);
  if (isJoin(mine)) {
    if (!isJoin(other) && isSame) return [cutAt(mine, id, 0, cutOf(other))];
    // The beginning of a row is in the node of its head: that one is joined, and the rest stays.
    return isLater ? (isSame ? [] : [cutAt(mine, taken, 0, gone)]) : undefined;
  }
  if (isJoin(other) && isHead(mine)) {
    // A row that is joined has no rest of its own: that goes to the new node, or comes back.
    if (!isLater && base > 0) return undefined;
    const [node, onto] = isLater ? [target, base] : [id, 0];
    return [{ op: "split", id: taken, attr, at: otherBase + cut, length: gone, node, onto }];
  }
  const staysLeft = isSame ? isLater !== isHead(mine) : isHead(mine);
  const place = carry({ id, attr, index: cut }, [other], staysLeft ? "left" : "right");
  const isInside = place.id === taken;
  if (!isLater && !isJoin(other) && (isSame ? isHead(mine) && base + otherBase > 0 : isInside)) return undefined;
  return [cutAt(mine, place.id, place.index, isInside ? gone : length - movedBy(other))];
}
