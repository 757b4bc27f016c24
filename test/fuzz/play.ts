import type { TreeEvent } from "../../src/protocol/index.ts";
import { applyEvent, checkTree, createPlaces, fromData, PROVENANCE, toData } from "../../src/tree/index.ts";
import { type Account, type Deed, isUndoing, toldBy } from "./account.ts";
import { act, comeBack, createStage, goAway, look, reload, type Stage } from "./people.ts";
import { lineOf, type Picture, pictureOf } from "./picture.ts";
import { type Copy, converges } from "./rules/converges.ts";
import { NINE, type Script } from "./script.ts";

/** How a script went: what had happened at its end, when the first one had undone everything, and made it again. */
export interface Course {
  readonly played: Account;
  readonly undone: Account;
  readonly redone: Account;
  /** What is wrong with the copies of the document, whatever was done. */
  readonly problems: readonly string[];
}

/** More than anybody does in a script. */
const MOST_UNDONE = 40;

/** Plays a script to its end, without undoing everything; `without`: as if that one did nothing but come and go. */
export async function playOnly(script: Script, without: number): Promise<{ account: Account; problems: string[] }> {
  const stage = await createStage(script.people);
  await playSteps(stage, script, without);
  const problems = problemsOf(stage);
  const { account, unsound } = readAccount(stage);
  return { account, problems: [...problems, ...unsound] };
}

export async function play(script: Script): Promise<Course> {
  const stage = await createStage(script.people);
  const problems: string[] = [];
  const marks: Mark[] = [];
  const mark = () => {
    problems.push(...problemsOf(stage));
    marks.push({ deeds: stage.deeds.length, seq: seqOf(stage) });
  };

  await playSteps(stage, script, null);
  mark();
  if (script.reload) await reload(stage, 0);
  await repeat(stage, "undo", MOST_UNDONE);
  mark();
  const [, undone] = marks;
  const undos = stage.deeds.slice(marks[0]?.deeds, undone?.deeds).filter(({ made }) => made).length;
  await repeat(stage, "redo", undos);
  mark();
  const { account, unsound } = readAccount(stage);
  const [played, then, last] = marks.map((each) => cut(account, each));
  if (!played || !then || !last) throw new Error("there are three marks");
  return { played, undone: then, redone: last, problems: [...problems, ...unsound] };
}

interface Mark {
  readonly deeds: number;
  readonly seq: number;
}

async function playSteps(stage: Stage, { steps }: Script, without: number | null): Promise<void> {
  const { server, people } = stage;
  for (const step of steps) {
    const person = people[step.who];
    if (!person) continue;
    if ("goes" in step) {
      if (step.goes === "back") comeBack(person);
      else goAway(person, step.goes);
      await server.settle();
    } else if (step.who !== without) {
      if (step.reload) await reload(stage, step.who);
      await doAndSettle(stage, step.who, step.act);
    }
  }
  for (const person of people) {
    comeBack(person);
    await server.settle();
  }
  const isAtRest = people.every(({ doc }) => doc.pending === 0 && doc.status.state === "live");
  if (!isAtRest) await server.advance(60_000);
}

async function doAndSettle(stage: Stage, who: number, what: Parameters<typeof act>[2]): Promise<void> {
  act(stage, who, what);
  await stage.server.settle();
  const deed = stage.deeds.at(-1);
  if (deed && isUndoing(deed)) deed.rested = stateOf(stage).tree;
}

async function repeat(stage: Stage, what: "undo" | "redo", most: number): Promise<void> {
  for (let times = 0; times < most; times++) {
    const undo = stage.people[0]?.undo;
    if (!(what === "undo" ? undo?.canUndo : undo?.canRedo)) return;
    await doAndSettle(stage, 0, { do: what });
  }
}

function stateOf({ server }: Stage): { tree: Picture; seq: number } {
  const state = server.call("plan").getState();
  if (!state.ok) throw new Error(state.problem.message);
  return { tree: pictureOf(state.value.tree), seq: state.value.seq };
}

const seqOf = (stage: Stage) => stateOf(stage).seq;

function problemsOf(stage: Stage): string[] {
  const copies = stage.people.map(
    ({ doc, machine, errors }): Copy => ({
      tree: look(doc),
      pending: doc.pending,
      state: doc.status.state,
      errors: [...machine.errors, ...errors],
    }),
  );
  return converges(stateOf(stage).tree, copies);
}

/** Reads the history, finds out what became of each deed, and what the tree was after each event. */
function readAccount(stage: Stage): { account: Account; unsound: string[] } {
  const page = stage.server.call("plan").history({ limit: 1_000 });
  if (!page.ok) throw new Error(page.problem.message);
  const events = page.value.entries;
  findEvents(stage, events);
  const store = fromData(NINE, () => "", createPlaces(1), PROVENANCE);
  const trees = [pictureOf(NINE)];
  for (const event of events) {
    applyEvent(store, event);
    trees.push(pictureOf(toData(store)));
  }
  const { tree } = stateOf(stage);
  const replayed = lineOf(trees.at(-1) ?? tree);
  const unsound = checkTree(store, store.records());
  if (replayed !== lineOf(tree)) unsound.push(`the events make ${replayed}, the server has ${lineOf(tree)}`);
  return { account: { deeds: stage.deeds, events, trees, end: tree }, unsound };
}

function findEvents({ deeds, people }: Stage, events: readonly TreeEvent[]): void {
  const found = new Set(deeds.map(({ seq }) => seq));
  for (const { seq, meta } of events) {
    const deed = typeof meta?.n === "number" ? deeds[meta.n] : undefined;
    if (deed) Object.assign(deed, { seq, answered: true });
    if (deed) found.add(seq);
  }
  people.forEach(({ clients, doc }, who) => {
    if (doc.client !== null) clients.add(doc.client);
    const unknown = deeds.filter((deed) => deed.who === who && isUndoing(deed) && !deed.answered);
    const left = events.filter(({ seq, client }) => client !== null && clients.has(client) && !found.has(seq));
    // Where one came to nothing nobody can tell which.
    if (left.length !== unknown.length) return;
    for (const [at, deed] of unknown.entries()) answer(deed, left[at]);
  });
}

function answer(deed: Deed, event: TreeEvent | undefined): void {
  deed.answered = true;
  deed.seq = event?.seq ?? null;
  if (event) deed.told = [...deed.told, ...toldBy(event)];
}

function cut({ deeds, events, trees }: Account, mark: Mark): Account {
  const end = trees[mark.seq];
  if (!end) throw new Error(`there is no tree ${mark.seq}`);
  return {
    deeds: deeds.slice(0, mark.deeds),
    events: events.slice(0, mark.seq),
    trees: trees.slice(0, mark.seq + 1),
    end,
  };
}
