import type { Creation, DocumentOptions, Principal, Result, SubscriberId } from "./protocol/index.ts";
import { createAdmission } from "./session/admission.ts";
import type { Authorizing } from "./session/authorizing.ts";
import { type Calls, createCalls } from "./session/calls.ts";
import { createCheckpointing } from "./session/checkpointing.ts";
import { createCommitWindow } from "./session/commit-window.ts";
import { createCosts } from "./session/costs.ts";
import { createExports } from "./session/exports.ts";
import { createImports } from "./session/imports.ts";
import { connect } from "./session/joining.ts";
import { createLifecycle } from "./session/lifecycle.ts";
import { createOpening } from "./session/opening.ts";
import { createReceiving } from "./session/receiving.ts";
import { refuseWaiting } from "./session/refusing.ts";
import { createSlots } from "./session/slots.ts";
import type { JoinedSubscriber, Subscriber } from "./session/subscriber.ts";
import { createSubscribers, type Delivery } from "./session/subscribers.ts";
import { oneATurn, tell } from "./session/telling.ts";
import { createTurns } from "./session/turns.ts";
import type { Tables, WakeReason } from "./storage.ts";

export type { MutationAnswer, RestoreAnswer } from "./protocol/index.ts";
export type {
  AuthorizeMutation,
  Authorizing,
  MutationRequest,
  MutationVerdict,
  SeenNode,
  TouchedNode,
} from "./session/authorizing.ts";
export type { Calls } from "./session/calls.ts";
export type { CopyQuery } from "./session/copies.ts";
export { ALARM_DELAY, ALARM_RETRY, alarmToSet, FULL_PAUSE } from "./session/due.ts";
export type { Export } from "./session/exports.ts";
export type { Info } from "./session/info.ts";
export { restoreSubscriber, type Subscriber, saveSubscriber } from "./session/subscriber.ts";
export type { Delivery } from "./session/subscribers.ts";
export { type Parts, readState, type State, type TreeAnswer, type TreeReader } from "./session/tree-answer.ts";
export type { Task } from "./session/turns.ts";
export type { UndoAnswer } from "./session/undoing.ts";
export type { Piece } from "./storage.ts";
export {
  createSqliteTables,
  isStorageFull,
  type Sql,
  type SqlRow,
  type WakeReason,
} from "./storage.ts";

/**
 * The session of one document: messages and calls in, deliveries out. It is synchronous and knows neither sockets nor
 * clocks nor timers. Every method may throw when storage fails; then the session must be thrown away, nothing of what it
 * was about to say may be said, and all subscribers have to connect again (S14).
 */
export interface Session {
  /** A new connection, which has to join. */
  connect(id: SubscriberId, principal: Principal, now: number): void;
  /** A frame from a subscriber; null stands for one that is not text. */
  receive(from: SubscriberId, frame: string | null, now: number): void;
  /** The connection is gone. Unknown ids are ignored: the session may have closed it itself. */
  disconnect(id: SubscriberId, now: number): void;
  /** What the token of an `auth` says, which a delivery of the kind `verify` has asked for. */
  verified(from: SubscriberId, outcome: Result<Principal>, now: number): void;
  /** The commit window is over. */
  flush(now: number): void;
  /** Milliseconds until `flush` is to be called, or null. */
  readonly window: number | null;
  /** Milliseconds until `tell` is to be called, or null. */
  untilTold(now: number): number | null;
  /** Tells what has changed of presence, if it is time for that. */
  tell(now: number): void;
  /** Whether more is to be done than one turn may take: then `work` is to be called in the next one. */
  readonly busy: boolean;
  /** Whether a part of that is what somebody has sent. */
  readonly waiting: boolean;
  /** Does the next part of it. */
  work(now: number): void;
  /** About how many bytes of memory it holds: nodes, clients, what waits to be decided, and to be committed. */
  readonly held: number;
  /** The alarm has gone off; it was set for `scheduled`, where that is known. */
  wake(now: number, scheduled?: number): void;
  /** When the alarm has to go off, Unix milliseconds; null for never, undefined for as it is. */
  readonly alarm: number | null | undefined;
  /** What is to be done since the last call of this. */
  take(): Delivery[];
  /** What HTTP and RPC ask of a document. */
  readonly calls: Calls;
  /**
   * Storage has no room (`isStorageFull`). Refuses what waited for its commit, in place of all that it was about to say; null where
   * something was stored that not everybody was told: then all have to connect again. It has to be thrown away after that.
   */
  refuseWaiting(now: number): Delivery[] | null;
  /** To be called when it is thrown away: exports under way must not go on beside another session. */
  abandon(): void;
}

