import { carried } from "./carry.ts";
import { baseOf, cutOf, isHead, type MarkStep, type Step, targetOf } from "./step.ts";

/** What a mark comes to after a step: its range as it is then, in one text or two. */
export function markAfter(mark: MarkStep, step: Step): readonly MarkStep[] {
  const { id, from, to } = mark;
  if (step.op === "mark" || step.id !== id || step.attr !== mark.attr) return [mark];
  if (step.op === "edit") {
    const [[start = 0], [end = 0]] = [carried([from], step.changes, "right"), carried([to], step.changes, "left")];
    return partOf(mark, id, start, end);
  }
  const [target, base, cut] = [targetOf(step), baseOf(step), cutOf(step)];
  const [first, rest, ahead, back] = isHead(step) ? [target, id, base, -cut] : [id, target, 0, base - cut];
  return [
    ...partOf(mark, first, from + ahead, Math.min(to, cut) + ahead),
    ...partOf(mark, rest, Math.max(from, cut) + back, to + back),
  ];
}

/** What is left of an earlier step beside a later mark. */
export function markBeside(mark: Step, later: MarkStep): readonly Step[] {
  if (mark.op !== "mark") return [mark];
  const { id, from, to } = mark;
  if (later.id !== id || later.attr !== mark.attr || later.key !== mark.key) return [mark];
  if (later.to <= from || later.from >= to) return [mark];
  return [...partOf(mark, id, from, Math.min(to, later.from)), ...partOf(mark, id, Math.max(from, later.to), to)];
}

function partOf(mark: MarkStep, id: string, from: number, to: number): readonly MarkStep[] {
  if (from >= to) return [];
  return [id === mark.id && from === mark.from && to === mark.to ? mark : { ...mark, id, from, to }];
}
