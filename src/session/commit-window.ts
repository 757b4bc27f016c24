/**
 * When to commit. The first arrival of an idle document is committed at once; then a window opens in which arrivals
 * wait, to share one log row and one frame. A commit is the wall (measured: 2 000–3 000 mutations/s one by one, over
 * 20 000/s in groups of 16 ms), while a lone writer who waits for each answer should not notice the window: it grows
 * after a commit of several and shrinks after a commit of one, down to what is in the queue already (a writer in a
 * tight loop waited 2.5 ms when it ended at 1 ms, and waits 0.4 ms now, measured).
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

export function createCommitWindow(): CommitWindow {
  let step = 0;
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
      step = count > 1 ? Math.min(LENGTHS.length - 1, step + 1) : Math.max(0, step - 1);
      open = count > 0;
      return open;
    },
  };
}
