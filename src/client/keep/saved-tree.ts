import type { TreeEvent } from "../../protocol/index.ts";
import type { NodeRow } from "../../tree/index.ts";
import { restoresFrom } from "../removed.ts";
import type { Writes } from "./saved-writes.ts";
import type { SavedEntry } from "./store.ts";

/** A tree as it was at one seq. */
export interface SavedTree {
  readonly incarnation: string;
  readonly seq: number;
  readonly rows: readonly NodeRow[];
}

/** What is under `tree`: which of the generations of `rows/` and `log/` is whole, and of how many nodes. */
interface Mark {
  readonly incarnation: string;
  readonly seq: number;
  readonly generation: number;
  readonly nodes: number;
}

/** What was found of a tree. `events` follow it without a gap, and `end` is the seq of the last one. */
interface Found {
  readonly mark: Mark;
  readonly tree: SavedTree | null;
  readonly events: readonly TreeEvent[];
  readonly end: number;
}

/** The rows that one write takes, so that copying them never holds up the page. */
const CHUNK = 500;
/** The log may hold as many events as the tree has nodes, and always so many. */
const LOG = 1_000;

/** The values whose keys begin so, as this library wrote them: nobody else writes there, so nobody looks at them again. */
export function valuesUnder<T>(entries: readonly SavedEntry[], prefix: string): T[] {
  return entries.flatMap(([key, value]) => (key.startsWith(prefix) ? [value as T] : []));
}

/** A counter as a part of a key, so that keys sort as counters do. */
export function padded(counter: number): string {
  return `${counter}`.padStart(16, "0");
}

/** Where it begins: what others have typed may be many events in one. */
function firstOf({ first, seq }: TreeEvent): number {
  return first ?? seq;
}

export function findTree(entries: readonly SavedEntry[]): Found {
  const [found] = valuesUnder<Mark>(entries, "tree");
  const generation = found?.generation ?? 0;
  const rows = valuesUnder<readonly NodeRow[]>(entries, `rows/${generation}/`).flat();
  const tree = found?.nodes === rows.length ? { incarnation: found.incarnation, seq: found.seq, rows } : null;
  const mark = tree && found ? found : { incarnation: "", seq: 0, generation, nodes: 0 };
  const events: TreeEvent[] = [];
  let end = mark.seq;
  for (const event of tree ? valuesUnder<readonly TreeEvent[]>(entries, `log/${generation}/`).flat() : []) {
    if (firstOf(event) !== end + 1) continue;
    events.push(event);
    end = event.seq;
  }
  return { mark, tree, events, end };
}

/** The writer of a tree: whole as a checkpoint, then event by event. Of all pages, one at a time may have one. */
export interface Keeper {
  heard(incarnation: string, events: readonly TreeEvent[]): void;
  /** Writes the tree anew, in place of any writing of it that is under way. */
  checkpoint(): void;
  /** Resolves when no checkpoint is under way. */
  done(): Promise<void>;
}

/**
 * Goes on from what is stored, which nobody else may change from now on. A checkpoint is a generation of its own beside
 * the one before, which goes away in the very write that makes the new one valid.
 */
export function createKeeper(
  entries: readonly SavedEntry[],
  writes: Pick<Writes, "put" | "written">,
  current: () => SavedTree | null,
): Keeper {
  let { mark, end } = findTree(entries);
  const keys = new Set(entries.flatMap(([key]) => (/^(rows|log)\//.test(key) ? [key] : [])));
  let underWay: Promise<void> | null = null;

  const put = (key: string, value: unknown) => {
    keys.add(key);
    writes.put(key, value);
  };
  const deleteOthers = () => {
    for (const key of keys) {
      if (key.includes(`/${mark.generation}/`)) continue;
      writes.put(key, undefined);
      keys.delete(key);
    }
  };
  const write = async (mine: Mark, rows: readonly NodeRow[]) => {
    for (let at = 0; at < rows.length; at += CHUNK) {
      put(`rows/${mine.generation}/${padded(at)}`, rows.slice(at, at + CHUNK));
      await writes.written();
      if (mark !== mine) return;
    }
    writes.put("tree", mine);
    deleteOthers();
    underWay = null;
  };
  const checkpoint = (tree = current()) => {
    underWay = null;
    if (!tree?.rows.length) return;
    const { incarnation, seq, rows } = tree;
    mark = { incarnation, seq, generation: mark.generation + 1, nodes: rows.length };
    end = seq;
    underWay = write(mark, rows);
  };

  deleteOthers();
  const tree = current();
  if (tree && (tree.incarnation !== mark.incarnation || tree.seq > end)) checkpoint(tree);
  return {
    heard(incarnation, events) {
      const news = events.filter(({ seq }) => seq > end);
      const [first] = news;
      if (incarnation !== mark.incarnation || (first && firstOf(first) !== end + 1)) return checkpoint();
      // It brings back what the rows do not have.
      if (news.some((event) => restoresFrom(event, mark.seq))) return checkpoint();
      if (!first) return;
      put(`log/${mark.generation}/${padded(first.seq)}`, news);
      end = news.at(-1)?.seq ?? end;
      // Begun anew at every event, a checkpoint would never end. And not in the task that applies events: both take long.
      if (!underWay && end - mark.seq > Math.max(LOG, mark.nodes)) underWay = writes.written().then(() => checkpoint());
    },
    checkpoint: () => checkpoint(),
    async done() {
      while (underWay) await underWay;
    },
  };
}
