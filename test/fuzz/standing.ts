import { type Account, type Deed, isUndoing } from "./account.ts";

/** Whether an act still counts; `unknown` where something of it was left as it was, or nobody can tell what was undone. */
export type Standing = "stands" | "undone" | "unknown";

/** An act, and the deed that was taken back: itself, or the undo or redo that it had last. */
export interface Taken {
  readonly deed: Deed;
  readonly last: Deed;
}

export interface Standings {
  of(deed: Deed): Standing;
  /** What an undo or redo took back or made again, as far as that is certain. */
  takenBy(undoing: Deed): Taken | undefined;
  /** Whether any undo or redo had to do with it. */
  wasTaken(deed: Deed): boolean;
}

/** Follows each one's undo and redo, newest first. */
export function standingsOf({ deeds }: Account): Standings {
  const standing = new Map<Deed, Standing>();
  const taken = new Map<Deed, Taken>();
  for (const who of new Set(deeds.map((deed) => deed.who))) {
    follow(
      deeds.filter((deed) => deed.who === who),
      standing,
      taken,
    );
  }
  const wereTaken = new Set([...taken.values()].map(({ deed }) => deed));
  return {
    of: (deed) => standing.get(deed) ?? "unknown",
    takenBy: (undoing) => taken.get(undoing),
    wasTaken: (deed) => wereTaken.has(deed) || standing.get(deed) === "unknown",
  };
}

function follow(deeds: readonly Deed[], standing: Map<Deed, Standing>, taken: Map<Deed, Taken>): void {
  const stacks: Record<"undo" | "redo", Taken[]> = { undo: [], redo: [] };
  // What came to nothing may have been a step, or not: what is undone from then on is a guess.
  let sure = true;
  const acts: Deed[] = [];
  for (const deed of deeds) {
    const { act, made, seq, told } = deed;
    if (act.do !== "undo" && act.do !== "redo") {
      if (!made) continue;
      acts.push(deed);
      stacks.undo.push({ deed, last: deed });
      stacks.redo = [];
      standing.set(deed, "stands");
      if (seq === null) sure = false;
      continue;
    }
    if (!made && told.length === 0) continue;
    const target = stacks[act.do].pop();
    if (sure && target) {
      taken.set(deed, target);
      const isWhole = seq !== null && told.length === 0;
      standing.set(target.deed, !isWhole ? "unknown" : act.do === "undo" ? "undone" : "stands");
      if (seq === null) sure = false;
      else stacks[act.do === "undo" ? "redo" : "undo"].push({ deed: target.deed, last: deed });
    } else for (const each of acts) standing.set(each, "unknown");
  }
}

/** The plain acts that became events. */
export function acceptedOf({ deeds }: Account): Deed[] {
  return deeds.filter((deed) => deed.seq !== null && !isUndoing(deed));
}