/** What a session needs of its surroundings. */
export interface SessionSetup {
  readonly documentId: string;
  readonly tables: Tables;
  readonly newId: () => string;
  /** The options of documents that are created without any. */
  readonly defaults?: DocumentOptions;
  /** The option `create` of a document of this id that was deleted, where it had one of its own. */
  readonly creation?: () => Creation | undefined;
  /** Who is connected already, after a hibernation. */
  readonly subscribers?: Iterable<Subscriber>;
  /** Why the object has woken up, if it has. */
  readonly woken?: WakeReason | null;
  /** Until then storage has no room: nothing is decided. Unix milliseconds. */
  readonly fullUntil?: number;
  /** What the application says to mutations. Without it all are done that the rules allow. */
  readonly authorizing?: Authorizing | undefined;
  /** Told what was thrown where something was only to be read. */
  readonly unreadable?: (error: unknown) => void;
  /** Whether the application itself says what the token of an `auth` gives. Without it only those who came by a token may send another. */
  readonly authenticates?: boolean;
  /** When a subscriber's last ping was answered, Unix milliseconds; null if it never pinged, infinite if it need not. */
  readonly lastPing?: (id: SubscriberId) => number | null;
}

/** Characters of events: with so many a commit costs little beside what it commits, and nobody waits for the window. */
const WORTH_A_COMMIT = 64 * 1024;

