import type { MetaTable } from "./tables.ts";

/** When something is to happen by itself. Unix milliseconds, or null where nothing is. */
export interface Due {
  /** The grace period ends, where nobody has joined by then. */
  readonly grace: number | null;
  readonly checkpoint: number | null;
  /** Dead subscribers are looked for. */
  readonly sweep: number | null;
  /** Milliseconds from the last sweep to that one; 0 where there is none. */
  readonly sweepPause: number;
  /** When the last grace period was over, or found that somebody had joined; 0 for never. */
  readonly rested: number;
}

export const NOTHING_DUE: Due = { grace: null, checkpoint: null, sweep: null, sweepPause: 0, rested: 0 };

/** What may wake an object: a frame, a new socket, one that closed, the alarm, a call over HTTP or RPC. */
export type WakeReason = "message" | "connect" | "close" | "alarm" | "call";

/** What has happened to a document since it was created. */
export interface Counters {
  readonly commits: number;
  readonly mutations: number;
  readonly rejections: number;
  /** As the platform bills them, alarms included. */
  readonly rowsWritten: number;
  readonly wakeUps: WakeUps;
}

export type WakeUps = Readonly<Record<WakeReason, number>>;

export const NO_WAKE_UPS: WakeUps = { message: 0, connect: 0, close: 0, alarm: 0, call: 0 };

const NO_COUNTERS: Counters = { commits: 0, mutations: 0, rejections: 0, rowsWritten: 0, wakeUps: NO_WAKE_UPS };

/** Wake-ups since a life was written. To write each would double the price of a mutation; sockets carry them for nothing. */
export interface Tally {
  /** Of the life that they come after. */
  version: number;
  wakeUps: WakeUps;
}

/**
 * What a document knows of its own life. It has a row of its own, so that a due time can be changed without a
 * checkpoint; what was counted since it was written is counted again from the log, or lost with the memory.
 */
export interface Life {
  readonly due: Due;
  readonly counters: Counters;
  /** The commits up to this seq are counted. */
  readonly seq: number;
  /** How often it was written. */
  readonly version: number;
}

/** That of a new document, which took so many rows; of a copy, with what was counted in the other one up to a seq. */
export function bornLife(rowsWritten: number, counted: Counters = NO_COUNTERS, seq = 0): Life {
  const counters = { ...counted, rowsWritten: counted.rowsWritten + rowsWritten };
  return { due: NOTHING_DUE, counters, seq, version: 0 };
}

export function readLife(meta: MetaTable): Life {
  const saved = meta.get("life");
  // Documents of an earlier version have none.
  if (saved === undefined) return bornLife(0);
  const life: Life = JSON.parse(saved);
  // Written before there was `rested`, it has none.
  return { ...life, due: { ...NOTHING_DUE, ...life.due } };
}

/** Adds wake-ups up. */
export function plus(some: WakeUps, more: WakeUps): WakeUps {
  return {
    message: some.message + more.message,
    connect: some.connect + more.connect,
    close: some.close + more.close,
    alarm: some.alarm + more.alarm,
    call: some.call + more.call,
  };
}

export function total(wakeUps: WakeUps): number {
  return Object.values(wakeUps).reduce((sum, count) => sum + count, 0);
}

export function writeLife(meta: MetaTable, life: Life): void {
  meta.put("life", JSON.stringify(life));
}
