import type { NodeId } from "../tree/index.ts";
import { guarded } from "./emitter.ts";

/** Who wants to know of single nodes: telling costs as much as what has changed, not as much as there are listeners. */
export interface Watchers {
  watch(id: NodeId, listener: () => void): () => void;
  notify(ids: Iterable<NodeId>): void;
}

export function createWatchers(report: (error: unknown) => void): Watchers {
  const watching = new Map<NodeId, Set<() => void>>();
  return {
    watch(id, listener) {
      const all = watching.get(id) ?? new Set();
      watching.set(id, all);
      const own = () => listener();
      all.add(own);
      return () => {
        all.delete(own);
        if (all.size === 0 && watching.get(id) === all) watching.delete(id);
      };
    },
    notify(ids) {
      for (const id of ids) for (const listener of [...(watching.get(id) ?? [])]) guarded(listener, report);
    },
  };
}
