import { MutationError } from "../../../src/client/mutation-error.ts";
import type { TreeEvent } from "../../../src/protocol/index.ts";
import { createRandom } from "../../../src/testing/random.ts";
import { type MarkList, marksOf } from "../../../src/text/index.ts";
import { type Json, type MapStore, type NodeData, toRows } from "../../../src/tree/index.ts";
import { type Author, createAuthor } from "./author.ts";
import { createFates } from "./fates.ts";
import { createOrder } from "./order.ts";
import { createScribe, DEEDS } from "./scribe.ts";

// Two or three people who have not seen each other do a thing or two in the same rows, and each hears the others one after the other.

const row = (id: string, text: string, children: NodeData[] = []): NodeData => ({
  ...{ id, type: "row", attrs: { text } },
  ...(children.length > 0 && { children }),
});
const ROWS: NodeData = {
  id: "root",
  type: "list",
  children: [row("r0", "abc", [row("r1", "de")]), row("r2", "fg\u{1f331}", [row("r3", "")])],
};

/** What an author has replaced unseen only the log of a real object knows. */
const ALONE = DEEDS.filter((deed) => deed !== "update");

interface Marked {
  readonly characters: readonly string[];
  readonly key: string;
  readonly value: Json;
}

/** What a pair or a triple came to that must not be. */
export function meet(seed: number, note: (what: string) => void = () => {}): string[] {
  const random = createRandom(seed, 2);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const order = createOrder(ROWS);
  const fates = createFates(ROWS);
  let marking: Marked[] = [];
  const scribe = createScribe(random, fates, {
    only: ALONE,
    marked: (characters, key, value) => void marking.push({ characters, key, value }),
  });
  const rows = [...toRows(order.store)];
  const [zoe, ...all] = ["zoe", "ann", "bob", "cyd"].map((name) => createAuthor(name, rows));
  const people = all.slice(0, random() < 0.4 ? 2 : 3);
  if (!zoe) throw new Error("there is nobody");
  /** What each mutation marks, by who has made it. */
  const marked = new Map<string, readonly Marked[]>();
  const write = (author: Author) => {
    const mutation = (author.pending.at(-1)?.mutation ?? 0) + 1;
    marking = [];
    try {
      author.mutate((tx) => {
        for (let deed = upTo(1); deed >= 0; deed--) {
          note(random() < 0.15 ? scribe.restore(tx) : scribe.write(author.name, tx));
        }
      });
    } catch (error) {
      if (!(error instanceof MutationError)) throw error;
      fates.refused(author.name, error.mutation.ops);
      note("refused at once");
    }
    const made = author.pending.at(-1);
    if (made && made.mutation >= mutation) marked.set(`${author.name} ${made.mutation}`, marking);
  };
  const decide = (author: Author): TreeEvent | null => {
    const next = author.take();
    if (!next) return null;
    const { length } = order.refused;
    const event = order.decide(next);
    if (event) fates.event(event, author.name);
    else author.drop(next.mutation);
    if (order.refused.length > length) fates.refused(author.name, next.ops);
    return event;
  };

  // What they all have seen: rows that are removed, joined and moved, marks.
  for (let left = upTo(3); left > 0; left--) {
    write(zoe);
    const event = decide(zoe);
    if (event) for (const author of [zoe, ...all]) author.hear([event]);
  }
  const known = marksByCharacter(order.store);

  for (const author of people) for (let left = 1 + upTo(1); left > 0; left--) write(author);
  const events: TreeEvent[] = [];
  for (let turn = upTo(2); people.some(({ pending }) => pending.some(({ sent }) => !sent)); turn += 1 + upTo(1)) {
    const author = people[turn % people.length];
    const event = author && decide(author);
    if (event) events.push(event);
  }
  for (const author of people) for (const event of events) author.hear([event]);

  const truth = JSON.stringify(order.tree());
  const problems = people.flatMap(({ name, wrong, tree }) => [
    ...wrong.map((each) => `${name}: ${each}`),
    ...(JSON.stringify(tree()) === truth ? [] : [`${name} has ${JSON.stringify(tree())}, not ${truth}`]),
  ]);
  for (const { id, attrs } of order.store.records()) {
    const [text, told] = [String(attrs.text ?? ""), fates.texts.get(id) ?? ""];
    if (text !== told) problems.push(`${id} is ${text}, and the events make ${told}`);
  }
  for (const { client, mutation } of events) {
    for (const { characters, key, value } of marked.get(`${client} ${mutation}`) ?? []) {
      for (const each of characters) known.get(each)?.set(key, value);
    }
  }
  const has = marksByCharacter(order.store);
  for (const [each, expected] of known) {
    const [is, wanted] = [has.get(each), new Map([...expected].filter(([, value]) => value !== null))];
    // It is gone, or nobody knows where it is.
    if (!is || order.refused.length > 0) continue;
    if (shown(is) !== shown(wanted)) problems.push(`${each} has ${shown(is)}, not ${shown(wanted)}`);
  }
  if (order.refused.length > 0) note("refused");
  return [...problems, ...fates.complaints()];
}

const shown = (marks: ReadonlyMap<string, Json>) => JSON.stringify([...marks].sort());

/** What each character is marked with, which is there once. */
function marksByCharacter(store: MapStore): Map<string, Map<string, Json>> {
  const result = new Map<string, Map<string, Json>>();
  for (const { attrs } of store.records()) {
    const text = String(attrs.text ?? "");
    const marks: MarkList = marksOf(attrs["text:marks"], text.length) ?? [];
    let at = 0;
    for (const each of text) {
      const end = at + each.length;
      result.set(
        each,
        new Map(marks.filter(([from, to]) => from < end && to > at).map(([, , key, value]) => [key, value])),
      );
      at = end;
    }
  }
  return result;
}
