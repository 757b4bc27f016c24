import { ProblemError } from "../history/index.ts";

/** What was asked for last, as far as it has come. */
export interface Latest<Value> {
  /** The last one that came: of what was asked for before, as long as that is under way. */
  readonly value: Value | null;
  readonly isLoading: boolean;
  readonly error: ProblemError | null;
}

/** Asks for one thing after another, of which the last counts: however often that changes, one request is under way, and a new one begins at most so often. */
export interface Asking<Key, Value> {
  readonly latest: Latest<Value>;
  subscribe(changed: () => void): () => void;
  /** Null: nothing. */
  want(key: Key | null): void;
}

export function createAsking<Key, Value>(
  ask: (key: Key, signal: AbortSignal) => Promise<Value>,
  every: number,
): Asking<Key, Value> {
  const listeners = new Set<() => void>();
  let latest: Latest<Value> = { value: null, isLoading: false, error: null };
  let wanted: Key | null = null;
  let begun: Key | null = null;
  let reading: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (next: Partial<Latest<Value>>) => {
    latest = { ...latest, ...next };
    for (const listener of listeners) listener();
  };
  const begin = async () => {
    reading?.abort();
    const mine = new AbortController();
    reading = mine;
    const key = wanted;
    begun = key;
    if (key === null) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted !== begun) void begin();
    }, every);
    try {
      const value = await ask(key, mine.signal);
      if (reading === mine) show({ value, isLoading: wanted !== key, error: null });
    } catch (error) {
      if (reading !== mine) return;
      if (!(error instanceof ProblemError)) throw error;
      show({ isLoading: wanted !== key, error });
    }
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    reading?.abort();
    reading = null;
    begun = null;
  };
  return {
    get latest() {
      return latest;
    },
    subscribe(changed) {
      listeners.add(changed);
      // It was hidden for a while, and is shown again.
      if (wanted !== begun && timer === undefined) void begin();
      return () => {
        listeners.delete(changed);
        if (listeners.size === 0) stop();
      };
    },
    want(key) {
      if (key === wanted) return;
      wanted = key;
      if (key === null) {
        stop();
        return show({ value: null, isLoading: false, error: null });
      }
      show({ isLoading: true });
      if (timer === undefined && listeners.size > 0) void begin();
    },
  };
}
