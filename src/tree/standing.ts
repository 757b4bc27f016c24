import {
  byText,
  type Changes,
  composeAll,
  type EditStep,
  keyOf,
  nodesOf,
  type Rebased,
  rebase,
  type Step as TextStep,
} from "../text/index.ts";
import type { Kept } from "./operations.ts";
import type { TextPart } from "./steps.ts";

/**
 * What events have done to texts, as far as it stands: what was undone since is not in it, nor what has undone it. What others have
 * done between the two is as it would be without. Events are put before it one after the other, the newest first.
 */
export interface Standing {
  before(part: TextPart): void;
  /** An event by itself, which is not undone and undoes nothing. */
  beforePlain(seq: number, steps: readonly TextStep[]): void;
  /** What the newest event of all has done besides. */
  behind(part: TextPart): void;
  /** Is there something that undoes this event? */
  undoes(seq: number): boolean;
  /** What takes back the part before all of it is now, and the rest without that part; null where that has to meet too much. */
  takeBack(part: TextPart): { readonly steps: readonly TextStep[]; leave(): void } | null;
}

/** What one effect did, or several that one event has undone of another. */
interface Group {
  readonly seq: number;
  /** The event that it takes back or does again, or is. */
  readonly of: number;
  readonly undoes: boolean;
  readonly steps: readonly TextStep[];
  /** So many events it is which only edit, and of which none is undone. */
  readonly plain?: number;
}

/** From so many plain events on they are put together: at one place an insert may then stand before or behind what others have put there. */
const RUN = 32;
/** As many small steps are met in the time that it takes to meet one of so many changes. */
const FEW = 64;

/** `meets`: whether so many steps more may be met; what is beyond stands as it is, and is not taken back. */
export function createStanding(meets: (steps: number) => boolean = () => true): Standing {
  /** The newest first. */
  let groups: Group[] = [];
  const undone = new Set<number>();
  const marks = standingMarks();

  const groupOf = ({ seq, effect, steps }: TextPart): Group => {
    const { undo, redo }: Kept = effect.op === "edit" || effect.op === "update" ? effect : {};
    if (undo !== undefined) undone.add(undo);
    return { seq, of: undo ?? redo ?? seq, undoes: undo !== undefined, steps: marks(seq, steps) };
  };
  const put = (group: Group) => {
    const { seq, of, undoes, steps } = group;
    if (steps.length === 0) return;
    const last = groups.at(-1);
    if (of !== seq && last?.seq === seq && last.of === of && last.undoes === undoes)
      groups[groups.length - 1] = { ...group, steps: [...steps, ...last.steps] };
    else groups.push(group);
  };
  /** Leaves out a part with what takes it back; false where that does not take back all of it. */
  const cancel = (group: Group, back: readonly TextStep[]): boolean => {
    const { seq, of, undoes } = group;
    if (!undone.has(of)) return false;
    const at = groups.findLastIndex((each) => each.of === of && each.seq !== seq);
    const other = groups[at];
    // Where nothing of it is left, nothing has taken that back.
    if (other ? other.undoes === undoes : undoes) return false;
    const passed = pass(back, groups.slice(at + 1), meets);
    const left = passed && without(other?.steps ?? [], passed.steps);
    if (!left) return false;
    const rest = other && left.length > 0 ? [{ ...other, steps: left }] : [];
    groups.splice(Math.max(at, 0), Number.POSITIVE_INFINITY, ...rest, ...passed.groups);
    return true;
  };
  return {
    before(part) {
      for (const each of apart(part)) {
        const group = groupOf(each);
        const back = each.back.filter(isNoMark);
        const isKnown = each.steps.length > 0 && each.steps.every(isExact) && back.length > 0;
        if (!isKnown || !cancel(group, back)) put(group);
      }
    },
    beforePlain(seq, steps) {
      const left = marks(seq, steps);
      if (left.length === 0) return;
      const isPlain = left.every(isEdit);
      groups.push({ seq, of: seq, undoes: false, steps: left, ...(isPlain && { plain: 1 }) });
      if (isPlain) putTogether(groups);
    },
    behind(part) {
      const group = groupOf(part);
      if (group.steps.length > 0) groups.unshift(group);
    },
    undoes: (seq) => undone.has(seq),
    takeBack({ seq, effect, back }) {
      if (effect.op !== "update") {
        const passed = pass(back, groups, meets);
        if (!passed) return null;
        return {
          steps: passed.steps,
          leave: () => {
            groups = passed.groups;
          },
        };
      }
      const origin = effect.undo ?? effect.redo ?? seq;
      return {
        steps: beside(
          back,
          groups.toReversed().flatMap(({ steps }) => steps),
          origin,
        ),
        leave() {},
      };
    },
  };
}

/** The texts that an update replaces have nothing to do with each other: one may be taken back where another is not. */
function apart(part: TextPart): readonly TextPart[] {
  const { effect, steps, back } = part;
  if (effect.op !== "update" || steps.length < 2 || back.length !== steps.length) return [part];
  return steps.map((step, index) => ({ ...part, steps: [step], back: back.slice(index, index + 1) }));
}

