import {
  createUndo,
  memory,
  mergeTexts,
  openDocument,
  type TreeDocument,
  textOf,
  undoTexts,
} from "../../../src/client/index.ts";
import { internalsOf } from "../../../src/client/internals.ts";
import type { Persistence } from "../../../src/client/keep/persistence.ts";
import type { TreeEvent } from "../../../src/protocol/index.ts";
import type { AuthorizeMutation } from "../../../src/session/authorizing.ts";
import { createTestServer, type Machine, type TestServer } from "../../../src/testing/index.ts";
import { createRandom } from "../../../src/testing/random.ts";
import { applyChanges } from "../../../src/text/index.ts";
import { isUndo, type NodeData } from "../../../src/tree/index.ts";
import { createFates, type Fates } from "./fates.ts";
import { createScribe, DEEDS } from "./scribe.ts";

// Three people with pages, machines that break, and a real session with its storage.

const ROWS: NodeData = {
  id: "root",
  type: "list",
  children: ["ab", "cd", "ef"].map((text, index) => ({ id: `r${index}`, type: "row", attrs: { text } })),
};

const MORE = ["update", "remove"];

interface Person {
  readonly name: string;
  readonly machine: Machine;
  readonly persist: Persistence;
  /** The ids of the clients that this has been. */
  readonly clients: Set<string>;
  doc: TreeDocument;
  readonly closing: Promise<void>[];
}

/** What a run came to that must not be. */
export async function playOut(seed: number, note: (what: string) => void = () => {}): Promise<string[]> {
  const random = createRandom(seed, 1);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const chance = (share: number) => random() < share;
  // Whether the server says no to what the author had no way to know of.
  const denies = chance(0.3);
  let isOver = false;
  const authorizeMutation: AuthorizeMutation = () => (denies && !isOver && chance(0.1) ? { message: "no" } : true);
  const server = createTestServer({ seed, authorizeMutation });
  server.call("plan").getOrStart({ tree: ROWS });
  const [undoes, others, forgets] = [chance(0.4), chance(0.3), chance(0.3)];
  const fates = createFates(ROWS);
  const scribe = createScribe(random, fates, { only: others ? DEEDS : DEEDS.filter((deed) => !MORE.includes(deed)) });
  const problems: string[] = [];
  const log = followLog(server);
  let isPast = false;

  const open = (person: Omit<Person, "doc">): TreeDocument => {
    const doc = openDocument(server.url("plan"), { platform: person.machine, persist: person.persist });
    mergeTexts(doc);
    if (undoes) createUndo(doc);
    if (undoes) undoTexts(doc);
    doc.on("rejected", ({ problem, mutation }) => {
      note(`refused: ${problem.code}`);
      // What comes behind what was refused was written where that was seen.
      const isWrong = problem.code === "invalid" && !others && !fates.isAdrift(person.name);
      if (isWrong || problem.base !== undefined) problems.push(`${person.name}: ${problem.message}`);
      fates.refused(person.name, mutation.ops);
    });
    doc.on("error", (error) => {
      if (!/broke|offline|could not be|wait/.test(String(error))) problems.push(`${person.name}: ${error}`);
    });
    for (const id of ["r0", "r1", "r2"]) {
      const text = textOf(doc, id, "text");
      let value = text.value;
      text.on(({ changes }) => {
        value = applyChanges(value, changes);
        if (value !== text.value) problems.push(`${person.name} was told of ${value}, and sees ${text.value}`);
      });
    }
    return doc;
  };
  const people: Person[] = ["ann", "bob", "cyd"].map((name) => {
    const person = { name, machine: server.machine(), persist: memory(), clients: new Set<string>(), closing: [] };
    return { ...person, doc: open(person) };
  });
  await server.settle();

  for (let left = 20 + upTo(60); left > 0; left--) {
    const person = people[upTo(2)];
    if (!person) break;
    const { machine, doc } = person;
    if (doc.client !== null) person.clients.add(doc.client);
    const what = random();
    if (what < 0.5) {
      if (doc.root === undefined) continue;
      if (others && chance(0.1)) {
        doc.mutate((tx) => note(scribe.restore(tx)));
        continue;
      }
      // What comes to nothing as it is now would not be shown.
      internalsOf(doc).whenRunning(({ replica }) => {
        if (replica.pending.some(({ step, ops }) => step.effects.length === 0 && !isUndo(ops[0])))
          fates.drifts(person.name);
      });
      const deeds = chance(0.85) ? 1 : 2 + upTo(2);
      doc.mutate((tx) => {
        for (let deed = 0; deed < deeds; deed++) note(scribe.write(person.name, tx));
      });
    } else if (what < 0.6 && undoes) {
      const history = createUndo(doc);
      if (doc.root !== undefined && (chance(0.6) ? history.undo() : history.redo()).mutation) note("undo");
    } else if (what < 0.65) await server.advance([0, 1, 16, 60, 500, 20_000][upTo(5)] ?? 0);
    else if (what < 0.73) await server.settle();
    else if (what < 0.78) machine.hold(chance(0.5) ? "up" : "down");
    else if (what < 0.83) machine.deliver(chance(0.5) ? "up" : "down", 1 + upTo(2));
    else if (what < 0.88) machine.release();
    else if (what < 0.91) machine.online = !machine.online;
    else if (what < 0.94) {
      machine.cut({ up: upTo(3), down: upTo(3), silent: chance(0.3) });
      note("cut");
    } else if (what < 0.95) machine.duplicate();
    else if (what < 0.97) {
      if (doc.pending > 0) note("closed with something pending");
      person.closing.push(doc.close());
      if (chance(0.8)) await server.settle();
      person.doc = open(person);
    } else if (what < 0.98) {
      server.crash();
      note("crash");
    } else if (what < 0.99 && forgets) {
      log.read();
      isPast = true;
      server.call("plan").configure({ options: { historyRetention: 0 } });
      await sleep(server);
      // What comes next is kept, so that what becomes of each character can be told.
      server.call("plan").configure({ options: { historyRetention: null } });
      note("history gone");
    } else server.call("plan").stop();
  }
  for (const { machine } of people) {
    machine.release();
    machine.linger();
    machine.online = true;
  }
  await server.advance(60_000);
  for (const { closing } of people) await Promise.all(closing);
  for (let round = 0; round < 2; round++) {
    // What is left of pages that were closed goes to the next that is opened.
    for (const person of people) {
      person.closing.push(person.doc.close());
      person.doc = open(person);
    }
    await server.advance(60_000);
    for (const { closing } of people) await Promise.all(closing);
    await server.settle();
  }
  const state = server.call("plan").getState();
  if (!state.ok) return [state.problem.message];
  const truth = JSON.stringify(state.value.tree);
  for (const { name, doc, machine } of people) {
    if (doc.pending > 0 || doc.status.state !== "live")
      problems.push(`${name} is ${doc.status.state} with ${doc.pending}`);
    if (JSON.stringify(doc.toData()) !== truth)
      problems.push(`${name} has ${JSON.stringify(doc.toData())}, not ${truth}`);
    problems.push(...machine.errors.map(String));
    await doc.close();
  }
  isOver = true;
  log.read();
  return [...problems, ...fatesIn(server, fates, log, { people, isPast, note })];
}

