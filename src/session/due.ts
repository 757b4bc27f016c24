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
 * What is due from now on. Every time is set once and stays: grace begins when nobody is there any more, a checkpoint is
 * due some time after the first change, and only a sweep that is far off is brought nearer when something happens.
 * Returns `due` itself where nothing changes.
 */
export function arrange(due: Due, situation: Situation): Due {
  const { now, options, joined, connected, wasJoined, dirty, moved } = situation;
  const grace = joined ? null : (due.grace ?? (wasJoined || dirty ? now + options.gracePeriod : null));
  const interval = checkpointInterval(options);
  const checkpoint = dirty ? (due.checkpoint ?? (interval === null ? null : now + interval)) : null;
  const every = options.sweepInterval;
  let { sweep, sweepPause } = due;
  if (!connected || every === null) [sweep, sweepPause] = [null, 0];
  else if (sweep === null) [sweep, sweepPause] = [now + every, every];
  else if (moved && sweepPause > every) [sweep, sweepPause] = [Math.min(sweep, now + every), every];
  const same =
    grace === due.grace && checkpoint === due.checkpoint && sweep === due.sweep && sweepPause === due.sweepPause;
  return same ? due : { grace, checkpoint, sweep, sweepPause };
}

function checkpointInterval({ snapshotInterval, documentStorage }: DocumentOptions): number | null {
  if (documentStorage) return snapshotInterval;
  return Math.min(snapshotInterval ?? UNLOGGED_INTERVAL, UNLOGGED_INTERVAL);
}

/** After a sweep the next one comes after twice the pause, up to the longest, as long as nothing happens. */
export function afterSweep(due: Due, now: number, longest: number): Due {
  const sweepPause = Math.min(due.sweepPause * 2, Math.max(longest, due.sweepPause));
  return { ...due, sweep: now + sweepPause, sweepPause };
}

/** An alarm sooner than this could become a loop of hundreds a second, each of them billed. Milliseconds. */
export const ALARM_DELAY = 100;
/** After an alarm that could not do its work: each failure closes all connections. Milliseconds. */
export const ALARM_RETRY = 30_000;

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
