import { rebase, type Step } from "../../text/index.ts";
import { isOfText, isUndo, type ShownStep, textParts, type Undo, undoShown } from "../../tree/index.ts";
import type { Done, Foresight } from "../foresight.ts";
import type { Step as Made } from "../step.ts";

interface Piece {
  /** The mutation of ours that it is a part of; 0: none that could be undone. */
  readonly of: number;
  readonly steps: readonly Step[];
  /** What takes it back. */
  readonly back: readonly Step[];
  /** It replaces a value: undo knows that by itself. */
  readonly isValue?: boolean;
}

/** Pieces that are known, and up to twice as many; of older ones the object tells. */
const MOST = 1_000;
/** Characters of JSON that an undo may tell. */
const MOST_TOLD = 256 * 1024;

/**
 * What this client has done to texts, and others since, as it was seen here; so it is known at once what an undo of it comes to. One's own
 * that is taken out was never there for what is left: so what was undone is in nobody's way.
 */
export function createRetrace(): Foresight {
  /** What stands, for an undo, and what was undone, for a redo; each as if of the other there were nothing left. */
  let known: Record<Undo["op"], readonly Piece[]> = { undo: [], redo: [] };
  const add = (kind: Undo["op"], more: readonly Piece[]) => {
    known[kind] = newest(known[kind].concat(more));
  };
  return {
    history: undoShown,
    told: (step, named) =>
      piecesOf(step, named).flatMap(({ of, steps, isValue }) =>
        steps.map((each) => (isValue ? each : { ...each, mutation: of })),
      ),
    made({ ops: [operation], mutation, step, named = [] }, by = step, all = named) {
      const pieces = piecesOf(by, all);
      if (!isUndo(operation)) {
        known.redo = [];
        add("undo", [marker(mutation), ...pieces.map((each) => ({ ...each, of: mutation }))]);
        return;
      }
      const { op, mutations = [], shown } = operation;
      const to = op === "undo" ? "redo" : "undo";
      for (const each of shown ? mutations : []) {
        known[op] = takenOut(known[op], each)?.left ?? known[op];
        add(to, [marker(each)]);
      }
      add(to, pieces);
      add(
        op,
        pieces.filter(({ of }) => of === 0),
      );
    },
    others(steps) {
      if (!steps) known = { undo: [], redo: [] };
      else if (steps.length > 0) for (const kind of ["undo", "redo"] as const) add(kind, [{ of: 0, steps, back: [] }]);
    },
    undoing(kind, mutations) {
      let pieces = known[kind];
      const shown: ShownStep[] = [];
      for (const mutation of mutations.toSorted((a, b) => (kind === "undo" ? b - a : a - b))) {
        const taken = takenOut(pieces, mutation);
        if (!taken) return undefined;
        pieces = taken.left;
        for (const step of taken.steps) shown.push({ ...step, mutation });
      }
      return JSON.stringify(shown).length > MOST_TOLD ? undefined : shown;
    },
  };
}

/** Says that all of a mutation is known, if that is nothing. */
const marker = (of: number): Piece => ({ of, steps: [], back: [] });

function piecesOf({ seq, effects, inverse }: Done, named: readonly Made[]): readonly Piece[] {
  return textParts(seq, effects, inverse).flatMap(({ effect, steps, back }) => {
    if (steps.length === 0) return [];
    const of = named.find((each) => each.seq === (effect.undo ?? effect.redo))?.mutation ?? 0;
    return [{ of, steps, back, isValue: !isOfText(effect) }];
  });
}

/** The pieces without a mutation, and what takes that back now. */
function takenOut(pieces: readonly Piece[], of: number): { left: readonly Piece[]; steps: readonly Step[] } | null {
  let left = pieces;
  const steps: Step[] = [];
  for (let at = left.length - 1; at >= 0; at--) {
    const piece = left[at];
    if (piece?.of !== of) continue;
    let back = piece.back;
    const later = left.slice(at + 1).map((each) => {
      if (back.length === 0) return each;
      const met = rebase(back, each.steps);
      const rest = rebase(each.back, met.steps);
      back = met.steps;
      return { ...each, steps: met.over, back: rest.steps };
    });
    left = [...left.slice(0, at), ...later];
    if (!piece.isValue) steps.push(...back);
  }
  return left.length < pieces.length ? { left, steps } : null;
}

/** Of what is known in part only nothing is. */
function newest(pieces: readonly Piece[]): readonly Piece[] {
  // Not at each one.
  if (pieces.length <= 2 * MOST) return pieces;
  const gone = new Set(pieces.slice(0, -MOST).map(({ of }) => of));
  return pieces.slice(-MOST).map((each) => (gone.has(each.of) ? { ...each, of: 0 } : each));
}
