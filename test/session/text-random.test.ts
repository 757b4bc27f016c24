import { expect, it } from "vitest";
import { createRandom } from "../../src/testing/random.ts";
import { normalize, type Step } from "../../src/text/index.ts";
import { type NodeData, type Operation, type TextOperation, toData } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { dataOf, find } from "./look.ts";
import { openRoom, WRITER } from "./room.ts";
import { createPerson, type Person, type Texts, type Told } from "./text-people.ts";

const RUNS = times(48);
const DEEDS = 80;

const START: readonly NodeData[] = ["hello", "world", ""].map((text, index) => ({
  ...{ id: `r${index}`, type: "row", attrs: { text } },
}));

/** Nobody ever types the same character twice: every fourth one takes two units. */
function createTyping(): () => string {
  let count = 0;
  return () => {
    count++;
    return String.fromCodePoint(count % 4 === 0 ? 0x1f300 + count : 0x4e00 + count);
  };
}

/** What somebody may do to what it sees, and the characters that go by it. */
function deedOf(
  view: Texts,
  below: (most: number) => number,
  type: () => string,
  newId: () => string,
  { home, edits = false }: { readonly home?: string | undefined; readonly edits?: boolean | undefined } = {},
): { readonly operation: TextOperation; readonly typed: readonly string[]; readonly gone: readonly string[] } {
  const attr = "text";
  const ids = [...view.alive];
  const somewhere = ids[below(ids.length)] ?? "";
  const isHome = home !== undefined && view.alive.has(home) && below(8) > 0;
  const id = isHome ? home : somewhere;
  const characters = [...(view.text.get(id) ?? "")];
  const at = below(characters.length + 1);
  const before = characters.slice(0, at).join("").length;
  const kind = edits ? 2 + below(8) : isHome ? 1 + below(9) : below(10);
  if (kind === 0) {
    const node = { id: newId(), type: "row" };
    const head = below(3) === 0 ? { head: true as const } : {};
    return { operation: { op: "split", id, attr, at: before, node, ...head }, typed: [], gone: [] };
  }
  if (kind === 1 && !isHome && ids.length > 1) {
    const into = ids.filter((each) => each !== id)[below(ids.length - 1)] ?? "";
    return { operation: { op: "join", id, into, attr }, typed: [], gone: [] };
  }
  const gone = kind < 5 ? characters.slice(at, at + below(4)) : [];
  const typed = kind < 4 ? [] : Array.from({ length: 1 + below(3) }, type);
  const length = gone.join("").length;
  const changes = [before, ...(below(3) === 0 && typed.length > 0 ? [0] : []), typed.join(""), -length];
  return { operation: { op: "edit", id, attr, changes: normalize(changes) }, typed, gone };
}

/** All characters of a document, removed rows or not. */
function charactersOf({ text }: Texts): string[] {
  return [...text.values()].flatMap((each) => [...each]);
}

