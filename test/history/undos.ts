import type { UndoCall, Whose } from "../../src/protocol/index.ts";
import { eventsOf } from "../../src/storage.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { ATTR, deedIn, deedsIn, nodesIn } from "./deeds.ts";
import { createScene, FIRST, formed, noted, PEOPLE, type Person, personIn, principalOf, type Scene } from "./scene.ts";

const DEEDS = 30;

/** Everybody has a branch of his own; all that one has done is taken back: what is left is what there had been without him. */
export function checkApart(seed: number, done: (scene: Scene) => void = () => {}): string[] {
  const tree: NodeData = {
    id: "root",
    type: "list",
    children: PEOPLE.map(({ client }) => ({
      ...rowOf(client, ""),
      children: [rowOf(`${client}-1`, "one"), rowOf(`${client}-2`, "two")],
    })),
  };
  const scene = createScene(seed, tree);
  const twin = createScene(seed, tree);
  const { chance, problems, same } = scene;
  const whose = targetOf(scene);
  /** The seqs of the twin. */
  const seqs = [0];
  for (let deed = 0; deed < DEEDS; deed++) {
    const person = personIn(chance);
    const hand = scene.handOf(person);
    // What one has done oneself one has seen.
    const base = scene.trees.length - 1;
    const branch = nodesIn(scene.trees[base] ?? tree).get(person.client);
    if (!branch) return [...problems, `the branch of ${person.client} is gone`];
    const meta = chance.below(3) === 0 ? { group: "one" } : undefined;
    const ops = deedsIn(branch, hand, 1 + chance.below(2));
    const count = scene.trees.length;
    const answer = scene.does(person, { base, ops, meta });
    if (!isOf(person, whose)) {
      const other = twin.does(person, { base: seqs[base] ?? 0, ops, meta });
      same(other.ok, answer.ok, "what the others do is decided the same");
    }
    if (scene.trees.length > count) seqs.push(twin.trees.length - 1);
    const back = (count: number, redo: boolean): boolean => {
      const call = { whose: { client: person.client }, count, redo };
      for (const each of isOf(person, whose) ? [scene] : [scene, twin]) takeBack(each, person, call);
      const isDone = scene.trees.length > seqs.length;
      if (isDone) seqs.push(twin.trees.length - 1);
      return isDone;
    };
    // What was undone before something else was done, nobody does again (V145).
    const undone = Array.from({ length: Math.max(0, 1 - chance.below(6)) * (1 + chance.below(2)) }, () =>
      back(1, false),
    );
    const again = undone.filter((isDone) => isDone).length;
    if (again > 0 && chance.below(2) === 0) back(again, true);
    if (chance.below(6) === 0) scene.wait(chance.below(100_000));
  }
  undoAll(scene, whose);
  const [is, should] = [scene, twin].map((each) => nodesIn(each.now()));
  for (const person of PEOPLE) {
    const branch = (all: ReturnType<typeof nodesIn> | undefined) => formed(all?.get(person.client) ?? { type: "" });
    same(branch(is), branch(should), `undo of all by ${JSON.stringify(whose)}: ${person.client}`);
  }
  done(scene);
  return problems;
}

function takeBack(scene: Scene, person: Person, call: Pick<UndoCall, "whose" | "count" | "redo">): void {
  const rest = { before: undefined, dryRun: false, author: undefined, meta: undefined };
  noted(
    scene,
    scene.ask((calls, now) => calls.undo({ ...call, ...rest }, principalOf(person), now)),
  );
}

