import type { Difference } from "./difference.ts";
import type { ChangeEvent, DocumentEvents } from "./document.ts";
import type { Emitter } from "./emitter.ts";
import { createHttp } from "./http.ts";
import type { Link, Token } from "./link.ts";
import { createOutbox } from "./outbox.ts";
import type { Platform } from "./platform.ts";
import type { PresenceRoom } from "./presence.ts";
import { createRelearning } from "./relearn.ts";
import { createReplica, type Pending, type Replica } from "./replica.ts";
import type { Saved } from "./saved.ts";
import { createStep } from "./step.ts";
import { createSync, type Sync } from "./sync.ts";
import { createUndoStacks, type UndoStacks } from "./undo.ts";
import { createWriter, type Writer } from "./writer.ts";

export interface EngineSetup {
  readonly platform: Platform;
  readonly url: string;
  readonly token: () => Token | undefined;
  readonly client: string;
  readonly saved: Saved | null;
  readonly link: Pick<Link, "send" | "live">;
  readonly presence: PresenceRoom;
  readonly emit: Emitter<DocumentEvents>["emit"];
  readonly publish: (changed: Difference, source: ChangeEvent["source"]) => void;
}

/** Everything of a document that there is once it is known who one is, and what was kept of earlier visits. */
export interface Engine {
  readonly replica: Replica;
  readonly stacks: UndoStacks;
  readonly sync: Sync;
  readonly writer: Writer;
}

export function createEngine(setup: EngineSetup): Engine {
  const { platform, url, token, client, saved, link, presence, emit, publish } = setup;
  const replica = createReplica(client, platform.newId);
  const stacks = createUndoStacks();
  const http = createHttp(platform, url, token);
  /** What is not kept yet must not be sent: after a crash its counter would be used again. */
  const unkept = new Set<Pending>();
  function* sendable() {
    for (const each of replica.pending) {
      if (each.client !== client) continue;
      if (unkept.has(each)) return;
      yield each;
    }
  }
  const outbox = createOutbox(platform, link.send, sendable);

  const failed = (error: unknown) => emit("error", error);
  const { canUndo, canRedo } = stacks;
  let undoable = { canUndo, canRedo };
  const undoChanged = () => {
    const { canUndo, canRedo } = stacks;
    if (undoable.canUndo === canUndo && undoable.canRedo === canRedo) return;
    undoable = { canUndo, canRedo };
    emit("undo", undoable);
  };
  const countChanged = () => emit("pending", replica.pending.length);
  const relearning = createRelearning(stacks, replica, http, failed, undoChanged);

  const writer = createWriter({
    replica,
    stacks,
    counter: () => Math.max(sync.answered, saved?.counter ?? 0),
    pushed(pending, changed) {
      if (saved) {
        unkept.add(pending);
        saved.add(pending, () => {
          unkept.delete(pending);
          outbox.push();
        });
      }
      outbox.push();
      publish(changed, "local");
      countChanged();
      undoChanged();
    },
    refused: (error) => emit("rejected", error),
  });

  const sync = createSync({
    ...{ replica, saved, presence, outbox, http, link },
    events: {
      changed: publish,
      heard(news) {
        relearning.heard(news);
        for (const { event } of news) emit("event", event);
      },
      replaced: relearning.replaced,
      accepted(pending, event) {
        if (event) writer.accepted(pending, event);
        countChanged();
        undoChanged();
      },
      rejected(pending, problem) {
        writer.rejected(pending, problem);
        countChanged();
        undoChanged();
      },
      caughtUp: () => relearning.caughtUp(sync.answered),
      failed,
    },
  });

  for (const { client, mutation, base, incarnation, ops, meta } of saved?.pending ?? []) {
    const kept = { client, mutation, base, incarnation, ops, ...(meta && { meta }) };
    replica.push({ ...kept, step: createStep(mutation), sent: true });
  }
  if (saved?.tree) {
    const { incarnation, seq, rows } = saved.tree;
    replica.load(incarnation, seq, rows);
    replica.hear(saved.events);
  }
  relearning.replaced();
  return { replica, stacks, sync, writer };
}
