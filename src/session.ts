import {
  type ClientMutation,
  type DocumentOptions,
  decodeClientMessage,
  encode,
  LIMITS,
  type Principal,
  type SubscriberId,
} from "./protocol/index.ts";
import { type Calls, createCalls } from "./session/calls.ts";
import { createCheckpointing } from "./session/checkpointing.ts";
import { createCommitWindow } from "./session/commit-window.ts";
import { createExports } from "./session/exports.ts";
import { createImports } from "./session/imports.ts";
import { connect, join } from "./session/joining.ts";
import { createLifecycle } from "./session/lifecycle.ts";
import { createOpening } from "./session/opening.ts";
import { MOST_OWED, owe } from "./session/owed.ts";
import { refusedFrame } from "./session/presence.ts";
import { createLooks } from "./session/sight.ts";
import { countAnswer, isJoined, isOpen, type JoinedSubscriber, type Subscriber } from "./session/subscriber.ts";
import { createSubscribers, type Delivery } from "./session/subscribers.ts";
import { oneATurn, tell } from "./session/telling.ts";
import { createTurns } from "./session/turns.ts";
import type { StoredDocument, Tables, WakeReason } from "./storage.ts";
import { assertNever, type Json } from "./tree/index.ts";

export type { MutationAnswer } from "./session/answers.ts";
export type { Calls } from "./session/calls.ts";
export { ALARM_DELAY, ALARM_RETRY, alarmToSet } from "./session/due.ts";
export type { Export } from "./session/exports.ts";
export type { Info } from "./session/info.ts";
export { restoreSubscriber, type Subscriber, saveSubscriber } from "./session/subscriber.ts";
export type { Delivery } from "./session/subscribers.ts";
export { readState, type State, type TreeAnswer, type TreeReader } from "./session/tree-answer.ts";
export type { Task } from "./session/turns.ts";
export { createSqliteTables, type HistoryPage, type Sql, type SqlRow, type WakeReason } from "./storage.ts";

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
  /** Does the next part of it. */
  work(now: number): void;
  /** The alarm has gone off; it was set for `scheduled`, where that is known. */
  wake(now: number, scheduled?: number): void;
  /** When the alarm has to go off, Unix milliseconds; null for never, undefined for as it is. */
  readonly alarm: number | null | undefined;
  /** What is to be done since the last call of this. */
  take(): Delivery[];
  /** What HTTP and RPC ask of a document. */
  readonly calls: Calls;
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
  /** Who is connected already, after a hibernation. */
  readonly subscribers?: Iterable<Subscriber>;
  /** Why the object has woken up, if it has. */
  readonly woken?: WakeReason | null;
  /** When a subscriber's last ping was answered, Unix milliseconds; null if it never pinged or that is not known. */
  readonly lastPing?: (id: SubscriberId) => number | null;
}

