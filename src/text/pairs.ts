import { type Changes, growth } from "./changes.ts";
import { behind, cutChanges } from "./cut.ts";
import {
  baseOf,
  cutOf,
  type EditStep,
  kindOf,
  type Move,
  movedBy,
  moveTo,
  type SplitStep,
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
  return moves(later, earlier);
}

function edits(later: EditStep, earlier: EditStep): Pair {
  if (later.id !== earlier.id) return { later: [later], earlier: [earlier] };
  return {
    later: edit(later, later.id, transform(later.changes, earlier.changes)),
    earlier: edit(earlier, earlier.id, transformEarlier(earlier.changes, later.changes)),
  };
}

function edit({ attr }: Step, id: string, changes: Changes): readonly EditStep[] {
  return changes.length > 0 ? [{ op: "edit", id, attr, changes }] : [];
}

/**
 * Changes go with the text that they are in. What is put where a text is cut stays with its left neighbour; a joined text
 * goes from its beginning on, and a head that is empty takes nothing.
 */
function editAndMove(step: EditStep, move: Move): { edits: readonly EditStep[]; move: Move } {
  const { changes } = step;
  const [target, base] = [targetOf(move), baseOf(move)];
  if (step.id === target) return { edits: [step], move: moveTo(move, target, base + growth(changes)) };
  if (step.id !== move.id) return { edits: [step], move };
  const kind = kindOf(move);
  const side = kind === "join" || (kind === "head" && cutOf(move) === 0) ? "right" : "left";
  const { left, right, at } = cutChanges(changes, cutOf(move), side);
  const [stays, goes] = kind === "head" ? [right, left] : [left, right];
  const length = move.length + growth(changes);
  return {
    edits: [...edit(step, move.id, stays), ...edit(step, target, behind(goes, base))],
    move: move.op === "join" ? { ...move, length } : { ...move, at, length },
  };
}

function moves(later: Move, earlier: Move): Pair {
  const [of, from] = [targetOf(later), targetOf(earlier)];
  if (later.id === earlier.id) return of === from ? same(later, earlier) : ofOneText(later, earlier);
  // Each takes from where the other brings to: the earlier one has it.
  if (of === earlier.id && from === later.id) return overtaken(later, earlier, []);
  if (of === from) return overtaken(later, earlier, [moveTo(later, of, baseOf(later) + movedBy(earlier))]);
  if (of === earlier.id) {
    const { onto, cut } = brings(later, earlier);
    return { later: [onto], earlier: [cut] };
  }
  if (from === later.id) {
    const { onto, cut } = brings(earlier, later);
    return { later: [cut], earlier: [onto] };
  }
  return { later: [later], earlier: [earlier] };
}

/** Both take one text to one place: once, as the earlier has it. */
function same(later: Move, earlier: Move): Pair {
  if (kindOf(later) === kindOf(earlier) && cutOf(later) === cutOf(earlier)) return { later: [], earlier: [] };
  return overtaken(later, earlier, []);
}

/** Where the earlier step has no simple form after the later: that is taken back, and made as it is after the earlier. */
function overtaken(later: Move, earlier: Move, after: readonly Move[]): Pair {
  return { later: after, earlier: [...undone(later), earlier, ...after] };
}

/** One step brings something to the end of the text that the other one cuts: it follows that end. */
function brings(onto: Move, cut: Move): { onto: Move; cut: Move } {
  const [end, more, at, kind] = [baseOf(onto), movedBy(onto), cutOf(cut), kindOf(cut)];
  const [target, base] = [targetOf(cut), baseOf(cut)];
  const length = cut.length + more;
  if (cut.op === "join") return { onto: moveTo(onto, target, base + end), cut: { ...cut, length } };
  // Cut at the very end: what comes stays with the text on its left.
  const further = { ...cut, at: at + more, length };
  if (kind === "head") {
    if (at < end || at === 0) return { onto: moveTo(onto, cut.id, end - at), cut: { ...cut, length } };
    return { onto: moveTo(onto, target, base + end), cut: further };
  }
  if (at < end) return { onto: moveTo(onto, target, base + end - at), cut: { ...cut, length } };
  return { onto, cut: further };
}

