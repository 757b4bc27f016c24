import type { Meta, TreeEvent } from "../../protocol/index.ts";
import type { Step as TextStep } from "../../text/index.ts";
import type { Operation } from "../../tree/index.ts";
import type { Kept, Missed } from "../merging.ts";
import type { SavedStacks } from "../saved-stacks.ts";
import type { Step } from "../step.ts";
import { sendLeft } from "./leftovers.ts";
import { createKeeper, findTree, type Keeper, padded, type SavedTree, valuesUnder } from "./saved-tree.ts";
import { createWrites } from "./saved-writes.ts";
import type { KeyValueStore, SavedEntry } from "./store.ts";

export type { SavedTree } from "./saved-tree.ts";

/** A mutation that has had no answer yet, with the state that its author saw. */
export interface SavedMutation {
  readonly client: string;
  readonly mutation: number;
  readonly base: number;
  readonly incarnation: string;
  readonly ops: readonly Operation[];
  readonly meta?: Meta | undefined;
  /** What it asks of texts. */
  readonly asked?: readonly TextStep[] | undefined;
  /** What it undoes, so that this is seen before the server has answered. */
  readonly named?: readonly Step[] | undefined;
}

/** What one client keeps of one document in a KeyValueStore. */
export interface Saved extends Pick<Kept, "missed" | "keepMissed"> {
  readonly client: string;
  /** Not below any counter that this client may have used. */
  readonly counter: number;
  readonly tree: SavedTree | null;
  /** What came after the tree, contiguous from `tree.seq + 1`. */
  readonly events: readonly TreeEvent[];
  /** What had no answer: this client's own and that of clients whose page is gone, each in order of counters. */
  readonly pending: readonly SavedMutation[];
  /** Keeps a mutation; calls back when it will survive, or when keeping has failed. Never synchronously. */
  add(mutation: SavedMutation, kept: () => void): void;
  /** Forgets a mutation, and with the last one of a client whose page is gone that client. */
  answered(client: string, mutation: number): void;
  /** The confirmed tree has moved on by these events. */
  heard(incarnation: string, events: readonly TreeEvent[]): void;
  /** The confirmed tree is another one altogether. */
  replaced(): void;
  /** What this client could undo at its last visit. */
  readonly undo: SavedStacks | undefined;
  keepUndo(stacks: SavedStacks): void;
  /** Sends one that a closed page has left. */
  readonly sendLeft: typeof sendLeft;
  /** Writes what is left, then gives back all that it holds. Nothing is written after it has resolved. */
  close(): Promise<void>;
}

export interface SavedSetup {
  readonly store: KeyValueStore;
  /** The document's url: what is kept of others is apart. */
  readonly name: string;
  readonly newId: () => string;
  /** The client to be; else one whose page is gone, or a new one. */
  readonly client?: string | undefined;
  /** The confirmed tree, if there is one by now. */
  readonly current: () => SavedTree | null;
  /** Called once, with the error that ended all writing. Everything else goes on. */
  readonly failed: (error: unknown) => void;
}

/** What is under `client/`. */
interface ClientRecord {
  readonly client: string;
  readonly counter: number;
}

/** Far more than a client sends between a write and the moment that it cannot get lost any more. */
const JUMP = 2 ** 30;

const clientKey = (client: string) => `client/${client}`;
const undoKey = (client: string) => `undo/${client}`;
const missedKey = (client: string) => `missed/${client}/`;
const pendingKey = (client: string, mutation: number) => `pending/${client}/${padded(mutation)}`;

/**
 * Opens what is kept of a document. Every page is a client of its own; what the clients of closed pages left behind is
 * taken over. Rejects if `client` is open in another page, and if the store does.
 */
