import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type Persistence, persistence } from "./persistence.ts";
import { type KeyValueStore, memoryStore } from "./store.ts";

export interface IndexedDbOptions {
  /** The database: "durable-grove" if it is not given. */
  readonly name?: string | undefined;
}

interface Schema extends DBSchema {
  entries: { key: string; value: unknown };
}

/** The requests that are made in one task: copying values holds up the page. */
const SLICE = 100;

/** Where there are no Web Locks and only one page, the process: its claims, by database. */
const claimsWithoutLocks = new Map<string, KeyValueStore>();

/**
 * Persistence in an IndexedDB of this browser profile, shared by all pages of an origin. It survives closing and
 * crashing pages; a power cut may take the last moments of it, and a user or a browser short of space all of it. Who
 * signs in with several accounts in one profile gives each a `name` of its own, such as the user's id: what is in one
 * database is anybody's who opens it.
 *
 * It needs a secure context (https or localhost) for Web Locks. Where it fails, the document says so by `error` and goes
 * on without.
 */
export function indexedDb(options: IndexedDbOptions = {}): Persistence {
  return persistence(indexedDbStore(options));
}

/** The store beneath. Methods reject when the browser refuses storage, and `claim` in a page that is no secure context. */
export function indexedDbStore({ name = "durable-grove" }: IndexedDbOptions): KeyValueStore {
  let database: Promise<IDBPDatabase<Schema>> | null = null;
  const open = () => {
    database ??= openDB<Schema>(name, 1, {
      upgrade: (opened) => void opened.createObjectStore("entries"),
      // Another page wants to delete or upgrade it, and waits for us; the next use opens it again.
      blocking() {
        database?.then((opened) => opened.close());
        database = null;
      },
      terminated() {
        database = null;
      },
    }).catch((error) => {
      database = null;
      throw error;
    });
    return database;
  };
  return {
    async read(prefix) {
      const transaction = (await open()).transaction("entries");
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, values] = await Promise.all([
        transaction.store.getAllKeys(range),
        transaction.store.getAll(range),
        transaction.done,
      ]);
      return keys.map((key, index) => [key, values[index]]);
    },
    async write(changes) {
      const transaction = (await open()).transaction("entries", "readwrite");
      const { store, done } = transaction;
      let over = false;
      // Here already, as a failure may come while requests are still being made.
      const ended = done.finally(() => {
        over = true;
      });
      ended.catch(() => {});
      let made = 0;
      try {
        for (const [key, value] of changes) {
          const request = value === undefined ? store.delete(key) : store.put(value, key);
          // What fails ends the transaction, and is told by that.
          request.catch(() => {});
          if (++made % SLICE === 0) await request;
        }
      } catch (error) {
        // A value that cannot be cloned.
        if (!over) transaction.abort();
        await ended.catch(() => {});
        throw error;
      }
      await ended;
    },
    async claim(claimed, wait) {
      const locks = globalThis.navigator?.locks;
      if (locks) {
        return new Promise((resolve, reject) => {
          const hold = (lock: Lock | null) => lock && new Promise<void>((release) => resolve(release));
          locks
            .request(JSON.stringify([name, claimed]), { ifAvailable: !wait }, hold)
            .then(() => resolve(null), reject);
        });
      }
      // Everything that has pages has this property.
      if ("isSecureContext" in globalThis) {
        throw new Error("IndexedDB persistence needs Web Locks, and so a secure context: https or localhost");
      }
      const claims = claimsWithoutLocks.get(name) ?? memoryStore();
      claimsWithoutLocks.set(name, claims);
      return claims.claim(claimed, wait);
    },
  };
}
