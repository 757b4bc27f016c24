import type { DocumentOptions } from "../protocol/index.ts";
import type { Due } from "../storage.ts";

/** What decides on what is due. */
export interface Situation {
  /** Unix milliseconds. */
  readonly now: number;
  readonly options: DocumentOptions;
  /** Whether anyone has joined, and whether there are sockets at all. */
  readonly joined: boolean;
  readonly connected: boolean;
  /** Whether someone had joined before, and no grace has begun since. */
  readonly wasJoined: boolean;
  /** Whether there is something that no checkpoint has. */
  readonly dirty: boolean;
  /** Whether something was committed, or someone came, since the last time. */
  readonly moved: boolean;
}

/**
 * Without a log, memory is all that holds the last events, and an object forgets after 10 s of silence (workerd
 * 1.20261117, measured; the same on the platform). So the checkpoint comes before.
 */
const UNLOGGED_INTERVAL = 5_000;

/**
 * Who comes and goes without end must cost next to nothing, and each time that is stored is a row, and mostly an alarm. So
 * nothing is stored for what the alarm that is set will find out by itself: that somebody has joined in the grace period, that
 * nobody is there to be swept, or that the last has left once more, so that grace ends this much later or sooner. Milliseconds.
 */
export const GRACE_STEP = 20_000;
/**
 * From the end of one grace period to that of the next, at least, where nothing has changed: a short one would cost three rows
 * each time. Milliseconds.
 */
export const REST = 40_000;

/** When the grace period is over of a document that the last has left. */
export function graceEnd(due: Due, left: number, { gracePeriod }: DocumentOptions, dirty: boolean): number {
  return dirty ? left + gracePeriod : Math.max(left + gracePeriod, due.rested + REST);
}

function graceOf(due: Due, { now, options, joined, wasJoined, dirty }: Situation): number | null {
  const begins = !joined && (wasJoined || (dirty && due.grace === null));
  if (!begins) return due.grace;
  const end = graceEnd(due, now, options, dirty);
  return due.grace !== null && Math.abs(due.grace - end) <= GRACE_STEP ? due.grace : end;
}

/**
 * What is due from now on. Every time is set once and stays: grace begins when nobody is there any more, a checkpoint is
 * due some time after the first change, and only a sweep that is far off is brought nearer when something happens.
 * What is not needed any more stays until its time has come. Returns `due` itself where nothing changes.
 */
export function arrange(due: Due, situation: Situation): Due {
  const { now, options, connected, dirty, moved } = situation;
  const grace = graceOf(due, situation);
  const interval = checkpointInterval(options);
  const checkpoint = dirty ? (due.checkpoint ?? (interval === null ? null : now + interval)) : null;
  const every = options.sweepInterval;
  let { sweep, sweepPause } = due;
  if (every === null) [sweep, sweepPause] = [null, 0];
  else if (sweep === null && connected) [sweep, sweepPause] = [now + every, every];
  else if (sweep !== null && moved && sweepPause > every) [sweep, sweepPause] = [Math.min(sweep, now + every), every];
  const same =
    grace === due.grace && checkpoint === due.checkpoint && sweep === due.sweep && sweepPause === due.sweepPause;
  return same ? due : { ...due, grace, checkpoint, sweep, sweepPause };
}

function checkpointInterval({ snapshotInterval, documentStorage }: DocumentOptions): number | null {
  if (documentStorage) return snapshotInterval;
  return Math.min(snapshotInterval ?? UNLOGGED_INTERVAL, UNLOGGED_INTERVAL);
}

/** After a sweep that has found nobody. */
export function withoutSweep(due: Due): Due {
  return { ...due, sweep: null, sweepPause: 0 };
}

/** After a sweep the next one comes after twice the pause, up to the longest, as long as nothing happens; or at the latest. */
export function afterSweep(due: Due, now: number, longest: number, latest = Number.POSITIVE_INFINITY): Due {
  const sweepPause = Math.min(due.sweepPause * 2, Math.max(longest, due.sweepPause));
  return { ...due, sweep: Math.min(now + sweepPause, latest), sweepPause };
}

/** An alarm sooner than this could become a loop of hundreds a second, each of them billed. Milliseconds. */
export const ALARM_DELAY = 100;
/** After an alarm that could not do its work: each failure closes all connections. Milliseconds. */
export const ALARM_RETRY = 30_000;

/** After storage has found no room nothing is tried for so long: each failure drops what is in memory. Milliseconds. */
export const FULL_PAUSE = 10_000;

/**
 * What the alarm is to be set to (null: none): the time that is wanted (undefined: as it is), but not before `soonest`.
 * One that is set and about to go off is left alone: pushed back by every wake-up it might never do so.
 */
export function alarmToSet(wanted: number | null | undefined, set: number | null, soonest: number): number | null {
  if (wanted === undefined) return set;
  if (wanted === null) return null;
  const at = Math.max(wanted, soonest);
  return set !== null && wanted <= set && set <= at ? set : at;
}

/** When the alarm has to go off, or null when nothing is due. */
export function nextDue({ grace, checkpoint, sweep }: Due): number | null {
  const times = [grace, checkpoint, sweep].filter((time) => time !== null);
  return times.length > 0 ? Math.min(...times) : null;
}
