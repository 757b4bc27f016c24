import type { Random } from "./random.ts";

/** The options of the document: checkpoints and grace ends come so often that kills meet them. */
export const SNAPSHOT_INTERVAL = 150;
export const GRACE_PERIOD = 50;

/** When the process is killed, in milliseconds since all clients were there. */
export type Kill =
  | { readonly kind: "anywhere"; readonly after: number }
  /** The first checkpoint to begin after that, and so much later. */
  | { readonly kind: "checkpoint"; readonly after: number; readonly late: number }
  | {
      readonly kind: "nobody";
      /** When all clients leave. */
      readonly after: number;
      readonly how: "leave" | "close" | "cut";
      /** How long they are gone by then; null: until the checkpoint at the end of the grace period begins. */
      readonly gone: number | null;
      /** Whether someone mutates by HTTP meanwhile, and how long after they left. */
      readonly call: number | null;
    }
  /** Right after a kill, before anyone has come back; in milliseconds since the process is up again. */
  | { readonly kind: "again"; readonly after: number };

/** A round: the kills, then the clients come back. */
export interface Round {
  readonly kills: readonly Kill[];
  /** How long the process is up before the clients come back. */
  readonly back: number;
  /** Which client comes back without its replica. */
  readonly empty: number;
}

const KINDS = ["anywhere", "checkpoint", "nobody"] as const;

/** Rounds with so many kills together, or one more. The kinds take turns, so that each comes often enough; the moments are random. */
export function planCrashes(random: Random, kills: number): Round[] {
  const rounds: Round[] = [];
  for (let planned = 0; planned < kills; ) {
    const list = [planKill(random, rounds.length)];
    if (rounds.length % 7 > 4) list.push({ kind: "again", after: random.between(0, 80) });
    planned += list.length;
    rounds.push({ kills: list, back: random.below(2) * random.between(0, 60), empty: random.below(8) });
  }
  return rounds;
}

function planKill(random: Random, round: number): Kill {
  const kind = KINDS[round % KINDS.length] ?? "anywhere";
  switch (kind) {
    case "anywhere":
      return { kind, after: random.between(0, 2 * SNAPSHOT_INTERVAL) };
    case "checkpoint":
      // The news of it is late already.
      return {
        kind,
        after: random.between(0, SNAPSHOT_INTERVAL),
        late: random.pick([0, random.between(0, 15), random.between(10, 40)]),
      };
    case "nobody": {
      const ends = [null, random.between(0, GRACE_PERIOD), GRACE_PERIOD + random.between(-5, GRACE_PERIOD)];
      return {
        kind,
        after: random.between(0, SNAPSHOT_INTERVAL),
        how: random.pick(["leave", "close", "cut"]),
        gone: ends[Math.floor(round / KINDS.length) % ends.length] ?? null,
        call: random.below(3) === 0 ? random.between(0, GRACE_PERIOD / 2) : null,
      };
    }
  }
}
