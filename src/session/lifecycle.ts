import { LIMITS, type SubscriberId } from "../protocol/index.ts";
import { type Due, NOTHING_DUE, type StoredDocument, type WakeReason } from "../storage.ts";
import type { Admission } from "./admission.ts";
import { afterSweep, arrange, GRACE_STEP, graceEnd, nextDue, withoutSweep } from "./due.ts";
import type { Exports } from "./exports.ts";
import type { Opening } from "./opening.ts";
import type { Subscribers } from "./subscribers.ts";

/** `active` while someone has joined, `grace` for a while after, else `asleep`, whether it is in memory or not. */
export type State = "active" | "grace" | "asleep";

/** The life of a document: what is due, and what happens then. Every step may come late, twice, or after a crash. */
export interface Lifecycle {
  /** When the object has to be woken, null for never; undefined while the document was not looked at. */
  readonly alarm: number | null | undefined;
  readonly state: State;
  /** A document has come into memory. */
  opened(stored: StoredDocument): void;
  /** Something happened: works out what is due now. */
  arrange(now: number): void;
  /** Works it out as if nothing had been due yet: the options have changed. */
  rearrange(now: number): void;
  /** The alarm has gone off; it was set for `scheduled`, where that is known. */
  wake(now: number, scheduled?: number): void;
  /** Checkpoints and lets go of the memory; nothing is due any more. */
  sleep(now: number): void;
}

interface LifecycleSetup {
  readonly opening: Opening;
  readonly subscribers: Subscribers;
  readonly admission: Admission;
  /** When a subscriber's last ping was answered, or null; infinite for who need not ping. */
  readonly lastPing: (id: SubscriberId) => number | null;
  /** Why the object is awake, once. */
  readonly woken: WakeReason | null;
  readonly exports: Exports;
  /** Whether something goes on in turns. */
  busy(): boolean;
  /** Whether something that was sent waits for its turn. */
  framesWait(): boolean;
  commit(now: number): void;
  /** Begins a checkpoint. */
  checkpoint(stored: StoredDocument, now: number): void;
}

/** The longest pause between sweeps while somebody is there who never pings, and the shortest to when it is dead. Milliseconds. */
const ASKING = 120_000;
const SOON = 10_000;

