import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CannotReplay, type Source } from "./commits.ts";
import { openRepository } from "./git.ts";
import { openTrace } from "./trace.ts";

/** Opens what a path names: a directory is a git repository, a file is a trace. */
export async function openSource(path: string): Promise<Source> {
  // npm runs scripts in the package's directory and tells in INIT_CWD where its user stands.
  for (const base of [process.cwd(), process.env.INIT_CWD ?? "."]) {
    const full = resolve(base, path);
    const found = await stat(full).catch(() => null);
    if (found) return found.isDirectory() ? openRepository(full) : openTrace(full);
  }
  throw new CannotReplay(`${path} does not exist`);
}

/** A document id made of a name. */
export function documentOf(name: string): string {
  return `replay-${name.replace(/[^A-Za-z0-9._~:-]/g, "-").slice(0, 100)}`;
}
