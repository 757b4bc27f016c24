import type { Authenticate } from "../access/authenticate.ts";
import {
  type Creation,
  type DocumentOptions,
  failure,
  type Result,
  type SubscriberId,
  success,
} from "../protocol/index.ts";
import {
  type Authorizing,
  createSession,
  createSqliteTables,
  type Delivery,
  FULL_PAUSE,
  isStorageFull,
  type Session,
  type WakeReason,
} from "../session.ts";
import type { Alarm } from "./alarm.ts";
import { noteFailure, noteFailureAlone } from "./log.ts";
import type { CountingSql } from "./sql.ts";
import type { Wires } from "./wires.ts";

/** The session of an object: what happens is run in it, and it is called back when it has asked for that. */
export interface Running {
  /**
   * Runs a piece of work to its commit and delivers what comes of it; when storage fails, starts afresh (S14). `from` is the socket
   * that woke the object.
   */
  run<T>(reason: WakeReason, work: (session: Session, now: number) => Result<T>, from?: WebSocket): Result<T>;
  /** About how many bytes of memory the document holds. */
  readonly held: number;
  /** Deletes all that is stored, but for what the document has said of its own making; default: what it has said before. */
  deleteAll(creation?: Creation): Promise<void>;
}

interface RunningSetup {
  readonly ctx: DurableObjectState;
  readonly sql: CountingSql;
  readonly wires: Wires;
  readonly alarm: Alarm;
  /** The options of documents that are created without any. */
  readonly defaults: DocumentOptions;
  readonly authenticate: Authenticate;
  /** Whether that is the application's own. */
  readonly authenticates: boolean;
  readonly authorizing: Authorizing | undefined;
}

export function createRunning(setup: RunningSetup): Running {
  const { ctx, sql, wires, alarm, defaults, authenticate, authenticates, authorizing } = setup;
  const documentId = ctx.id.name ?? ctx.id.toString();
  /** Made on demand, so that a look at a document costs nothing, and thrown away whenever storage fails. */
  let session: Session | null = null;
  /** Timers that have not gone off yet. */
  const armed = new Set<"flush" | "tell" | "work">();
  /** Storage has found no room, and is not asked again before. */
  let fullUntil = 0;
  /** Whether this object has been woken by something yet. */
  let awake = false;

  const creationKept = () => ctx.storage.kv.get<Creation>(CREATION);

  function open(reason: WakeReason, from?: WebSocket): Session {
    if (session) return session;
    session = createSession({
      documentId,
      tables: createSqliteTables(sql),
      newId: () => crypto.randomUUID(),
      defaults,
      authorizing,
      authenticates,
      creation: creationKept,
      unreadable: (error) => noteFailure("something could not be read", error),
      subscribers: wires.restore(from),
      woken: awake ? null : reason,
      fullUntil,
      lastPing: (id) => wires.lastPing(id),
    });
    awake = true;
    return session;
  }

  function run<T>(reason: WakeReason, work: (session: Session, now: number) => Result<T>, from?: WebSocket): Result<T> {
    try {
      const current = open(reason, from);
      const result = sql.turn(() => work(current, Date.now()));
      // The output gate holds every send until what was written before it is durable.
      for (const delivery of current.take()) deliver(delivery);
      arm("flush", current.window);
      arm("tell", current.untilTold(Date.now()));
      arm("work", current.busy ? 0 : null);
      alarm.arm(current.alarm);
      return result;
    } catch (error) {
      noteFailure("a document failed", error);
      if (abandon(isStorageFull(error))) return failure("full", "storage takes no more: keep less history");
      return failure("unavailable", "the document failed and starts again; try again");
    }
  }

  function deliver(delivery: Delivery): void {
    if (delivery.kind === "verify") void verify(delivery.from, delivery.token);
    else wires.deliver(delivery);
  }

  async function verify(from: SubscriberId, token: string): Promise<void> {
    const outcome = await authenticate(token, documentId).catch((error: unknown) => {
      noteFailureAlone("a token could not be verified", error);
      return failure("unavailable", "the token could not be verified; try again");
    });
    run("message", (current, now) => success(current.verified(from, outcome, now)));
  }

  /**
   * Calls the session back: when its commit window is over, when presence may be told again, or for the next part of what takes
   * long, behind whatever has arrived by now. A timer keeps an object from hibernating; none of these lives longer than 50 ms, or 250 for 5 000.
   */
  function arm(what: "flush" | "tell" | "work", delay: number | null): void {
    if (delay === null || armed.has(what)) return;
    armed.add(what);
    setTimeout(() => {
      armed.delete(what);
      // Whichever session is open by then: one that failed meanwhile has left its window to the next.
      if (session) run("message", (current, now) => success(current[what](now)));
    }, delay);
  }

  /** Forgets what is in memory, which may be ahead of storage; true where storage is full and nobody has to connect again (B39). */
  function abandon(isFull: boolean): boolean {
    const refusals = isFull ? session?.refuseWaiting(Date.now()) : null;
    if (!refusals) wires.closeAll();
    else fullUntil = Date.now() + FULL_PAUSE;
    for (const delivery of refusals ?? []) deliver(delivery);
    session?.abandon();
    session = null;
    return Boolean(refusals);
  }

  return {
    run,
    get held() {
      return session?.held ?? 0;
    },
    /** Only this frees the object: a dropped table would go on being billed as an empty database. The alarm goes, too. */
    async deleteAll(creation = creationKept()) {
      session = null;
      alarm.forget();
      await ctx.storage.deleteAll();
      // What the document said of its own making outlives it, where that is not what the deployment says anyway.
      if (creation !== undefined && creation !== defaults.create) ctx.storage.kv.put(CREATION, creation);
    },
  };
}

const CREATION = "create";
