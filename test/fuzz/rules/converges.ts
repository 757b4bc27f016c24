import { lineOf, type Picture } from "../picture.ts";

/** What somebody has of the document when nothing is under way. */
export interface Copy {
  readonly tree: Picture;
  readonly pending: number;
  readonly state: string;
  /** What was told as errors. */
  readonly errors: readonly unknown[];
}

/** Everyone has what the server has, and waits for nothing. */
export function converges(truth: Picture, copies: readonly Copy[]): string[] {
  const expected = lineOf(truth);
  return copies.flatMap(({ tree, pending, state, errors }, who) => {
    const complaints = errors.map(String);
    if (lineOf(tree) !== expected) complaints.push(`sees ${lineOf(tree)}, the server has ${expected}`);
    if (pending > 0 || state !== "live") complaints.push(`${pending} pending, ${state}`);
    return complaints.map((complaint) => `person ${who}: ${complaint}`);
  });
}
