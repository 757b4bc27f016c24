import type { NodeData } from "../../src/tree/index.ts";
import { ATTR, deedsIn, nodesIn } from "./deeds.ts";
import { createScene, noted, type Person, personIn, principalOf, type Scene } from "./scene.ts";

const START: NodeData = {
  id: "root",
  type: "list",
  children: [
    ...["hello", "world", "text"].map((text, at) => ({ id: `r${at}`, type: "row", attrs: { [ATTR]: text } })),
    { id: "g", type: "row", children: [{ id: "h", type: "row", attrs: { [ATTR]: "inside" } }] },
  ],
};

/** What may be in a history beside what people do by hand. */
export interface Play {
  readonly deeds: number;
  readonly undoes: boolean;
  readonly restores: boolean;
}

/** A document with a random history: people who have not seen the last events of others, who undo and restore, and an object that sleeps. */
export function play(seed: number, { deeds, undoes, restores }: Play): Scene {
  const scene = createScene(seed, START);
  const { chance } = scene;
  const { below } = chance;
  for (let deed = 0; deed < deeds; deed++) {
    const person = personIn(chance);
    const kind = below(24);
    if (kind < 2 && undoes) takeBack(scene, person);
    else if (kind === 2 && restores) goBack(scene, person);
    else act(scene, person);
    // Nobody's typing is one run for ever; a checkpoint comes, and the object sleeps.
    if (below(4) === 0) scene.wait(below(3) === 0 ? 400_000 : below(20_000));
    if (below(8) === 0) scene.makeSteps();
  }
  return scene;
}

function act(scene: Scene, person: Person): void {
  const { chance, trees } = scene;
  const { below, pick } = chance;
  const base = trees.length - 1 - below(Math.min(4, trees.length));
  const seen = trees[base] ?? START;
  const hand = scene.handOf(person);
  const ops = deedsIn(seen, hand, 1 + (below(3) === 0 ? below(4) : 0));
  const meta = below(3) === 0 ? { group: pick(["one", "two"], "one") } : undefined;
  scene.does(person, { base, ops, meta });
}

function takeBack(scene: Scene, person: Person): void {
  const { chance, trees } = scene;
  const { below, pick } = chance;
  if (trees.length < 3) return;
  if (below(2) === 0) {
    const seqs = Array.from({ length: 1 + below(2) }, () => 1 + below(trees.length - 1));
    scene.does(person, { ops: [{ op: pick(["undo", "redo"], "undo"), seqs }] });
    return;
  }
  const whose = below(2) === 0 ? { client: person.client } : { user: person.user };
  const [count, redo] = [1 + below(3), below(3) === 0];
  const call = { whose, count, redo, before: undefined, dryRun: false, author: undefined, meta: undefined };
  noted(
    scene,
    scene.ask((calls, now) => calls.undo(call, principalOf(person), now)),
  );
}

function goBack(scene: Scene, person: Person): void {
  const { chance, trees } = scene;
  const { below, pick } = chance;
  const to = below(trees.length);
  const nodes = [...nodesIn(trees[to] ?? START).keys()];
  const node = below(3) === 0 ? undefined : pick(nodes, "root");
  const call = { to: { seq: to }, node, others: pick(["keep", "remove"] as const, "keep") };
  const answer = scene.ask((calls, now) => calls.restore(call, principalOf(person), now));
  noted(scene, answer);
  if (!answer.ok && answer.problem.code !== "expired") scene.problems.push(`restore: ${JSON.stringify(answer)}`);
}