/** What steps made before all groups come to behind them, and the groups behind these; null where too much is met. */
function pass(
  moving: readonly TextStep[],
  groups: readonly Group[],
  meets: (steps: number) => boolean,
): (Omit<Rebased, "over"> & { groups: Group[] }) | null {
  let steps = moving;
  let ids = new Set(steps.flatMap(nodesOf));
  const behind: Group[] = [];
  for (const group of groups.toReversed()) {
    if (!group.steps.some((step) => nodesOf(step).some((id) => ids.has(id)))) {
      behind.push(group);
      continue;
    }
    if (!meets(weightOf(group.steps) * steps.length)) return null;
    const met = rebase(steps, group.steps);
    steps = met.steps;
    ids = new Set(steps.flatMap(nodesOf));
    behind.push({ ...group, steps: met.over });
  }
  return { steps, groups: behind.reverse() };
}

function weightOf(steps: readonly TextStep[]): number {
  let changes = 0;
  for (const step of steps) if (step.op === "edit") changes += step.changes.length;
  return steps.length + Math.floor(changes / FEW);
}

/** The last groups as one where they are plain, and as many as one before: so there are few, however many events. */
function putTogether(groups: Group[]): void {
  for (let [size, count] = [1, RUN]; ; [size, count] = [size * count, 2]) {
    const last = groups.slice(-count);
    const [newest] = last;
    if (!newest || last.length < count || !last.every(({ plain }) => plain === size)) return;
    const inOrder = last.toReversed().flatMap(({ steps }) => steps.filter(isEdit));
    const steps = byText(inOrder).flatMap(({ id, attr, edits }): EditStep[] => {
      const changes = composeAll(edits);
      return changes.length > 0 ? [{ op: "edit", id, attr, changes }] : [];
    });
    groups.splice(-count, count, { ...newest, steps, plain: size * count });
  }
}

const isEdit = (step: TextStep): step is EditStep => step.op === "edit";

const textsOf = (step: TextStep) => nodesOf(step).map((id) => keyOf(id, step.attr));

const isNoMark = ({ op }: TextStep) => op !== "mark";

/** Behind what is there already a split can't be told from it when it is joined again. */
const isExact = (step: TextStep) => isNoMark(step) && !(step.op === "split" && step.onto);

/** What is left of steps without their beginning; null where that is another. Marks in between stay, and what is of other texts. */
function without(steps: readonly TextStep[], beginning: readonly TextStep[]): readonly TextStep[] | null {
  const [first] = beginning;
  if (first === undefined) return steps;
  const texts = new Set(beginning.flatMap(textsOf));
  const at = steps.findIndex((step) => isNoMark(step) && textsOf(step).some((text) => texts.has(text)));
  const own = steps.slice(at, at + beginning.length);
  if (at < 0 || own.length < beginning.length) return null;
  if (!own.every((step, index) => isSame(step, beginning[index] ?? first))) return null;
  // Marks change no text, so the text that they are of is that without the steps behind them.
  return [...rebase(beginning, steps.slice(0, at)).over, ...steps.slice(at + beginning.length)];
}

/** Do both do the same? Whether an insert is bound is no matter by now. */
function isSame(one: TextStep, other: TextStep): boolean {
  if (one.id !== other.id || one.attr !== other.attr) return false;
  if (one.op === "edit") return other.op === "edit" && shape(one.changes) === shape(other.changes);
  if (one.op === "join") {
    return other.op === "join" && one.into === other.into && one.at === other.at && one.length === other.length;
  }
  if (one.op !== "split" || other.op !== "split" || one.node !== other.node || one.head !== other.head) return false;
  return one.at === other.at && one.length === other.length && (one.onto ?? 0) === (other.onto ?? 0);
}

/** What is put and what goes at one place, in whichever order. */
function shape(changes: Changes): string {
  const places: [kept: number, put: string, gone: number][] = [[0, "", 0]];
  for (const change of changes) {
    const last = places.at(-1) ?? [0, "", 0];
    if (typeof change === "string") last[1] += change;
    else if (change < 0) last[2] -= change;
    else if (change > 0) places.push([change, "", 0]);
  }
  return JSON.stringify(places);
}

/** What of the event `origin` was marked is marked as before, where no later one has marked it since. Other steps stay as they are. */
function beside(back: readonly TextStep[], later: readonly TextStep[], origin: number): readonly TextStep[] {
  // What was done again is as old as it was.
  const inTheWay = later.filter((step) => step.op !== "mark" || step.redo === undefined || step.redo > origin);
  return rebase(inTheWay, back).over;
}

/**
 * Leaves out marks that are undone by now, and those that have undone them: what was marked before is not in their way. Events are given the
 * newest first.
 */
function standingMarks(): (seq: number, steps: readonly TextStep[]) => readonly TextStep[] {
  /** By which event. */
  const settled = new Map<number, number>();
  const isSettled = (of: number, seq: number) => (settled.get(of) ?? seq) !== seq;
  return (seq, steps) => {
    if (!steps.some(({ op }) => op === "mark")) return steps;
    const left = steps.filter((step) => {
      if (step.op !== "mark") return true;
      return step.undo === undefined && !isSettled(step.redo ?? seq, seq);
    });
    for (const step of steps) {
      const of = step.op === "mark" ? (step.undo ?? step.redo) : undefined;
      if (of !== undefined && !settled.has(of)) settled.set(of, seq);
    }
    return left;
  };
}
