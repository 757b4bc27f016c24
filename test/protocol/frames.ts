import {
  decodeClientMessage,
  decodeMutation,
  type MutationBody,
  type Problem,
  type Result,
} from "../../src/protocol/index.ts";

/** Decodes a message that is given as a value. */
export function decode(message: unknown) {
  return decodeClientMessage(JSON.stringify(message));
}

/** The one mutation of a frame as it is decoded, with these fields beside its counter. */
export function decodeOnly(fields: object): MutationBody | Problem {
  const result = decode({ type: "mutate", mutations: [{ mutation: 7, ...fields }] });
  if (!result.ok || result.value.type !== "mutate") throw new Error("the frame itself is refused");
  const [mutation] = result.value.mutations;
  if (!mutation) throw new Error("the mutation is lost");
  if (mutation.problem) return mutation.problem;
  const { ops, base, meta } = mutation;
  return { ops, ...(base !== undefined && { base }), ...(meta !== undefined && { meta }) };
}

/** What is wrong with a mutation of these operations. */
export function problemOf(...ops: unknown[]): Problem | null {
  return problemIn(decodeMutation({ ops }));
}

export function problemIn(result: Result<unknown>): Problem | null {
  return result.ok ? null : result.problem;
}

/** An operation that nothing is wrong with. */
export const fine = { op: "remove", id: "a" } as const;

/** A value that nests so deep: 0 is a number, 1 is `[0]`. */
export function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { key: value };
  return value;
}
