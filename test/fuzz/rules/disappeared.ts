import { type Account, type Deed, deedOf } from "../account.ts";
import { branchOf, isWithin } from "../picture.ts";
import { standingsOf } from "../standing.ts";

/** Nothing that nobody removed disappears. */
export function disappeared(account: Account): string[] {
  const { trees, end } = account;
  const known = new Set(trees.flatMap((tree) => [...tree.keys()]));
  return [...known].flatMap((id) => {
    if (end.has(id)) return [];
    const seq = trees.findLastIndex((tree) => tree.has(id)) + 1;
    return isExplained(account, id, seq) ? [] : [`${id} disappeared with event ${seq}, and nobody removed it`];
  });
}

/** Whether somebody meant an event to remove a node, or to take back that it was made. */
function isExplained(account: Account, id: string, seq: number): boolean {
  const { undoes = [] } = account.events[seq - 1] ?? {};
  const undone = undoes.flatMap((each) => account.events[each - 1]?.ops ?? []);
  if (undone.some((effect) => effect.op === "insert" && effect.node.id === id)) return true;
  const before = account.trees[seq - 1];
  const deed = deedOf(account, seq);
  if (!before || !deed) return false;
  const { act } = deed;
  // Who took back that it was made meant it to go, though others have kept it.
  const isOwn = account.deeds.some((each) => each.who === deed.who && each.act.do === "insert" && each.act.id === id);
  if (act.do === "remove") return isWithin(deed.before, id, act.id) || (isOwn && !deed.before.has(id));
  if (act.do !== "undo" && act.do !== "redo") return false;
  const earlier = account.deeds.filter((each) => each.seq !== null && each.seq < seq);
  const standings = standingsOf(account);
  return earlier.some((each) => {
    if (each.who === deed.who) return isTakenWith(each, id);
    // Undoing what brought it back leaves it as somebody else wanted it.
    const { act, before } = each;
    if (act.do === "insert") return act.id === id && standings.of(each) !== "stands";
    return act.do === "remove" && standings.of(each) !== "undone" && isWithin(before, id, act.id);
  });
}

/** Whether a node is gone where this is undone, or made again. */
function isTakenWith({ act, before, after }: Deed, id: string): boolean {
  if (act.do === "insert") return act.id === id;
  if (act.do === "remove") return isWithin(before, id, act.id);
  // By moving it, somebody restored what was removed.
  return act.do === "move" && !before.has(act.id) && branchOf(after, act.id).includes(id);
}
