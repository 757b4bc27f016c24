/**
 * Where the replay waits. Connections report progress and failures; whoever waits looks again at its condition after
 * each report, and gives up when there was none for too long.
 */
export interface Gate {
  /** Something moved forward. */
  progress(): void;
  /** Nothing can go on. Only the first failure counts. */
  fail(error: Error): void;
  /** Something went wrong that may pass; told if it does not. */
  trouble(what: string): void;
  until(condition: () => boolean): Promise<void>;
}

export function createGate(patienceMs: number): Gate {
  let failure: Error | null = null;
  let lastTrouble = "";
  let waiting = new Set<() => void>();

  const wake = () => {
    const woken = waiting;
    waiting = new Set();
    for (const look of woken) look();
  };
  const nextReport = () =>
    new Promise<void>((resolve) => {
      const giveUp = () => {
        failure ??= new Error(gaveUp(patienceMs, lastTrouble));
        wake();
      };
      const timer = setTimeout(giveUp, patienceMs);
      waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });

  return {
    progress: wake,
    fail(error) {
      failure ??= error;
      wake();
    },
    trouble(what) {
      lastTrouble = what;
    },
    async until(condition) {
      for (;;) {
        if (failure) throw failure;
        if (condition()) return;
        await nextReport();
      }
    },
  };
}

/** What is said when patience ends. */
export function gaveUp(patienceMs: number, trouble: string): string {
  return `no progress for ${patienceMs / 1000} s${trouble ? `; last: ${trouble}` : ""}`;
}

/** How long to wait before the next attempt: longer each time, and never the same for everyone. */
export function backoff(attempt: number): number {
  return Math.min(5_000, 100 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
}

/** What an error says, in one line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch says only "fetch failed", and a connection refused at two addresses says nothing at all.
  const own = error.message || codeOf(error) || error.name;
  const { cause } = error;
  return cause instanceof Error ? `${own}: ${cause.message || codeOf(cause)}` : own;
}

const codeOf = (error: Error) => ("code" in error ? String(error.code) : "");
