import {
  createUndo,
  type Mutation,
  MutationError,
  openDocument,
  type TreeDocument,
  type Undo,
} from "../../src/client/index.ts";
import type { TreeEvent } from "../../src/protocol/index.ts";
import { createTestServer, type Machine, memory, type TestServer } from "../../src/testing/index.ts";
import { type Deed, type Told, toldBy } from "./account.ts";
import { type Picture, pictureOf } from "./picture.ts";
import { type Absence, type Act, NINE } from "./script.ts";

/** Somebody with a machine and one page that has the document open. */
export interface Person {
  readonly machine: Machine;
  readonly persist: ReturnType<typeof memory>;
  /** The ids of the clients that this has been. */
  readonly clients: Set<string>;
  readonly errors: unknown[];
  doc: TreeDocument;
  undo: Undo;
  away: Absence | null;
}

export interface Stage {
  readonly server: TestServer;
  readonly people: readonly Person[];
  readonly deeds: Deed[];
}

const NOTHING: Picture = new Map();

export async function createStage(count: number): Promise<Stage> {
  const server = createTestServer();
  server.call("plan").getOrStart({ tree: NINE });
  const people = Array.from({ length: count }, () => createPerson(server));
  await server.settle();
  return { server, people, deeds: [] };
}

function createPerson(server: TestServer): Person {
  const [machine, persist, errors] = [server.machine(), memory(), []];
  return { machine, persist, errors, clients: new Set(), away: null, ...openPage(server, machine, persist, errors) };
}

function openPage(server: TestServer, machine: Machine, persist: Person["persist"], errors: unknown[]) {
  const doc = openDocument(server.url("plan"), { platform: machine, persist });
  doc.on("error", (error) => void errors.push(error));
  return { doc, undo: createUndo(doc) };
}

export async function reload({ server, people }: Stage, who: number): Promise<void> {
  const person = people[who];
  if (!person) return;
  if (person.doc.client !== null) person.clients.add(person.doc.client);
  await person.doc.close();
  Object.assign(person, openPage(server, person.machine, person.persist, person.errors));
  await server.settle();
}

export function goAway(person: Person, how: Absence): void {
  comeBack(person);
  person.away = how;
  if (how === "offline") person.machine.online = false;
  else person.machine.hold(how === "held" ? "both" : how === "deaf" ? "down" : "up");
}

export function comeBack(person: Person): void {
  if (person.away === "offline") person.machine.online = true;
  else if (person.away) person.machine.release();
  person.away = null;
}

export function act({ people, deeds }: Stage, who: number, what: Act): void {
  const person = people[who];
  if (!person) return;
  const { doc } = person;
  const before = look(doc);
  const { pending, seq: base } = doc;
  const n = deeds.length;
  const { mutation, told } = doc.root === undefined ? { mutation: null, told: [] } : perform(person, what, n);
  const made = mutation !== null && doc.pending > pending;
  const deed: Deed = {
    ...{ who, act: what, before, base, made, live: person.away === null },
    ...{ after: look(doc), answered: !made, seq: null, told, rested: NOTHING },
  };
  deeds.push(deed);
  if (mutation) follow(deed, mutation);
}

function perform({ doc, undo }: Person, what: Act, n: number): { mutation: Mutation | null; told: readonly Told[] } {
  if (what.do === "undo" || what.do === "redo") {
    const done = undo[what.do]();
    return { mutation: done.mutation, told: toldBy(done) };
  }
  const mutation = doc.mutate(
    (tx) => {
      if (what.do === "insert") tx.insert({ id: what.id, type: "item" }, what);
      else if (what.do === "move") tx.move(what.id, what);
      else if (what.do === "remove") tx.remove(what.id);
      else if (what.do === "update") tx.update(what.id, { attrs: { [what.key]: what.value } });
      else if (what.do === "unset") tx.update(what.id, { unset: [what.key] });
    },
    { meta: { n } },
  );
  return { mutation, told: [] };
}

function follow(deed: Deed, { committed }: Mutation): void {
  committed.then(
    (event: TreeEvent) => {
      deed.answered = true;
      deed.seq = event.ops.length > 0 ? event.seq : null;
      deed.told = [...deed.told, ...toldBy(event)];
    },
    // What a closed page has left is sent by the next one, which is not told; the history tells.
    (error: unknown) => {
      deed.answered ||= !isLeft(error);
    },
  );
}

/** Whether it was closed before an answer came: nothing that the server refuses is `unavailable`. */
function isLeft(error: unknown): boolean {
  return error instanceof MutationError && error.problem.code === "unavailable";
}

/** The tree as it is seen there, empty before the document has arrived. */
export function look(doc: TreeDocument): Picture {
  return doc.root === undefined ? NOTHING : pictureOf(doc.toData());
}
