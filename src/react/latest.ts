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
 * Asks one question after another, of which the last counts: however often that changes, one request is under way. The next begins when
 * that is answered, as a server may go on with what is called off; and at most so often. One that takes long is called off for it.
 */
export interface Asking<Value> {
  readonly latest: Latest<Value>;
  subscribe(changed: () => void): () => void;
  /** Null: nothing. */
  want(question: Question<Value> | null): void;
  /** Asks once more what has come to nothing. */
  again(): void;
}

/** Milliseconds after which what is under way is called off for what is wanted by now. */
const PATIENCE = 2_000;

export function createAsking<Value>(every: number): Asking<Value> {
  const listeners = new Set<() => void>();
  let latest: Latest<Value> = { value: null, isLoading: false, error: null };
  let wanted: Question<Value> | null = null;
  /** The one that was asked last. */
  let begun: Question<Value> | null = null;
  let reading: AbortController | null = null;
  /** Runs as long as none begins, and as long as the one under way may take. */
  let pause: ReturnType<typeof setTimeout> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const show = (next: Partial<Latest<Value>>) => {
    latest = { ...latest, ...next };
    for (const listener of listeners) listener();
  };
  const next = () => {
    if (pause !== undefined || listeners.size === 0 || !wanted || wanted === begun) return;
    if (reading && patience !== undefined) return;
    void begin(wanted);
  };
  const rest = (milliseconds: number) => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      pause = undefined;
      next();
    }, milliseconds);
  };
  const begin = async (question: Question<Value>) => {
    reading?.abort();
    const mine = new AbortController();
    reading = mine;
    begun = question;
    rest(every);
    patience = setTimeout(() => {
      patience = undefined;
      next();
    }, PATIENCE);
    try {
      const value = await question.ask(mine.signal);
      if (reading !== mine) return;
      over();
      show({ value, isLoading: wanted !== question, error: null });
    } catch (error) {
      if (reading !== mine) return;
      over();
      if (!(error instanceof ProblemError)) throw error;
      const { retryAfter } = error.problem;
      if (retryAfter !== undefined) {
        begun = null;
        rest(retryAfter);
      } else if (wanted === question) show({ isLoading: false, error });
    }
    next();
  };
  const over = () => {
    reading?.abort();
    reading = null;
    clearTimeout(patience);
    patience = undefined;
  };
  const stop = () => {
    over();
    clearTimeout(pause);
    pause = undefined;
    begun = null;
  };
  return {
    get latest() {
      return latest;
    },
    subscribe(changed) {
      listeners.add(changed);
      // It was hidden for a while, and is shown again.
      next();
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
      next();
    },
    again() {
      if (!latest.error || !wanted || reading) return;
      begun = null;
      show({ isLoading: true });
      next();
    },
  };
}
