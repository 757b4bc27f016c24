import { type Account, type Deed, eventOf, isUndoing } from "../account.ts";
import { type Drawn, isWithin, lineOf, type Picture } from "../picture.ts";
import { acceptedOf, standingsOf } from "../standing.ts";

/**
 * Undo of everything by the first one leaves exactly what the others did, or tells what it has left out. `without`: how
 * the same script went when the first one did nothing.
 */
export function left(undone: Account, without: Account): string[] {
  if (!areAlike(undone, without)) return [];
  const told = undone.deeds.flatMap((deed) => (deed.who === 0 ? deed.told.map(({ id }) => id) : []));
  const pictures = [undone.end, without.end, ...undone.trees];
  const isNear = (id: string) =>
    told.some((each) => pictures.some((tree) => isWithin(tree, id, each) || tree.get(each)?.parent === id));
  const different = differing(undone.end, without.end, vagueIn(undone)).filter((id) => !isNear(id));
  if (different.length === 0) return [];
  const trees = `it is ${lineOf(undone.end)}; without what was undone it is ${lineOf(without.end)}`;
  return [`undoing everything left ${different.join(", ")} different: ${trees}`];
}

/** Whether nobody can say in which order two nodes are to be. */
type Vague = (one: string, other: string) => boolean;

/** What others put beside the place that a node had left: is it before that, or behind? */
function vagueIn(undone: Account): Vague {
  const standings = standingsOf(undone);
  const placed = acceptedOf(undone).filter(({ act }) => act.do === "insert" || act.do === "move");
  const idsOf = (deeds: readonly Deed[]) => new Set(deeds.flatMap(({ act }) => ("id" in act ? [act.id] : [])));
  const own = idsOf(placed.filter(({ who }) => who === 0));
  const theirs = idsOf(placed.filter((deed) => deed.who !== 0 && standings.of(deed) !== "undone"));
  return (one, other) => (own.has(one) && theirs.has(other)) || (own.has(other) && theirs.has(one));
}

/** The nodes that are not the same, with another parent or content, or whose children are in another order. */
function differing(one: Picture, other: Picture, isVague: Vague): string[] {
  const ids = [...new Set([...one.keys(), ...other.keys()])];
  return ids.filter((id) => {
    const [a, b] = [one.get(id), other.get(id)];
    if (!a || !b || a.parent !== b.parent || contentOf(a) !== contentOf(b)) return true;
    return !isSameOrder(a.children, b.children, isVague);
  });
}

const contentOf = ({ type, attrs }: Drawn) => JSON.stringify([type, Object.entries(attrs).sort()]);

/** Of those that are in both: who is missing differs itself. */
function isSameOrder(one: readonly string[], other: readonly string[], isVague: Vague): boolean {
  const both = one.filter((id) => other.includes(id));
  return both.every((id, at) =>
    both.slice(at + 1).every((later) => other.indexOf(id) < other.indexOf(later) || isVague(id, later)),
  );
}

/** Whether the others did the same in both, and nothing that has its meaning from what was undone. */
export function areAlike(undone: Account, without: Account): boolean {
  const own = undone.deeds.filter(({ who }) => who === 0);
  const made = new Set(own.flatMap(({ act }) => (act.do === "insert" ? [act.id] : [])));
  const moved = new Set(own.flatMap(({ act }) => (act.do === "move" ? [act.id] : [])));
  const removed = new Set(own.flatMap(({ act }) => (act.do === "remove" ? [act.id] : [])));
  const others = undone.deeds.filter(({ who }) => who !== 0);
  const twins = without.deeds.filter(({ who }) => who !== 0);
  return others.every((deed, at) => {
    const twin = twins[at];
    if (!twin || deed.made !== twin.made || (deed.seq === null) !== (twin.seq === null)) return false;
    // Nobody can tell what became of it.
    if (!deed.answered || !twin.answered) return false;
    const { redirected, rescued = [] } = eventOf(undone, deed) ?? {};
    if (redirected || eventOf(without, twin)?.redirected) return false;
    // It was somewhere else for who removed something, or what it is in was.
    const tree = undone.trees[(deed.seq ?? 0) - 1];
    const isInMoved = (id: string) => tree !== undefined && [...moved].some((each) => isWithin(tree, id, each));
    if (rescued.some((id) => moved.has(id) || removed.has(id) || isInMoved(id))) return false;
    if (isUndoing(deed)) return whys(deed) === whys(twin);
    const { id, parent, after } = { parent: "", after: null, ...deed.act, ...idOf(deed) };
    // What stands behind something that was moved and is moved back stands where, then?
    return ![id, parent, after].some((name) => made.has(name ?? "")) && !moved.has(after ?? "");
  });
}

const idOf = ({ act }: Deed) => ({ id: "id" in act ? act.id : "" });
const whys = ({ told }: Deed) => told.map(({ id, why }) => `${id} ${why}`).join();
