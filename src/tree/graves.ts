import { burialOf } from "./above.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { setPast } from "./past.ts";
import type { Provenance, Store } from "./store.ts";

// An undo may put a node into something that is removed. Before that the node was elsewhere, perhaps alive: so what it went into must
// not be deleted before the event that has put it there has expired. Of stores whose history expires.

/** Events that a node remembers to have been put into something removed by; more are as if it had always been there. */
const MOST_GRAVES = 128;

/** Notes that, beside what else it keeps. */
export function keepingGraves(provenance: Provenance): Provenance {
  return {
    ...provenance,
    placed(store, node, place, seq) {
      provenance.placed(store, node, place, seq);
      if (place.undo !== undefined || place.redo !== undefined) noteGraves(store, node, seq);
    },
    broughtBack(store, node, ...back) {
      provenance.broughtBack(store, node, ...back);
      if (node.past?.holds !== undefined) setPast(node, { holds: undefined });
    },
  };
}

function noteGraves(store: Store, node: NodeRecord, seq: number): void {
  const burial = burialOf(store, node);
  const graves = node.past?.graves ?? [];
  if (!burial || graves.length >= MOST_GRAVES) return;
  const { grave, top } = burial;
  setPast(node, { graves: [...graves, [seq, grave, top]] });
  for (const id of [grave, top]) setPast(store.edit(id), { holds: seq });
}

/** What events up to this one have put a node into: it is not kept for that any more. */
export function takeGraves(store: Store, { id, past }: Readonly<NodeRecord>, seq: number): NodeId[] {
  const graves = past?.graves ?? [];
  const [first] = graves;
  if (!first || first[0] > seq) return [];
  setPast(store.edit(id), { graves: graves.filter(([since]) => since > seq) });
  return graves.flatMap(([since, ...ids]) => (since <= seq ? ids : []));
}