export function createLifecycle({
  opening,
  subscribers,
  admission,
  lastPing,
  woken,
  exports,
  busy,
  framesWait,
  commit,
  checkpoint: beginCheckpoint,
}: LifecycleSetup): Lifecycle {
  let alarm: number | null | undefined;
  let wasJoined = subscribers.anyJoined;
  /** When the last one left; what is stored of that may be a little older, and is all there is after a hibernation. */
  let left: number | null = null;
  let seq = 0;
  let reason = woken;
  let seen = subscribers.count;

  /** The first that is due, or whose token is over. */
  const soonest = (due: Due) => {
    const [next, expires] = [nextDue(due), subscribers.expiry.first];
    return Number.isFinite(expires) ? Math.min(next ?? expires, expires) : next;
  };
  const settle = (stored: StoredDocument, now: number, from = stored.due, dirty = stored.dirty) => {
    const joined = subscribers.anyJoined;
    const due = arrange(from, {
      now,
      options: stored.options,
      joined,
      connected: subscribers.count > 0,
      wasJoined,
      dirty,
      moved: stored.seq !== seq || subscribers.count > seen,
    });
    stored.setDue(due);
    if (joined) left = null;
    else if (wasJoined) left = now;
    // Once grace has begun, that someone was there has had its effect.
    wasJoined = joined;
    seq = stored.seq;
    seen = subscribers.count;
    alarm = soonest(due);
  };
  const sleep = (now: number) => {
    const stored = opening.known()?.stored;
    if (!stored) return;
    commit(now);
    stored.checkpoint(now);
    wasJoined = false;
    // What it has still to let go waits for whoever opens it next.
    settle(stored, now, nextDue(stored.due) === null ? stored.due : { ...NOTHING_DUE, rested: now }, false);
    opening.forget();
  };
  /** Closes who is dead, and asks who never pings and is quiet; returns what is due after it. */
  const sweep = (due: Due, now: number): Due => {
    subscribers.closeUnjoined(now);
    /** When the first of those who never ping is dead if it does not answer. */
    let dead: number | null = null;
    for (const subscriber of subscribers.joined()) {
      const ping = lastPing(subscriber.id);
      if (ping !== null) {
        if (now - ping > LIMITS.silence)
          subscribers.fail(subscriber, "tooSlow", `no ping came for ${LIMITS.silence} ms`);
      } else if (now - subscriber.heard >= LIMITS.longestSilence) {
        subscribers.fail(subscriber, "tooSlow", `nothing came for ${LIMITS.longestSilence} ms`);
      } else {
        subscribers.ask(subscriber, now);
        dead = Math.min(dead ?? Number.POSITIVE_INFINITY, subscriber.heard + LIMITS.longestSilence);
      }
    }
    // Closes who owes syncs for too long.
    commit(now);
    if (subscribers.count === 0) return withoutSweep(due);
    if (dead === null) return afterSweep(due, now, LIMITS.longestSweep);
    return afterSweep(due, now, ASKING, Math.max(dead, now + SOON));
  };

  return {
    get alarm() {
      return alarm;
    },
    get state() {
      if (subscribers.anyJoined) return "active";
      return (opening.known()?.stored.due.grace ?? null) === null ? "asleep" : "grace";
    },
    opened(stored) {
      const carried = subscribers.all().flatMap(({ tally }) => tally ?? []);
      stored.noteWakeUp(reason, reason ? carried : []);
      for (const subscriber of subscribers.joined()) subscriber.tally = stored.tally;
      reason = null;
      seq = stored.seq;
      // After a crash nobody is there whose leaving could be noticed.
      wasJoined ||= stored.due.sweep !== null && stored.due.grace === null;
      alarm = soonest(stored.due);
    },
    arrange(now) {
      const stored = opening.known()?.stored;
      if (stored) settle(stored, now);
    },
    rearrange(now) {
      const stored = opening.known()?.stored;
      if (!stored) return;
      wasJoined ||= stored.due.grace !== null;
      // What has expired by them goes at once.
      beginCheckpoint(stored, now);
      settle(stored, now, { ...NOTHING_DUE, rested: stored.due.rested });
    },
    wake(now, scheduled) {
      const stored = opening.find()?.stored;
      if (!stored) {
        opening.dropImport();
        alarm = null;
        return;
      }
      // The tree in memory has what waits for the log; rows that were ahead of the log would be wrong after a crash.
      commit(now);
      // An alarm that has gone off has come, whatever this machine's clock says.
      const reached = Math.max(now, scheduled ?? nextDue(stored.due) ?? now);
      const ripe = (time: number | null) => time !== null && time <= reached;
      admission.expireAll(reached);
      let { due } = stored;
      const { checkpoint, grace } = due;
      if (ripe(due.sweep)) {
        due = sweep(due, now);
      }
      if (ripe(checkpoint)) {
        beginCheckpoint(stored, now);
        // One that goes on is not due again before the next interval is over.
        due = { ...due, checkpoint: null };
      }
      const end = left === null ? grace : graceEnd(due, left, stored.options, stored.dirty);
      if (ripe(grace) && (subscribers.anyJoined || wasJoined)) {
        // It ended with a join.
        due = { ...due, grace: null, rested: now };
      } else if (ripe(grace) && !ripe(end) && end !== null) {
        due = { ...due, grace: Math.max(end, now + GRACE_STEP) };
      } else if (ripe(grace)) {
        // Who reads an export or waits for a call reads this document in memory, and is waited for as long as it reads.
        exports.releaseStalled(now);
        if (exports.count === 0 && !busy() && !framesWait()) {
          stored.checkpoint(now);
          if (!stored.dirty) return sleep(now);
          // All that has expired goes before it sleeps.
          beginCheckpoint(stored, now);
        }
        due = { ...due, grace: now + Math.max(stored.options.gracePeriod, LIMITS.exportTimeout) };
      }
      settle(stored, now, due);
    },
    sleep,
  };
}
