import type { Changes } from "./changes.ts";

/** A part of what edits have come to together, in UTF-16 units: kept, or put there or taken away by somebody. */
export type Part<By> =
  | { readonly is: "kept"; readonly length: number }
  | { readonly is: "put" | "gone"; readonly length: number; readonly by: By };

/**
 * What several edits have come to, and one more by somebody: what was put and taken away again is in it no more. Behind the last part
 * all is kept. `joined` says whose neighbours are that are one part; null where they are two. Costs what there is of both.
 */
export function withEdit<By>(
  parts: readonly Part<By>[],
  changes: Changes,
  by: By,
  joined: (one: By, other: By) => By | null,
): readonly Part<By>[] {
  const next: Part<By>[] = [];
  const add = (part: Part<By>) => {
    const last = next.at(-1);
    if (part.length === 0) return;
    const length = (last?.length ?? 0) + part.length;
    if (last?.is !== part.is) next.push(part);
    else if (last.is === "kept" || part.is === "kept") next[next.length - 1] = { is: "kept", length };
    else {
      const whose = joined(last.by, part.by);
      if (whose === null) next.push(part);
      else next[next.length - 1] = { ...part, length, by: whose };
    }
  };
  let index = 0;
  /** What of that part was met already. */
  let met = 0;
  for (const change of changes) {
    if (typeof change === "string") {
      add({ is: "put", length: change.length, by });
      continue;
    }
    for (let left = Math.abs(change); left > 0; ) {
      const part = parts[index];
      const length = Math.min(left, (part?.length ?? Number.POSITIVE_INFINITY) - met);
      if (part?.is === "gone") {
        add(part);
        index++;
        continue;
      }
      if (change > 0) add({ ...(part ?? KEPT), length });
      else if (part?.is !== "put") add({ is: "gone", length, by });
      left -= length;
      met += length;
      if (part && met === part.length) [index, met] = [index + 1, 0];
    }
  }
  for (; index < parts.length; index++, met = 0) {
    const part = parts[index];
    if (part) add({ ...part, length: part.length - met });
  }
  return next;
}

const KEPT = { is: "kept", length: 0 } as const;

/** The changes that parts are, of which the outcome is `text`; not normal where neighbours are of several people. */
export function changesOf<By>(parts: readonly Part<By>[], text: string): Changes {
  let at = 0;
  return parts.map(({ is, length }) => {
    if (is === "gone") return -length;
    at += length;
    return is === "put" ? text.slice(at - length, at) : length;
  });
}

/** What takes parts back: what was put goes, and what is gone is put there again, by whom it was. */
export function takenBack<By>(parts: readonly Part<By>[]): readonly Part<By>[] {
  return parts.map((part) => (part.is === "kept" ? part : { ...part, is: part.is === "put" ? "gone" : "put" }));
}
