/**
 * When to commit. The first arrival of an idle document is committed at once; then a window opens in which arrivals
 * wait, to share one log row and one frame. A commit is the wall (measured: 2 000–3 000 mutations/s one by one, over
 * 20 000/s in groups of 16 ms), while a lone writer who waits for each answer should hardly notice the window: it
 * doubles after a commit of several and halves after a commit of one.
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

const SHORTEST = 1;
/** A pending timer keeps an object from hibernating (workerd 1.20261117, measured), so it must be short. */
const LONGEST = 16;

export function createCommitWindow(): CommitWindow {
  let length = SHORTEST;
  let open = false;
  return {
    get open() {
      return open ? length : null;
    },
    arrive() {
      if (open) return false;
      open = true;
      return true;
    },
    close(count) {
      length = count > 1 ? Math.min(LONGEST, length * 2) : Math.max(SHORTEST, length / 2);
      open = count > 0;
      return open;
    },
  };
}