export async function openSaved(setup: SavedSetup): Promise<Saved> {
  const { store, newId, current } = setup;
  // Encoded, a name has no slash, so none begins with another and its slash.
  const prefix = `${encodeURIComponent(setup.name)}/`;
  const writes = createWrites(store, setup.failed);
  const put = (key: string, value: unknown) => writes.put(prefix + key, value);
  const releases = new Map<string, () => void>();

  const read = async (under = ""): Promise<SavedEntry[]> =>
    (await store.read(prefix + under)).map(([key, value]) => [key.slice(prefix.length), value]);
  const claim = async (key: string, wait = false) => {
    const release = await store.claim(prefix + key, wait);
    if (release) releases.set(key, release);
  };
  const isOurs = (client: string) => releases.has(clientKey(client));
  const releaseAll = () => {
    for (const release of releases.values()) release();
  };
  const forget = (client: string) => {
    const release = releases.get(clientKey(client));
    releases.delete(clientKey(client));
    put(clientKey(client), undefined);
    put(undoKey(client), undefined);
    // Whoever has it next must not find it as it was before.
    if (release) writes.after(release);
  };

  let keeper: Keeper | null = null;
  const keep = (entries: readonly SavedEntry[]) => {
    keeper = createKeeper(entries, { put, written: writes.written }, current);
  };
  const waitToKeep = async () => {
    await claim("keeper", true);
    if (writes.ended) releases.get("keeper")?.();
    else keep(await read());
  };

  try {
    if (setup.client !== undefined) {
      await claim(clientKey(setup.client));
      if (!isOurs(setup.client)) throw new Error(`the client ${setup.client} is open in another page`);
    }
    for (const { client } of clientsIn(await read("client/"))) if (!isOurs(client)) await claim(clientKey(client));
    await claim("keeper");
    // Read after the claims: what is ours changes no more.
    const entries = await read();
    const pending = valuesUnder<SavedMutation>(entries, "pending/").filter((mutation) => isOurs(mutation.client));
    const known = clientsIn(entries).filter((record) => isOurs(record.client));
    const client = setup.client ?? pending[0]?.client ?? known[0]?.client ?? newId();
    if (!isOurs(client)) await claim(clientKey(client));

    const left = new Map<string, Set<number>>();
    for (const { client: author, mutation } of pending) {
      if (author !== client) left.set(author, (left.get(author) ?? new Set()).add(mutation));
    }
    // The server may know a client that the store does not, or no longer: what it used is far below.
    let counter = setup.client === undefined ? 0 : Date.now();
    for (const record of known) {
      if (record.client === client) {
        // A write may get lost with the power, and its mutation was sent: used again, its counter would be a repeat.
        counter = record.counter + JUMP;
        put(clientKey(client), { client, counter });
      } else if (!left.has(record.client)) {
        forget(record.client);
      }
    }
    if (releases.has("keeper")) keep(entries);
    else waitToKeep().catch(writes.fail);

    const { tree, events } = findTree(entries);
    const missing = new Set<string>();
    for (const [key] of entries) {
      if (key.startsWith(missedKey(client))) missing.add(key);
      else if (key.startsWith("missed/") && known.some((record) => key.startsWith(missedKey(record.client)))) {
        put(key, undefined);
      }
    }
    const ownUndo = entries.filter(([key]) => key === undoKey(client));
    const [undo] = valuesUnder<SavedStacks>(ownUndo, undoKey(client));
    return {
      sendLeft,
      undo,
      keepUndo: (stacks) => put(undoKey(client), stacks),
      missed: valuesUnder<readonly Missed[]>(entries, missedKey(client)).flat(),
      keepMissed(more) {
        if (more === null) {
          for (const key of missing) put(key, undefined);
          missing.clear();
        } else if (more[0]) {
          const key = missedKey(client) + padded(more[0].seq);
          missing.add(key);
          put(key, more);
        }
      },
      client,
      counter,
      tree,
      events,
      pending,
      // Not all that it is given: what it does to the tree is worked out anew.
      add({ client, mutation, base, incarnation, ops, meta, asked, named }, kept) {
        put(clientKey(client), { client, counter: mutation });
        put(pendingKey(client, mutation), { client, mutation, base, incarnation, ops, meta, asked, named });
        writes.after(kept);
      },
      answered(author, mutation) {
        put(pendingKey(author, mutation), undefined);
        const others = left.get(author);
        if (!others?.delete(mutation) || others.size > 0) return;
        left.delete(author);
        forget(author);
      },
      heard: (incarnation, events) => keeper?.heard(incarnation, events),
      replaced: () => keeper?.checkpoint(),
      async close() {
        await keeper?.done();
        await writes.end();
        releaseAll();
      },
    };
  } catch (error) {
    releaseAll();
    throw error;
  }
}

function clientsIn(entries: readonly SavedEntry[]): ClientRecord[] {
  return valuesUnder(entries, "client/");
}
