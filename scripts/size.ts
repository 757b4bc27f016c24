import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

// What a page loads of the client: bundled and minified by Vite, gzipped. `npm run build` prints it.

const KIB = 1024;
/** What the client is to fit into; keeping documents, and undo, are loaded by those who use them. */
const BAR = 10 * KIB;

/** The size of each chunk of a bundle that imports `source`, that of the entry first. */
export async function chunkSizes(source: string): Promise<{ readonly name: string; readonly bytes: number }[]> {
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
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict", external: ["react", "react/jsx-runtime"] },
    },
  });
  rmSync(folder, { recursive: true });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs
    .flatMap((each) => ("output" in each ? each.output : []))
    .flatMap((chunk) => (chunk.type === "chunk" ? [chunk] : []))
    .sort((a, b) => Number(b.isEntry) - Number(a.isEntry))
    .map(({ name, code }) => ({ name, bytes: gzipSync(code, { level: 9 }).length }));
}

if (import.meta.main) {
  const client = join(import.meta.dirname, "../src/client/index.ts");
  const kib = (bytes: number) => `${(bytes / KIB).toFixed(2)} KiB`;
  const named = ["{ openDocument }", "{ openDocument, createUndo }", "{ openDocument, indexedDb }", "*"];
  for (const names of named) {
    const chunks = await chunkSizes(`export ${names} from ${JSON.stringify(client)};`);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    const bar = names === named[0] ? ` (the bar is ${kib(BAR)}: ${bytes <= BAR ? "met" : "not met"})` : "";
    console.log(`durable-grove/client, ${names}, minified and gzipped: ${kib(bytes)}${bar}`);
  }
}
