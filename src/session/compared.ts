import { type Between, type Meter, namedBetween, type Slices, type StoredDocument } from "../storage.ts";

/**
 * What the events between two moments name. It never changes, and to read it is most of what a page takes of a comparison: so it is kept
 * for the next page.
 */
export interface Compared {
  between(after: number, to: number, meter: Meter): Slices<Between | "expired" | "tooLarge">;
  /** Something was committed: what nobody has asked for since long is let go. */
  committed(): void;
  /** About how many bytes it holds. */
  readonly held: number;
}

/** It is kept for so many commits after it was asked for last. */
const KEPT = 64;
/** What takes more is read again for each page. */
const MOST_HELD = 8 * 1024 * 1024;
/** Bytes of a node that is named, with who has made it; and of a part of one of its texts. */
const [NAMED, PART] = [400, 64];

export function createCompared(document: StoredDocument): Compared {
  let kept: { readonly after: number; readonly to: number; readonly between: Between; readonly held: number } | null =
    null;
  let unused = 0;
  return {
    *between(after, to, meter) {
      unused = 0;
      if (kept?.after === after && kept.to === to) return document.reaches(after) ? kept.between : "expired";
      const between = yield* namedBetween(document, after, to, meter);
      if (typeof between === "string") return between;
      const held = weigh(between);
      kept = held <= MOST_HELD ? { after, to, between, held } : null;
      return between;
    },
    committed() {
      if (kept && ++unused > KEPT) kept = null;
    },
    get held() {
      return kept?.held ?? 0;
    },
  };
}

function weigh(between: Between): number {
  let held = NAMED * between.size;
  for (const { texts } of between.values()) {
    if (held > MOST_HELD) return held;
    for (const parts of texts?.values() ?? []) held += PART * (parts?.length ?? 0);
  }
  return held;
}
