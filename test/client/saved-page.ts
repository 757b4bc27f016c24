import { openSaved, type Saved, type SavedMutation, type SavedTree } from "../../src/client/keep/saved.ts";
import { type KeyValueStore, memoryStore, type SavedEntry } from "../../src/client/keep/store.ts";
import type { TreeEvent } from "../../src/protocol/index.ts";
import type { NodeRow } from "../../src/tree/index.ts";

/** The state of the test's document at a seq: so many nodes under a root. Every event inserts one more. */
export function treeAt(seq: number, incarnation = "i1", size = 1): SavedTree {
  const rows: NodeRow[] = [["root", null, null, "root", {}]];
  for (let node = 1; node < size + seq; node++) {
    rows.push([`n${node}`, "root", node === 1 ? null : `n${node - 1}`, "item", {}]);
  }
  return { incarnation, seq, rows };
}

export function eventAt(seq: number): TreeEvent {
  const ops = [{ op: "remove", id: `n${seq}` } as const];
  return { seq, time: seq, client: "server", mutation: seq, userId: null, ops };
}

export function mutationOf(client: string, mutation: number): SavedMutation {
  return { client, mutation, base: 0, incarnation: "i1", ops: [{ op: "remove", id: `m${mutation}` }] };
}

let ids = 0;

/** A page as `Saved` sees it: a confirmed tree that moves on, and errors that are noted. */
export interface Page {
  readonly saved: Saved;
  readonly errors: unknown[];
  tree: SavedTree | null;
  /** Confirms the next so many events, told in one call. */
  hear(count: number): void;
  replace(tree: SavedTree): void;
  /** Adds a mutation; resolves when it is kept. */
  add(mutation: number): Promise<void>;
}

export async function openPage(store: KeyValueStore, client?: string, name = "wss://host/documents/a"): Promise<Page> {
  const errors: unknown[] = [];
  const newId = () => `client${ids++}`;
  const state: { tree: SavedTree | null } = { tree: null };
  const failed = (error: unknown) => errors.push(error);
  const saved = await openSaved({ store, name, newId, client, current: () => state.tree, failed });
  if (saved.tree) {
    const { incarnation, seq, rows } = saved.tree;
    state.tree = treeAt(seq + saved.events.length, incarnation, rows.length - seq);
  }
  return {
    saved,
    errors,
    get tree() {
      return state.tree;
    },
    set tree(tree) {
      state.tree = tree;
    },
    hear(count) {
      const { incarnation, seq, rows } = state.tree ?? treeAt(0);
      state.tree = treeAt(seq + count, incarnation, rows.length - seq);
      saved.heard(
        incarnation,
        Array.from({ length: count }, (_, index) => eventAt(seq + 1 + index)),
      );
    },
    replace(tree) {
      state.tree = tree;
      saved.replaced();
    },
    add: (mutation) => new Promise((resolve) => saved.add(mutationOf(saved.client, mutation), resolve)),
  };
}

/** What a page finds, as numbers: the seq of the tree that results, and the pending by client. */
export function summary({ tree, events, pending }: Saved): { seq: number | null; pending: string[] } {
  return {
    seq: tree && tree.seq + events.length,
    pending: pending.map(({ client, mutation }) => `${client} ${mutation}`),
  };
}

/** KeyValueStore that counts its writes, and stops accepting any when `accepts` says so. */
export function watched(inner: KeyValueStore, accepts: (write: number) => boolean = () => true) {
  const writes: ReadonlyMap<string, unknown>[] = [];
  const store: KeyValueStore = {
    ...inner,
    async write(changes) {
      if (!accepts(writes.length)) throw new Error("the disk is full");
      writes.push(changes);
      await inner.write(changes);
    },
  };
  return { ...store, writes };
}

/** The same entries in a store where nobody holds a claim: the machine after a power cut. */
export async function afterCrash(inner: KeyValueStore): Promise<KeyValueStore> {
  const copy = memoryStore();
  const entries: readonly SavedEntry[] = await inner.read("");
  await copy.write(new Map(entries));
  return copy;
}
