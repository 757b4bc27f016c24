import type { DiffNode, DiffOperations, DiffPage, DiffQuery } from "../../src/protocol/index.ts";
import { applyChanges } from "../../src/text/index.ts";
import {
  type ContentDiff,
  decideText,
  fromData,
  mergeUpdate,
  mutate,
  type NodeData,
  type Operation,
  toData,
} from "../../src/tree/index.ts";
import { ATTR, nodesIn, type Standing } from "./deeds.ts";
import { formed, type Scene } from "./scene.ts";

const EMPTY: NodeData = { type: "" };

/** Two moments by chance, of which either may be the earlier. */
export function checkDiffs(scene: Scene, first: number): void {
  const { trees, chance } = scene;
  const count = trees.length - first;
  const [from, to] = [first + chance.below(count), first + chance.below(count)];
  checkOperations(scene, from, to);
  checkOperations(scene, to, from);
  checkNodes(scene, from, to);
  checkBranch(scene, from, to);
}

/** The operations lead from the one to the other, put together of pages. */
function checkOperations(scene: Scene, from: number, to: number): void {
  const { trees, problems } = scene;
  const says = `operations from ${from} to ${to}`;
  const pages = pagesOf(scene, { from: { seq: from }, to: { seq: to }, ops: true });
  const ops = pages.flatMap((page): readonly Operation[] => ("ops" in page ? page.ops : []));
  checkLeads(scene, says, [trees[from], trees[to]], ops);
  if (from === to && ops.length > 0) problems.push(`${says}: nothing differs`);
}

function checkLeads(
  { problems, same }: Scene,
  says: string,
  [from = EMPTY, to = EMPTY]: readonly (NodeData | undefined)[],
  ops: readonly Operation[],
): void {
  const state = fromData(from, () => "");
  const texts = { decide: decideText, merge: mergeUpdate };
  const verdict = mutate(state, ops, { seq: 1, newId: () => "", texts });
  if (verdict.ok) same(formed(toData(state)), formed(to), `${says}: ${JSON.stringify(ops)}`);
  else problems.push(`${says}: ${JSON.stringify({ verdict, ops })}`);
}

/** What differs is told whole, and nothing else is told. */
function checkNodes(scene: Scene, from: number, to: number): void {
  const { trees } = scene;
  const says = `diff from ${from} to ${to}`;
  const pages = pagesOf(scene, { from: { seq: from }, to: { seq: to } });
  const told = new Map(pages.flatMap((page) => ("nodes" in page ? page.nodes : [])).map((node) => [node.id, node]));
  const [was, is] = [nodesIn(trees[from] ?? EMPTY), nodesIn(trees[to] ?? EMPTY)];
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const [one, other, diff] = [was.get(id), is.get(id), told.get(id)];
    if (one && other) checkKept(scene, `${says}: ${id}`, [one, other], diff);
    else checkGone(scene, `${says}: ${id}`, [one ? was : is, one ?? other], diff, told, one ? "removed" : "inserted");
  }
  for (const id of told.keys())
    scene.expect(was.has(id) || is.has(id), () => `${says}: ${id} is told, and was never there`);
  for (const [id, node] of is)
    checkOrder(scene, `${says}: children of ${id}`, was.get(id)?.children, node.children, told);
  checkAuthors(scene, says, pages);
}

/** A node that is in one of the two is told, or stands in one that is. */
function checkGone(
  { same, expect }: Scene,
  says: string,
  [all, node]: readonly [ReadonlyMap<string, Standing>, Standing | undefined],
  diff: DiffNode | undefined,
  told: ReadonlyMap<string, DiffNode>,
  is: "inserted" | "removed",
): void {
  if (!diff) {
    let here = node?.parent ?? null;
    while (here !== null && told.get(here)?.is !== is) here = all.get(here)?.parent ?? null;
    return void expect(here !== null, () => `${says} is ${is}, and is not told`);
  }
  if (diff.is !== is) return void expect(false, () => `${says} is told as ${diff.is}`);
  same([diff.type, sorted(diff.attrs)], [node?.type, sorted(node?.attrs)], `${says}: what it holds`);
  same([diff.parent, diff.after], placeIn(all, node), `${says}: where it stands`);
}

function checkKept(
  { same, expect }: Scene,
  says: string,
  [was, is]: readonly [Standing, Standing],
  diff: DiffNode | undefined,
): void {
  if (diff?.is === "inserted" || diff?.is === "removed")
    return void expect(false, () => `${says} is told as ${diff.is}`);
  if (was.parent !== is.parent) expect(diff?.is === "moved", () => `${says} has another parent`);
  if (diff?.is === "moved") same([diff.from.parent, diff.parent], [was.parent, is.parent], `${says}: parents`);
  const content: ContentDiff = diff?.is === "moved" || diff?.is === "changed" ? diff : {};
  const attrs: Record<string, unknown> = { ...was.attrs };
  for (const [attr, { from, changes }] of Object.entries(content.texts ?? {})) {
    same(from, was.attrs?.[attr] ?? "", `${says}: the text of before`);
    attrs[attr] = applyChanges(from, changes);
    expect(attrs[attr] !== from, () => `${says}: a text that is the same is told`);
    const by = diff?.by?.[attr];
    expect(!by || by.length === changes.length, () => `${says}: so many authors as changes`);
    for (const [at, seq] of by?.entries() ?? [])
      expect(
        (seq === null) === Number(changes[at]) > 0,
        () => `${says}: who has made ${changes[at]} is told as ${seq}`,
      );
  }
  for (const [attr, { from, to }] of Object.entries(content.attrs ?? {})) {
    // An edit takes marks along: those that were there are as the edit has left them.
    if (attr !== `${ATTR}:marks` || !content.texts?.[ATTR]) same(from, was.attrs?.[attr], `${says}: ${attr} before`);
    expect(JSON.stringify(from) !== JSON.stringify(to), () => `${says}: ${attr} is told, and is the same`);
    if (to === undefined) delete attrs[attr];
    else attrs[attr] = to;
  }
  if (content.texts) {
    const [marks, before] = [is.attrs?.[`${ATTR}:marks`], attrs[`${ATTR}:marks`]];
    // Of marks that have only moved nothing is told.
    if (!content.attrs?.[`${ATTR}:marks`] && before !== undefined && marks !== undefined)
      attrs[`${ATTR}:marks`] = marks;
    if (!content.attrs?.[`${ATTR}:marks`] && marks === undefined) delete attrs[`${ATTR}:marks`];
  }
  same(sorted(attrs), sorted(is.attrs), `${says}: attributes`);
  same(content.type ?? { from: is.type, to: is.type }, { from: was.type, to: is.type }, `${says}: type`);
  expect(!content.type || content.type.from !== content.type.to, () => `${says}: its type is told, and is the same`);
}

