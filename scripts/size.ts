import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

// What a page loads of the client, and what is deployed as the Worker: bundled and minified by Vite, gzipped. `npm run build` prints it.

const KIB = 1024;
/** What the client is to fit into; keeping documents, undo, and texts are loaded by those who use them. Decisions 84, 90, 93, 94 and 127 say why so much. */
export const BAR = 16.75 * KIB;
/** The same with undo. */
export const UNDO_BAR = 24.5 * KIB;
/** The same with texts that merge. */
export const TEXTS_BAR = 28.25 * KIB;

/** The history, beside the core of the client. */
export const HISTORY_BAR = 1.5 * KIB;

/** The Worker, of which Cloudflare takes 3 MiB on the free plan: its size is how fast it starts. Decisions 82, 89, 90, 93 and 124 say why so much. */
export const WORKER_BAR = 138 * KIB;

/** Text, of it what a client of one's own needs. */
export const TEXT_BAR = 3 * KIB;

/** What is measured: the client as most import it. */
export const IMPORTS = [
  "{ openDocument }",
  "{ openDocument, createUndo }",
  "{ openDocument, textOf }",
  "{ openDocument, indexedDb }",
  "*",
] as const;

/** Bytes that a page loads which imports this much of the client. */
export function sizeOf(names: string): Promise<number> {
  return bundled(`export ${names} from ${fileOf("client/index.ts")};`);
}

/** Bytes that `historyOf` adds to a page that has the core of the client anyway. */
export async function historySize(): Promise<number> {
  const both = `export { openDocument } from ${fileOf("client/index.ts")}; export { historyOf } from ${fileOf("history/index.ts")};`;
  return (await bundled(both)) - (await sizeOf(IMPORTS[0]));
}

/** Of the bindings of editors what they are beside the client and the editor, which the application has anyway. */
export const BINDINGS = [
  ["codemirror", "{ groveText }"],
  ["prosemirror", "{ groveRows }"],
] as const;

const BESIDE = [/\/(client|text)\/index\.ts$/, /^@codemirror/, /^prosemirror/];

export function bindingSize([room, names]: (typeof BINDINGS)[number]): Promise<number> {
  return bundled(`export ${names} from ${fileOf(`${room}/index.ts`)};`, BESIDE);
}

/** Bytes of the Worker with the class of documents. */
export function workerSize(): Promise<number> {
  return bundled(`export * from ${fileOf("worker.ts")}; export { default } from ${fileOf("worker.ts")};`);
}

/** What a client of one's own needs of text, with the small bridge. Ours has the long one, and moves marks along: `TEXTS_BAR` holds that. */
const TEXT = "{ applyChanges, carry, compose, createBridge, difference, invert, problemOf, rebase }";

/** Bytes of that. */
export function textSize(): Promise<number> {
  return bundled(`export ${TEXT} from ${fileOf("text/index.ts")};`);
}

const fileOf = (path: string) => JSON.stringify(join(import.meta.dirname, "../src", path));

/** The modules of the history that a page loads which imports these from `durable-grove/react`. */
export async function historyOfReact(names: string): Promise<string[]> {
  const chunks = await chunksOf(`export ${names} from ${fileOf("react/index.ts")};`, [/^react/]);
  const modules = chunks.flatMap((chunk) => (chunk.type === "chunk" ? Object.entries(chunk.modules) : []));
  const used = modules.filter(([, { renderedLength }]) => renderedLength > 0);
  return used.map(([path]) => path).filter((path) => path.includes("/history"));
}

async function bundled(source: string, beside: readonly RegExp[] = []): Promise<number> {
  const chunks = await chunksOf(source, beside);
  return chunks
    .map((chunk) => (chunk.type === "chunk" ? gzipSync(chunk.code, { level: 9 }).length : 0))
    .reduce((sum, bytes) => sum + bytes, 0);
}

async function chunksOf(source: string, beside: readonly RegExp[]) {
  const folder = mkdtempSync(join(tmpdir(), "grove-size-"));
  const entry = join(folder, "entry.ts");
  writeFileSync(entry, source);
  const result = await build({
    configFile: false,
    logLevel: "silent",
    root: folder,
    build: {
      write: false,
      target: "es2022",
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict", external: ["cloudflare:workers", ...beside] },
    },
  });
  rmSync(folder, { recursive: true });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs.flatMap((each) => ("output" in each ? each.output : []));
}

export function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}

if (import.meta.main) {
  const worker = await workerSize();
  const verdict = worker <= WORKER_BAR ? "met" : "not met";
  console.log(
    `durable-grove, minified and gzipped: ${kib(worker)} (${worker} bytes, of the ${WORKER_BAR} that it may have: ${verdict})`,
  );
  const text = await textSize();
  console.log(
    `durable-grove/text, what a client of one's own needs, minified and gzipped: ${kib(text)} (${text} bytes, of the ${TEXT_BAR} that it may have: ${text <= TEXT_BAR ? "met" : "not met"})`,
  );
  for (const names of IMPORTS) {
    const bytes = await sizeOf(names);
    const bar = names === IMPORTS[0] ? `, of the ${BAR} that it may have: ${bytes <= BAR ? "met" : "not met"}` : "";
    console.log(`durable-grove/client, ${names}, minified and gzipped: ${kib(bytes)} (${bytes} bytes${bar})`);
  }
  const history = await historySize();
  console.log(
    `durable-grove/history, { historyOf }, beside { openDocument }: ${kib(history)} (${history} bytes, of the ${HISTORY_BAR} that it may have: ${history <= HISTORY_BAR ? "met" : "not met"})`,
  );
  for (const binding of BINDINGS) {
    const [room, names] = binding;
    const bytes = await bindingSize(binding);
    console.log(`durable-grove/${room}, ${names}, beside client and editor: ${kib(bytes)} (${bytes} bytes)`);
  }
}
