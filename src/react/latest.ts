import { ProblemError } from "../history/index.ts";

/** What was asked for last, as far as it has come. */
export interface Latest<Value> {
  /** The last one that came: of what was asked for before, as long as that is under way. */
  readonly value: Value | null;
  readonly isLoading: boolean;
  readonly error: ProblemError | null;
}

export interface Question<Value> {
  /** Says what is asked for: the same key is the same question. */
  readonly key: string;
  ask(signal: AbortSignal): Promise<Value>;
}

/**
 * Asks one question after another, of which the last counts: however often that changes, one request is under way, the one before is
 * called off, and a new one begins at most so often.
 */
export interface Asking<Value> {
  readonly latest: Latest<Value>;
  subscribe(changed: () => void): () => void;
  /** Null: nothing. */
  want(question: Question<Value> | null): void;
}

export function createAsking<Value>(every: number): Asking<Value> {
  const listeners = new Set<() => void>();
  let latest: Latest<Value> = { value: null, isLoading: false, error: null };
  let wanted: Question<Value> | null = null;
  /** The one that was asked last. */
  let begun: Question<Value> | null = null;
  let reading: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (next: Partial<Latest<Value>>) => {
    latest = { ...latest, ...next };
    for (const listener of listeners) listener();
  };
  const begin = async () => {
    reading?.abort();
    const mine = new AbortController();
    const question = wanted;
    reading = mine;
    begun = question;
    if (!question) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted !== begun) void begin();
    }, every);
    try {
      const value = await question.ask(mine.signal);
      if (reading === mine) show({ value, isLoading: wanted !== question, error: null });
    } catch (error) {
      if (reading !== mine) return;
      if (!(error instanceof ProblemError)) throw error;
      show({ isLoading: wanted !== question, error });
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
    want(question) {
      if (question?.key === wanted?.key) return;
      wanted = question;
      if (!question) {
        stop();
        return show({ value: null, isLoading: false, error: null });
      }
      show({ isLoading: true });
      if (timer === undefined && listeners.size > 0) void begin();
    },
  };
}
