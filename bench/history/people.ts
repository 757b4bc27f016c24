import type { NodeId, Operation, ReadStore } from "../../src/tree/index.ts";
import { createRandom } from "../load/random.ts";

/** The row that many type in, and that gets long. */
export const ESSAY = "essay";
/** A row like the others, but that nobody takes it away. */
export const ROW = "row-7";
/** The user who has made one event alone, the 1 234th of all. */
export const RARE = "rare";
const RARE_AT = 1_234;
const PEOPLE = 8;
/** What somebody types in one row, and how long these get before somebody deletes of it. */
const BURST = 12;
const LONG = 80;
/** A pause after so many events. */
const TOGETHER = 5_000;
const PAUSE = 20 * 60_000;
const BEGIN = 1_700_000_000_000;

/** What somebody does. */
export interface Doing {
  readonly user: string;
  readonly client: string;
  readonly mutation: number;
  readonly time: number;
  readonly ops: readonly Operation[];
}

interface Person {
  readonly user: string;
  mutation: number;
  typing: { readonly id: NodeId; at: number; left: number } | null;
}

/**
 * So many things that several people do with a document of rows in sections, by turns: most type, a dozen letters in a row, some in one long
 * text; the others set attributes and marks, move, split and join, insert, remove, and undo what they did.
 */
export function* doingsOf(nodes: ReadStore, rows: NodeId[], sections: number, count: number): Generator<Doing> {
  const random = createRandom(16);
  const people = Array.from(
    { length: PEOPLE },
    (_, index): Person => ({ user: `user-${index}`, mutation: 0, typing: null }),
  );
  const rare: Person = { user: RARE, mutation: 0, typing: null };
  let made = 0;
  const place = () => random(rows.length);
  const textOf = (id: NodeId) => String(nodes.get(id)?.attrs.text ?? "");
  const section = () => `section-${random(sections)}`;
  const types = (person: Person): Operation => {
    const { id, at } = person.typing ?? { id: ESSAY, at: 0 };
    const { length } = textOf(id);
    const here = Math.min(at, length);
    if (person.typing && --person.typing.left === 0) person.typing = null;
    if (id !== ESSAY && length > LONG) return { op: "edit", id, attr: "text", changes: [(-length / 2) | 0] };
    if (person.typing) person.typing.at = here + 1;
    const letter = String.fromCharCode(97 + random(26));
    return { op: "edit", id, attr: "text", changes: here > 0 ? [here, letter] : [letter] };
  };
  const begins = (person: Person): Operation => {
    const id = random(10) === 0 ? ESSAY : (rows[place()] ?? ESSAY);
    person.typing = { id, at: random(textOf(id).length + 1), left: BURST };
    return types(person);
  };
  const takesAway = (id: NodeId): Operation => {
    rows.splice(rows.indexOf(id), 1);
    return { op: "remove", id };
  };
  const adds = (): Operation => {
    const id = `new-${made++}`;
    rows.push(id);
    return { op: "insert", node: { id, type: "row", attrs: { text: `row ${id}` } }, parent: section() };
  };
  const splits = (id: NodeId): readonly Operation[] => {
    const other = `split-${made++}`;
    const at = textOf(id).length >> 1;
    return [{ op: "split", id, attr: "text", at, node: { id: other, type: "row" } }];
  };
  /** Whom it is the turn to join what was split off, so that rows do not get more. */
  let apart: { readonly id: NodeId; readonly into: NodeId } | null = null;
  const does = (person: Person): readonly Operation[] => {
    if (person.typing) return [types(person)];
    const what = random(100);
    const id = rows[place()] ?? ESSAY;
    if (what < 40) return [begins(person)];
    if (what < 58) return [{ op: "update", id, attrs: { done: made++ % 2 === 0, rank: random(1_000) } }];
    if (what < 72) return [{ op: "move", id, parent: section(), after: rows[place()] ?? null }];
    if (what < 80) {
      const to = textOf(id).length >> 1;
      return to > 0
        ? [{ op: "mark", id, attr: "text", from: 0, to, key: "bold", value: random(2) === 0 }]
        : [begins(person)];
    }
    if (what < 88) {
      if (apart) {
        const { id: joined, into } = apart;
        apart = null;
        if (rows.includes(into)) return [{ op: "join", id: joined, into, attr: "text" }];
      }
      const ops = splits(id);
      apart = { id: `split-${made - 1}`, into: id };
      return ops;
    }
    if (what < 92 && id !== ROW) return [takesAway(id)];
    if (what < 96) return [adds()];
    return person.mutation > 0 ? [{ op: "undo", mutations: [person.mutation] }] : [begins(person)];
  };
  for (let index = 1; index <= count; index++) {
    const person = index === RARE_AT ? rare : (people[random(PEOPLE)] ?? rare);
    const ops = does(person);
    const time = BEGIN + index * 100 + Math.floor(index / TOGETHER) * PAUSE;
    yield { user: person.user, client: `${person.user}-laptop`, mutation: ++person.mutation, time, ops };
  }
}
