import type { Browser, Page } from "playwright-core";

/** How long a page's main thread was busy without a break. */
export interface Tasks {
  /** Milliseconds. */
  readonly longest: number;
  /** How many there were. */
  readonly count: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly dur?: number;
  readonly args: { readonly name?: string };
}

/** What holds up a page while `work` goes on, as the browser's own trace has it. */
export async function traceTasks(browser: Browser, page: Page, work: () => Promise<unknown>): Promise<Tasks> {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline"] });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(trace.toString());
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const threads = new Set(
    traceEvents.flatMap((event) =>
      event.name === "thread_name" && event.args.name === "CrRendererMain" ? [threadOf(event)] : [],
    ),
  );
  const durations = traceEvents.flatMap((event) =>
    event.name === "RunTask" && threads.has(threadOf(event)) ? [(event.dur ?? 0) / 1000] : [],
  );
  if (durations.length === 0) throw new Error("the trace has no tasks");
  return {
    longest: durations.reduce((longest, each) => Math.max(longest, each), 0),
    count: durations.length,
  };
}
