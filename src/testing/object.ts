import {
  type Creation,
  DEFAULT_OPTIONS,
  type DocumentOptions,
  failure,
  type Principal,
  type Result,
  type SubscriberId,
} from "../protocol/index.ts";
import {
  ALARM_DELAY,
  ALARM_RETRY,
  type Authorizing,
  alarmToSet,
  createSession,
  FULL_PAUSE,
  isStorageFull,
  type Session,
  type Task,
  type WakeReason,
} from "../session.ts";
import type { Tables } from "../storage.ts";
import { createSockets, type Socket } from "./sockets.ts";

/**
 * One document on a platform that is simulated: what `document-object.ts` is around a session, with sockets and their
 * attachments, one timer and one alarm, of which none goes off by itself.
 */
export interface TestObject {
  /** When pings were answered last. They wake nobody. */
  readonly pings: Map<SubscriberId, number>;
  /** When the alarm goes off, or null. It survives whatever happens but `loseAlarm` and `deleteAll`. */
  readonly alarm: number | null;
  /** How often the alarm was set or deleted: each is billed as a row. */
  readonly alarmWrites: number;
  /** How often the object came to life, by what. */
  readonly wakeUps: Partial<Record<WakeReason, number>>;
  /** When a timer goes off, of the commit window, of presence or of work that takes many turns, or null. */
  readonly due: number | null;
  /** About how many bytes the session holds in memory. */
  readonly held: number;
  /** How long the window is that the session has open, or null. */
  readonly window: number | null;
  /** How often storage failed and everyone had to connect again. */
  readonly failures: number;
  connect(id: SubscriberId, principal: Principal, socket: Socket): void;
  message(id: SubscriberId, frame: string | null): void;
  /** The socket closed, or broke. */
  gone(id: SubscriberId): void;
  /** Lets the timer go off. */
  fire(): void;
  /** Lets what was sent and waits for its turn have it. */
  takeTurns(): void;
  /** Lets the alarm go off, whatever time it is; or one that was set for `scheduled` once more. */
  ring(scheduled?: number): void;
  /** The platform gives the alarm up. An object that is awake does not notice. */
  loseAlarm(): void;
  /** Runs a call; undefined when storage failed. */
  call<T>(work: (calls: Session["calls"], now: number) => T): T | undefined;
  /** The same for a call that may take many turns: all of them, and nothing else happens in between. */
  ask<T>(work: (calls: Session["calls"], now: number) => Task<T>): Result<T> | undefined;
  /** Deletes all that is stored, and the alarm; `creation` is what the document has said of its making. */
  deleteAll(creation?: Creation): void;
  /** Hibernation: memory is lost, sockets and their attachments are kept. Throws while a timer runs. */
  evict(): void;
  /** The process is killed: memory, sockets and timer are lost. */
  crash(): void;
  /** Which sockets are open, as the server knows. */
  open(): SubscriberId[];
}

/** What an object needs of its surroundings. */
export interface ObjectSetup {
  readonly documentId: string;
  /** The disk. Asked for each time that the object comes to life, or has to start again. */
  readonly tables: () => Tables;
  readonly newId: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The options of documents that are created without any. */
  readonly defaults?: () => Partial<DocumentOptions>;
  /** Whether an error is a failure of storage. Any other is a bug, is thrown, and must not look like one. */
  readonly isFault?: (error: unknown) => boolean;
  /** Says whose a token is that comes over a connection. Default: nobody's. */
  readonly authenticate?: ((token: string | null) => Result<Principal>) | undefined;
  /** Whether that counts for everybody, and not only who came by a token. Default: where there is such a function. */
  readonly authenticates?: boolean | undefined;
  /** What the application says to mutations. */
  readonly authorizing?: (() => Authorizing | undefined) | undefined;
  /** Runs every piece of the session's work, and may look on. */
  readonly runPure?: <T>(work: () => T) => T;
}

