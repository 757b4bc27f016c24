import type { TreeEvent } from "../protocol/index.ts";
import { applyEffect, type Effect } from "../tree/index.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Clients } from "./clients.ts";
import { type EventHead, readEvents, withoutContent } from "./event-reader.ts";
import { type Commit, eventsOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";
import { type Glimpse, glimpseOf } from "./recent.ts";
import type { Tables } from "./tables.ts";
import { editsTexts, type RecentTexts } from "./texts.ts";

/** What a replay needs of the document that comes into memory. */
interface Replaying {
  readonly tables: Tables;
  readonly nodes: NodeRows;
  readonly clients: Clients;
  readonly checkpoints: Checkpoints;
  /** An event has been applied: the document stands at its seq. */
  note(event: EventHead, glimpse: Glimpse): void;
  readonly texts: RecentTexts;
}

/** An event of more effects may change more nodes than memory holds. */
const FEW_EFFECTS = 16;

/**
 * Applies a commit that no checkpoint has. What it changes is bounded like what is decided: a checkpoint is written between two
 * events where that is too much, so a document opens whatever its log has.
 */
export function replay(commit: Commit, context: Replaying): void {
  const { tables, checkpoints } = context;
  if (commit.pieces) {
    const { pieces } = commit;
    tables.transaction(() => replayParts(pieces(), context));
    return;
  }
  for (const event of eventsOf(commit)) {
    if (event.seq <= checkpoints.seq) continue;
    if (checkpoints.heavy) checkpoints.write();
    if (event.ops.length <= FEW_EFFECTS) {
      for (const effect of event.ops) applyEffect(context.nodes, effect, event.seq);
      applied(context, event, event.ops);
    } else tables.transaction(() => replayMany(event, context));
  }
}

function replayMany(event: TreeEvent, context: Replaying): void {
  let isWritten = false;
  for (const effect of event.ops) isWritten = applyPart(context, event, effect) || isWritten;
  applied(context, event, event.ops);
  if (isWritten) context.checkpoints.write();
}

function replayParts(pieces: Iterable<string>, context: Replaying): void {
  const { checkpoints } = context;
  const from = checkpoints.seq;
  let event: EventHead | null = null;
  let effects: Effect[] = [];
  let isWritten = false;
  for (const part of readEvents(pieces)) {
    if (part.is === "begin") {
      event = part.head.seq > from ? part.head : null;
      effects = [];
    } else if (!event) continue;
    else if (part.is === "effect") {
      isWritten = applyPart(context, event, part.effect) || isWritten;
      effects.push(withoutContent(part.effect));
    } else applied(context, event, effects);
  }
  if (isWritten) checkpoints.write();
}

/**
 * Applies an effect of an event that may be large, inside a transaction; true if nodes were written for it. Rows are of no event
 * then, so the checkpoint has to follow before the transaction is over.
 */
function applyPart({ nodes, checkpoints }: Replaying, event: EventHead, effect: Effect): boolean {
  applyEffect(nodes, effect, event.seq);
  if (!checkpoints.heavy) return false;
  nodes.write();
  nodes.written();
  return true;
}

function applied({ clients, note, texts }: Replaying, event: EventHead, ops: readonly Effect[]): void {
  const { client, userId, mutation, seq, time } = event;
  if (client !== null && mutation !== null) clients.accept(client, userId, mutation, seq, time);
  note(event, glimpseOf({ client, userId, ops }));
  texts.pass(seq, editsTexts(ops));
}
