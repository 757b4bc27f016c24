import { burialOf } from "./above.ts";
import type { Home, NodeRecord } from "./node.ts";
import { addGuests, setPast } from "./past.ts";
import type { Store } from "./store.ts";

// What belongs into something that is removed stands where that stood, and goes home when the removal is undone.

/** Notes where a node belongs, and with what it goes home. Only a store that keeps what is removed has to know. */
export function noteHome(store: Store, node: NodeRecord, home: Home): void {
  if (!store.places) return;
  setPast(node, { home });
  const parent = store.get(home.parent);
  const burial = parent && burialOf(store, parent);
  if (burial) addGuests(store.edit(burial.top), [node.id]);
}

/** Where a node belongs that is about to be kept from a removal. */
export function homeOf({ id, parent, past }: Readonly<NodeRecord>): Home {
  const home = past?.home;
  // Where that has come back without it, it belongs where it is.
  return home && home.stays === undefined ? home : { parent: parent ?? "", after: id };
}
