import type { KeyValueStore } from "./store.ts";

/** The changes to a KeyValueStore, written one write at a time: what gathers during one goes into the next. */
export interface Writes {
  /** Undefined deletes. Does nothing after `end`, and nothing once a write has failed. */
  put(key: string, value: unknown): void;
  /** Calls back when all that was put so far is written, or will never be. Never synchronously. */
  after(call: () => void): void;
  written(): Promise<void>;
  /** Stops all writing. Only the first error is told. */
  fail(error: unknown): void;
  /** Takes no more; resolves when what was put is written. */
  end(): Promise<void>;
  readonly ended: boolean;
}

export function createWrites(store: KeyValueStore, failed: (error: unknown) => void): Writes {
  let changes = new Map<string, unknown>();
  let calls: (() => void)[] = [];
  let running = false;
  let ended = false;
  let broken = false;

  const run = async () => {
    if (running) return;
    running = true;
    // All that one task puts goes into one write.
    await null;
    while (changes.size + calls.length > 0) {
      const batch = changes;
      const due = calls;
      changes = new Map();
      calls = [];
      try {
        if (batch.size > 0) await store.write(batch);
      } catch (error) {
        writes.fail(error);
      }
      for (const call of due) call();
    }
    running = false;
  };
  const writes: Writes = {
    put(key, value) {
      if (writes.ended) return;
      changes.set(key, value);
      run();
    },
    after(call) {
      calls.push(call);
      run();
    },
    written: () => new Promise((resolve) => writes.after(resolve)),
    fail(error) {
      changes.clear();
      if (!broken) failed(error);
      broken = true;
    },
    end() {
      ended = true;
      return writes.written();
    },
    get ended() {
      return ended || broken;
    },
  };
  return writes;
}
