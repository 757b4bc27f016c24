import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { BAR, IMPORTS, sizeOf } from "../../scripts/size.ts";
import type { Section } from "../report/section.ts";
import type { Scene } from "./scene.ts";

const KIB = 1024;

const TEXT = [
  `Minified and gzipped: what a page loads that imports so much of the client (bundled by Vite, the same figures as of
\`npm run build\`), and the Worker as \`wrangler deploy --minify\` would send it.`,
];

/** How large what is loaded and deployed is. */
export async function sizes({ note }: Scene): Promise<Section> {
  const client: number[] = [];
  for (const names of IMPORTS) client.push(await sizeOf(names));
  const worker = await workerSize();
  note("sizes");
  const bar = (what: string, bytes: number, most: number) =>
    ({ what, value: bytes / KIB, unit: "KiB", bar: most, at: "most" }) as const;
  return {
    id: "sizes",
    title: "Sizes",
    text: TEXT,
    tables: [
      {
        title: "Bytes",
        head: ["", "bytes"],
        rows: [...IMPORTS.map((names, index) => [`client, ${names}`, client[index] ?? null]), ["Worker", worker]],
      },
    ],
    charts: [],
    bars: [
      bar("client bundle, minified and gzipped", client[0] ?? Number.NaN, BAR / KIB),
      bar("Worker bundle, minified and gzipped", worker, 45),
    ],
  };
}

async function workerSize(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "durable-grove-size-"));
  try {
    await promisify(execFile)(process.execPath, [
      "node_modules/wrangler/bin/wrangler.js",
      ...["deploy", "--dry-run", "--minify", "--outdir", folder],
    ]);
    return gzipSync(await readFile(join(folder, "worker.js")), { level: 9 }).length;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
