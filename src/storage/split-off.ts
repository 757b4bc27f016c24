import type { LoggedEvent } from "../protocol/index.ts";
import { type Effect, type NodeId, type NodeRecord, seqIn } from "../tree/index.ts";
import type { PastReader } from "./past-reader.ts";
import { isPlain } from "./trail.ts";

const NONE: ReadonlySet<NodeId> = new Set();

/** The nodes that the splits among the effects of an event have made. */
export function madeBySplits(effects: readonly Effect[]): ReadonlySet<NodeId> {
  const made = effects.flatMap((effect) => (effect.op === "edit" && effect.split ? [effect.split.node] : []));
  return made.length > 0 ? new Set(made) : NONE;
}

/** What a split or join does to texts is not what somebody has typed. */
export function isOfSplit(effect: Effect): boolean {
  return (
    (effect.op === "edit" && (effect.split ?? effect.join ?? effect.from) !== undefined) ||
    (effect.op === "update" && effect.from !== undefined)
  );
}

/**
 * Whether a node was made by a split after a seq, and nothing else was done to it, found by the events that have written what stands in it.
 * Null where these do not tell, as something of it was undone. Yields after each look.
 */
export function* isSplitOff(
  { id, placed, written, past }: Readonly<NodeRecord>,
  after: number,
  reader: PastReader,
): Generator<null, boolean | null> {
  const isOnlySplit = (seq: number) => {
    const entry = reader.at(seq);
    return entry ? isNamedBySplitsOnly(entry, id) : null;
  };
  if (placed <= after || (past?.type ?? 0) > after) return false;
  const born = isOnlySplit(placed);
  if (born !== true) return born;
  for (const seq of [...(past?.undone ?? []), ...(past?.redone ?? [])].flat()) {
    yield null;
    if (seq > after && isOnlySplit(seq) === false) return false;
  }
  if (!isPlain({ past })) return null;
  for (const [attr, last] of Object.entries(written ?? {})) {
    for (let seq = last; seq > placed; ) {
      yield null;
      const entry = reader.at(seq);
      const before = entry && writerBefore(entry, id, attr);
      if (before === undefined || before >= seq) return null;
      if (!isOnlySplit(seq)) return false;
      seq = before;
    }
  }
  return true;
}

function isNamedBySplitsOnly({ ops }: LoggedEvent, id: NodeId): boolean {
  const made = madeBySplits(ops);
  return ops.every((effect) => {
    if (effect.op === "insert") return effect.node.id !== id || made.has(id);
    return effect.id !== id || isOfSplit(effect);
  });
}

/** Which event had written an attribute before this one; 0: none. */
function writerBefore({ inverse }: LoggedEvent, id: NodeId, attr: string): number | undefined {
  let before: number | undefined;
  for (const each of inverse) {
    if (each.id !== id) continue;
    if (each.op === "edit" && each.attr === attr && each.changes.length > 0) before = each.was ?? 0;
    const isUpdated = each.op === "update" && (Object.hasOwn(each.attrs ?? {}, attr) || each.unset?.includes(attr));
    if (isUpdated) before = seqIn(each.was ?? null, attr) ?? 0;
  }
  return before;
}
