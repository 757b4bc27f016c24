import { expect, it } from "vitest";
import type { DiffOperations } from "../../src/protocol/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { applyChanges, marksOf, normalize } from "../../src/text/index.ts";
import {
  decideText,
  fromData,
  mergeUpdate,
  mutate,
  type NodeData,
  type NodeId,
  type Operation,
  toData,
} from "../../src/tree/index.ts";
import { nodesIn } from "../history/deeds.ts";
import { seed, times } from "../support/seed.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

const RUNS = times(20);
const DEEDS = 30;

type Pick = <T>(of: readonly T[], otherwise: T) => T;

const NOBODY = { id: "", type: "", parent: null };

/** What somebody may do to a tree that it sees. */
function deedOf(tree: NodeData, below: (most: number) => number, pick: Pick, newId: () => string): Operation {
  const nodes = [...nodesIn(tree).values()];
  const row = pick(nodes.slice(1), NOBODY);
  const [id, other] = [row.id, pick(nodes, NOBODY).id];
  const text = String(row.attrs?.text ?? "");
  const [one, two] = [below(text.length + 1), below(text.length + 1)];
  const [from, to] = [Math.min(one, two), Math.max(one, two)];
  const attr = "text";
  const sibling =
    pick(
      nodes.filter(({ parent }) => parent === other),
      NOBODY,
    ).id || null;
  switch (below(12)) {
    case 0:
      return { op: "mark", id, attr, from, to, key: "bold", value: below(3) > 0 ? true : null };
    case 1:
      return {
        op: "split",
        id,
        attr,
        at: one,
        node: { id: newId(), type: "row" },
        ...(below(2) > 0 && { head: true }),
      };
    case 2:
      return { op: "join", id, into: other, attr };
    case 3:
    case 4:
      return {
        op: "insert",
        node: { id: newId(), type: "row", attrs: { text: "new" } },
        parent: other,
        after: sibling,
      };
    case 5:
    case 6:
    case 7:
      return { op: "move", id, parent: other, after: sibling };
    case 8:
      return { op: "remove", id };
    case 9:
      return { op: "update", id, attrs: { x: below(3), text: `text ${below(3)}` }, type: pick(["row", "head"], "row") };
    default:
      return { op: "edit", id, attr, changes: normalize([from, ...(below(2) > 0 ? ["xyz"] : []), from - to]) };
  }
}

function treeOf({ server }: Room): NodeData {
  return JSON.parse(JSON.stringify(dataOf(server)));
}

/** A document with a random history, and its tree after each event. */
function play(run: number): { room: Room; trees: NodeData[]; below: (most: number) => number; pick: Pick } {
  const random = createRandom(seed, run + 1);
  const below = (most: number) => Math.floor(random() * most);
  const pick: Pick = (of, otherwise) => of[below(of.length)] ?? otherwise;
  const rows = ["hello", "world", "text"].map((text, at) => ({ id: `r${at}`, type: "row", attrs: { text } }));
  const room = openRoom({
    id: "root",
    type: "list",
    children: [...rows, { id: "g", type: "row", children: [{ id: "h", type: "row" }] }],
  });
  const treeNow = () => treeOf(room);
  const trees = [treeNow()];
  let made = 0;
  for (let deed = 0; deed < DEEDS; deed++) {
    const seen = trees.length - 1 - below(Math.min(3, trees.length));
    const isBack = trees.length > 3 && below(6) === 0;
    const operation: Operation = isBack
      ? { op: below(3) > 0 ? "undo" : "redo", seqs: [1 + below(trees.length - 1)] }
      : deedOf(trees[seen] ?? { type: "" }, below, pick, () => `n${made++}`);
    const answer = room.server.ask((calls, now) => calls.mutate({ base: seen, ops: [operation] }, WRITER, now));
    if (answer?.ok && answer.value.ops.length > 0) trees.push(treeNow());
  }
  return { room, trees, below, pick };
}