function play(seed: number, { undoes = false, homes = false, edits = false }): void {
  const random = createRandom(seed);
  const below = (most: number) => Math.floor(random() * most);
  const room = openRoom({ id: "root", type: "list", children: START });
  const start: Texts = {
    text: new Map(START.map(({ id = "", attrs }) => [id, String(attrs?.text)])),
    alive: new Set(START.map(({ id = "" }) => id)),
  };
  const people = ["ann", "bob", "cyd"].map((client) => createPerson(client, start));
  const events: Told[] = [];
  const type = createTyping();
  let ids = 0;
  const counters = new Map<string, number>();
  const [typed, gone] = [new Set<string>(), new Set<string>()];
  const made = new Map<string, number[]>();
  const trees: unknown[] = [dataOf(room.server)];
  const call = (person: Person, operation: Operation) => {
    const mutation = (counters.get(person.client) ?? 0) + 1;
    counters.set(person.client, mutation);
    const body = { client: person.client, mutation, base: person.seen, ops: [operation] };
    const send = () => {
      const task = room.server.ask((calls, now) => calls.mutate(body, WRITER, now));
      room.settle();
      return task;
    };
    const answer = send();
    if (!answer?.ok) throw new Error(`${JSON.stringify(body)}: ${JSON.stringify(answer)}`);
    // An answer that got lost is asked for again.
    if (below(10) === 0) expect(send()).toEqual(answer);
    const { seq, ops } = answer.value;
    if (ops.length === 0) return false;
    const isOwn = operation.op !== "undo" && operation.op !== "redo";
    if (isOwn) made.set(person.client, [...(made.get(person.client) ?? []), mutation]);
    events.push({ seq, client: isOwn ? person.client : null, ops });
    trees.push(dataOf(room.server));
    return true;
  };
  const takeBack = (person: Person) => {
    const own = made.get(person.client) ?? [];
    const mutations = own.slice(below(own.length + 1)).slice(0, 1 + below(4));
    if (mutations.length > 0) call(person, { op: below(3) === 0 ? "redo" : "undo", mutations });
  };
  const ask = (person: Person) => {
    const view = person.view();
    // All may be in a row that somebody has removed.
    if (view.alive.size === 0) return;
    const home = homes ? `r${people.indexOf(person)}` : undefined;
    const deed = deedOf(view, below, type, () => `n${ids++}`, { home, edits });
    person.ask(deed.operation);
    for (const each of deed.typed) typed.add(each);
    for (const each of deed.gone) gone.add(each);
    if (!call(person, deed.operation)) person.unchanged();
  };
  const hear = (person: Person) => {
    const event = events[person.seen];
    const heard = event && person.hear(event);
    if (heard) expect(heard.came).toEqual(heard.expected.filter(isMore).map(plain));
  };
  for (let deed = 0; deed < DEEDS; deed++) {
    const person = people[below(3)];
    if (!person) continue;
    if (below(20) === 0) room.server.crash();
    if (undoes && below(6) === 0) takeBack(person);
    else if (below(2) === 0) ask(person);
    else for (let count = below(6); count > 0; count--) hear(person);
  }
  for (const person of people) while (person.seen < events.length) hear(person);
  const [one, ...others] = people.map(({ confirmed }) => confirmed);
  for (const other of others) expect(other).toEqual(one);
  const mine = charactersOf(one ?? start).filter((each) => typed.has(each));
  if (!undoes) expect(mine.toSorted()).toEqual([...typed].filter((each) => !gone.has(each)).toSorted());
  for (const at of [below(events.length), events.length - 1, events.length])
    expect(dataOf(room.server, { at: { seq: at } })).toEqual(trees[at]);
  const found = find(room.server);
  if (!found?.ok) throw new Error("there is no tree");
  const rows = toData(found.value.view, found.value.node).children ?? [];
  const shown = Object.fromEntries(rows.map(({ id, attrs }) => [id, attrs?.text ?? ""]));
  expect(shown).toEqual(Object.fromEntries([...(one?.alive ?? [])].map((id) => [id, one?.text.get(id) ?? ""])));
}

/** A row that is new has nothing before. */
function plain(step: Step): Step {
  if (step.op !== "split" || step.onto !== 0) return step;
  const { onto: _, ...rest } = step;
  return rest;
}

function isMore(step: { readonly op: string; readonly changes?: readonly unknown[] }): boolean {
  return step.op !== "edit" || (step.changes?.length ?? 0) > 0;
}

it.each([
  ["nothing lost, nothing twice", {}],
  ["with undo and redo", { undoes: true }],
  ["most in a row of their own", { homes: true }],
  ["most in a row of their own, with undo and redo", { homes: true, undoes: true }],
  ["edits alone (X136)", { edits: true }],
])(
  "X31 X35 X45 three people in the same rows, each ahead of what it hears, over crashes: equal everywhere, %s",
  (_, how) => {
    for (let run = 0; run < RUNS; run++) {
      try {
        play(seed + run, how);
      } catch (error) {
        console.info(`run ${seed + run}`);
        throw error;
      }
    }
  },
);
