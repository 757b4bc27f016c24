import { cutOf, isHead, keyOf, movedBy, type Step, targetOf } from "./step.ts";
import { addItem, type Edits, editsOf, type Stretch, setItems } from "./stretch.ts";

/** No row has this id. */
const NOWHERE = "";

/** Null where it was about that text alone. What had gone out of it is elsewhere, and what had come into it is gone. */
function beside(step: Step, id: string, attr: string): Step | null {
  if (step.attr !== attr || step.op === "mark") return step;
  if (step.op === "edit") return step.id === id ? null : step;
  if (step.id === id) return { ...step, id: NOWHERE };
  if (targetOf(step) !== id) return step;
  const [at, moved] = [isHead(step) ? 0 : cutOf(step), movedBy(step)];
  return moved === 0 ? null : { op: "edit", id: step.id, attr, changes: at > 0 ? [at, -moved] : [-moved] };
}

/** What is left of the steps of others when their author replaces a text whole, whatever others have made of that. */
export function besideReplaced(stretches: readonly Stretch[], id: string, attr: string): Stretch[] {
  const left: Stretch[] = [];
  let open: Edits = new Map();
  let latest = 0;
  for (const { edits, move } of stretches) {
    for (const [key, edited] of edits) {
      for (const { order, size } of edited.items) latest = Math.max(latest, order + size);
      if (key === keyOf(id, attr)) continue;
      setItems(open, edited.id, edited.attr, [...editsOf(open, edited.id, edited.attr), ...edited.items]);
    }
    if (!move) continue;
    const { seq } = move;
    const step = beside(move.step, id, attr);
    if (step?.op === "edit") {
      addItem(open, step, { changes: step.changes, first: seq, last: seq, order: latest, size: 1 });
    } else if (step && step.op !== "mark") {
      left.push({ edits: open, move: { seq, step } });
      open = new Map();
    }
  }
  left.push({ edits: open });
  return left;
}
