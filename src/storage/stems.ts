import type { NodeId, NodeRecord, Stem, Toward } from "../tree/index.ts";
import type { NodeTable } from "./tables.ts";

/** How many nodes are kept in mind without their content. */
const MOST_STEMS = 20_000;
/** On the way to the root, where nothing is read in vain. */
const MOST_ABOVE = 1_024;
/** Siblings read at once. */
const BESIDE = 32;
/** Nodes from which the way up is read at once, and how many rows that may be. */
const FROM = 256;
const ABOVE_THEM = 8 * FROM;

/** Where nodes stand, read many at once and without their content. */
export interface Stems {
  get(id: NodeId, toward: Toward): Stem | undefined;
  /** Says that these nodes, and what is above them, will be asked for. */
  expectAbove(ids: readonly NodeId[]): void;
  /** What was read is out of date. */
  clear(): void;
}

/** What is known without reading. */
interface Source {
  readonly table: NodeTable;
  /** Null where there is no such node, undefined where its row has to be read. */
  known(id: NodeId): NodeRecord | null | undefined;
  noteAbsent(id: NodeId): void;
  /** How many rows to read for who goes on below, who has used so many of those read before. */
  ahead(used: number): number;
}

export function createStems({ table, known, noteAbsent, ahead }: Source): Stems {
  const stems = new Map<NodeId, Stem>();
  /** How many of them were asked for by who goes on below, since some were read. */
  let passed = 0;

  const keep = (read: readonly Stem[]) => {
    if (stems.size > MOST_STEMS) stems.clear();
    for (const each of read) stems.set(each.id, each);
  };
  const mostOf = (toward: Toward) => {
    if (toward === "below") return ahead(passed);
    return toward === "above" ? MOST_ABOVE : BESIDE;
  };

  return {
    get(id, toward) {
      const here = known(id);
      if (here === null) return undefined;
      if (toward === "below") passed++;
      const kept = here ?? stems.get(id);
      if (kept) return kept;
      keep(table.stems([id], toward, mostOf(toward)));
      if (toward === "below") passed = 0;
      const read = stems.get(id);
      if (!read) noteAbsent(id);
      return read;
    },
    expectAbove(ids) {
      const unknown = ids.filter((id) => known(id) === undefined && !stems.has(id));
      for (let start = 0; start < unknown.length; start += FROM) {
        const some = unknown.slice(start, start + FROM);
        keep(table.stems(some, "above", ABOVE_THEM));
        for (const id of some) if (!stems.has(id)) noteAbsent(id);
      }
    },
    clear: () => stems.clear(),
  };
}
