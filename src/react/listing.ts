import { ProblemError } from "../history/index.ts";

/** What has been read so far of something that comes in pages. */
export interface Listed<Entry> {
  readonly entries: readonly Entry[];
  /** Whether there may be more behind the last one. */
  readonly more: boolean;
  readonly isLoading: boolean;
  /** Why the last request came to nothing; null again with the next that does not. */
  readonly error: ProblemError | null;
}

/** A list that reads as long as somebody looks at it. */
export interface Listing<Entry> {
  readonly listed: Listed<Entry>;
  subscribe(changed: () => void): () => void;
  /** Reads the next page; nothing while one is under way, or where there is none. */
  loadMore(): void;
  /** Reads the first page anew. */
  refresh(): void;
}

/** A page, and how to read the one behind it. */
export interface Read<Entry> {
  readonly entries: readonly Entry[];
  readonly more: boolean;
  next(signal: AbortSignal): Promise<Read<Entry>>;
  /** What of those that are known stands behind it; null where it does not reach down to them. */
  behind(known: readonly Entry[]): readonly Entry[] | null;
}

export interface ListingSetup<Entry> {
  first(signal: AbortSignal): Promise<Read<Entry>>;
  /** Calls back whenever it may be another list. */
  follow(changed: () => void): () => void;
  /** Milliseconds between two requests that are made for that. */
  readonly every: number;
}

export function createListing<Entry>({ first, follow, every }: ListingSetup<Entry>): Listing<Entry> {
  const listeners = new Set<() => void>();
  let listed: Listed<Entry> = { entries: [], more: false, isLoading: true, error: null };
  /** The page that was read last of those behind each other. */
  let last: Read<Entry> | null = null;
  let reading: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOld = false;
  let unfollow = () => {};

  const show = (next: Partial<Listed<Entry>>) => {
    listed = { ...listed, ...next };
    for (const listener of listeners) listener();
  };
  const read = async (ask: (signal: AbortSignal) => Promise<Read<Entry>>, take: (page: Read<Entry>) => void) => {
    reading?.abort();
    const mine = new AbortController();
    reading = mine;
    show({ isLoading: true });
    try {
      const page = await ask(mine.signal);
      if (reading !== mine) return;
      reading = null;
      take(page);
    } catch (error) {
      if (reading !== mine) return;
      reading = null;
      if (!(error instanceof ProblemError)) throw error;
      show({ isLoading: false, error });
      const { retryAfter } = error.problem;
      if (retryAfter === undefined) return;
      isOld = true;
      timer ??= setTimeout(look, retryAfter);
    }
  };
  const begin = () =>
    void read(first, (page) => {
      const rest = page.more ? page.behind(listed.entries) : null;
      if (!last || !rest || rest.length === 0) last = page;
      show({ entries: [...page.entries, ...(rest ?? [])], more: last.more, isLoading: false, error: null });
    });
  /** Looks whether it is another list, now and then as long as it may be. */
  const look = () => {
    timer = undefined;
    if (!isOld) return;
    timer = setTimeout(look, every);
    // What is under way for somebody who wants more is not called off for that.
    if (reading) return;
    isOld = false;
    begin();
  };
  const stop = () => {
    unfollow();
    clearTimeout(timer);
    timer = undefined;
    reading?.abort();
    reading = null;
  };
  const refresh = () => {
    reading?.abort();
    reading = null;
    clearTimeout(timer);
    isOld = true;
    look();
  };
  return {
    get listed() {
      return listed;
    },
    subscribe(changed) {
      if (listeners.size === 0) {
        unfollow = follow(() => {
          isOld = true;
          if (timer === undefined) look();
        });
        // Whoever looks is told of nothing while he begins to.
        queueMicrotask(() => listeners.size > 0 && refresh());
      }
      listeners.add(changed);
      return () => {
        listeners.delete(changed);
        if (listeners.size === 0) stop();
      };
    },
    loadMore() {
      const from = last;
      if (!from?.more || reading) return;
      void read(from.next, (page) => {
        last = page;
        show({ entries: [...listed.entries, ...page.entries], more: page.more, isLoading: false, error: null });
      });
    },
    refresh,
  };
}
