import { gathered, type Item, partsOf, pass, seen, unseen } from "./item.ts";
import { markAfter } from "./range.ts";
import { rebase } from "./rebase.ts";
import { type EditStep, keyOf, type MarkStep, type Move, nodesOf, type Step } from "./step.ts";

/** Edits of texts, each text by itself, and what moves behind them. */
export interface Stretch {
  readonly edits: Edits;
  /** Undefined at the end. */
  readonly move?: Moved | undefined;
}

export interface Moved {
  readonly seq: number;
  readonly step: Move;
}

/** By the text. What is an item's is not changed: others may have it. */
export type Edits = Map<string, Edited>;

interface Edited {
  readonly id: string;
  readonly attr: string;
  readonly items: readonly Item[];
}

/** Moves right behind each other have none between them: one for all, which is never changed. */
const NONE: Edits = new Map();

/** With more than so many edits of one text they are put together. */
const MANY = 16;

export const editsOf = (edits: Edits, id: string, attr: string): readonly Item[] =>
  edits.get(keyOf(id, attr))?.items ?? [];

export function addItem(edits: Edits, { id, attr }: EditStep, item: Item): void {
  setItems(edits, id, attr, [...editsOf(edits, id, attr), item]);
}

export function setItems(edits: Edits, id: string, attr: string, items: readonly Item[]): void {
  if (items.length === 0) edits.delete(keyOf(id, attr));
  else edits.set(keyOf(id, attr), { id, attr, items: items.length > MANY ? gathered(items) : items });
}

const changeable = (edits: Edits): Edits => (edits.size > 0 ? edits : new Map());

/** The same, and what is done to the one is not done to the other. */
export const copied = (stretches: readonly Stretch[]): Stretch[] =>
  stretches.map(({ edits, move }) => ({ edits: edits.size > 0 || !move ? new Map(edits) : NONE, move }));

/** Those behind `others`. */
function join(others: Edits, edits: Edits): Edits {
  for (const { id, attr, items } of edits.values())
    setItems(others, id, attr, [...editsOf(others, id, attr), ...items]);
  return others;
}

/** Steps of the author after edits, which are then after them. */
function afterEdits(steps: readonly Step[], edits: Edits): readonly Step[] {
  if (edits.size === 0) return steps;
  return steps.flatMap((step) => {
    if (step.op === "mark") return rangeAfter(step, edits);
    return step.op === "edit" ? editAfter(step, edits) : moveAfter(step, edits);
  });
}

function editAfter(step: EditStep, edits: Edits): readonly Step[] {
  const { id, attr } = step;
  let { changes } = step;
  const items = editsOf(edits, id, attr);
  if (items.length === 0) return [step];
  const left: Item[] = [];
  for (const item of items) {
    const met = pass(changes, item);
    changes = met.changes;
    if (item.halves || met.item.changes.length > 0) left.push(met.item);
  }
  setItems(edits, id, attr, left);
  return changes.length > 0 ? [{ op: "edit", id, attr, changes }] : [];
}

/** Nothing of others stands behind a mark. */
function rangeAfter(step: MarkStep, edits: Edits): readonly Step[] {
  const { id, attr } = step;
  let steps: readonly MarkStep[] = [step];
  for (const { changes } of editsOf(edits, id, attr))
    steps = steps.flatMap((each) => markAfter(each, { op: "edit", id, attr, changes }));
  return steps;
}

/** What is moved may become part of another text: there the parts of both stand in the order of the log. */
function moveAfter(step: Move, edits: Edits): readonly Step[] {
  const { attr } = step;
  const parts = nodesOf(step).flatMap((id) => {
    const items = editsOf(edits, id, attr).flatMap(partsOf);
    setItems(edits, id, attr, []);
    return items.map((item) => ({ id, item }));
  });
  let steps: readonly Step[] = [step];
  for (const { id, item } of parts.sort((a, b) => a.item.order - b.item.order)) {
    const met = rebase(steps, [{ op: "edit", id, attr, changes: item.changes }]);
    steps = met.steps;
    for (const each of met.over) if (each.op === "edit") addItem(edits, each, { ...item, changes: each.changes });
  }
  return steps;
}

/** A step of the author after all stretches, and they after it. */
export function after(step: Step, stretches: readonly Stretch[]): { steps: readonly Step[]; stretches: Stretch[] } {
  const left: Stretch[] = [];
  let steps: readonly Step[] = [step];
  let open = NONE;
  for (const { edits, move } of stretches) {
    steps = afterEdits(steps, edits);
    open = open.size > 0 ? join(open, edits) : edits;
    if (move === undefined) continue;
    const met = rebase(steps, [move.step]);
    steps = met.steps;
    for (const each of met.over) {
      if (each.op === "edit" || each.op === "mark") continue;
      left.push({ edits: open, move: { seq: move.seq, step: each } });
      open = NONE;
    }
  }
  left.push({ edits: changeable(open) });
  return { steps, stretches: left };
}

/** What of stretches there was at `seq`. */
export function upTo(stretches: readonly Stretch[], seq: number): Stretch[] {
  const found: Stretch[] = [];
  for (const { edits, move } of stretches) {
    const before: Edits = new Map();
    for (const { id, attr, items } of edits.values())
      setItems(
        before,
        id,
        attr,
        items.flatMap((item) => seen(item, seq)),
      );
    const isThere = move !== undefined && move.seq <= seq;
    found.push({ edits: before, ...(isThere && { move }) });
    // What is behind it is later.
    if (!isThere) break;
  }
  return found;
}

/** What is left of stretches when the author has seen everything up to `seq`. */
export function since(stretches: readonly Stretch[], seq: number): Stretch[] {
  const open: Edits = new Map();
  for (const [index, { edits, move }] of stretches.entries()) {
    for (const { id, attr, items } of edits.values()) {
      const rest = items.flatMap((item) => unseen(item, seq));
      setItems(open, id, attr, [...editsOf(open, id, attr), ...rest]);
    }
    if (move === undefined || move.seq <= seq) continue;
    // What is behind it is later.
    return [{ edits: open, move }, ...stretches.slice(index + 1)];
  }
  return [{ edits: open }];
}
