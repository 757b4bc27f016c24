import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createUndo,
  memory,
  openDocument,
  type Persistence,
  type TreeDocument,
  webPlatform,
} from "../../src/client/index.ts";
import { fromData, type NodeData } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { outline } from "../tree/outline.ts";
import { type Cable, layCable } from "./cable.ts";
import { historyOf, seqOf, treeOf } from "./http.ts";
import { createRandom, type Random } from "./random.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// Random clients over the real Worker. `FUZZ_SEED` repeats a round as the first one, as far as the machine keeps its times.
const ROUNDS = times(25);
const QUIET_POINTS = 2;
const STEPS = 40;
const PATIENCE = 20_000;

const START: NodeData = {
  id: "root",
  type: "item",
  children: ["a", "b", "c"].map((id) => ({ id, type: "item", children: [{ id: `${id}1`, type: "item" }] })),
};

/** Retries at once, nearly: a round is to be short. */
const platform = { ...webPlatform(), random: () => 0.02 };

let workerd: WorkerdProcess;
let cables: Cable[];
beforeAll(async () => {
  workerd = await startWorkerd({ snapshotInterval: 50 });
  cables = await Promise.all(["one", "two", "three"].map(() => layCable(workerd.url)));
});
afterAll(async () => {
  await Promise.all(cables?.map((cable) => cable.close()) ?? []);
  await workerd?.kill();
});

/** Somebody with a cable, a place to keep the document, and a page on it that may be opened again. */
interface Person {
  readonly name: string;
  readonly cable: Cable;
  readonly persist: Persistence;
  doc: TreeDocument;
  told: number | null;
}

/** The seqs of what was acknowledged, and what a round met. */
interface Round {
  readonly document: string;
  readonly random: Random;
  readonly people: readonly Person[];
  readonly acknowledged: number[];
  readonly problems: string[];
}

const met = new Map<string, number>();
const note = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);

test("R16 replicas of random clients equal the object's tree at every quiet point", async () => {
  const began = Date.now();
  let events = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const seedOfRound = (seed + round) % 2 ** 31;
    events += await play(seedOfRound, `converging-${round}`).catch((cause) => {
      throw new Error(`FUZZ_SEED=${seedOfRound}: ${cause}`, { cause });
    });
  }
  const counts = [...met].map(([what, count]) => `${count} ${what}`).join(", ");
  console.log(`seeds ${seed} to ${seed + ROUNDS - 1}: ${events} events, ${(Date.now() - began) / 1000} s; ${counts}`);
  for (const what of ["insert", "update", "move", "remove", "undo", "redo", "cut", "stall", "reload", "presence"]) {
    expect(met.get(what) ?? 0, what).toBeGreaterThanOrEqual(ROUNDS / 2);
  }
  expect(met.get("kill") ?? 0).toBeGreaterThanOrEqual(Math.floor(ROUNDS / 20));
});

/** One document from its creation to its end; gives back how many events it had. */
async function play(seedOfRound: number, document: string): Promise<number> {
  const body = JSON.stringify({ tree: START });
  await fetch(`${workerd.url}/documents/${document}`, { method: "PUT", body });
  const acknowledged: number[] = [];
  const problems: string[] = [];
  const people = cables.map((cable, index) => {
    const persist = memory();
    const open = { name: `p${index}`, cable, persist, told: null };
    return { ...open, doc: openPage(cable, document, persist, problems) };
  });
  const round: Round = { document, random: createRandom(seedOfRound), people, acknowledged, problems };
  try {
    for (let point = 0; point < QUIET_POINTS; point++) {
      await Promise.all(people.map(({ doc }) => doc.loaded));
      for (let step = 0; step < STEPS; step++) await takeStep(round);
      await expectQuiet(round);
    }
    const history = await historyOf(workerd.url, document);
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
    expect(new Set(history.map(({ client, mutation }) => `${client} ${mutation}`)).size, "each once").toBe(
      history.length,
    );
    expect(new Set(acknowledged).size, "each acknowledgement is of another event").toBe(acknowledged.length);
    expect(Math.max(0, ...acknowledged)).toBeLessThanOrEqual(history.length);
    return history.length;
  } finally {
    await Promise.all(people.map(({ doc }) => doc.close()));
  }
}

