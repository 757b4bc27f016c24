import type { MutationBody, Principal, Result } from "../../src/protocol/index.ts";
import type { Calls, MutationAnswer, Task } from "../../src/session.ts";
import { createSqliteTables, finish, openDocument, type StoredDocument, type Tables } from "../../src/storage.ts";
import { marksOf } from "../../src/text/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { passTime } from "../session/clock.ts";
import { dataOf } from "../session/look.ts";
import { writerOf } from "../session/room.ts";
import { createServer, type TestServer } from "../session/server.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { type Chance, createChance } from "./chance.ts";
import { ATTR, type Hand } from "./deeds.ts";

/** Somebody with a client of his own. */
export interface Person {
  readonly user: string;
  readonly client: string;
}

/** Ann does some by hand, and some is done for her. */
export const PEOPLE: readonly Person[] = [
  { user: "ann", client: "ann-hand" },
  { user: "ann", client: "ann-agent" },
  { user: "bob", client: "bob-hand" },
  { user: "cyd", client: "cyd-hand" },
];
export const FIRST: Person = { user: "ann", client: "ann-hand" };

/** A document, what chance does to it, and a copy of what it was after each event. */
export interface Scene {
  readonly server: TestServer;
  readonly chance: Chance;
  readonly problems: string[];
  readonly people: readonly Person[];
  /** The trees by seq, and the time of each. */
  readonly trees: NodeData[];
  readonly times: number[];
  ask<T>(work: (calls: Calls, now: number) => Task<T>): Result<T>;
  does(person: Person, body: MutationBody): Result<MutationAnswer>;
  handOf(person: Person): Hand;
  /** Who has typed this; null where it was there at first. */
  authorOf(key: string): Person | null;
  now(): NodeData;
  at(seq: number): unknown;
  stored(): StoredDocument;
  wait(milliseconds: number): void;
  /** The object sleeps, and whatever steps back there can be are made. */
  makeSteps(): void;
  /** Says that something is wrong, unless it is so. */
  expect(isSo: boolean, says: () => string): void;
  same(is: unknown, should: unknown, says: string): void;
}

/** Steps back that stand for few events, so that short histories have them of several sizes. */
const SHAPE = { step: 4, fanOut: 3 };
/** Of what is not the same so many characters are told, from before the first that differs. */
const SHOWN = 400;
const ROUND = 120;
/** Chinese characters: a block for each. */
const BLOCK = 0x1400;
const FIRST_KEY = 0x4e00;

export function createScene(seed: number, tree: NodeData): Scene {
  const sql = openTestSql();
  const tables = withShortSteps(createSqliteTables(sql));
  const server = createServer(sql, "doc", () => tables);
  const chance = createChance(seed);
  const problems: string[] = [];
  const ask: Scene["ask"] = (work) => server.ask(work) ?? fail("storage failed");
  const made = ask((calls, now) => calls.getOrStart({ tree, options: {} }, now));
  if (!made.ok) throw new Error("there is no document");
  const now = () => plain(dataOf(server));
  const trees = [now()];
  const times = [server.now];
  const counters = new Map<string, number>();
  const keys = PEOPLE.map((_, index) => FIRST_KEY + BLOCK * index);
  let [ids, values] = [0, 0];
  const stored = () => openDocument(tables, () => "x") ?? fail("there is no document");
  const scene: Scene = {
    ...{ server, chance, problems, people: PEOPLE, trees, times, ask, now },
    does(person, body) {
      const mutation = (counters.get(person.client) ?? 0) + 1;
      counters.set(person.client, mutation);
      const call = { ...body, client: person.client, mutation };
      const answer = ask((calls, time) => calls.mutate(call, principalOf(person), time));
      noted(scene, answer);
      return answer;
    },
    handOf(person) {
      const index = PEOPLE.indexOf(person);
      return {
        chance,
        key: () => {
          const first = keys[index] ?? 0;
          const count = 1 + chance.below(3);
          keys[index] = first + count;
          return String.fromCharCode(...Array.from({ length: count }, (_, more) => first + more));
        },
        newId: () => `n${ids++}`,
        value: () => `${person.client} ${values++}`,
      };
    },
    authorOf: (key) => PEOPLE[Math.floor((key.charCodeAt(0) - FIRST_KEY) / BLOCK)] ?? null,
    at: (seq) => formed(dataOf(server, { at: { seq } })),
    stored,
    makeSteps() {
      server.evict();
      finish(stored().checkpointInSteps(server.now), server.now);
    },
    wait: (milliseconds) => passTime(server, milliseconds),
    expect(isSo, says) {
      if (!isSo) problems.push(says());
    },
    same(is, should, says) {
      const [one, other] = [String(JSON.stringify(is)), String(JSON.stringify(should))];
      if (one === other) return;
      const at = Math.max(0, [...one].findIndex((unit, index) => unit !== other[index]) - ROUND);
      problems.push(`${says}:\n    is     ${one.slice(at, at + SHOWN)}\n    should ${other.slice(at, at + SHOWN)}`);
    },
  };
  return scene;
}

/** Notes what has come of something that was done, or would be. */
export function noted<T extends { readonly ops: readonly unknown[] }>(
  { trees, times, now }: Pick<Scene, "trees" | "times" | "now">,
  answer: Result<T | MutationAnswer>,
): void {
  if (!answer.ok || !("time" in answer.value) || answer.value.ops.length === 0) return;
  const { seq, time } = answer.value;
  if (seq < trees.length) return;
  if (seq > trees.length) throw new Error(`event ${seq} after ${trees.length - 1}`);
  trees.push(now());
  times.push(time);
}

export function principalOf({ user }: Person): Principal {
  return writerOf(user);
}

export function personIn(chance: Chance): Person {
  return chance.pick(PEOPLE, FIRST);
}

/** A tree with everything in one order, and marks as they count: what of them is past the end of a text is none. */
export function formed(tree: unknown): unknown {
  return typeof tree === "string" ? tree : form(plain(tree));
}

function form({ attrs = {}, children = [], id, type }: NodeData): object {
  const { [`${ATTR}:marks`]: marks = [], ...rest } = attrs;
  const told = marksOf(marks, String(attrs[ATTR] ?? "").length);
  const entries = Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1));
  return { id, type, attrs: Object.fromEntries(entries), marks: told, children: children.map(form) };
}

function plain(data: unknown): NodeData {
  return JSON.parse(JSON.stringify(data));
}

export function withShortSteps(tables: Tables): Tables {
  return Object.create(tables, { skips: { value: { ...tables.skips, shape: SHAPE } } });
}

function fail(says: string): never {
  throw new Error(says);
}