/** Who is not told stands among those that are not told as before; who is, behind the one that is named. */
function checkOrder(
  { same, expect }: Scene,
  says: string,
  before: readonly NodeData[] = [],
  after: readonly NodeData[] = [],
  told: ReadonlyMap<string, DiffNode>,
): void {
  const ids = (nodes: readonly NodeData[]) => nodes.map(({ id = "" }) => id);
  const [was, is] = [ids(before), ids(after)];
  const isPut = (id: string) => {
    const kind = told.get(id)?.is;
    return kind === "moved" || kind === "inserted" || kind === "removed";
  };
  const both = (one: string[], other: string[]) => one.filter((id) => other.includes(id));
  same(
    both(is, was).filter((id) => !isPut(id)),
    both(was, is).filter((id) => !isPut(id)),
    `${says}, who stay`,
  );
  for (const [at, id] of is.entries()) {
    const diff = told.get(id);
    if (diff?.is === "moved" || diff?.is === "inserted")
      same(diff.after, is[at - 1] ?? null, `${says}: behind whom ${id} stands`);
  }
  if (JSON.stringify(both(is, was)) !== JSON.stringify(both(was, is))) return;
  for (const id of both(is, was))
    expect(told.get(id)?.is !== "moved", () => `${says}: ${id} is told as moved, and all are as they were`);
}

/** Whoever is named has made that event. */
function checkAuthors({ times, expect }: Scene, says: string, pages: readonly (DiffPage | DiffOperations)[]): void {
  for (const page of pages) {
    if (!("nodes" in page)) continue;
    for (const [seq, { time }] of Object.entries(page.authors))
      expect(times[Number(seq)] === time, () => `${says}: the time of ${seq}`);
    const named = page.nodes.flatMap(({ placed, written, by }) => [placed, written, ...Object.values(by ?? {}).flat()]);
    for (const seq of named)
      expect(typeof seq !== "number" || seq in page.authors, () => `${says}: ${seq} has no author`);
  }
}

/** Of a branch it is what the whole has of what stands in that, in one of the two. */
function checkBranch(scene: Scene, from: number, to: number): void {
  const { trees, chance, same } = scene;
  const [was, is] = [nodesIn(trees[from] ?? EMPTY), nodesIn(trees[to] ?? EMPTY)];
  const node = chance.pick([...was.keys(), ...is.keys()], "root");
  const range = { from: { seq: from }, to: { seq: to } };
  const isIn = (all: ReadonlyMap<string, Standing>, id: string) =>
    all.has(node) && nodesIn(all.get(node) ?? EMPTY).has(id);
  const nodesOf = (query: DiffQuery) =>
    pagesOf(scene, query).flatMap((page): readonly DiffNode[] => ("nodes" in page ? page.nodes : []));
  const whole = nodesOf(range).filter(({ id }) => isIn(was, id) || isIn(is, id));
  same(nodesOf({ ...range, node }), whole, `diff from ${from} to ${to} of ${node}`);
  if (!was.has(node) || !is.has(node)) return;
  const pages = pagesOf(scene, { ...range, node, ops: true });
  const ops = pages.flatMap((page): readonly Operation[] => ("ops" in page ? page.ops : []));
  checkLeads(scene, `operations from ${from} to ${to} of ${node}`, [was.get(node), is.get(node)], ops);
}

function pagesOf({ server, chance, problems }: Scene, query: DiffQuery): (DiffPage | DiffOperations)[] {
  const pages: (DiffPage | DiffOperations)[] = [];
  for (let after = 0; ; ) {
    const limit = 1 + chance.below(6);
    const answer = server.ask((calls, now) => calls.diff({ ...query, limit, after }, now));
    if (!answer?.ok) {
      problems.push(`${JSON.stringify(query)}: ${JSON.stringify(answer)}`);
      return pages;
    }
    pages.push(answer.value);
    if (!answer.value.more) return pages;
    after = answer.value.next;
  }
}

function placeIn(all: ReadonlyMap<string, Standing>, node: Standing | undefined): [string | null, string | null] {
  const parent = node?.parent ?? null;
  const siblings = (parent === null ? undefined : all.get(parent)?.children) ?? [];
  const at = siblings.findIndex(({ id }) => id === node?.id);
  return [parent, siblings[at - 1]?.id ?? null];
}

function sorted(attrs: object | undefined): object {
  return Object.fromEntries(Object.entries(attrs ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)));
}
