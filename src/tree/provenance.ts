import { burialOf } from "./above.ts";
import { noteHome } from "./home.ts";
import { type Attrs, type NodeId, type NodeRecord, seqIn, type Written } from "./node.ts";
import type { Kept, Marks } from "./operations.ts";
import { addGuests, addRemovers, isUndone, noteRedone, noteUndone, removersOf, setPast } from "./past.ts";
import type { Provenance, Store } from "./store.ts";

/** Keeps whose work stands in each node, and what of it is undone: of a store whose mutations can be undone. */
export const PROVENANCE: Provenance = {
  placed(store, node, { stands, left, follows, home, undo, redo }, seq) {
    const { past } = node;
    if (past || stands !== undefined)
      setPast(node, { place: follows ? past?.place : stands, left: follows ? past?.left : left, home: undefined });
    noteUndone(node, { undo, redo }, seq);
    if (home) noteHome(store, node, home);
  },
  broughtBack(store, node, grave, { undo, redo }, seq) {
    if (node.past) setPast(node, { removers: undefined });
    if (undo === undefined) letGuestsStay(store, node, grave, redo ?? seq);
    takeGuestsAlong(store, node);
  },
  wrote(node, { attrs, unset, type }, seq, stands) {
    if (type !== undefined) setPast(node, { type: stands ? stands.type : seq });
    if (attrs || unset) node.written = stands ? before(node, attrs, unset, stands) : writtenBy(node, attrs, unset, seq);
  },
  updated(node, effect, seq) {
    liftRemover(node, effect);
    noteUndone(node, effect, seq);
    if (effect.mark) noteRedone(node, effect, seq);
  },
  edited(node, effect, seq) {
    noteUndone(node, effect, seq);
    noteRedone(node, effect, seq);
  },
  removed(node, effect, seq, wasRemoved) {
    const { removers, rescued } = effect;
    if (wasRemoved) addRemovers(node, removers ?? [seq]);
    else if (removers) setPast(node, { removers });
    noteUndone(node, effect, seq);
    if (rescued) addGuests(node, rescued);
  },
  wasPut: (node, { place, removers }) => setPast(node, { place, removers }),
  leftBy({ past }, { undo, redo }, seq) {
    const isAway = undo !== undefined && past?.home !== undefined && past.home.stays === undefined;
    // Done again, it is undone once more by going to where it was left from then.
    return { since: redo ?? seq, of: undo, ...(isAway && { away: true }) };
  },
};

/** Those that were kept from a removal go home when it is undone, and not when the node is brought back by other means. */
function letGuestsStay(store: Store, node: NodeRecord, grave: NodeId | null, seq: number): void {
  const guests = (grave === null ? node : store.get(grave))?.past?.guests ?? [];
  for (const id of guests) {
    const home = store.get(id)?.past?.home;
    if (home && home.stays === undefined && (grave === null || home.parent === node.id))
      setPast(store.edit(id), { home: { ...home, stays: seq } });
  }
}

/** What was kept from the removal of a node goes home with what that is a part of now. */
function takeGuestsAlong(store: Store, node: NodeRecord): void {
  const guests = node.past?.guests;
  const burial = guests && burialOf(store, node);
  if (burial) addGuests(store.edit(burial.top), guests);
}

/** One reason for a node to be removed is gone, by undoing a removal or by doing an insert again, and others are not. */
function liftRemover(node: NodeRecord, { undo, redo }: Kept): void {
  const lifted = undo ?? (redo === undefined ? undefined : -redo);
  const removers = removersOf(node);
  if (lifted === undefined || removers.length < 2 || (undo !== undefined && isUndone(node, undo))) return;
  setPast(node, { removers: removers.filter((each) => each !== lifted) });
}

function writtenBy(
  { written: old, attrs: had }: NodeRecord,
  attrs: Attrs | undefined,
  unset: readonly string[] | undefined,
  seq: number,
): Written {
  const written = { ...old };
  let most = MOST_MARKS;
  for (const key in attrs) written[key] = seq;
  // What it never had nobody has deleted.
  for (const key of unset ?? []) if (Object.hasOwn(had, key)) written[key] = seq;
  for (const _ in written) most--;
  if (most < 0) forgetDeleted(written, had, attrs, -most);
  return written;
}

/** Marks of a node: those of as many attributes as it may have, and of as many that were deleted. */
const MOST_MARKS = 512;

/** The oldest marks of what is not there any more go. */
function forgetDeleted(written: Record<string, number>, had: Attrs, attrs: Attrs | undefined, count: number): void {
  const isThere = (key: string) => Object.hasOwn(had, key) || (attrs !== undefined && Object.hasOwn(attrs, key));
  const gone = Object.entries(written).filter(([key]) => !isThere(key));
  for (const [key] of gone.sort(([, a], [, b]) => a - b).slice(0, count)) delete written[key];
}

function before(
  { written: old }: NodeRecord,
  attrs: Attrs | undefined,
  unset: readonly string[] | undefined,
  stands: Marks,
): Written | null {
  const written = { ...old };
  for (const key of [...Object.keys(attrs ?? {}), ...(unset ?? [])]) {
    const seq = seqIn(stands.attrs, key);
    if (seq === undefined) delete written[key];
    else written[key] = seq;
  }
  return Object.keys(written).length > 0 ? written : null;
}