it("V20 V21 operations lead from any state to any other, page by page, and changes of texts from any to any", () => {
  for (let run = 0; run < RUNS; run++) {
    const { room, trees, below } = play(run);
    const [from, to] = [below(trees.length), below(trees.length)];
    const said = `seed ${seed} run ${run}: ${from} to ${to}`;
    const ops: Operation[] = [];
    for (let page: DiffOperations | undefined; page?.more !== false; ) {
      const after = page?.next ?? 0;
      const answer = room.server.ask((calls, now) =>
        calls.diff({ from: { seq: from }, to: { seq: to }, ops: true, limit: 1 + below(5), after }, now),
      );
      if (!answer?.ok || !("ops" in answer.value)) throw new Error(said);
      page = answer.value;
      ops.push(...page.ops);
    }
    const state = fromData(trees[from] ?? { type: "" }, () => "");
    const texts = { decide: decideText, merge: mergeUpdate };
    const verdict = mutate(state, ops, { seq: 1, newId: () => "", texts });
    expect(verdict, `${said} ${JSON.stringify(ops)}`).toMatchObject({ ok: true });
    expect(toData(state), said).toEqual(trees[to]);
    const told = room.server.ask((calls, now) =>
      calls.diff({ from: { seq: from }, to: { seq: to }, limit: 1_000 }, now),
    );
    if (!told?.ok || !("nodes" in told.value)) throw new Error(said);
    const [was, is] = [nodesIn(trees[from] ?? { type: "" }), nodesIn(trees[to] ?? { type: "" })];
    for (const node of told.value.nodes) {
      const kinds = [was.has(node.id), is.has(node.id)].join();
      expect(kinds, said).toBe(
        node.is === "inserted" ? "false,true" : node.is === "removed" ? "true,false" : "true,true",
      );
      if (!("texts" in node)) continue;
      for (const [attr, { from: text, changes }] of Object.entries(node.texts ?? {})) {
        expect(applyChanges(text, changes), said).toBe(is.get(node.id)?.attrs?.[attr]);
        expect(node.by?.[attr]?.length ?? changes.length, said).toBe(changes.length);
      }
    }
    // Who is not told, and stands in nothing that is, is what it was.
    const named = new Set(told.value.nodes.map(({ id }) => id));
    for (const [id, node] of was) {
      const after = is.get(id);
      if (named.has(id) || !after) continue;
      expect([after.parent, after.type, after.attrs], `${said} ${id}`).toEqual([node.parent, node.type, node.attrs]);
    }
  }
});

it("V30 V31 V35 the whole: the very state that there was, or all of now beside it; and undone, what was there before", () => {
  for (let run = 0; run < RUNS; run++) {
    for (const others of ["remove", "keep"] as const) {
      const { room, trees, below } = play(run);
      const to = below(trees.length);
      const said = `seed ${seed} run ${run}: ${others} ${to}`;
      const before = nodesIn(trees.at(-1) ?? { type: "" });
      const answer = room.server.ask((calls, now) => calls.restore({ to: { seq: to }, others }, WRITER, now));
      expect(answer, said).toMatchObject({ ok: true, value: { more: false } });
      if (others === "remove") expect(dataOf(room.server), said).toEqual(trees[to]);
      else {
        const now = nodesIn(treeOf(room));
        const then = nodesIn(trees[to] ?? { type: "" });
        for (const [id, node] of then) expect([id, now.get(id)?.attrs], said).toEqual([id, node.attrs]);
        for (const [id, node] of before) {
          if (then.has(id)) continue;
          if (now.has(id)) expect([id, now.get(id)?.parent], said).toEqual([id, node.parent]);
          // But a row that was nothing but split off.
          else expect(node.children ?? [], said).toEqual([]);
        }
      }
      const seq = answer?.ok ? answer.value.seq : 0;
      if (seq < trees.length) continue;
      room.call({ op: "undo", seqs: [seq] });
      expect(inForm(treeOf(room)), said).toEqual(inForm(trees.at(-1) ?? { type: "" }));
    }
  }
});

/** The same tree with marks as they count: what of them is past the end of a text is none. */
function inForm({ attrs = {}, children = [], ...node }: NodeData): NodeData {
  const { "text:marks": marks = [], ...rest } = attrs;
  return {
    ...node,
    attrs: { ...rest, marks: JSON.parse(JSON.stringify(marksOf(marks, String(attrs.text ?? "").length))) },
    children: children.map(inForm),
  };
}

it("V32 a branch: what stood in it comes back, and nothing else is touched", () => {
  for (let run = 0; run < RUNS; run++) {
    const { room, trees, below, pick } = play(run);
    const to = below(trees.length);
    const then = nodesIn(trees[to] ?? { type: "" });
    const before = nodesIn(trees.at(-1) ?? { type: "" });
    const node = pick([...then.keys()], "root");
    const branch = nodesIn(then.get(node) ?? { type: "" });
    const said = `seed ${seed} run ${run}: ${node} ${to}`;
    const answer = room.server.ask((calls, now) =>
      calls.restore({ to: { seq: to }, node, others: "remove" }, WRITER, now),
    );
    expect(answer, said).toMatchObject({ ok: true, value: { more: false } });
    const now = nodesIn(treeOf(room));
    const isWithin = (all: ReturnType<typeof nodesIn>, id: NodeId) => {
      for (let here: NodeId | null = id; here !== null; here = all.get(here)?.parent ?? null)
        if (branch.has(here)) return true;
      return false;
    };
    const outside = (all: ReturnType<typeof nodesIn>) =>
      [...all].filter(([id]) => !isWithin(all, id)).map(([id, { parent, type, attrs }]) => [id, parent, type, attrs]);
    expect(outside(now), said).toEqual(outside(before));
    let above = now.get(node)?.parent ?? null;
    while (above !== null && !branch.has(above)) above = now.get(above)?.parent ?? null;
    const { parent: _, ...data } = now.get(node) ?? { type: "", parent: null };
    if (above === null) expect(data, said).toEqual(dataOf(room.server, { at: { seq: to }, node }));
  }
});
