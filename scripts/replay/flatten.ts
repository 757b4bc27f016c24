import * as v from "valibot";
import { parse } from "../../src/protocol/index.ts";
import type { Listing } from "./commits.ts";

/** A tree as paths: what the files hold, which node stands where, and what no file tree would have. */
export interface FileTree {
  readonly files: Listing;
  /** Folders end in a slash. */
  readonly ids: ReadonlyMap<string, string>;
  readonly oddities: readonly string[];
}

const attrs = v.object({ name: v.string(), blob: v.optional(v.string()) });
const node = v.object({
  id: v.string(),
  type: v.string(),
  attrs: v.optional(v.unknown()),
  children: v.optional(v.array(v.unknown())),
});

/** Flattens nested data as the server gives it out. */
export function flattenTree(tree: unknown): FileTree {
  const files = new Map<string, string>();
  const ids = new Map<string, string>();
  const oddities: string[] = [];
  const open: { input: unknown; path: string; isRoot?: true }[] = [{ input: tree, path: "", isRoot: true }];
  for (let next = open.pop(); next; next = open.pop()) {
    const decoded = parse(node, next.input, "invalid");
    if (!decoded.ok) throw new Error(`the tree, in "${next.path}": ${decoded.problem.message}`);
    const { id, type, children = [] } = decoded.value;
    if (next.isRoot) {
      for (const input of children) open.push({ input, path: "" });
      continue;
    }
    const own = parse(attrs, decoded.value.attrs, "invalid");
    const { name, blob } = own.ok ? own.value : { name: `(node ${id})` };
    const path = `${next.path}${name}${type === "file" ? "" : "/"}`;
    if (!own.ok || (type === "file") !== (blob !== undefined)) oddities.push(`neither file nor folder: ${path}`);
    if (ids.has(path)) oddities.push(`twice: ${path}`);
    ids.set(path, id);
    if (type === "file") files.set(path, blob ?? "");
    if (type === "file" && children.length > 0) oddities.push(`a file with children: ${path}`);
    if (type !== "file" && children.length === 0) oddities.push(`an empty folder: ${path}`);
    for (const input of children) open.push({ input, path });
  }
  return { files, ids, oddities };
}
