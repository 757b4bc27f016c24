import type { TreeEvent } from "../protocol/index.ts";

/** Where no event restores what does not stand in it, none of their texts has this. An attribute may have it, too. */
const MARK = '"restores":';

/**
 * The least seq of a removal that one of these events takes back without saying what was removed (T7); null if none does. Who
 * holds nothing that was removed then, or since, needs the tree anew.
 */
export function restoredSince(texts: readonly string[]): number | null {
  let since: number | null = null;
  for (const text of texts) {
    if (!text.includes(MARK)) continue;
    const events: readonly TreeEvent[] = JSON.parse(`[${text}]`);
    for (const effect of events.flatMap(({ ops }) => ops)) {
      if (effect.op === "move" && effect.restores !== undefined)
        since = Math.min(since ?? effect.restores, effect.restores);
    }
  }
  return since;
}

/** Whether one who holds what was removed after `keeps`, or with null nothing removed, lacks what is restored. */
export function lacks(keeps: number | null, since: number | null): boolean {
  return since !== null && (keeps === null || since <= keeps);
}
