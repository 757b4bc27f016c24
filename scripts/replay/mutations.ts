import { byteLength, LIMITS, type Meta } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import type { Commit } from "./commits.ts";

/** Where in the history a mutation belongs: a commit, or one part of a commit that is too large for one mutation. */
export interface Position {
  readonly commit: number;
  readonly part: number;
  readonly parts: number;
}

/** A commit, or a part of it, ready to be sent. */
export interface Mutation {
  readonly at: Position;
  readonly author: string;
  readonly ops: readonly Operation[];
  readonly meta: Meta;
}

// What stands around the operations in a frame: meta with its author, counter, base.
const ENVELOPE = 2 * LIMITS.metaBytes;
const AUTHOR_LENGTH = 200;
const BRACKET = 1; // the second one stands where the last comma would

/** One mutation a commit, or several where the wire's limits do not allow it in one. */
export function toMutations(
  { author, time }: Commit,
  commit: number,
  ops: readonly Operation[],
  limits: { operations: number; bytes: number } = {
    operations: LIMITS.operationsPerMutation,
    bytes: LIMITS.frameBytes - ENVELOPE,
  },
): Mutation[] {
  const pieces = split(ops, limits);
  const parts = pieces.length;
  // A surrogate pair that is cut in two is no text.
  const name = [...author].slice(0, AUTHOR_LENGTH).join("");
  return pieces.map((piece, part) => ({
    at: { commit, part, parts },
    author,
    ops: piece,
    // The meta is how a later run knows where this one ended, and how the history is checked.
    meta: { commit, author: name, time, ...(parts > 1 && { part, parts }) },
  }));
}

function split(ops: readonly Operation[], limits: { operations: number; bytes: number }): Operation[][] {
  let piece: Operation[] = [];
  const pieces = [piece];
  let bytes = BRACKET;
  for (const op of ops) {
    const size = byteLength(JSON.stringify(op)) + 1;
    if (piece.length === limits.operations || (piece.length > 0 && bytes + size > limits.bytes)) {
      piece = [];
      pieces.push(piece);
      bytes = BRACKET;
    }
    piece.push(op);
    bytes += size;
  }
  return pieces;
}

/** The place in the history that an event's meta tells, or null if no replay has written it. */
export function positionOf(meta: unknown): Position | null {
  if (typeof meta !== "object" || meta === null || !("commit" in meta)) return null;
  const part = "part" in meta ? meta.part : 0;
  const parts = "parts" in meta ? meta.parts : 1;
  const { commit } = meta;
  return isCount(commit) && isCount(part) && isCount(parts) ? { commit, part, parts } : null;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** The place that comes after one, without the number of its parts. */
export function following({ commit, part, parts }: Position): { commit: number; part: number } {
  return part + 1 < parts ? { commit, part: part + 1 } : { commit: commit + 1, part: 0 };
}
