import { byteLength, LIMITS } from "../../src/protocol/index.ts";
import type { Mutation } from "./mutations.ts";

/** A mutation that was given a counter: its text, the same each time it is sent, and in the end its seq. */
export interface Sending {
  readonly mutation: Mutation;
  readonly counter: number;
  readonly text: string;
  readonly bytes: number;
  /** The seq it was committed with; null as long as it is unanswered. */
  seq: number | null;
}

const MUTATIONS_PER_FRAME = 64;
const HEAD = '{"type":"mutate","mutations":[';
const TAIL = "]}";

export function toSending(mutation: Mutation, counter: number, base: number): Sending {
  const { ops, meta } = mutation;
  const text = JSON.stringify({ mutation: counter, base, ops, meta });
  return { mutation, counter, text, bytes: byteLength(text), seq: null };
}

/** Packs mutations into frames, in order. */
export function* toFrames(sendings: readonly Sending[]): Generator<string> {
  let texts: string[] = [];
  let bytes = HEAD.length + TAIL.length;
  for (const { text, bytes: size } of sendings) {
    if (texts.length === MUTATIONS_PER_FRAME || (texts.length > 0 && bytes + size + 1 > LIMITS.frameBytes)) {
      yield HEAD + texts.join(",") + TAIL;
      texts = [];
      bytes = HEAD.length + TAIL.length;
    }
    texts.push(text);
    bytes += size + 1;
  }
  if (texts.length > 0) yield HEAD + texts.join(",") + TAIL;
}