export function createSession(setup: SessionSetup): Session {
  const { documentId, tables, newId, defaults, woken = null, lastPing = () => null } = setup;
  const window = createCommitWindow();

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
    tables,
    newId,
    defaults,
    opened(stored) {
      lifecycle.opened(stored);
      closeAllBut(stored.incarnation);
    },
    missing: () => closeAllBut(null),
    forgotten() {
      exports.releaseAll();
      turns.endAll();
    },
  });

  const checkpoint = createCheckpointing(turns, (now) => commit(now));
  /** Writes what waits, then tells it: the events, and what else authors are answered. */
  const commit = (now: number) => {
    const { stored = null, waiting = null } = opening.known() ?? {};
    const told = stored?.seq ?? 0;
    const committed = waiting?.commit();
    const anew = stored && committed ? tell(subscribers, stored, committed, told, now) : [];
    if (stored && anew.length > 0) {
      const pump = (each: JoinedSubscriber, time: number) => {
        // The tree in memory has what waits for the log, and it would be told once more.
        commit(time);
        subscribers.pump(each, stored, time);
      };
      turns.begin(oneATurn(anew, pump), "background", now);
    }
    if (stored) subscribers.settle(stored, now);
    if (stored?.checkpointDue) checkpoint(stored, now);
  };
  const lifecycle = createLifecycle({ opening, subscribers, lastPing, woken, exports, turns, commit, checkpoint });
  const imports = createImports({ documentId, opening, newId });
  const waits = () => opening.known()?.waiting.count ?? 0;
  /** Something waits to be told: at once if nothing was told just now, else with what comes within the window. */
  const arrived = (now: number) => {
    if (waits() === 0) return;
    if (window.arrive() || (opening.known()?.waiting.characters ?? 0) >= LIMITS.frameBytes) commit(now);
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

  const setPresence = (from: JoinedSubscriber, data: Json) => {
    const refused = subscribers.presence.show(from, data);
    if (refused && isOpen(from.joined.flow)) subscribers.send(from, refusedFrame(from, refused));
  };

  const joining = { documentId, opening, subscribers, commit };

  const mutate = (from: JoinedSubscriber, mutations: readonly ClientMutation[], now: number) => {
    const { stored, waiting } = opening.findOrCreate(now);
    const { client } = from.joined;
    let { owed } = from.joined;
    const looks = createLooks();
    for (const each of mutations) {
      const { mutation } = each;
      if (mutation <= (stored.clients.get(client)?.mutation ?? 0)) {
        owed = owe(owed, mutation);
      } else if (from.principal.role !== "write") {
        if (!isOpen(from.joined.flow)) return subscribers.fail(from, "tooSlow", "a reader sends and does not read");
        const message = "this subscriber may only read";
        subscribers.send(from, encode({ type: "reject", mutation, code: "forbidden", message }));
      } else if (each.problem) waiting.refuse(from.principal, client, mutation, each.problem, now);
      else waiting.submit({ ...each, principal: from.principal, client }, looks, now);
    }
    if (owed !== from.joined.owed) {
      from.joined.owed = owed;
      // The first answer may still wait for its commit.
      commit(now);
      subscribers.pump(from, stored, now);
      if (from.joined.owed.length > MOST_OWED)
        return subscribers.fail(from, "tooSlow", "too many answers wait to be read");
      subscribers.save(from);
    }
    if (from.joined.feed.is !== "live" && owedAnswers(stored, from.joined) >= LIMITS.answersKept) {
      subscribers.fail(from, "tooSlow", "too many answers wait to be read");
    }
  };

  const receive = (from: Subscriber, frame: string | null, now: number) => {
    if (frame === null) return subscribers.fail(from, "protocol", "frames are text");
    const decoded = decodeClientMessage(frame);
    if (!decoded.ok) return subscribers.fail(from, decoded.problem.code, decoded.problem.message);
    if (opening.importing) return subscribers.fail(from, "unavailable", "an import is under way; try again");
    // A document that was in memory alone may be gone, and with it everyone's place in it.
    if (isJoined(from)) opening.find();
    if (!subscribers.get(from.id)) return;
    const message = decoded.value;
    if (message.type === "join") return join(joining, from, message, now);
    if (!isJoined(from)) return subscribers.fail(from, "protocol", "join comes first");
    switch (message.type) {
      case "mutate":
        mutate(from, message.mutations, now);
        return;
      case "presence":
        setPresence(from, message.data);
        return;
      case "sync": {
        const { flow } = from.joined;
        if (message.n > flow.asked) return subscribers.fail(from, "protocol", `sync ${message.n} was never sent`);
        if (!countAnswer(flow, message.n)) return;
        if (from.joined.feed.is !== "live") from.joined.feed = { ...from.joined.feed, since: null };
        subscribers.save(from);
        commit(now);
        subscribers.pump(from, opening.findOrCreate(now).stored, now);
        return;
      }
      case "leave":
        subscribers.close(from, 1000, "left");
        return;
      default:
        return assertNever(message);
    }
  };

  return {
    connect(id, principal, now) {
      connect(subscribers, { id, principal, since: now, joined: null }, now);
      // It may never join, and then a sweep has to close it.
      if (!opening.importing) opening.find();
      arrived(now);
      settle(now);
    },
    receive(id, frame, now) {
      const from = subscribers.get(id);
      if (!from) return;
      receive(from, frame, now);
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
    flush(now) {
      if (window.close(waits())) commit(now);
      settle(now);
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
      return turns.waiting;
    },
    work(now) {
      turns.next(now);
      settle(now);
    },
    take: subscribers.take,
    abandon: opening.forget,
    calls: createCalls({
      documentId,
      subscribers,
      opening,
      lifecycle,
      imports,
      exports,
      turns,
      commit,
      newId,
    }),
  };
}

/** How many answers that are no events wait for a subscriber who is behind. */
function owedAnswers(stored: StoredDocument, { client, feed }: JoinedSubscriber["joined"]): number {
  if (feed.is === "live") return 0;
  const answers = stored.clients.get(client)?.answers ?? [];
  return answers.filter(({ mutation }) => mutation > feed.mutation).length;
}
