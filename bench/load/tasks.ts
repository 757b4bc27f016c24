import type { Rows } from "../text/keys.ts";
import type { Address } from "./connection.ts";
import type { Kind } from "./workload.ts";

/** What a load process is asked to do with one document. */
export type Task = WriteTask | TypeTask | ListenTask | ProbeTask;

interface Common extends Address {
  /** The file of the system's Protocol. */
  readonly protocol: string;
  /** Of the document, when the load begins. */
  readonly nodes: number;
}

/** Writers who each keep `inFlight` mutations unanswered. */
export interface WriteTask extends Common {
  readonly task: "write";
  readonly writers: number;
  readonly inFlight: number;
  readonly kind: Kind;
  readonly seed: number;
}

/** People who type as fast as they are answered, each with `inFlight` keystrokes unanswered. */
export interface TypeTask extends Common {
  readonly task: "type";
  readonly typists: number;
  readonly rows: Rows;
  readonly inFlight: number;
  readonly seed: number;
}

/** Subscribers who only read. */
export interface ListenTask extends Common {
  readonly task: "listen";
  readonly subscribers: number;
}

/** One writer at a fixed pace, and another client who waits to see what it wrote. */
export interface ProbeTask extends Common {
  readonly task: "probe";
  readonly everyMs: number;
  /** The node that it writes, by its number: each probe has its own. */
  readonly node: number;
}

/** What a load process says; it does its next step when it is told to. */
export type Report =
  | { readonly step: "ready" }
  | { readonly step: "written"; readonly total: number; readonly result: Result }
  | { readonly step: "done"; readonly result: Result }
  | { readonly step: "failed"; readonly message: string };

export type Order =
  | { readonly order: "begin"; readonly task: Task }
  /** Times are milliseconds since 1970, the same in all processes. What counts lies between `from` and `to`. */
  | { readonly order: "run"; readonly from: number; readonly to: number }
  /** Every mutation has been acknowledged; this many were made in all. */
  | { readonly order: "finish"; readonly written: number };

/** What was counted between `from` and `to`. */
export interface Result {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly framesReceived: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  /** Milliseconds from sending to the acknowledgement, of each mutation. */
  readonly acknowledgeMs: readonly number[];
  /** Milliseconds from sending until another replica had it. */
  readonly seenMs: readonly number[];
  /** Share of a core that the load process took. */
  readonly cpu: number;
}
