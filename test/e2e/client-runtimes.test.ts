import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDocument, type TreeDocument } from "../../src/client/index.ts";
import { freePort, isHealthy } from "./server-process.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// The client outside of browsers: bundled once, and run by whatever there is. NODE_20 names a Node 20.

const run = promisify(execFile);
const document = "runtimes";

let workerd: WorkerdProcess;
let other: TreeDocument;
let directory: string;
let node20: string | undefined;
beforeAll(async () => {
  workerd = await startWorkerd();
  const url = `${workerd.url}/documents/${document}`;
  await fetch(url, { method: "PUT", body: JSON.stringify({ tree: { id: "root", type: "list" } }) });
  other = openDocument(url);
  await other.loaded;
  directory = await mkdtemp(join(tmpdir(), "durable-grove-runtimes-"));
  await build({
    configFile: false,
    logLevel: "warn",
    build: {
      lib: { entry: resolve("src/client/index.ts"), formats: ["es"], fileName: "client" },
      outDir: directory,
      emptyOutDir: true,
      rollupOptions: { output: { codeSplitting: false } },
    },
  });
  for (const path of [process.env.NODE_20, "/usr/bin/node", "/usr/local/bin/node"]) {
    if (path && !node20 && (await versionOf(path)).startsWith("v20.")) node20 = path;
  }
});
afterAll(async () => {
  await other?.close();
  await workerd?.kill();
  if (directory) await rm(directory, { recursive: true, force: true });
});

async function versionOf(path: string): Promise<string> {
  try {
    await access(path);
    return (await run(path, ["--version"])).stdout;
  } catch {
    return "none";
  }
}

/** A program that edits the document and says what it sees. `setup` says what it is run on. */
const program = (id: string, setup: string) => `
import { createUndo, memory, openDocument, synced } from "./client.js";
${setup}
const doc = openDocument("${workerd.url}/documents/${document}", { persist: memory() });
await doc.loaded;
const undo = createUndo(doc);
const made = doc.mutate((tx) => tx.insert({ id: "${id}", type: "item" }, { parent: "root" }));
const { seq } = await made.committed;
doc.mutate((tx) => tx.insert({ id: "${id}-undone", type: "item" }, { parent: "root" }));
undo.undo();
doc.presence.set("${id}");
await synced(doc);
await new Promise((resolve) => setTimeout(resolve, 100));
await doc.close();
console.log(JSON.stringify({ seq, status: doc.status.state, shown: doc.children().includes("${id}") }));
`;

async function expectRun(node: string, id: string, setup: string): Promise<void> {
  const file = join(directory, `${id}.mjs`);
  await writeFile(file, program(id, setup));
  const seen: unknown[] = [];
  const off = other.on("presence", (others) => void seen.push(...others.map(({ data }) => data)));
  const { stdout, stderr } = await run(node, [file], { timeout: 30_000 });
  off();
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ seq: expect.any(Number), status: "closed", shown: true });
  await expect.poll(() => other.children()).toContain(id);
  expect(other.children()).not.toContain(`${id}-undone`);
  expect(seen).toContain(id);
}

test("the client runs in Node 20, which has to be given a WebSocket", async ({ skip }) => {
  if (node20 === undefined) return skip("there is no Node 20 here: NODE_20 may name one");
  await symlink(resolve("node_modules"), join(directory, "node_modules"));
  await expectRun(node20, "node-20", 'import { WebSocket } from "ws"; Object.assign(globalThis, { WebSocket });');
});

test("the client runs in this Node as it stands", async () => {
  await expectRun(process.execPath, "this-node", "");
});

test("without a WebSocket the client says what to do", async ({ skip }) => {
  if (node20 === undefined) return skip("there is no Node 20 here: NODE_20 may name one");
  const file = join(directory, "none.mjs");
  await writeFile(
    file,
    `import { openDocument } from "./client.js";
    const doc = openDocument("ws://127.0.0.1:9/documents/none");
    console.log(doc.status.state, doc.status.reason.message);`,
  );
  const { stdout } = await run(node20, [file]);
  expect(stdout).toMatch(/^closed .*no WebSocket here: Object/);
});

const WORKER = `
import { openDocument } from "./client.js";
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/healthz") return new Response("ok");
    const doc = openDocument(env.ADDRESS);
    await doc.loaded;
    const { seq } = await doc.mutate((tx) => tx.insert({ id: "worker", type: "item" }, { parent: "root" })).committed;
    const shown = doc.children().includes("worker");
    await doc.close();
    return Response.json({ seq, status: doc.status.state, shown });
  },
};
`;

const config = (port: number, address: string) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "client.js", esModule = embed "client.js"),
  ],
  bindings = [(name = "ADDRESS", text = "${address}")],
  compatibilityDate = "2026-01-01",
);
`;

test("the client runs in a Worker as it stands", async () => {
  const port = await freePort();
  await writeFile(join(directory, "worker.js"), WORKER);
  await writeFile(join(directory, "config.capnp"), config(port, `${workerd.url}/documents/${document}`));
  const child = spawn(resolve("node_modules/.bin/workerd"), ["serve", "config.capnp"], {
    cwd: directory,
    // In a group of its own: `.bin/workerd` may be a script that starts the real one.
    detached: true,
    stdio: "ignore",
  });
  const gone = once(child, "exit");
  try {
    await expect.poll(() => isHealthy(`http://127.0.0.1:${port}`), { timeout: 20_000 }).toBe(true);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(await response.json()).toEqual({ seq: expect.any(Number), status: "closed", shown: true });
    await expect.poll(() => other.children()).toContain("worker");
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await gone;
  }
});
