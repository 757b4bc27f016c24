import type { Transaction } from "../../../src/client/transaction.ts";
import type { TreeEvent } from "../../../src/protocol/index.ts";
import { createRandom } from "../../../src/testing/random.ts";
import { type NodeData, toRows } from "../../../src/tree/index.ts";
import { type Author, createAuthor } from "./author.ts";
import { createFates } from "./fates.ts";
import { createOrder } from "./order.ts";
import { createScribe, DEEDS } from "./scribe.ts";

// Three people with replicas alone, and an object that does nothing but decide in the order of arrival.

const ROWS: NodeData = {
  id: "root",
  type: "list",
  children: ["ab", "cd", "ef"].map((text, index) => ({ id: `r${index}`, type: "row", attrs: { text } })),
};

/** What an author has replaced unseen only the log of a real object knows. */
const ALONE = DEEDS.filter((deed) => deed !== "update");

/** What a run came to that must not be. */
export function simulate(
  seed: number,
  note: (what: string) => void = () => {},
  only: readonly string[] = ALONE,
): string[] {
  const random = createRandom(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const order = createOrder(ROWS);
  const fates = createFates(ROWS);
  const scribe = createScribe(random, fates, { only });
  const rows = [...toRows(order.store)];
  const authors = ["ann", "bob", "cyd"].map((name) => createAuthor(name, rows));
  const inboxes = new Map<Author, (TreeEvent | number)[]>(authors.map((author) => [author, []]));

  const wrong: string[] = [];
  const send = (author: Author) => {
    const next = author.take();
    if (!next) return;
    const { length } = order.refused;
    const event = order.decide(next);
    if (!event) {
      inboxes.get(author)?.push(next.mutation);
      const refusal = order.refused.length > length ? order.refused.at(-1) : undefined;
      if (refusal) {
        // What comes behind what was refused was written where that was seen.
        if (/^(invalid|notFound)/.test(refusal) && !fates.isAdrift(author.name))
          wrong.push(`${author.name}: ${refusal}`);
        fates.refused(author.name, next.ops);
        fates.drifts(author.name);
      }
      note("no event");
      return;
    }
    fates.event(event, author.name);
    for (const inbox of inboxes.values()) inbox.push(event);
  };
  const hear = (author: Author, most: number) => {
    const inbox = inboxes.get(author) ?? [];
    let events: TreeEvent[] = [];
    for (const each of inbox.splice(0, most)) {
      if (typeof each !== "number") events.push(each);
      else {
        if (events.length > 0) author.hear(events);
        events = [];
        author.drop(each);
      }
    }
    if (events.length > 0) author.hear(events);
  };

  const pick = () => authors[upTo(authors.length - 1)] ?? authors[0];
  for (let left = 10 + upTo(60); left > 0; left--) {
    const author = pick();
    if (!author) break;

    const what = random();
    if (what < 0.5) {
      const deeds = random() < 0.85 ? 1 : 2 + upTo(2);
      author.mutate((tx: Transaction) => {
        for (let deed = 0; deed < deeds; deed++) note(scribe.write(author.name, tx));
      });
      if (author.isAdrift) fates.drifts(author.name);
    } else if (what < 0.75) send(author);
    else hear(author, 1 + upTo(3));
  }
  for (
    let round = 0;
    authors.some(({ pending }) => pending.length > 0) || [...inboxes.values()].some((inbox) => inbox.length > 0);
    round++
  ) {
    if (round > 500) return ["it never comes to rest"];
    for (const author of authors) {
      if (random() < 0.7) send(author);
      if (random() < 0.7) hear(author, 1 + upTo(3));
    }
  }
  const truth = JSON.stringify(order.tree());
  const problems = authors.flatMap(({ name, wrong: misled, tree }) => [
    ...misled.map((each) => `${name}: ${each}`),
    ...(JSON.stringify(tree()) === truth ? [] : [`${name} has ${JSON.stringify(tree())}, not ${truth}`]),
  ]);
  for (const refusal of order.refused) note(`refused: ${refusal.replaceAll(/[^ ]*\d[^ ]*/g, "…")}`);
  for (const { id, attrs } of order.store.records()) {
    const [text, told] = [String(attrs.text ?? ""), fates.texts.get(id) ?? ""];
    if (text !== told) problems.push(`${id} is ${text}, and the events make ${told}`);
  }
  return [...wrong, ...problems, ...fates.complaints()];
}
