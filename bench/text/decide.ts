import { DEFAULT_OPTIONS } from "../../src/protocol/index.ts";
import { createLooks } from "../../src/session/sight.ts";
import { createWaiting, type Submission } from "../../src/session/waiting.ts";
import { createDocument, createMemoryTables } from "../../src/storage.ts";
import { flatten } from "../../src/tree/index.ts";
import type { TextTrace } from "../../test/support/text-traces.ts";
import { cpuOf } from "./cpu.ts";
import { ATTR } from "./grove.ts";
import { changesOf } from "./rows.ts";

const ROW = "row";
/** So many share a commit, as they do where many type. */
const TOGETHER = 16;
const BEGIN = 1_700_000_000_000;

/**
 * Microseconds that the object takes for a transaction: finds out what its author had not seen, decides it behind that, does it, makes its
 * event and its inverse, and hands them to a log in memory.
 */
export function decideTrace({ transactions, endContent }: TextTrace): number {
  const tree = { id: "root", type: "list", children: [{ id: ROW, type: "row", attrs: { [ATTR]: "" } }] };
  const newId = () => "no-id";
  const birth = { incarnation: "one", salt: 1, options: DEFAULT_OPTIONS, now: BEGIN };
  const document = createDocument(createMemoryTables({ capacity: null }), flatten(tree, newId), birth);
  if (!document) throw new Error("an id stands twice");
  const waiting = createWaiting(document, { documentId: "trace", newId });
  const principal = { user: null, role: "write" } as const;
  const made: number[] = [];
  const submissions = transactions.map(({ author, patches }, index): Submission => {
    const mutation = (made[author] ?? 0) + 1;
    made[author] = mutation;
    const ops = patches.map(([at, deleted, inserted]) => {
      return { op: "edit", id: ROW, attr: ATTR, changes: changesOf(at, deleted, inserted) } as const;
    });
    return { principal, client: `author-${author}`, mutation, base: baseOf(transactions, index), ops };
  });
  const microseconds = cpuOf(() => {
    for (const [index, submission] of submissions.entries()) {
      const looks = createLooks();
      while (!waiting.ready(submission, looks));
      const outcome = waiting.submit(submission, looks, BEGIN + index);
      if (!outcome.ok) throw new Error(`transaction ${index}: ${outcome.problem.message}`);
      if (index % TOGETHER === 0) waiting.commit();
    }
  });
  if (document.nodes.get(ROW)?.attrs[ATTR] !== endContent) throw new Error("it ends with another text");
  return microseconds / transactions.length;
}

/** The seq of the last event that its author has, with all before it: what it has seen, and its own behind that. */
function baseOf(transactions: TextTrace["transactions"], index: number): number {
  const { author, seen } = transactions[index] ?? { author: -1, seen: -1 };
  let last = seen;
  while (last + 1 < index && transactions[last + 1]?.author === author) last++;
  return last + 1;
}
