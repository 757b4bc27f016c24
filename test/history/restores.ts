import type { RestoreCall } from "../../src/protocol/index.ts";
import { createMeter, createPastReader, finish, isSplitOff, namedBetween } from "../../src/storage.ts";
import type { NodeData, NodeId } from "../../src/tree/index.ts";
import { nodesIn, type Standing } from "./deeds.ts";
import { FIRST, formed, noted, principalOf, type Scene } from "./scene.ts";

const EMPTY: NodeData = { type: "" };

/** A restore of the whole, or of a branch: it is as it was, nothing else is touched, and undone it is as it was before. `again` has the same history. */
export function checkRestore(scene: Scene, again: Scene): void {
  const { trees, chance, problems, same } = scene;
  const to = chance.below(trees.length);
  const then = nodesIn(trees[to] ?? EMPTY);
  const node = chance.below(3) === 0 ? undefined : chance.pick([...then.keys()], "root");
  const call: RestoreCall = { to: { seq: to }, node, others: chance.pick(["keep", "remove"] as const, "keep") };
  const says = `restore of ${JSON.stringify(call)} at ${trees.length - 1}`;
  const restore = (more: Partial<RestoreCall>) =>
    scene.ask((calls, now) => calls.restore({ ...call, ...more }, principalOf(FIRST), now));
  checkSplitOff(scene, to);
  const planned = restore({ dryRun: true });
  if (!planned.ok) return void problems.push(`${says}: ${JSON.stringify(planned)}`);
  const before = trees.at(-1) ?? EMPTY;
  same(scene.now(), before, `${says}: dryRun does nothing`);
  const answer = restore({});
  if (!answer.ok || !("time" in answer.value)) return void problems.push(`${says}: ${JSON.stringify(answer)}`);
  noted(scene, answer);
  const done = again.does(FIRST, { ops: planned.value.ops, base: trees.length - 1 });
  if (planned.value.ops.length > 0) {
    same(done.ok ? done.value.ops : done, answer.value.ops, `${says}: what dryRun tells, and what is done`);
    same(again.now(), scene.now(), `${says}: the tree by what dryRun tells`);
  }
  if (node === undefined || node === "root") checkWhole(scene, says, [then, before], call, trees[to]);
  else checkBranch(scene, says, [then, before], { ...call, node });
  const seq = answer.value.ops.length > 0 ? answer.value.seq : null;
  const next = restore({ dryRun: true });
  if (next.ok) same(next.value.ops, [], `${says}: nothing is left to restore`);
  if (seq === null) return;
  scene.does(FIRST, { ops: [{ op: "undo", seqs: [seq] }] });
  same(formed(scene.now()), formed(before), `${says}: undone`);
}

/** Whether a row was only split off is found by the events that have written it, as by all that name it. */
function checkSplitOff({ stored, same }: Scene, to: number): void {
  const document = stored();
  const meter = createMeter();
  const reader = createPastReader(document, meter, Number.POSITIVE_INFINITY);
  const named = finish(namedBetween(document, to, document.seq, meter));
  if (typeof named === "string") throw new Error(named);
  for (const [id, { splitOff }] of named) {
    const row = document.nodes.get(id);
    if (!row || row.removed !== null || row.placed <= to) continue;
    const found = lastOf(isSplitOff(row, to, reader));
    if (found !== null) same(found, splitOff, `${id} was only split off since ${to}`);
  }
}
function lastOf<T>(looking: Generator<null, T>): T {
  for (;;) {
    const step = looking.next();
    if (step.done) return step.value;
  }
}

type All = ReadonlyMap<NodeId, Standing>;

function checkWhole(
  scene: Scene,
  says: string,
  [then, before]: readonly [All, NodeData],
  { others }: RestoreCall,
  tree: NodeData | undefined,
): void {
  const { same, expect } = scene;
  if (others === "remove") return void same(formed(scene.now()), formed(tree), `${says}: the tree of then`);
  const now = nodesIn(scene.now());
  const content = (node: Standing | undefined) => formed({ ...node, children: [] });
  for (const [id, node] of then)
    same([content(now.get(id)), now.get(id)?.parent], [content(node), node.parent], `${says}: ${id}`);
  for (const [id, node] of nodesIn(before)) {
    if (then.has(id)) continue;
    // A row that was nothing but split off goes.
    if (now.has(id))
      same(
        [content(now.get(id)), now.get(id)?.parent],
        [content(node), node.parent],
        `${says}: ${id}, which has come since`,
      );
    else
      expect(
        (node.children ?? []).every((child) => then.has(child.id ?? "")),
        () => `${says}: ${id} is gone, and had something`,
      );
  }
  checkOrder(scene, says, then, now);
}

function checkBranch(
  scene: Scene,
  says: string,
  [then, before]: readonly [All, NodeData],
  call: RestoreCall & { node: NodeId },
): void {
  const { same } = scene;
  const { node, others } = call;
  const was = nodesIn(before);
  const now = nodesIn(scene.now());
  const branch = nodesIn(then.get(node) ?? EMPTY);
  const pathOf = (all: All, id: NodeId) => {
    const path: NodeId[] = [];
    for (let here: NodeId | null = id; here !== null; here = all.get(here)?.parent ?? null) path.push(here);
    return path;
  };
  const outside = (all: All) => [...all].filter(([id]) => !pathOf(all, id).some((each) => branch.has(each)));
  const told = (all: All) => outside(all).map(([id, each]) => [id, each.parent, formed({ ...each, children: [] })]);
  same(told(now), told(was), `${says}: what is outside`);
  if (was.has(node)) {
    // It stays where it is, among those that are outside.
    const among = (all: All) =>
      (all.get(all.get(node)?.parent ?? "")?.children ?? [])
        .map(({ id }) => id ?? "")
        .filter((id) => id === node || !branch.has(id));
    same([now.get(node)?.parent, among(now)], [was.get(node)?.parent, among(was)], `${says}: where it stands`);
  }
  // Of a branch that stands in what stood in it, that stays.
  if (
    pathOf(now, node)
      .slice(1)
      .some((id) => branch.has(id))
  )
    return;
  const restored = nodesIn(now.get(node) ?? EMPTY);
  if (others === "remove")
    return void same(formed(plain(now.get(node))), formed(plain(then.get(node))), `${says}: the branch`);
  for (const [id, each] of branch) {
    const content = (one: Standing | undefined) => formed({ ...one, children: [] });
    same(
      [content(restored.get(id)), id !== node && restored.get(id)?.parent],
      [content(each), id !== node && each.parent],
      `${says}: ${id}`,
    );
  }
  checkOrder(scene, says, branch, restored);
}

/** Children of then stand in the order of then. */
function checkOrder({ same }: Scene, says: string, then: All, now: All): void {
  for (const [id, { children = [] }] of then) {
    const ids = (nodes: readonly NodeData[] = []) => nodes.map((each) => each.id ?? "");
    const order = ids(now.get(id)?.children).filter((each) => ids(children).includes(each));
    same(order, ids(children), `${says}: children of ${id}`);
  }
}

function plain({ parent: _, ...data }: Standing | undefined = { id: "", type: "", parent: null }): NodeData {
  return data;
}
