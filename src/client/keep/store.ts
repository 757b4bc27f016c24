/**
 * What documents are kept in between visits: values by key, shared by all pages of a browser profile. Values are what
 * structured cloning takes. Any method may reject; the client then reports it and goes on without.
 */
export interface KeyValueStore {
  /** The entries whose key begins with `prefix`, by rising key (by UTF-16 code units). */
  read(prefix: string): Promise<readonly SavedEntry[]>;
  /** Writes all of it or nothing; undefined deletes. Resolves when it will survive the closing of the page. */
  write(changes: ReadonlyMap<string, unknown>): Promise<void>;
  /**
   * Takes a name for oneself and resolves with what gives it back; it is given back, too, when the page is gone. Taken
   * by another, it resolves with null, or with `wait` not before it is free. Names are apart from keys.
   */
  claim(name: string, wait: boolean): Promise<(() => void) | null>;
}

export type SavedEntry = readonly [key: string, value: unknown];

/** One that lasts as long as this object. */
export function memoryStore(): KeyValueStore {
  const entries = new Map<string, unknown>();
  const claims = new Map<string, (() => void)[]>();
  const release = (name: string) => {
    const next = claims.get(name)?.shift();
    if (next) next();
    else claims.delete(name);
  };
  const releaseOnce = (name: string) => {
    let held = true;
    return () => {
      if (held) release(name);
      held = false;
    };
  };
  return {
    async read(prefix) {
      return [...entries].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
    },
    async write(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
    },
    async claim(name, wait) {
      const queue = claims.get(name);
      if (!queue) {
        claims.set(name, []);
        return releaseOnce(name);
      }
      if (!wait) return null;
      return new Promise((resolve) => queue.push(() => resolve(releaseOnce(name))));
    },
  };
}
