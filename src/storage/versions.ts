import type { Version } from "../protocol/index.ts";
import type { VersionTable } from "./tables.ts";

/** The versions of a document. They are few, and in memory once somebody has asked for one. */
export interface Versions {
  /** By their states, the oldest first. */
  readonly all: readonly Version[];
  /** By its id, or else by its name. */
  find(version: string): Version | undefined;
  /** The oldest state that has a name: the history leads back to it for as long as it has. */
  readonly oldestNamed: number | null;
  put(version: Version): void;
  delete(id: string): void;
  /** Deletes the oldest of those without a name, until there are no more than so many. */
  trim(most: number): void;
  /** Deletes what no history leads back to any more. */
  dropBefore(seq: number): void;
}

export function createVersions(table: VersionTable): Versions {
  let known: Version[] | null = null;
  const all = () => {
    known ??= table.all().sort(inOrder);
    return known;
  };
  const without = (id: string) => all().filter((version) => version.id !== id);
  const drop = (id: string) => {
    table.delete(id);
    known = without(id);
  };
  return {
    get all() {
      return all();
    },
    find: (wanted) => all().find(({ id }) => id === wanted) ?? all().find(({ name }) => name === wanted),
    get oldestNamed() {
      return all().find(({ name }) => name !== null)?.seq ?? null;
    },
    put(version) {
      table.put(version);
      known = [...without(version.id), version].sort(inOrder);
    },
    delete: drop,
    trim(most) {
      const unnamed = all().filter(({ name }) => name === null);
      for (const { id } of unnamed.slice(0, Math.max(0, unnamed.length - most))) drop(id);
    },
    dropBefore(seq) {
      for (const version of all()) {
        if (version.seq >= seq) return;
        drop(version.id);
      }
    },
  };
}

/** By their states, and of the same state in the order of ids. */
export function inOrder(one: Pick<Version, "seq" | "id">, other: Pick<Version, "seq" | "id">): number {
  return one.seq - other.seq || (one.id < other.id ? -1 : Number(one.id > other.id));
}
