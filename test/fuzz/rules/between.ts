import { type Account, type Deed, eventOf } from "../account.ts";
import { siblingsOf } from "../picture.ts";
import { type Standings, standingsOf } from "../standing.ts";

/** What was put between two nodes stays between them while all three are there and nobody moves them. */
export function between(account: Account): string[] {
  const standings = standingsOf(account);
  const placings = account.deeds.filter(({ act, made }) => made && (act.do === "move" || act.do === "insert"));
  return placings.flatMap((deed) => {
    const { act } = deed;
    if (!("id" in act) || deed.seq === null || standings.of(deed) !== "stands") return [];
    const siblings = siblingsOf(deed.after, act.id);
    const at = siblings.indexOf(act.id);
    const [left, right] = [siblings[at - 1], siblings[at + 1]];
    if (left === undefined || right === undefined) return [];
    const isElsewhere = [left, right, act.id].some(
      (id) => account.end.get(id)?.parent !== account.end.get(act.id)?.parent,
    );
    if (isElsewhere || !account.end.has(act.id) || eventOf(account, deed)?.redirected) return [];
    if (placings.some((other) => disturbs(other, deed, [left, right], standings))) return [];
    const now = siblingsOf(account.end, act.id);
    if (now.indexOf(left) < now.indexOf(act.id) && now.indexOf(act.id) < now.indexOf(right)) return [];
    return [`${act.id} was put between ${left} and ${right}, and they are ${now.join(" ")}`];
  });
}

/** Whether another placing leaves nothing to be said of what stands where. */
function disturbs(other: Deed, placing: Deed, neighbours: readonly string[], standings: Standings): boolean {
  if (other === placing || !("id" in other.act) || placing.seq === null) return false;
  const isOfNeighbour = neighbours.includes(other.act.id);
  if (!isOfNeighbour && !("id" in placing.act && placing.act.id === other.act.id)) return false;
  // One that came to nothing was seen as if it did not.
  if (other.seq === null) return isOfNeighbour && other.who === placing.who;
  if (other.seq > placing.seq) return standings.of(other) !== "undone";
  // Not confirmed, or undone since, it has left the neighbour somewhere else than where the author saw it.
  return isOfNeighbour && (other.seq > placing.base || (other.act.do === "move" && standings.wasTaken(other)));
}