/** Everybody is in the same rows; all that one has done is taken back: nothing of his is left, and nothing of others is gone. */
export function checkTogether(seed: number, done: (scene: Scene) => void = () => {}): string[] {
  const tree: NodeData = { id: "root", type: "list", children: ["r0", "r1", "r2"].map((id) => rowOf(id, "")) };
  const scene = createScene(seed, tree);
  const { chance, problems, expect } = scene;
  const whose = targetOf(scene);
  for (let deed = 0; deed < DEEDS; deed++) {
    const person = personIn(chance);
    const meta = chance.below(3) === 0 ? { group: "one" } : undefined;
    // Texts are edited by who has not seen the last events. Else a move might bring back what was removed: without it that is gone.
    const isTyping = chance.below(2) === 0;
    const base = scene.trees.length - 1 - (isTyping ? chance.below(Math.min(4, scene.trees.length)) : 0);
    const op = deedIn(scene.trees[base] ?? tree, scene.handOf(person));
    if (isTyping && op.op !== "edit" && op.op !== "mark") continue;
    // Whole texts are replaced by nobody: whose a part of one is would be a matter of taste.
    if (op.op === "update" && op.attrs?.[ATTR] !== undefined) continue;
    if (op.op === "insert") scene.does(person, { base, ops: [{ ...op, node: { ...op.node, children: [] } }], meta });
    else scene.does(person, { base, ops: [op], meta });
    if (chance.below(6) === 0) scene.wait(chance.below(100_000));
  }
  const before = charactersIn(scene.now());
  const last = scene.trees.length - 1;
  undoAll(scene, whose);
  const after = charactersIn(scene.now());
  const says = `undo of all by ${JSON.stringify(whose)}`;
  for (const [key, id] of before) {
    const author = scene.authorOf(key);
    if (author && !isOf(author, whose) && !isRemovedByOthers(scene, key, last))
      expect(after.has(key), () => `${says}: ${key} of ${author.client} in ${id} is gone`);
  }
  done(scene);
  return problems;
}

/** It is back where it was, in what others have removed. */
function isRemovedByOthers(scene: Scene, key: string, last: number): boolean {
  const { log, nodes } = scene.stored();
  const effects = [...log.after(0)].flatMap(eventsOf).flatMap(({ ops }) => ops);
  const all = effects.map((each) => nodes.get(each.op === "insert" ? each.node.id : each.id));
  let node = all.find((each) => String(each?.attrs[ATTR] ?? "").includes(key));
  while (node && node.removed === null) node = nodes.get(node.parent ?? "");
  return typeof node?.removed === "number" && node.removed <= last;
}

function targetOf({ chance }: Scene): Whose {
  return chance.pick<Whose>([{ client: "ann-agent" }, { client: "ann-hand" }, { user: "ann" }, { user: "bob" }], {
    user: "ann",
  });
}

function isOf({ client, user }: Person, whose: Whose): boolean {
  return "client" in whose ? whose.client === client : "user" in whose && whose.user === user;
}

/** Calls that undo, until nothing is left; what comes to nothing is passed over. */
function undoAll(scene: Scene, whose: Whose): void {
  const { chance, problems } = scene;
  const person = PEOPLE.find((each) => isOf(each, whose)) ?? FIRST;
  let before: number | undefined;
  for (let calls = 0; ; calls++) {
    if (calls > 200) return void problems.push("undo never ends");
    const call = { whose, count: 1 + chance.below(4), redo: false, before, author: undefined, meta: undefined };
    const ask = (dryRun: boolean) => scene.ask((to, now) => to.undo({ ...call, dryRun }, principalOf(person), now));
    const plan = ask(true);
    if (!plan.ok) return void problems.push(`undo: ${JSON.stringify(plan)}`);
    const seqs = plan.value.ops.flatMap((each) => ("seqs" in each ? (each.seqs ?? []) : []));
    if (seqs.length === 0) return;
    const answer = ask(false);
    if (!answer.ok || !("seq" in answer.value)) return void problems.push(`undo: ${JSON.stringify(answer)}`);
    if (answer.value.ops.length === 0) before = Math.min(...seqs);
    else noted(scene, answer);
  }
}

function charactersIn(tree: NodeData): Map<string, string> {
  const all = new Map<string, string>();
  for (const [id, { attrs }] of nodesIn(tree)) for (const key of String(attrs?.[ATTR] ?? "")) all.set(key, id);
  return all;
}

function rowOf(id: string, text: string): NodeData {
  return { id, type: "row", attrs: { [ATTR]: text } };
}