function openPage(cable: Cable, document: string, persist: Persistence, problems: string[]): TreeDocument {
  const doc = openDocument(`${cable.url}/documents/${document}`, { platform, persist });
  // From now on what is to be undone is taken down.
  createUndo(doc);
  doc.on("status", ({ state, reason }) => {
    if (state === "closed" && reason) problems.push(`closed: ${reason.message}`);
  });
  return doc;
}

async function takeStep(round: Round): Promise<void> {
  const { random, people, document, problems } = round;
  const person = people[random.below(people.length)] ?? expect.fail();
  const kind = random.below(100);
  if (kind < 60) edit(round, person);
  else if (kind < 68) {
    unmake(round, person, "undo");
    // Whatever else is done leaves nothing to redo.
    if (random.below(2) === 0) unmake(round, person, "redo");
  } else if (kind < 73) unmake(round, person, "redo");
  else if (kind < 78) {
    note("presence");
    person.told = random.below(1_000);
    person.doc.presence.set(person.told);
  } else if (kind < 83) {
    note("cut");
    person.cable.cut();
  } else if (kind < 90) person.cable.mend();
  else if (kind < 93) {
    note("stall");
    person.cable.stall(random.between(1, 30));
  } else if (kind < 97) {
    note("reload");
    await person.doc.close();
    person.doc = openPage(person.cable, document, person.persist, problems);
    person.told = null;
    await person.doc.loaded;
  } else if (random.below(12) === 0) {
    note("kill");
    await workerd.crash();
    await sleep(random.between(0, 20));
    await workerd.restart();
  } else await sleep(random.between(0, 30));
  if (random.below(3) === 0) await sleep(random.between(0, 4));
}

function unmake({ acknowledged }: Round, { doc }: Person, kind: "undo" | "redo"): void {
  const { mutation } = createUndo(doc)[kind]();
  if (!mutation) return;
  note(kind);
  mutation.committed
    .then(({ seq, ops }) => void (ops.length > 0 && acknowledged.push(seq)))
    .catch(() => note("refused"));
}

function edit({ random, acknowledged }: Round, { name, doc }: Person): void {
  const ids: string[] = [];
  doc.find(({ id }) => {
    ids.push(id);
    return false;
  });
  const some = () => ids[random.below(ids.length)] ?? "root";
  const kind = random.pick(["insert", "insert", "update", "update", "move", "remove"]);
  note(kind);
  const { committed } = doc.mutate(
    (tx) => {
      if (kind === "insert") tx.insert({ type: "item", attrs: { by: name } }, { parent: some() });
      else if (kind === "update") tx.update(some(), { attrs: { [random.pick(["x", "y"])]: random.below(100) } });
      else if (kind === "move") tx.move(some(), { parent: some() });
      else tx.remove(some());
    },
    random.below(4) === 0 ? { group: "typing" } : {},
  );
  // What changes nothing is no event.
  committed.then(({ seq, ops }) => void (ops.length > 0 && acknowledged.push(seq))).catch(() => note("refused"));
}

/** Everyone is connected and has everything: what they see is what the object has. */
async function expectQuiet({ people, document, problems }: Round): Promise<void> {
  for (const { cable, doc } of people) {
    cable.mend();
    if (doc.status.state !== "live") doc.connect();
  }
  const all = async (what: string, condition: () => boolean) => {
    for (const deadline = Date.now() + PATIENCE; !condition(); await sleep(2)) {
      const states = people.map(({ doc }) => [doc.status, doc.pending, doc.seq, doc.presence.others.length]);
      if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(states)}, ${problems.join(", ")}`);
    }
  };
  await all("nothing is pending", () => people.every(({ doc }) => doc.status.state === "live" && doc.pending === 0));
  const seq = await seqOf(workerd.url, document);
  await all(`everyone has event ${seq}`, () => people.every(({ doc }) => doc.seq === seq));
  const tree = await treeOf(workerd.url, document);
  for (const { name, doc } of people) expect(outline(fromData(doc.toData(), () => "no-id")), name).toBe(tree);
  await all("everyone sees who is there", () =>
    people.every(({ doc, name }) => {
      const told = people.flatMap((other) => (other.name === name || other.told === null ? [] : [other.told]));
      const seen = doc.presence.others.map(({ data }) => data);
      return JSON.stringify(seen.toSorted()) === JSON.stringify(told.toSorted());
    }),
  );
  expect(problems).toEqual([]);
}
