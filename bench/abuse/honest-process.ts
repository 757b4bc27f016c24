import { setTimeout as sleep } from "node:timers/promises";
import type { Held, Protocol } from "../load/protocol.ts";
import { quantile } from "../scenarios/scene.ts";
import { createWriter, type Mark, type Writer } from "./honest-writer.ts";
import { type Counts, now, type Window, WRITERS } from "./kinds.ts";
import { serveOrders } from "./processes.ts";
import { type Visit, visit } from "./visitor.ts";

// The process of those who behave: ten writers at human pace, and a visitor who comes and goes.

export type HonestOrder =
  | {
      readonly order: "begin";
      /** The file of the side's Protocol. */
      readonly protocol: string;
      readonly socketUrl: string;
      readonly document: string;
      readonly held: Held;
    }
  /** Tells of what was on its way within a window. */
  | { readonly order: "tell"; readonly window: Window }
  /** Sends nothing more, and waits so many milliseconds for what is unanswered. */
  | { readonly order: "finish"; readonly patience: number };

export interface HonestReport {
  readonly sent: number;
  /** Of those, what has no answer yet. */
  readonly unanswered: number;
  /** Milliseconds from sending to the answer. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** How many of the writers were closed, and what ended connections, or joins. */
  readonly closed: number;
  readonly closedBy: Counts;
  /** Codes of refused mutations. */
  readonly refused: Counts;
  /** What the visitors were turned away with, how many came, and the longest that one took to join. */
  readonly turnedAway: Counts;
  readonly visits: number;
  readonly longestVisit: number;
  /** Ids of the nodes whose insert was acknowledged at any time. */
  readonly acknowledged: readonly string[];
}

let writers: readonly Writer[] = [];
let over = false;
const visits: Visit[] = [];

serveOrders(async (order: HonestOrder): Promise<HonestReport | null> => {
  if (order.order === "tell") return report(order.window);
  if (order.order === "begin") {
    const { protocol }: { protocol: Protocol } = await import(order.protocol);
    const address = { url: order.socketUrl, document: order.document };
    writers = Array.from({ length: WRITERS }, (_, index) => {
      return createWriter(protocol, address, `honest-${index}`, order.held);
    });
    await Promise.all(writers.map((writer) => writer.begin()));
    for (const writer of writers) void writer.write();
    void visit(protocol, address, order.held, visits, () => over);
    return null;
  }
  const last = now() + order.patience;
  while (now() < last && writers.some(({ unanswered }) => unanswered > 0)) await sleep(10);
  over = true;
  for (const writer of writers) writer.stop();
  return null;
});

function report({ from, to }: Window): HonestReport {
  const within = ({ at }: { readonly at: number }) => at >= from && at <= to;
  const sent = writers.flatMap((writer) =>
    writer.sent.filter(({ at, answered }) => at <= to && (answered ?? Number.POSITIVE_INFINITY) >= from),
  );
  const waits = sent.map(({ at, answered }) => (answered ?? now()) - at);
  const came = visits.filter(within);
  return {
    sent: sent.length,
    unanswered: sent.filter(({ answered }) => answered === null).length,
    p50: share(waits, 0.5),
    p99: share(waits, 0.99),
    longest: share(waits, 1),
    closed: writers.filter(({ closes }) => closes.some(within)).length,
    closedBy: tally(writers.flatMap(({ closes }) => closes.filter(within))),
    refused: tally(writers.flatMap(({ refusals }) => refusals.filter(within))),
    turnedAway: tally(came.flatMap(({ at, refused }) => (refused === null ? [] : [{ at, what: refused }]))),
    visits: came.length,
    longestVisit: share(
      came.map(({ took }) => took),
      1,
    ),
    acknowledged: writers.flatMap(({ acknowledged }) => acknowledged),
  };
}

function share(values: readonly number[], wanted: number): number {
  return values.length > 0 ? quantile(values, wanted) : Number.NaN;
}

function tally(marks: readonly Mark[]): Counts {
  const counts: Record<string, number> = {};
  for (const { what } of marks) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}
