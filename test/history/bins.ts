import type { BinEntry } from "../../src/protocol/index.ts";
import { entriesOf } from "../../src/storage.ts";
import { nodesIn } from "./deeds.ts";
import { FIRST, formed, type Scene } from "./scene.ts";

/** The bin has what was removed by itself, and what is said to bring something back puts it where it stood. */
export function checkBin(scene: Scene): void {
  const { trees, chance, same, expect } = scene;
  const entries = binOf(scene);
  same(entries.map(({ id, seq }) => [id, seq]).sort(), removedNow(scene).sort(), "what is in the bin");
  expect(
    entries.every(({ seq }, at) => seq <= (entries[at - 1]?.seq ?? seq)),
    () => "the bin: the last first",
  );
  const entry = chance.pick(entries, null);
  if (!entry) return;
  const { id, seq, where, restore } = entry;
  const before = trees.at(-1);
  const answer = scene.does(FIRST, { ops: [restore] });
  if (!answer.ok) return void expect(false, () => `the bin: ${id} comes not back: ${JSON.stringify(answer)}`);
  const after = nodesIn(trees.at(-1) ?? { type: "" });
  expect(
    binOf(scene).every((each) => each.id !== id),
    () => `the bin: ${id} is there still`,
  );
  expect(after.has(id) === where.alive, () => `the bin: ${id} is back, where its parent is`);
  const was = nodesIn(trees[seq - 1] ?? { type: "" }).get(id);
  if (!after.has(id)) return;
  const then = seqOrder(trees[seq - 1], was?.parent);
  // That event may have put it, or others, elsewhere before.
  const own = entriesSince(scene, seq - 1)[0]?.ops ?? [];
  if (own.some((each) => each.op === "move" || each.op === "insert")) return;
  // Those that nobody has put anywhere since are in the order that they had.
  const put = new Set(
    entriesSince(scene, seq).flatMap(({ ops }) => ops.map((each) => (each.op === "insert" ? each.node.id : each.id))),
  );
  const stay = (ids: readonly string[]) => ids.filter((each) => each === id || !put.has(each));
  const now = stay(seqOrder(trees.at(-1), after.get(id)?.parent));
  if (was?.parent === after.get(id)?.parent)
    same(
      now.filter((each) => then.includes(each)),
      stay(then).filter((each) => now.includes(each)),
      `the bin: where ${id} stands`,
    );
  // If it was the last thing that was done, all is as it was.
  if (seq === trees.length - 2 && own.length === 1)
    same(formed(trees.at(-1)), formed(trees[seq - 1]), `the bin: ${id} was removed last, of ${JSON.stringify(before)}`);
}

function seqOrder(tree: Scene["trees"][number] | undefined, parent: string | null | undefined): string[] {
  const { children = [] } = (tree && nodesIn(tree).get(parent ?? "")) || {};
  return children.map(({ id = "" }) => id);
}

function entriesSince(scene: Scene, seq: number) {
  return [...scene.stored().log.after(seq)].flatMap(entriesOf).filter((each) => each.seq > seq);
}

/** What is removed by itself, and by which event; but for rows that were joined to others. */
function removedNow(scene: Scene): [string, number][] {
  const { nodes } = scene.stored();
  const found = new Map<string, number>();
  for (const { seq, ops } of entriesSince(scene, 0)) {
    const joined = new Set(ops.flatMap((each) => (each.op === "edit" && each.join ? [each.id] : [])));
    for (const each of ops)
      if (each.op === "remove" && !joined.has(each.id) && nodes.get(each.id)?.removed === seq) found.set(each.id, seq);
  }
  return [...found];
}

function binOf({ server, chance, problems }: Scene): BinEntry[] {
  const entries: BinEntry[] = [];
  for (let after: string | undefined; ; ) {
    const limit = 1 + chance.below(3);
    const answer = server.ask((calls, now) => calls.bin({ after, limit }, now));
    if (!answer?.ok) {
      problems.push(`the bin: ${JSON.stringify(answer)}`);
      return entries;
    }
    entries.push(...answer.value.entries);
    if (answer.value.next === null) return entries;
    after = answer.value.next;
  }
}
