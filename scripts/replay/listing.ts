import type { Commit, Listing } from "./commits.ts";

/**
 * Applies a commit to a plain map of paths: the short and obviously right twin of plan.ts. It knows no nodes and no
 * folders, so what it says at the end is what the document has to hold.
 */
export function foldCommit(listing: Map<string, string>, { changes }: Commit): void {
  for (const change of changes) if (change[0] !== "add") listing.delete(change[1]);
  for (const change of changes) {
    if (change[0] === "add" || change[0] === "modify") listing.set(change[1], change[2]);
    if (change[0] === "move") listing.set(change[2], change[3]);
  }
}

/** What distinguishes two listings, a line a path, sorted. */
export function differences(expected: Listing, actual: Listing): string[] {
  const lines: string[] = [];
  for (const [path, value] of expected) {
    const found = actual.get(path);
    if (found === undefined) lines.push(`missing: ${path}`);
    else if (found !== value) lines.push(`differs: ${path}: ${found}, not ${value}`);
  }
  for (const path of actual.keys()) if (!expected.has(path)) lines.push(`too much: ${path}`);
  return lines.sort();
}