/** Both take something of one text, to different places. */
function ofOneText(later: Move, earlier: Move): Pair {
  const [a, b] = [cutOf(later), cutOf(earlier)];
  const [kind, other] = [kindOf(later), kindOf(earlier)];
  if (kind === "join" && other === "join") return overtaken(later, earlier, []);
  if (kind === "join" && other === "tail") {
    const { join, tail } = joinAndTail(later, earlier);
    return { later: [join], earlier: [tail] };
  }
  if (kind === "tail" && other === "join") {
    const { join, tail } = joinAndTail(earlier, later);
    return { later: [tail], earlier: [join] };
  }
  if (kind === "join") {
    // The beginning of the row is in the node of the head: that one is joined, and the rest stays.
    const join: Move = { ...later, id: targetOf(earlier), length: baseOf(earlier) + b };
    if (baseOf(earlier) > 0) return overtaken(later, earlier, [join]);
    return {
      later: [join],
      earlier: [tailOf(targetOf(later), baseOf(later) + b, later.id, 0, later, baseOf(later) + later.length)],
    };
  }
  if (other === "join") {
    // The rest of a row that is joined goes to the new node: its own is removed.
    const all = baseOf(earlier) + earlier.length;
    return overtaken(later, earlier, [
      tailOf(targetOf(earlier), baseOf(earlier) + a, targetOf(later), baseOf(later), later, all),
    ]);
  }
  if (kind === "tail" && other === "tail") {
    if (a <= b)
      return {
        later: [within(later, later.id, a, b)],
        earlier: [within(earlier, targetOf(later), baseOf(later) + b - a, baseOf(later) + later.length - a)],
      };
    return {
      later: [within(later, targetOf(earlier), baseOf(earlier) + a - b, baseOf(earlier) + earlier.length - b)],
      earlier: [within(earlier, earlier.id, b, a)],
    };
  }
  if (kind === "head" && other === "head") return heads(later, earlier);
  if (kind === "head") {
    if (a <= b)
      return {
        later: [within(later, later.id, a, b)],
        earlier: [within(earlier, earlier.id, b - a, earlier.length - a)],
      };
    return overtaken(later, earlier, [
      within(later, targetOf(earlier), baseOf(earlier) + a - b, baseOf(earlier) + earlier.length - b),
    ]);
  }
  if (b <= a)
    return { later: [within(later, later.id, a - b, later.length - b)], earlier: [within(earlier, earlier.id, b, a)] };
  return overtaken(later, earlier, [within(later, targetOf(earlier), baseOf(earlier) + a, baseOf(earlier) + b)]);
}

function heads(later: Move, earlier: Move): Pair {
  const [a, b] = [cutOf(later), cutOf(earlier)];
  const isBehind = a >= b;
  const [first, second] = isBehind ? [earlier, later] : [later, earlier];
  const [less, more] = isBehind ? [b, a] : [a, b];
  // The one that takes less finds it in the node of the other; the other takes what is left.
  const inner = within(first, targetOf(second), baseOf(second) + less, baseOf(second) + more);
  const outer = within(second, second.id, more - less, second.length - less);
  if (baseOf(second) > 0) return overtaken(later, earlier, [isBehind ? outer : inner]);
  return isBehind ? { later: [outer], earlier: [inner] } : { later: [inner], earlier: [outer] };
}

function joinAndTail(join: Move, tail: Move): { join: Move; tail: Move } {
  const [into, base, at] = [targetOf(join), baseOf(join), cutOf(tail)];
  return { join: { ...join, length: at }, tail: within(tail, into, base + at, base + join.length) };
}

/** The same split of another text, or at another place. */
function within(split: Move, id: string, at: number, length: number): Move {
  return { ...split, id, at, length };
}

function tailOf(id: string, at: number, node: string, base: number, { attr }: Step, length: number): SplitStep {
  return splitOf(node, base, { op: "split", id, attr, at, length });
}
