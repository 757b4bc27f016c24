import type { Log } from "./log.ts";
import { LEVELS, spanOf } from "./skips.ts";
import type { SkipTable } from "./tables.ts";
import type { Versions } from "./versions.ts";

/** A history with what belongs to it. */
interface History {
  readonly log: Log;
  readonly skips: SkipTable;
  readonly versions: Versions;
}

/** Drops the commits up to the one that begins with `first`, and what leads to before what is left; `seq` is the last there is. */
export function dropHistory({ log, skips, versions }: History, first: number, seq: number): void {
  log.drop(first);
  const earliest = (log.oldest() ?? seq + 1) - 1;
  for (let level = 0; level < LEVELS; level++) skips.drop(level, earliest + spanOf(skips, level) - 1);
  versions.dropBefore(earliest);
}
