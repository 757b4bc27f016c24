import { type Account, type Deed, eventOf, isUndoing } from "../account.ts";
import { attrOf, branchOf, isWithin, type Picture, siblingsOf } from "../picture.ts";
import { standingsOf, type Taken } from "../standing.ts";

/** What an undo has not brought back is told; and what is told is about nodes that there are, or were. */
export function told(account: Account): string[] {
  const { deeds, trees } = account;
  const standings = standingsOf(account);
  const known = new Set(trees.flatMap((tree) => [...tree.keys()]));
  return deeds.filter(isUndoing).flatMap((deed) => {
    const strange = deed.told.filter(({ id }) => !known.has(id)).map(({ id }) => `${id} was told, and never was`);
    const target = standings.takenBy(deed);
    // Made again only in part, nobody knows what it is to bring back.
    if (deed.act.do !== "undo" || deed.told.length > 0 || !target || target.last.told.length > 0) return strange;
    return [...strange, ...notBroughtBack(account, deed, target).map((what) => `${what}; nothing was told`)];
  });
}

function notBroughtBack(account: Account, undo: Deed, { deed, last: { seq } }: Taken): string[] {
  const { act } = deed;
  if (seq === null || !("id" in act)) return [];
  // As it was before it was made, or made again.
  const before = account.trees[seq - 1];
  // Of one that came to nothing, and was not made at a quiet time, nobody knows when.
  const now = undo.seq !== null ? account.trees[undo.seq] : undo.live ? undo.rested : undefined;
  // A receipt tells as well.
  const { redirected, removed } = eventOf(account, undo) ?? {};
  if (!before || !now || redirected || removed) return [];
  const { id } = act;
  switch (act.do) {
    case "insert":
      return now.has(id) && !before.has(id) ? [`undoing the insert left ${id}`] : [];
    case "update":
    case "unset": {
      const [was, is] = [attrOf(before, id, act.key), attrOf(now, id, act.key)];
      return before.has(id) && now.has(id) && was !== is ? [`undoing left ${id}.${act.key} ${is}; it was ${was}`] : [];
    }
    case "move":
      // What had brought it back, undone once more, leaves it removed, as it was before that was made first.
      if (!now.has(id) && act.do === "move" && isRestoredBy(account, deed, id)) return [];
      return misplaced(account, [id], before, now, seq, undo.seq);
    default: {
      // What somebody else has taken out of it since is theirs.
      const moved = placedBetween(account, seq, undo.seq);
      const isMoved = (each: string) => [...moved].some((other) => other !== id && isWithin(before, each, other));
      const taken = branchOf(before, id).filter((each) => !isMoved(each));
      return misplaced(
        account,
        taken.filter((each) => !account.trees[seq]?.has(each)),
        before,
        now,
        seq,
        undo.seq,
      );
    }
  }
}

function isRestoredBy(account: Account, deed: Deed, id: string): boolean {
  const ops = eventOf(account, deed)?.ops ?? [];
  return ops.some((effect) =>
    effect.op === "insert"
      ? effect.node.id === id && effect.restores !== undefined
      : effect.op === "move" && effect.id === id && effect.restores !== undefined,
  );
}

/** Who of these is not where it was, as far as that can be said beside those that were placed since. */
function misplaced(
  account: Account,
  ids: readonly string[],
  before: Picture,
  now: Picture,
  since: number,
  until: number | null,
): string[] {
  const placed = placedBetween(account, since, until);
  return ids.flatMap((id) => {
    const [was, is] = [before.get(id)?.parent, now.get(id)?.parent];
    if (was !== is) return was === undefined ? [] : [`undoing left ${id} in ${is}; it was in ${was}`];
    const old = siblingsOf(before, id);
    const fresh = siblingsOf(now, id);
    const wrong = old.filter((other) => {
      if (other === id || placed.has(other) || placed.has(id) || !fresh.includes(other)) return false;
      return old.indexOf(other) < old.indexOf(id) !== fresh.indexOf(other) < fresh.indexOf(id);
    });
    return wrong.map((other) => `undoing left ${id} on the other side of ${other}`);
  });
}

/** Who was inserted, moved, removed or restored after one event and before another. */
function placedBetween({ events, trees }: Account, since: number, until: number | null): Set<string> {
  const between = events.filter(({ seq }) => seq > since && seq < (until ?? trees.length));
  return new Set(
    between.flatMap(({ ops }) =>
      ops.flatMap((effect) => (effect.op === "insert" ? [effect.node.id] : effect.op === "update" ? [] : [effect.id])),
    ),
  );
}
