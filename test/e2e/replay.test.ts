import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { historyOf, seqOf } from "./http.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

// Years of two real repositories, through the script that everybody may run: npm run replay.

const TRACES = "../shared/traces";
const SCRIPT = "scripts/replay.ts";
const missing = [SCRIPT, `${TRACES}/hono.jsonl.gz`, `${TRACES}/sharedb.jsonl.gz`].filter((path) => !existsSync(path));
const testWithTraces = test.skipIf(missing.length > 0);
const why = missing.length > 0 ? ` (skipped: there is no ${missing.join(", no ")})` : "";

let server: ServerProcess | undefined;
let script: ChildProcess | undefined;
afterEach(async () => {
  script?.kill("SIGKILL");
  await server?.kill();
});

function replay(
  trace: string,
  url: string,
  document: string,
  clients = 1,
): Promise<{ code: number | null; output: string }> {
  const args = [SCRIPT, `${TRACES}/${trace}.jsonl.gz`, "--url", url, "--document", document, "--clients", `${clients}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  script = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

async function filesAtTheEnd(trace: string): Promise<number> {
  const final: object = JSON.parse(await readFile(`${TRACES}/${trace}.final.json`, "utf8"));
  return Object.keys(final).length;
}

testWithTraces(
  `S1, T8 a replayed history ends with the files it ends with${why}`,
  async () => {
    server = await startServer();
    const { code, output } = await replay("sharedb", server.url, "sharedb");
    expect(output).toContain(`equal: ${await filesAtTheEnd("sharedb")} files`);
    expect(code).toBe(0);
  },
  120_000,
);

testWithTraces(
  `S3, S4 also when kill -9 comes in the middle${why}`,
  async () => {
    server = await startServer();
    const { url, directory } = server;
    // One client is through before it can be killed: 0.2 s. Four wait for each other.
    const done = replay("hono", url, "hono", 4);
    // Somewhere in the second third.
    while ((await seqOf(url, "hono").catch(() => 0)) < 700) await sleep(10);
    await server.kill();
    server = await startServer({ directory, port: Number(new URL(url).port) });
    const before = await seqOf(url, "hono");

    const { code, output } = await done;
    expect(output).toContain(`equal: ${await filesAtTheEnd("hono")} files`);
    expect(output).toMatch(/[1-9]\d* reconnects/);
    expect(code).toBe(0);
    const history = await historyOf(url, "hono");
    expect(before).toBeLessThan(history.length);
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
    // The script names the commit of each mutation in its meta.
    expect(new Set(history.map(({ meta }) => JSON.stringify(meta))).size).toBe(history.length);
  },
  180_000,
);
