import type { NodeData } from "../../src/tree/index.ts";
import { CannotReplay } from "./commits.ts";
import { flattenTree } from "./flatten.ts";
import { differences } from "./listing.ts";
import { type Mutation, type Position, positionOf } from "./mutations.ts";
import type { Server } from "./server.ts";

/** What the last event of a document says about where a replay ended. */
export interface Resume {
  readonly at: Position;
  /** As it was sent. */
  readonly meta: unknown;
}

/** What can be done about a document that holds something else. */
export const USE_FRESH = "use --fresh to delete it first, or another --document";

/** Where an earlier replay of this document ended; null if nothing was written yet. */
export async function whereToGoOn(server: Server, root: string): Promise<Resume | null> {
  const seq = await server.seq();
  if (seq === 0) {
    const { ids } = flattenTree(await server.tree(root));
    if (ids.size > 0) throw new CannotReplay(`the document was created with ${ids.size} nodes in it: ${USE_FRESH}`);
    return null;
  }
  const { entries } = await server.history(seq - 1, 1);
  const meta = entries.at(-1)?.meta;
  const at = positionOf(meta);
  if (!at) throw new CannotReplay(`the document's last event, ${seq}, is no commit of a replay: ${USE_FRESH}`);
  return { at, meta };
}

/** Throws unless the document ended with this very mutation, and holds what the history holds after it. */
export async function checkResume(server: Server, resume: Resume, mutation: Mutation, tree: NodeData): Promise<void> {
  const { at } = mutation;
  if (!isSame(resume.meta, mutation.meta)) {
    throw new CannotReplay(`the document holds another history: its last commit is ${JSON.stringify(resume.meta)}, \
this one's commit ${at.commit} is ${JSON.stringify(mutation.meta)}: ${USE_FRESH}`);
  }
  // In the middle of a commit that was split, no tree of this side is like the document's; the end will show.
  if (at.part + 1 < at.parts) return;
  const [here, there] = [flattenTree(tree), flattenTree(await server.tree(tree.id ?? ""))];
  const [first] = [...differences(here.files, there.files), ...differences(here.ids, there.ids), ...there.oddities];
  if (first === undefined) return;
  throw new CannotReplay(
    `the document does not hold this history's files after commit ${at.commit}: ${first}: ${USE_FRESH}`,
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** The fields in an order of ours: a store may give them back in its own. */
function sorted(value: unknown): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).sort() : value;
}
