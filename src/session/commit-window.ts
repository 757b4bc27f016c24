/**
 * When to commit. The first arrival of an idle document is committed at once; then a window opens in which arrivals
 * wait, to share one log row and one frame. A commit is the wall (measured: 2 000–3 000 mutations/s one by one, over
 * 20 000/s in groups of 16 ms), while a lone writer who waits for each answer should not notice the window. So it grows
 * as long as a longer one gathers more, and shrinks otherwise, down to what is in the queue already: those who wait for
 * their answers before they write more are only made to wait. Measured, against a window that doubled after any commit of
 * several and ended at 1 ms: a writer in a tight loop is answered after 0.4 ms instead of 2.5, four of them after 3 instead
 * of 17; one with 64 mutations unanswered writes 16 500/s instead of 3 700, four such 41 000 instead of 16 000.
 *
 * Load is measured by what waits and not by the clock, which stands still in production while code runs.
 */
export interface CommitWindow {
  /** Milliseconds after which `close` is to be called, or null when no window is open. */
  readonly open: number | null;
  /** Something arrived: whether to commit at once. Opens a window if so. */
  arrive(): boolean;
  /** The window's time is over and `count` wait: whether to commit them. Opens the next window if so. */
  close(count: number): boolean;
}

/**
 * Milliseconds. A timer of none goes off after what has arrived before it. A pending timer keeps an object from
 * hibernating (workerd 1.20261117, measured), so the longest must be short.
 */
const LENGTHS = [0, 1, 2, 4, 8, 16];
/** How many times as much a window has to gather as one half as long; 2 is what comes whether anyone is answered or not. */
const WORTH = 1.75;

export function createCommitWindow(): CommitWindow {
  let step = 0;
  /** How much each length gathered when it was tried last. */
  const gathered = LENGTHS.map(() => 0);
  let open = false;
  return {
    get open() {
      return open ? (LENGTHS[step] ?? 0) : null;
    },
    arrive() {
      if (open) return false;
      open = true;
      return true;
    },
    close(count) {
      gathered[step] = count;
      const grows = count > 1 && count >= WORTH * (gathered[step - 1] ?? 0);
      step = grows ? Math.min(LENGTHS.length - 1, step + 1) : Math.max(0, step - 1);
      open = count > 0;
      return open;
    },
  };
}