export function createTestObject(setup: ObjectSetup): TestObject {
  const { documentId, tables, newId, now, defaults = () => ({}), isFault = () => false } = setup;
  const { runPure = (work) => work() } = setup;
  const { authenticate = () => failure("unauthorised", "no tokens are taken here") } = setup;
  const pings = new Map<SubscriberId, number>();
  const sockets = createSockets((id) => pings.delete(id));
  const wakeUps: Partial<Record<WakeReason, number>> = {};
  let session: Session | null = null;
  /** When the timers of the commit window, and of presence, go off. */
  let flushDue: number | null = null;
  let tellDue: number | null = null;
  /** Whether the last timer that went off was that of work which takes many turns. */
  let worked = false;
  let failures = 0;
  let alarm: number | null = null;
  /** What the object believes that it is set for; it looks when it wakes up. */
  let believed: number | null = null;
  let alarmWrites = 0;
  let notBefore = 0;
  let awake = false;
  let fullUntil = 0;
  /** What a deleted document has said of its making. */
  let creation: Creation | undefined;

  const due = () => {
    if (flushDue === null || tellDue === null) return flushDue ?? tellDue;
    return Math.min(flushDue, tellDue);
  };
  const open = (reason: WakeReason): Session => {
    if (session) return session;
    session = createSession({
      documentId,
      tables: tables(),
      newId,
      defaults: { ...DEFAULT_OPTIONS, ...defaults() },
      creation: () => creation,
      authorizing: setup.authorizing?.(),
      authenticates: setup.authenticates ?? setup.authenticate !== undefined,
      subscribers: sockets.restore(),
      woken: awake ? null : reason,
      fullUntil,
      lastPing: (id) => pings.get(id) ?? null,
    });
    awake = true;
    return session;
  };
  const verify = (from: SubscriberId, token: string) =>
    run("message", (current) => current.verified(from, authenticate(token), now()));
  const arm = (wanted: number | null | undefined) => {
    const at = alarmToSet(wanted, believed, Math.max(now() + ALARM_DELAY, notBefore));
    if (at === believed) return;
    believed = at;
    alarm = at;
    alarmWrites++;
  };
  const run = <T>(reason: WakeReason, work: (session: Session) => T): T | undefined => {
    if (!awake) {
      wakeUps[reason] = (wakeUps[reason] ?? 0) + 1;
      believed = alarm;
    }
    try {
      const { result, deliveries, window } = runPure(() => {
        const current = open(reason);
        return { result: work(current), deliveries: current.take(), window: current.window };
      });
      for (const delivery of deliveries) sockets.deliver(delivery);
      for (const delivery of deliveries) if (delivery.kind === "verify") verify(delivery.from, delivery.token);
      arm(session?.alarm);
      if (window !== null) flushDue ??= now() + window;
      const wait = session?.untilTold(now()) ?? null;
      if (wait !== null) tellDue ??= now() + wait;
      return result;
    } catch (error) {
      if (!isFault(error)) throw error;
      const refusals = isStorageFull(error) ? session?.refuseWaiting(now()) : null;
      if (!refusals) startAgain();
      else {
        for (const delivery of refusals) sockets.deliver(delivery);
        session?.abandon();
        session = null;
        fullUntil = now() + FULL_PAUSE;
      }
      return undefined;
    }
  };
  const call = <T>(work: (calls: Session["calls"], now: number) => T): T | undefined =>
    run("call", (current) => work(current.calls, now()));
  const startAgain = () => {
    failures++;
    sockets.closeAll();
    session?.abandon();
    session = null;
  };

  return {
    pings,
    get alarm() {
      return alarm;
    },
    get alarmWrites() {
      return alarmWrites;
    },
    wakeUps,
    get due() {
      return session?.busy ? now() : due();
    },
    get held() {
      return session?.held ?? 0;
    },
    get window() {
      return session?.window ?? null;
    },
    get failures() {
      return failures;
    },
    connect(id, principal, socket) {
      // An object that wakes up for a new socket restores the others first.
      run("connect", () => undefined);
      sockets.add(id, socket);
      run("connect", (current) => current.connect(id, principal, now()));
    },
    message(id, frame) {
      if (sockets.has(id)) run("message", (current) => current.receive(id, frame, now()));
    },
    gone(id) {
      if (!sockets.has(id)) return;
      run("close", (current) => {
        sockets.forget(id);
        current.disconnect(id, now());
      });
    },
    fire() {
      // With both due, one after the other, as two timers would.
      const next = due();
      worked = session?.busy === true && !(worked && next !== null && next <= now());
      if (worked) return void run("message", (current) => current.work(now()));
      if (next === null) return;
      const what = next === flushDue ? "flush" : "tell";
      if (what === "flush") flushDue = null;
      else tellDue = null;
      if (session) run("message", (current) => current[what](now()));
    },
    takeTurns() {
      while (session?.waiting) run("message", (current) => current.work(now()));
    },
    ring(scheduled = alarm ?? undefined) {
      if (scheduled === undefined) return;
      if (scheduled === alarm) alarm = null;
      run("alarm", (current) => {
        believed = alarm;
        current.wake(now(), scheduled);
      });
      // One that could do nothing is tried again.
      if (!session) {
        notBefore = now() + ALARM_RETRY;
        alarm = notBefore;
        believed = notBefore;
      }
    },
    loseAlarm() {
      alarm = null;
    },
    call,
    ask(work) {
      const task = call(work);
      while (task && task.result === null) run("message", (current) => current.work(now()));
      return task?.result ?? undefined;
    },
    deleteAll(kept = creation) {
      creation = kept;
      session = null;
      alarm = null;
      believed = null;
      tables().clear();
    },
    evict() {
      if (due() !== null) throw new Error(`${documentId} has a timer running, and is not evicted`);
      if (session?.busy) throw new Error(`${documentId} is at work, and not evicted`);
      session = null;
      awake = false;
    },
    crash() {
      session = null;
      awake = false;
      flushDue = null;
      tellDue = null;
      sockets.forgetAll();
    },
    open: sockets.ids,
  };
}
