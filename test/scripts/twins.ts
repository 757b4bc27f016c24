import type { Change, Commit } from "../../scripts/replay/commits.ts";
import { flattenTree } from "../../scripts/replay/flatten.ts";
import { differences, foldCommit } from "../../scripts/replay/listing.ts";
import { createPlanner } from "../../scripts/replay/plan.ts";
import { fromData, mutate, type Operation, toData } from "../../src/tree/index.ts";

const never = (): string => {
  throw new Error("every node of a replay has an id");
};

/** A document and its planner, side by side with the plain map of paths. */
export function createTwins() {
  const planner = createPlanner("root");
  const store = fromData({ id: "root", type: "folder" }, never);
  const paths = new Map<string, string>();
  let commits = 0;
  let seq = 0;
  const apply = (ops: readonly Operation[]) => {
    const verdict = mutate(store, ops, { seq: ++seq, newId: never });
    if (!verdict.ok) throw new Error(`commit ${commits}: ${verdict.message}: ${JSON.stringify(ops[verdict.op])}`);
  };
  return {
    store,
    paths,
    apply,
    plan(commit: Commit) {
      foldCommit(paths, commit);
      return planner.plan(commit, commits++);
    },
    /** Says what is wrong with the document, or nothing. */
    problems() {
      const { files, ids, oddities } = flattenTree(toData(store));
      const planned = flattenTree(planner.toData());
      return [...differences(paths, files), ...differences(planned.ids, ids), ...oddities];
    },
  };
}

export const commit = (...changes: Change[]): Commit => ({ time: 1, author: "u0", changes });
