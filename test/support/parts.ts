import { byteLength } from "../../src/protocol/index.ts";
import type { Parts } from "../../src/session.ts";

/** Gathers the parts of an answer; with `most`, there is no room for more bytes than that. */
export function gather(most = Number.POSITIVE_INFINITY): Parts & { readonly parts: readonly string[]; text(): string } {
  const parts: string[] = [];
  let bytes = 0;
  return {
    parts,
    take(part) {
      if (bytes + byteLength(part) > most) return null;
      parts.push(part);
      bytes += byteLength(part);
      return bytes;
    },
    text: () => parts.join(""),
  };
}
