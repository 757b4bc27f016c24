import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import {
  createUndo,
  type Mutation,
  MutationError,
  type OpenOptions,
  openDocument,
  type TreeDocument,
} from "../../src/client/index.ts";
import type { TreeEvent } from "../../src/protocol/index.ts";
import type { NodeId } from "../../src/tree/index.ts";

/** A page that has the document open, and all that is written down about it. */
export interface Page {
  readonly doc: TreeDocument;
  /** What became of the mutations that were made here. */
  readonly answers: Answer[];
  /** What was told as `error` that is no failure of the network. */
  readonly errors: unknown[];
  /** `meta.n` of what was told as `rejected`, and the code. */
  readonly rejected: { readonly n: unknown; readonly code: string }[];
  /** Notes what becomes of a mutation. */
  follow(mutation: Mutation): void;
}

export type Answer =
  | { state: "waiting" | "refused" | "closed" }
  | { state: "committed" | "unchanged"; readonly event: TreeEvent };

/** What one can see of a node. */
interface Sight {
  readonly node: unknown;
  readonly children: readonly NodeId[];
  readonly parent: NodeId | null | undefined;
}

const EXPECTED =
  /^(event 9999\d+ came after|the connection broke|the machine is offline|the document could not be reached|the history could not be read)/;

export function openPage(url: string, options: OpenOptions): Page {
  const doc = openDocument(url, options);
  createUndo(doc);
  const page: Page = {
    doc,
    answers: [],
    errors: [],
    rejected: [],
    follow({ committed }) {
      const at = page.answers.push({ state: "waiting" }) - 1;
      committed.then(
        (event) => {
          page.answers[at] = { state: event.ops.length > 0 ? "committed" : "unchanged", event };
        },
        (error: unknown) => {
          if (!(error instanceof MutationError)) page.errors.push(error);
          else page.answers[at] = { state: error.problem.code === "unavailable" ? "closed" : "refused" };
        },
      );
    },
  };
  doc.on("error", (error) => {
    if (!(error instanceof Error && EXPECTED.test(error.message))) page.errors.push(error);
  });
  doc.on("rejected", ({ problem, mutation }) => page.rejected.push({ n: mutation.meta?.n, code: problem.code }));
  watchChanges(page);
  return page;
}

/** R3: every `change` names exactly what can be seen to be different, and everything else is still the same object. */
function watchChanges({ doc, errors }: Page): void {
  let before = look(doc);
  doc.on("change", ({ ids }) => {
    const now = look(doc);
    const differing = new Set<NodeId>();
    for (const id of new Set([...before.keys(), ...now.keys()])) {
      const [old, fresh] = [before.get(id), now.get(id)];
      if (!isDeepStrictEqual(old, fresh)) differing.add(id);
      else if (old?.node !== fresh?.node || old?.children !== fresh?.children)
        errors.push(`R3: ${id} is another object`);
    }
    before = now;
    if (!isDeepStrictEqual(differing, new Set(ids))) {
      errors.push(`R3: told of ${[...ids].sort()}, but ${[...differing].sort()} are different`);
    }
  });
}

function look(doc: TreeDocument): Map<NodeId, Sight> {
  const seen = new Map<NodeId, Sight>();
  const { root } = doc;
  const open = root === undefined ? [] : [root];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const children = doc.children(id);
    seen.set(id, { node: doc.get(id), children, parent: doc.parent(id) });
    for (const child of children) expect(doc.parent(child)).toBe(id);
    open.push(...children);
  }
  if (seen.size !== doc.size) throw new Error(`size is ${doc.size}, but there are ${seen.size}`);
  return seen;
}
