import { afterAll, beforeAll, expect, test } from "vitest";
import { mergeTexts, openDocument, type TreeDocument, type Transaction as Tx } from "../../src/client/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { type HeldBack, holdBack } from "../client/held-back.ts";
import {
  missingTraces,
  type Patch,
  type RowEdit,
  readTextTrace,
  rowEdits,
  TEXT_TRACES,
  type TextTrace,
  type TraceName,
  textAfter,
} from "../support/text-traces.ts";
import { dataOf } from "./http.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// What real people have typed, by real clients over the real Worker. `TEXT_TRACES=whole` replays the traces to their ends, which
// takes minutes; else the beginning of each.
const isWhole = process.env.TEXT_TRACES === "whole";
const SHARE: Readonly<Record<TraceName, number>> = {
  clownschool: 1_500,
  "json-crdt-patch": 1_000,
  sveltecomponent: 1_000,
};

const ATTR = "text";

/** How a text is kept in a document. */
interface Form {
  readonly name: string;
  readonly tree: NodeData;
  /** Makes a patch of the text that its author sees. */
  patch(tx: Tx, patch: Patch): void;
  textOf(tree: NodeData): string;
}

const ONE: Form = {
  name: "one text",
  tree: { id: "root", type: "text", attrs: { [ATTR]: "" } },
  patch: (tx, [at, deleted, inserted]) => tx.edit("root", ATTR, changesOf(at, deleted, inserted)),
  textOf,
};

const ROWS: Form = {
  name: "rows",
  tree: { id: "root", type: "list", children: [{ id: "first", type: "row", attrs: { [ATTR]: "" } }] },
  patch(tx, patch) {
    const rows = tx.children().map((id) => ({ id, length: textOf(tx.get(id)).length }));
    for (const edit of rowEdits(rows, patch, () => crypto.randomUUID())) make(tx, edit);
  },
  textOf: ({ children = [] }) => children.map(textOf).join("\n"),
};

function textOf(node: Pick<NodeData, "attrs"> | undefined): string {
  return String(node?.attrs?.[ATTR] ?? "");
}

function changesOf(at: number, deleted: number, inserted: string): (number | string)[] {
  return [...(at > 0 ? [at] : []), ...(deleted > 0 ? [-deleted] : []), ...(inserted === "" ? [] : [inserted])];
}

function make(tx: Tx, edit: RowEdit): void {
  switch (edit.does) {
    case "insert":
      tx.edit(edit.id, ATTR, changesOf(edit.at, 0, edit.text));
      break;
    case "delete":
      tx.edit(edit.id, ATTR, changesOf(edit.at, edit.length, ""));
      break;
    case "split":
      tx.split(edit.id, ATTR, edit.at, { id: edit.to, type: "row" });
      break;
    case "join":
      tx.join(edit.id, edit.into, ATTR);
      break;
  }
}

interface Author {
  readonly held: HeldBack;
  readonly document: TreeDocument;
}

/** How many transactions somebody makes in one go: a client puts together what it has not sent yet. */
const AT_ONCE = 16;

/**
 * Replays the beginning of a trace with its own concurrency: each transaction is made by who has seen what its author had seen, and
 * comes to the server in its place. Gives the text that the server ends with, and each client.
 */
async function replay(trace: TextTrace, count: number, name: string, form: Form): Promise<readonly string[]> {
  const url = `${workerd.url}/documents/${name}`;
  await fetch(url, { method: "PUT", body: JSON.stringify({ tree: form.tree }) });
  const problems: string[] = [];
  const authors = Array.from({ length: trace.authors }, (_, index): Author => {
    const client = `author-${index}`;
    const held = holdBack(client);
    const document = openDocument(url, { client, platform: held.platform });
    mergeTexts(document);
    document.on("rejected", ({ message }) => problems.push(message));
    document.on("error", (error) => problems.push(String(error)));
    return { held, document };
  });
  const transactions = trace.transactions.slice(0, count);
  /** Behind these somebody sees something, or is seen: what comes next is another mutation. */
  const ends = new Set(
    transactions.flatMap(({ seen, author }, index) =>
      transactions[index - 1]?.author === author ? [seen] : [seen, index - 1],
    ),
  );
  /** The seq at the end of each. */
  const seqs = new Map([[-1, 0]]);
  try {
    await Promise.all(authors.map(({ document }) => document.loaded));
    for (const [index, { author, seen, patches }] of transactions.entries()) {
      const { held, document } = authors[author] ?? expect.fail(`there is no author ${author}`);
      await held.release(seqs.get(seen) ?? expect.fail(`${seen} was not sent before ${index}`));
      document.mutate((tx) => {
        for (const patch of patches) form.patch(tx, patch);
      });
      if (problems.length > 0) throw new Error(`transaction ${index}: ${problems}`);
      const isEnd = ends.has(index) || index === count - 1;
      if (isEnd || index % AT_ONCE === 0) seqs.set(index, await held.sent(() => document.pending));
    }
    for (const { held } of authors) await held.release(seqs.get(count - 1) ?? 0);
    for (const { document } of authors) expect(document.pending, "all of it is answered").toBe(0);
    return [await dataOf(workerd.url, name), ...authors.map(({ document }) => document.toData())].map(form.textOf);
  } finally {
    await Promise.all(authors.map(({ document }) => document.close()));
  }
}

let workerd: WorkerdProcess;
beforeAll(async () => {
  workerd = await startWorkerd();
});
afterAll(async () => {
  await workerd?.kill();
});

const cases = TEXT_TRACES.flatMap((name) => [ONE, ROWS].map((form) => ({ name, as: form.name, form })));

test.for(cases)(
  "X90 what was typed in $name, by as many clients as people, ends in its text as $as",
  {
    timeout: 600_000,
  },
  async ({ name, as, form }, { skip }) => {
    const missing = missingTraces([name]);
    skip(missing !== null, missing ?? "");
    const trace = readTextTrace(name);
    const count = isWhole ? trace.transactions.length : SHARE[name];
    const expected = isWhole ? trace.endContent : textAfter(trace, count);
    const began = performance.now();
    const texts = await replay(trace, count, `${name}-${as.replace(" ", "-")}`, form);
    console.log(`${name} as ${as}: ${count} transactions in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    for (const text of texts) expect(text).toBe(expected);
  },
);
