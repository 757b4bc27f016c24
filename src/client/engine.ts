import type { ErrorCode, Meta, TreeEvent } from "../protocol/index.ts";
import type { NodeData, Operation } from "../tree/index.ts";
import type { Address } from "./connection/address.ts";
import type { Link } from "./connection/link.ts";
import { createOutbox } from "./connection/outbox.ts";
import type { Difference } from "./difference.ts";
import type { ChangeEvent, DocumentEvents } from "./document.ts";
import type { Emitter } from "./emitter.ts";
import type { Saved } from "./keep/saved.ts";
import type { Merging } from "./merging.ts";
import { noticesOf } from "./notice.ts";
import type { Pending } from "./pending.ts";
import type { PresenceRoom } from "./presence.ts";
import { createReplica, type Recorder, type Replica } from "./replica.ts";
import { createStep } from "./step.ts";
import { createSync, type Sync, type Unchanged } from "./sync.ts";
import type { TreeReader } from "./view.ts";
import { createWriter, type Writer } from "./writer.ts";

export interface EngineSetup {
  readonly client: string;
  readonly saved: Saved | null;
  readonly address: Address;
  readonly link: Pick<Link, "send" | "live" | "connect" | "end">;
  readonly presence: PresenceRoom;
  readonly view: TreeReader;
  readonly initial: NodeData | undefined;
  readonly emit: Emitter<DocumentEvents>["emit"];
  readonly publish: Shown;
}

/** Everything of a document that there is once it is known who one is, and what was kept of earlier visits. */
export interface Engine {
  readonly replica: Replica;
  readonly sync: Sync;
  readonly writer: Writer;
  /** Shows what was kept. */
  begin(): void;
  /** The connection is about to be closed: sends what waits. */
  leaving(): void;
  readonly saved: Saved | null;
  /** Tells undo of everything from now on. */
  attach(hook: UndoHook, recorder: Recorder): void;
  /** Merges texts from now on. `shown` is called whenever what is seen has changed, before anybody else. */
  merge(by: Merging, shown: Shown): void;
  shown: Shown;
}

export type Shown = (changed: Difference, source: ChangeEvent["source"]) => void;

/** What undo is told, where there is any. */
export interface UndoHook {
  made(mutation: number, ops: readonly Operation[], meta: Meta | undefined): void;
  /** It was refused, with a code, or has changed nothing. */
  dropped(mutation: number, code: ErrorCode | null): void;
  /** The document has another life: nothing of what was done is in it. */
  reborn(): void;
}

export function createEngine(setup: EngineSetup): Engine {
  const { client, saved, address, link, presence, view, initial, emit, publish } = setup;
  const { platform } = address;
  const replica = createReplica(client, platform.newId);
  let hook: UndoHook | null = null;
  /** What is not kept yet must not be sent: after a crash its counter would be used again. */
  const unkept = new Set<Pending>();
  function* sendable() {
    for (const each of replica.pending) {
      if (each.client !== client) continue;
      if (unkept.has(each)) return;
      yield each;
    }
  }
  const outbox = createOutbox(platform, link.send, sendable, () => (replica.merging ? { refused: sync.refused } : {}));

  /** The answer to a mutation that is no event. */
  const unchanged = (answer: Unchanged): TreeEvent => ({
    ...answer,
    ...{ client, ops: [], time: Date.now() },
    userId: sync.user?.id ?? null,
  });
  const countChanged = () => emit("pending", replica.pending.length);

  const writer = createWriter({
    replica,
    view,
    counter: () => Math.max(sync.answered, saved?.counter ?? 0),
    pushed(pending, changed, hasGrown) {
      if (saved) {
        // One that has grown may be sent once it is kept as it was: its counter is what must not be used again.
        if (!hasGrown) unkept.add(pending);
        saved.add(pending, () => {
          unkept.delete(pending);
          outbox.push();
        });
      }
      if (!hasGrown) hook?.made(pending.mutation, pending.ops, pending.meta);
      outbox.push();
      publish(changed, "local");
      countChanged();
    },
    unchanged: () => unchanged({ seq: replica.seq, mutation: null }),
    refused: (error) => emit("rejected", error),
  });

  const sync = createSync({
    ...{ replica, saved, presence, outbox, address, link, initial },
    used: () => writer.next - 1,
    events: {
      changed: publish,
      heard(news) {
        for (const event of news) {
          emit("event", event);
          for (const notice of noticesOf(event, client)) emit("notice", notice);
        }
      },
      reborn: () => hook?.reborn(),
      accepted(pending, event) {
        if (event) writer.accepted(pending, event);
        countChanged();
      },
      unchanged(pending, answer) {
        const event = unchanged(answer);
        hook?.dropped(pending.mutation, null);
        writer.accepted(pending, event);
        for (const notice of noticesOf(event, client)) emit("notice", notice);
        countChanged();
      },
      rejected(pending, problem) {
        hook?.dropped(pending.mutation, problem.code);
        writer.rejected(pending, problem);
        countChanged();
      },
      space: (space) => emit("space", space),
      role: (role) => emit("role", role),
      failed: (error) => emit("error", error),
    },
  });

  for (const kept of saved?.pending ?? []) replica.push({ ...kept, sent: true, step: createStep(kept.mutation) });
  const engine: Engine = {
    replica,
    saved,
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
      countChanged();
    },
    leaving() {
      // Kept or not: whoever has this client next begins far above these counters.
      unkept.clear();
      outbox.hurry();
    },
    attach(added, recorder) {
      hook = added;
      publish(replica.record(recorder), "local");
    },
    shown: () => {},
    merge(by, shown) {
      engine.shown = shown;
      publish(replica.merge(by), "local");
    },
  };
  return engine;
}
