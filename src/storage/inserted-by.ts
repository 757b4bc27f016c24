import type { LoggedEvent } from "../protocol/index.ts";
import type { NodeId } from "../tree/index.ts";

/**
 * The nodes that an event has made. What undoes it names only the tops of branches: what was inserted with them stands below. So does what
 * comes back below something that is restored, which is not new.
 */
export function insertedBy({ ops, inverse }: Pick<LoggedEvent, "ops" | "inverse">): ReadonlySet<NodeId> {
  const fresh = new Set<NodeId>();
  for (const each of inverse) if (each.op === "remove" && each.was === null) fresh.add(each.id);
  if (fresh.size === 0) return fresh;
  for (const effect of ops) {
    const isBack = effect.op !== "insert" || effect.restores !== undefined;
    if (!isBack && fresh.has(effect.parent)) fresh.add(effect.node.id);
  }
  return fresh;
}