/** The events of a document, read before the history lets go of them. */
interface Log {
  read(): void;
  readonly events: readonly TreeEvent[];
}

function followLog(server: TestServer): Log {
  const plan = server.call("plan");
  const events: TreeEvent[] = [];
  return {
    events,
    read() {
      const page = plan.history({ after: events.length, limit: 1_000 });
      const info = plan.info();
      if (!page.ok || !info.ok) throw new Error("the log can't be read");
      events.push(...page.value.entries);
      if (events.length !== info.value.seq) throw new Error(`${events.length} of ${info.value.seq} events were read`);
    },
  };
}

/** Memory is lost, and connections are kept; a client's timer may open a commit window just before. */
async function sleep(server: TestServer): Promise<void> {
  for (let left = 10; left > 0; left--) {
    await server.settle();
    try {
      return server.evict();
    } catch {
      await server.advance(10);
    }
  }
}

interface Told {
  readonly people: readonly Person[];
  /** The history was let go of at least once, and removed rows with it. */
  readonly isPast: boolean;
  note(what: string): void;
}

/** What the log tells of each character, and whether all of it is there, in removed rows, too. */
function fatesIn(server: TestServer, fates: Fates, { events }: Log, { people, isPast, note }: Told): string[] {
  const plan = server.call("plan");
  // Where not all was heard, the smallest edit stands for what was missed (X58), and what is taken away may stay (X126).
  for (const { name } of isPast ? people : []) fates.drifts(name);
  for (const event of events) {
    const author = people.find(({ clients }) => event.client !== null && clients.has(event.client));
    fates.event(event, author?.name ?? "nobody");
    for (const { why } of event.skipped ?? []) note(`skipped: ${why}`);
  }
  // What is gone is brought back, and shows what it has.
  const missing: string[] = [];
  const ids = [...fates.texts.keys()].filter((id) => {
    if (id === "root") return false;
    if (plan.getState({ node: id }).ok) return true;
    const back = plan.mutate({ ops: [{ op: "move", id, parent: "root" }] });
    if (!back.ok && !(isPast && back.problem.code === "notFound"))
      missing.push(`${id} does not come back: ${back.problem.message}`);
    return back.ok;
  });
  const problems = ids.flatMap((id) => {
    const state = plan.getState({ node: id, depth: 0 });
    const text = state.ok ? String(state.value.tree.attrs?.text ?? "") : state.problem.message;
    return text === fates.texts.get(id) ? [] : [`${id} is ${text}, and the events make ${fates.texts.get(id)}`];
  });
  return [...missing, ...problems, ...fates.complaints()];
}