export function createSession(setup: SessionSetup): Session {
  const { documentId, tables, newId, defaults, authenticates = false, woken = null, lastPing = () => null } = setup;
  const window = createCommitWindow();
  const costs = createCosts();
  /** The last seq that everybody was told of, or will read in the log. */
  let told = 0;

  const turns = createTurns();
  const subscribers = createSubscribers(setup.subscribers ?? [], turns);
  const closeAllBut = (incarnation: string | null) => {
    for (const each of subscribers.joined()) {
      if (each.joined.incarnation === incarnation) continue;
      subscribers.fail(each, "unavailable", "the document has lost what was not stored; join again");
    }
  };
  const exports = createExports();
  const opening = createOpening({
    ...{ documentId, tables, newId, defaults },
    creation: setup.creation,
    fullUntil: setup.fullUntil,
    authorizing: setup.authorizing,
    opened(stored) {
      told = stored.seq;
      lifecycle.opened(stored);
      closeAllBut(stored.incarnation);
    },
    missing: () => closeAllBut(null),
    forgotten() {
      exports.releaseAll();
      turns.endAll();
      writing.endAll();
      receiving.forget();
    },
  });

  const admission = createAdmission({
    ...{ tables, subscribers, authenticates },
    dropWaiting: (from) => receiving.drop(from),
  });
  /** The checkpoint that is under way. */
  const writing = createTurns();
  const checkpoint = createCheckpointing(writing, (now) => commit(now));
  /** Writes what waits, then tells it: the events, and what else authors are answered. */
  const commit = (now: number) => {
    const { stored = null, waiting = null, compared = null } = opening.known() ?? {};
    const before = stored?.seq ?? 0;
    const committed = waiting?.commit();
    if (committed) compared?.committed();
    const anew = stored && committed ? tell(subscribers, stored, committed, before, now) : [];
    if (stored && anew.length > 0) {
      const pump = (each: JoinedSubscriber, time: number) => {
        // The tree in memory has what waits for the log, and it would be told once more.
        commit(time);
        subscribers.pump(each, stored, time);
      };
      turns.begin(oneATurn(anew, pump), "background", now);
    }
    if (stored) subscribers.settle(stored, now);
    stored?.lighten();
    if (stored?.checkpointDue) checkpoint(stored, now);
  };
  const lifecycle = createLifecycle({
    ...{ opening, subscribers, admission, lastPing, woken, exports, commit, checkpoint },
    busy: () => turns.waiting || writing.waiting,
    framesWait: () => receiving.waiting,
  });
  const imports = createImports({ documentId, opening, newId });
  const waits = () => opening.known()?.waiting.count ?? 0;
  /** Something waits to be told: at once if nothing was told just now, else with what comes within the window. */
  const arrived = (now: number) => {
    if (waits() === 0) return;
    if (window.arrive() || (opening.known()?.waiting.characters ?? 0) >= WORTH_A_COMMIT) commit(now);
  };

  /** Presence comes behind what waits for its commit: it may be about a node that nobody has been told of yet. */
  const tellPresence = (now: number) => {
    if (waits() === 0) subscribers.presence.tell(now);
  };
  /** At the end of whatever has happened: tells who is present, and works out what is due. */
  const settle = (now: number) => {
    tellPresence(now);
    lifecycle.arrange(now);
  };

  const receiving = createReceiving({ documentId, opening, subscribers, admission, costs, commit });
  const slots = createSlots({
    written: writing,
    received: {
      get waiting() {
        return receiving.waiting;
      },
      next(now) {
        receiving.work(now);
        arrived(now);
      },
    },
    read: turns,
  });

  return {
    connect(id, principal, now) {
      connect(subscribers, { id, principal, since: now, heard: now, joined: null }, now);
      // It may never join, and then a sweep has to close it.
      if (!opening.importing) opening.find();
      arrived(now);
      settle(now);
    },
    receive(id, frame, now) {
      const from = subscribers.get(id);
      if (!from) return;
      if (!admission.expire(from, now)) {
        subscribers.hear(from, now);
        receiving.receive(from, frame, now);
      }
      arrived(now);
      settle(now);
    },
    disconnect(id, now) {
      const gone = subscribers.remove(id);
      // Grace may begin now, so the document is needed even where nobody has to be told.
      if (gone?.joined && !opening.importing) opening.find();
      if (gone) arrived(now);
      settle(now);
    },
    verified(from, outcome, now) {
      admission.verified(from, outcome, now);
      settle(now);
    },
    flush(now) {
      if (window.close(waits())) commit(now);
      settle(now);
    },
    get held() {
      const { stored, waiting, compared } = opening.known() ?? {};
      const documents =
        (stored?.nodes.weight ?? 0) +
        (stored?.clients.dirtyWeight ?? 0) +
        (waiting?.logged ?? 0) +
        (waiting?.read ?? 0) +
        (compared?.held ?? 0);
      return documents + receiving.characters;
    },
    wake(now, scheduled) {
      if (opening.importing) imports.wake(now);
      else lifecycle.wake(now, scheduled);
      tellPresence(now);
    },
    get alarm() {
      const { alarm } = imports;
      return alarm === undefined ? lifecycle.alarm : (alarm ?? lifecycle.alarm ?? null);
    },
    get window() {
      return window.open;
    },
    untilTold: (now) => (waits() === 0 ? subscribers.presence.untilTold(now) : null),
    tell: settle,
    get busy() {
      return slots.waiting;
    },
    get waiting() {
      return receiving.waiting;
    },
    work(now) {
      receiving.beginRound();
      slots.next(now);
      settle(now);
    },
    take() {
      told = opening.known()?.stored.seq ?? told;
      return subscribers.take();
    },
    refuseWaiting(now) {
      const { stored, waiting } = opening.known() ?? {};
      subscribers.take();
      if (!stored || !waiting || stored.seq !== told) return null;
      refuseWaiting(subscribers, stored, waiting, receiving.undecided(), now);
      return subscribers.take();
    },
    abandon: opening.forget,
    calls: createCalls({
      ...{ documentId, subscribers, admission, opening, lifecycle, imports, exports, turns, receiving, costs },
      ...{ commit, newId, unreadable: setup.unreadable ?? (() => {}) },
    }),
  };
}
