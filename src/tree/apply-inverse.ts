import { marksAttr } from "../text/index.ts";
import { burialOf } from "./above.ts";
import { bury, edited, editRecord, erase, merged, put, updateRecord } from "./apply.ts";
import { mark, oneOfMany, unlink } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { assertNever, type Inverse, type Place } from "./operations.ts";
import { countIn, countOut, recount } from "./size.ts";
import { mustGet, type Store } from "./store.ts";

/**
 * Undoes one effect, for time travel: removed nodes and marks are as they were, what is gone among siblings is not. The
 * inverses of an event are applied in the order they are listed.
 */
export function applyInverse(store: Store, inverse: Inverse): void {
  for (const _ of undoing(store, inverse));
}

/** The same in steps, one for each node that is not there any more. Nothing has changed before the last of them is over. */
export function* undoing(store: Store, inverse: Inverse): Generator<void> {
  switch (inverse.op) {
    case "update": {
      const node = store.get(inverse.id);
      const { was, typed } = inverse;
      if (node) updateRecord(store, store.edit(inverse.id), inverse, 0, { attrs: was, type: typed });
      return;
    }
    case "edit": {
      const { id, attr, changes, was = 0, missing, marks } = inverse;
      if (changes.length === 0 || !store.get(id)) return;
      const node = store.edit(id);
      const back = missing ? merged(node.attrs, undefined, [attr]) : edited(node.attrs, inverse);
      const next = marks === undefined ? back : { ...back, [marksAttr(attr)]: marks };
      editRecord(store, node, { attr, changes, stands: was }, 0, next);
      return;
    }
    case "move": {
      const { id, parent, was } = inverse;
      const above = store.get(parent);
      // It was removed once more in what was removed before, and has expired: with that, or after it.
      if (!above || !store.get(id)) return;
      const node = store.edit(id);
      const prev = was.after === undefined ? inverse.after : was.after;
      const back = { parent, after: prev !== null && store.get(prev) ? prev : null };
      const change = () => put(store, node, back, was.placed, null);
      // It was removed once more in what was removed.
      const burial = node.removed === null ? null : burialOf(store, above);
      if (node.removed !== null) countIn(store, node);
      if (burial) recount(store, burial.grave, change);
      else change();
      store.provenance?.wasPut(node, { place: was.place });
      return;
    }
    case "remove": {
      // Restored inside something removed, it may have expired with that, and was not alive before either.
      if (inverse.was !== null && !store.get(inverse.id)) return;
      if (inverse.was === null) {
        const ids: NodeId[] = [];
        for (const { id } of oneOfMany(store, inverse.id)) {
          ids.push(id);
          yield;
        }
        const top = store.edit(inverse.id);
        store.places?.leave(store, top, "nothing");
        unlink(store, top);
        erase(store, inverse.id, ids);
        store.size -= ids.length;
        return;
      }
      const node = store.edit(inverse.id);
      const { parent, prev, next, placed, removed, linked, place, removers } = inverse.was;
      store.provenance?.wasPut(node, { place, removers });
      // What it lay in may have expired since; then it lies nowhere, marked as removed itself.
      if (linked && store.get(parent)) {
        putInside(store, node, { parent, after: prev }, placed);
        return;
      }
      if (node.removed === null) {
        const burial = burialOf(store, node);
        const change = () => bury(store, node, "nothing", removed);
        // Restored inside something removed, it was a part of that.
        if (burial) recount(store, burial.grave, change);
        else change();
        countOut(store, node);
      } else mark(store, node, removed);
      Object.assign(node, { parent, prev, next, placed });
      return;
    }
    default:
      assertNever(inverse);
  }
}

/** Back into something that is removed: it is not alive, and not because of a mark of its own. */
function putInside(store: Store, node: NodeRecord, place: Place, placed: number): void {
  const { parent } = place;
  const burial = burialOf(store, mustGet(store, parent));
  // What has expired is deleted from below: its old neighbour may be gone already, and nobody sees where it stands.
  const after = place.after !== null && store.get(place.after) ? place.after : null;
  if (burial) recount(store, burial.grave, () => put(store, node, { parent, after }, placed, null));
}
