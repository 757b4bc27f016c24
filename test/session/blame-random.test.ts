import { expect, it } from "vitest";
import type { BlameCursor, BlamePage, LoggedEvent } from "../../src/protocol/index.ts";
import {
  blamePage,
  createSqliteTables,
  entriesOf,
  finish,
  openDocument,
  type StoredDocument,
} from "../../src/storage.ts";
import { createRandom } from "../../src/testing/random.ts";
import type { Operation } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { accountOf, textOf } from "./blame-account.ts";
import { openRoom, writerOf } from "./room.ts";

const RUNS = times(8);
const DEEDS = 60;
const USERS = ["ann", "bob", "cyd"];
const WORDS = ["a", "b", "ab", "ba", "aba", "xyz"];
const START = new Map([
  ["r0", "hello"],
  ["r1", "world"],
  ["r2", ""],
]);

/** What there is to be found, in as many pages as it takes. */
function blame(document: StoredDocument, node: string, most: number) {
  const seqs: (number | null)[] = [];
  let inserted: BlamePage["inserted"];
  let before: BlamePage["next"] = null;
  let pages = 0;
  do {
    const cursor: BlameCursor | undefined = before === null ? undefined : JSON.parse(before);
    const page: BlamePage | null = finish(blamePage(document, { node, attr: "text", before: cursor }, most));
    if (!page) throw new Error(`there is no ${node}`);
    inserted = page.inserted ?? inserted;
    for (const run of page.texts.text ?? []) {
      const seq = "before" in run ? 0 : run.seq;
      if (seq !== null) seqs.fill(seq, Math.min(run.from, seqs.length), run.to);
      for (let at = seqs.length; at < run.to; at++) seqs.push(at < run.from ? null : seq);
      if (seq !== null) for (let at = run.from; at < run.to; at++) seqs[at] = seq;
    }
    before = page.next;
    if (++pages > 500) throw new Error("it never ends");
  } while (before !== null);
  return { seqs, inserted, pages };
}

function play(from: number, undoes: boolean): number {
  const random = createRandom(from);
  const below = (most: number) => Math.floor(random() * most);
  const one = <T>(list: readonly T[]): T => {
    const chosen = list[below(list.length)];
    if (chosen === undefined) throw new Error("of nothing");
    return chosen;
  };
  const children = Array.from(START, ([id, text]) => ({ id, type: "row", attrs: { text } }));
  const room = openRoom({ id: "root", type: "list", children });
  const ids = [...START.keys()];
  const made: number[] = [];
  const counters = new Map<string, number>();
  const nodes = () => openNow(room.server.sql).nodes;
  const openNow = (sql: typeof room.server.sql) => {
    const document = openDocument(createSqliteTables(sql), () => "x");
    if (!document) throw new Error("there is no document");
    return document;
  };
  let rows = 0;
  const operation = (): Operation => {
    const id = one(ids);
    const text = String(nodes().get(id)?.attrs.text ?? "");
    const at = below(text.length + 1);
    const kind = below(undoes ? 14 : 10);
    if (kind === 0) {
      const node = { id: `n${rows++}`, type: "row" };
      ids.push(node.id);
      return { op: "split", id, attr: "text", at, node, ...(below(3) === 0 && { head: true }) };
    }
    if (kind === 1) return { op: "join", id, into: one(ids), attr: "text" };
    if (kind === 2)
      return { op: "update", id, attrs: { text: text.slice(0, at) + one(WORDS) + text.slice(at + below(3)) } };
    if (kind === 3)
      return one<Operation>([
        { op: "move", id, parent: "root", after: null },
        { op: "remove", id },
      ]);
    if (kind > 10 && made.length > 0) return { op: one(["undo", "undo", "redo"]), seqs: [one(made)] };
    return {
      op: "edit",
      id,
      attr: "text",
      changes: [at, one(WORDS), -below(text.length - at + 1)].slice(at === 0 ? 1 : 0),
    };
  };
  for (let deed = 0; deed < DEEDS; deed++) {
    const client = one(USERS);
    // Those who go on within the window stand in a row together; nobody's runs are one.
    if (below(2) === 0) room.wait(6 * 60_000);
    const mutation = (counters.get(client) ?? 0) + 1;
    counters.set(client, mutation);
    const body = { client, mutation, ops: [operation()] };
    const answer = room.server.ask((calls, now) => calls.mutate(body, writerOf(client), now));
    if (answer?.ok && answer.value.ops.length > 0) made.push(answer.value.seq);
    room.settle();
  }
  const document = openNow(room.server.sql);
  const entries: LoggedEvent[] = [...document.log.after(0)].flatMap(entriesOf);
  const account = accountOf(entries, START);
  const authors = new Map(entries.map(({ seq, userId }) => [seq, userId]));
  let pages = 0;
  for (const id of ids) {
    const node = document.nodes.get(id);
    if (!node) continue;
    const units = account(id);
    expect(textOf(units), id).toBe(String(node.attrs.text ?? ""));
    const told = blame(document, id, below(2) === 0 ? 2_000 : Number.POSITIVE_INFINITY);
    pages += told.pages;
    const by = (seq: number | null) => (seq === null ? "?" : (authors.get(seq) ?? null));
    expect([id, told.seqs.map(by)]).toEqual([id, units.map(({ seq }) => by(seq))]);
    const first = entries.find(({ inverse }) =>
      inverse.some((each) => each.op === "remove" && !each.was && each.id === id),
    );
    const { seq, time, userId, client } = first ?? { seq: 0, time: 0, userId: null, client: null };
    expect(told.inserted).toEqual(first ? { seq, time, userId, client } : { before: 1 });
  }
  return pages;
}

it.each([
  ["without undo", false],
  ["with undo and redo", true],
])("V40 V41 who has typed what, found going backward, is who it was told forward, page by page, %s", (_, undoes) => {
  let pages = 0;
  for (let run = 0; run < RUNS; run++) {
    try {
      pages += play(seed + run, undoes);
    } catch (error) {
      console.info(`run ${seed + run}`);
      throw error;
    }
  }
  expect(pages).toBeGreaterThan(RUNS * 4);
});
