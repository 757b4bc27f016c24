import { following, positionOf } from "./mutations.ts";
import type { Server } from "./server.ts";

/** Reads the document's whole history; says what is wrong with it, or null if each commit stands there once, in order. */
export async function historyProblem(server: Server, total: number): Promise<string | null> {
  let next = { commit: 0, part: 0 };
  let after = 0;
  for (;;) {
    const { entries, more } = await server.history(after);
    for (const { seq, meta } of entries) {
      if (seq !== after + 1) return `event ${seq} follows event ${after}`;
      after = seq;
      const at = positionOf(meta);
      if (!at) return `event ${seq} is no commit`;
      if (at.commit !== next.commit || at.part !== next.part) {
        return `event ${seq} is ${tell(at)} where ${tell(next)} was expected`;
      }
      next = following(at);
    }
    if (!more) break;
    if (entries.length === 0) return `the page after event ${after} is empty, and there is more`;
  }
  return next.commit === total && next.part === 0 ? null : `it ends before ${tell(next)} of ${total}`;
}

const tell = ({ commit, part }: { commit: number; part: number }) =>
  part > 0 ? `commit ${commit} part ${part}` : `commit ${commit}`;
