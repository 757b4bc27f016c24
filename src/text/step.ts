import type { Changes } from "./changes.ts";
import type { Json } from "./json.ts";

/** A text is a string attribute of a node; where there is none it is empty. */
interface At {
  readonly id: string;
  readonly attr: string;
}

/** A name for a text: no two have the same, whatever is in their names. */
export const keyOf = (id: string, attr: string): string => `${id.length} ${id}${attr}`;

/** Changes of one text. */
export interface EditStep extends At {
  readonly op: "edit";
  readonly changes: Changes;
  /** Its author has replaced the text, whatever others have made of it: for `besideReplaced`, else it is as any other. */
  readonly whole?: true | undefined;
}

/**
 * The text of `id` behind `at` goes to the end of the text of `node`; with `head` the text before `at` does. `length` is
 * what `id` has before; `onto` what `node` has, where it is not new but comes back.
 */
export interface SplitStep extends At {
  readonly op: "split";
  readonly at: number;
  readonly length: number;
  readonly node: string;
  readonly onto?: number;
  readonly head?: true;
}

/** All `length` units of `id` go to the end of the text of `into`, which has `at` before. */
export interface JoinStep extends At {
  readonly op: "join";
  readonly into: string;
  readonly at: number;
  readonly length: number;
}

/** Sets what `key` is of the units from `from` up to `to`; null takes it away. */
export interface MarkStep extends At {
  readonly op: "mark";
  readonly from: number;
  readonly to: number;
  readonly key: string;
  readonly value: Json;
  /** It takes back what this event has marked, or marks that again. */
  readonly undo?: number | undefined;
  readonly redo?: number | undefined;
}

/** What happens to texts. Lengths and places are those of the moment before. */
export type Step = EditStep | SplitStep | JoinStep | MarkStep;

/** What takes a part of one text to the end of another. */
export type Move = SplitStep | JoinStep;

export const isJoin = (move: Move): boolean => move.op === "join";
export const isHead = (move: Move): boolean => move.op === "split" && move.head === true;

export const targetOf = (move: Move): string => (move.op === "join" ? move.into : move.node);

/** The nodes whose texts a step is about. */
export const nodesOf = (step: Step): readonly string[] =>
  step.op === "split" || step.op === "join" ? [step.id, targetOf(step)] : [step.id];

/** What the target has before. */
export const baseOf = (move: Move): number => (move.op === "join" ? move.at : (move.onto ?? 0));

/** Where the text is cut: a join takes it from the beginning on. */
export const cutOf = (move: Move): number => (move.op === "join" ? 0 : move.at);

/** The units that go. */
export const movedBy = (move: Move): number => (isHead(move) ? cutOf(move) : move.length - cutOf(move));

/**
 * Does what is put right at the cut go with the text behind it? Else it stays with its left neighbour. There is none where a
 * text goes from its beginning on, and an empty head takes nothing.
 */
export const isTakenWith = (move: Move): boolean => isJoin(move) || (isHead(move) && cutOf(move) === 0);

/** The same to another target, or to one that has got more or less before. */
export function moveTo(move: Move, target: string, base: number): Move {
  return move.op === "join" ? { ...move, into: target, at: base } : { ...move, node: target, onto: base };
}

/** The same of another text, or at another place. */
export function cutAt(move: Move, id: string, at: number, length: number): Move {
  return move.op === "join" ? { ...move, id, length } : { ...move, id, at, length };
}

/** The moves that take `move` back. */
export function undone(move: Move): readonly Move[] {
  const { id, attr, length } = move;
  const [target, base, end] = [targetOf(move), baseOf(move), baseOf(move) + movedBy(move)];
  const back = { op: "split", id: target, attr, at: base, node: id } as const;
  if (!isHead(move)) return [{ ...back, length: end, onto: cutOf(move) }];
  // What went from the beginning has to stand before the rest: that follows it, and all of it comes back.
  const rest = length - movedBy(move);
  return [
    { op: "split", id, attr, at: 0, length: rest, node: target, onto: end },
    { ...back, length: end + rest },
  ];
}
