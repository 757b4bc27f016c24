import { ERRORS } from "../../src/protocol/index.ts";
import type { Counts } from "./kinds.ts";
import type { Outcome } from "./run.ts";

// What an outcome comes to, in the terms of what was promised.

/** How many times as long as in quiet it took them, at p99. */
export function slowdown({ quiet, attacked }: Outcome): number {
  return attacked.honest.p99 / quiet.honest.p99;
}

/** What became of the process. */
export function fate({ died, survival }: Outcome): string {
  if (survival.cameUp) return died ? "died, came up again" : "lived";
  return `${died ? "died" : "lived"}, did not come up: ${survival.why}`;
}

/** How often the one who was rude was told nothing that is in the list: connections that just ended, answers that never came. */
export function wordless({ rude, died }: Outcome): number {
  if (died) return 0;
  const unknown = Object.entries(rude.told).filter(([code]) => !(code in ERRORS));
  return unknown.reduce((sum, [, count]) => sum + count, 0);
}

/** As `tooMany 11, rateLimited 4`, the most frequent first. */
export function tell(counts: Counts): string {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return sorted.map(([what, count]) => `${what} ${count.toLocaleString("en")}`).join(", ");
}

export function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
