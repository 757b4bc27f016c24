import { createHash } from "node:crypto";

/** Lines in their order, reduced to a count and a hash. */
export interface LineDigest {
  add(line: string): void;
  readonly lines: number;
  hex(): string;
}

/** What a line says counts, not how it is written: the order of a line's keys is free. */
export function createLineDigest(): LineDigest {
  const hash = createHash("sha256");
  let lines = 0;
  return {
    add(line) {
      const { id, parent, type, attrs }: Record<string, unknown> = JSON.parse(line);
      hash.update(`${JSON.stringify([id, parent ?? null, type, attrs ?? {}])}\n`);
      lines++;
    },
    get lines() {
      return lines;
    },
    hex: () => hash.digest("hex"),
  };
}

/** The lines of a stream of bytes, without holding more of it than one chunk. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
