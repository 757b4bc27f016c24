import { createReadStream } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import * as v from "valibot";
import { parse, parseJson } from "../../src/protocol/index.ts";
import { CannotReplay, type Commit, type Listing, type Source } from "./commits.ts";

const EXTENSION = /\.jsonl(\.gz)?$/;

const path = v.pipe(v.string(), v.minLength(1));
const commit = v.object({
  time: v.number(),
  author: v.string(),
  changes: v.array(
    v.union([
      v.strictTuple([v.literal("add"), path, v.string()]),
      v.strictTuple([v.literal("modify"), path, v.string()]),
      v.strictTuple([v.literal("remove"), path]),
      v.strictTuple([v.literal("move"), path, path, v.string()]),
    ]),
  ),
});

/** A trace file, `NAME.jsonl` or `NAME.jsonl.gz`, and `NAME.final.json` where that stands beside it. */
export async function openTrace(file: string): Promise<Source> {
  if (!EXTENSION.test(file))
    throw new CannotReplay(`${file} is no trace: its name ends neither in .jsonl nor .jsonl.gz`);
  let total = 0;
  for await (const _ of lines(file)) total++;
  return {
    name: basename(file).replace(EXTENSION, ""),
    total,
    commits: () => commits(file),
    finals: () => finals(file.replace(EXTENSION, ".final.json")),
  };
}

async function* commits(file: string): AsyncGenerator<Commit> {
  for await (const { text, number } of lines(file)) yield decodeCommit(text, `${file}:${number}`);
}

function decodeCommit(text: string, where: string): Commit {
  const parsed = parseJson(text, "invalid");
  const decoded = parsed.ok ? parse(commit, parsed.value, "invalid") : parsed;
  if (!decoded.ok) throw new CannotReplay(`${where}: ${decoded.problem.message}`);
  return decoded.value;
}

async function* lines(file: string): AsyncGenerator<{ text: string; number: number }> {
  const raw = createReadStream(file);
  const input = file.endsWith(".gz") ? raw.pipe(createGunzip()) : raw;
  // A pipe does not carry errors along; readline hears only those of its own input.
  raw.on("error", (error) => input.destroy(error));
  let number = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (text.trim() !== "") yield { text, number };
    }
  } catch (error) {
    throw new CannotReplay(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    raw.destroy();
  }
}

async function finals(file: string): Promise<{ name: string; listing: Listing }[]> {
  try {
    await access(file);
  } catch {
    return []; // it is optional
  }
  const parsed = parseJson(await readFile(file, "utf8"), "invalid");
  if (!parsed.ok) throw new CannotReplay(`${file}: ${parsed.problem.message}`);
  const listing = new Map<string, string>();
  if (typeof parsed.value !== "object" || parsed.value === null) throw new CannotReplay(`${file} holds no object`);
  for (const [path, blob] of Object.entries(parsed.value)) listing.set(path, String(blob));
  return [{ name: basename(file), listing }];
}
