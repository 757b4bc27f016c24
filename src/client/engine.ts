import type { Meta, TreeEvent } from "../protocol/index.ts";
import type { Address } from "./connection/address.ts";
import type { Link } from "./connection/link.ts";
import { createOutbox } from "./connection/outbox.ts";
import type { Difference } from "./difference.ts";
import type { ChangeEvent, DocumentEvents } from "./document.ts";
import type { Emitter } from "./emitter.ts";
import type { Saved } from "./keep/saved.ts";
import type { PresenceRoom } from "./presence.ts";
import { createReplica, type Heard, type Pending, type Replica } from "./replica.ts";
import { createStep, type Step } from "./step.ts";
import { createSync, type Sync, type Unchanged } from "./sync.ts";
import { createWriter, type Writer } from "./writer.ts";

export interface EngineSetup {
  readonly client: string;
  readonly saved: Saved | null;
  readonly address: Address;
  readonly link: Pick<Link, "send" | "live" | "connect">;
  readonly presence: PresenceRoom;
  readonly emit: Emitter<DocumentEvents>["emit"];
  readonly publish: (changed: Difference, source: ChangeEvent["source"]) => void;
}

/** Everything of a document that there is once it is known who one is, and what was kept of earlier visits. */
export interface Engine {
  readonly replica: Replica;
  readonly sync: Sync;
  readonly writer: Writer;
  /** Shows what was kept. */
  begin(): void;
  /** Tells undo of everything from now on. */
  attach(hook: UndoHook, isLive: boolean): void;
  /** What is pending may have become another. */
  rework(): void;
}

/** What undo is told, where there is any. */
export interface UndoHook {
  /** What others did is not known yet: an undo that depends on it must not be sent. */
  readonly waiting: boolean;
  made(step: Step, meta: Meta | undefined): void;
  /** What has happened, before what is pending is applied once more. */
  heard(news: Heard["news"]): void;
  /** The tree is another one: what was done and touched before is to be learnt anew. */
  replaced(): void;
  /** Everything has arrived. `used` is the highest counter of ours: without any there is nothing to learn. */
  caughtUp(used: number): void;
  /** It was rejected, or has come to nothing. */
  dropped(step: Step): void;
}

export function createEngine(setup: EngineSetup): Engine {
  const { client, saved, address, link, presence, emit, publish } = setup;
  const { platform } = address;
  const replica = createReplica(client, platform.newId);
  let hook: UndoHook | null = null;
  /** What is not kept yet must not be sent: after a crash its counter would be used again. */
  const unkept = new Set<Pending>();
  function* sendable() {
    for (const each of replica.pending) {
      if (each.client !== client) continue;
      if (unkept.has(each) || (each.meta?.undo && !each.sent && hook?.waiting)) return;
      yield each;
    }
  }
  const outbox = createOutbox(platform, link.send, sendable);

  /** The answer to a mutation that is no event. */
  const unchanged = (answer: Unchanged): TreeEvent => ({
    ...answer,
    ...{ client, ops: [], time: Date.now() },
    userId: sync.user?.id ?? null,
  });
  const countChanged = () => emit("pending", replica.pending.length);

  const writer = createWriter({
    replica,
    counter: () => Math.max(sync.answered, saved?.counter ?? 0),
    pushed(pending, changed) {
      if (saved) {
        unkept.add(pending);
        saved.add(pending, () => {
          unkept.delete(pending);
          outbox.push();
        });
      }
      hook?.made(pending.step, pending.meta);
      outbox.push();
      publish(changed, "local");
      countChanged();
    },
    unchanged: () => unchanged({ seq: replica.seq, mutation: null }),
    refused: (error) => emit("rejected", error),
  });

  const sync = createSync({
    ...{ replica, saved, presence, outbox, address, link },
    events: {
      changed: publish,
      learnt: (news) => hook?.heard(news),
      heard(news) {
        for (const { event } of news) emit("event", event);
      },
      replaced: () => hook?.replaced(),
      accepted(pending, event) {
        if (event) writer.accepted(pending, event);
        countChanged();
      },
      unchanged(pending, answer) {
        hook?.dropped(pending.step);
        writer.accepted(pending, unchanged(answer));
        countChanged();
      },
      rejected(pending, problem) {
        hook?.dropped(pending.step);
        writer.rejected(pending, problem);
        countChanged();
      },
      caughtUp: () => hook?.caughtUp(Math.max(sync.answered, writer.last)),
      failed: (error) => emit("error", error),
    },
  });

  // What was kept may have been sent by the page that is gone.
  for (const kept of saved?.pending ?? []) replica.push({ ...kept, step: createStep(kept.mutation), sent: true });
  return {
    replica,
    sync,
    writer,
    begin() {
      if (!saved?.tree) return;
      const { incarnation, seq, rows } = saved.tree;
      try {
        publish(replica.load(incarnation, seq, rows), "remote");
        const heard = replica.hear(saved.events);
        for (const { pending } of heard?.answered ?? []) saved.answered(pending.client, pending.mutation);
        if (heard) publish(heard.changed, "remote");
      } catch (error) {
        emit("error", error);
      }
      hook?.replaced();
      countChanged();
    },
    attach(added, isLive) {
      hook = added;
      added.replaced();
      if (isLive) added.caughtUp(Math.max(sync.answered, writer.last));
    },
    rework() {
      publish(replica.rework(), "remote");
      outbox.push();
    },
  };
}
