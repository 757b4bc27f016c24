import { type Result, success, type TreeQuery } from "../../src/protocol/index.ts";
import type { TreeAnswer } from "../../src/session.ts";
import { toData } from "../../src/tree/index.ts";
import type { TestServer } from "./server.ts";

/** What a query of the tree finds, to be read before anything else happens to the document; undefined when storage failed. */
export function find(server: TestServer, query: TreeQuery = {}): Result<TreeAnswer> | undefined {
  return server.ask((calls, now) => calls.tree(query, through, now));
}

/** The same as data, or the code of what is wrong. */
export function dataOf(server: TestServer, query: TreeQuery = {}): unknown {
  const found = find(server, query);
  if (!found) return undefined;
  return found.ok ? toData(found.value.view, found.value.node) : found.problem.code;
}

// biome-ignore lint/correctness/useYield: it needs no second turn
export function* through(found: TreeAnswer): Generator<void, Result<TreeAnswer>, number> {
  return success(found);
}
