import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type ServerProcess, startServer } from "./server-process.ts";

// The minimal clients of examples/, run as a reader of the README runs them, while somebody else changes the document.

let server: ServerProcess;
let running: ChildProcess | undefined;
beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  if (!running || running.exitCode !== null) return;
  const gone = once(running, "exit");
  running.kill();
  await gone;
});
afterAll(() => server.kill());

/** A python3 that has the one package that client.py needs. */
const python = [process.env.PYTHON, "python3", "/usr/bin/python3"].find(
  (command) => command && spawnSync(command, ["-c", "import websockets"]).status === 0,
);

test("client.mjs keeps the tree right while others change it", async () => {
  await follow(process.execPath, "examples/client.mjs", "hello from JavaScript");
});

test("client.py keeps the tree right while others change it", async ({ skip }) => {
  if (python === undefined) return skip("no python3 with the package websockets here");
  await follow(python, "examples/client.py", "hello from Python");
});

test("client.mjs says why it ends", async () => {
  await sayWhy(process.execPath, "examples/client.mjs");
});

test("client.py says why it ends", async ({ skip }) => {
  if (python === undefined) return skip("no python3 with the package websockets here");
  await sayWhy(python, "examples/client.py");
});

/** More nodes than are brought back with their content. */
const LARGE = 70;

/** Runs a client; returns what it has printed so far, on both streams. */
function start(command: string, script: string, url: string): () => string {
  running = spawn(command, [script, url]);
  let output = "";
  for (const stream of [running.stdout, running.stderr]) stream?.on("data", (chunk) => (output += chunk));
  return () => output;
}

async function sayWhy(command: string, script: string): Promise<void> {
  const ends = async (url: string, said: RegExp) => {
    const output = start(command, script, url);
    await expect.poll(output, { timeout: 20_000 }).toMatch(said);
    await expect.poll(() => running?.exitCode, { timeout: 20_000 }).not.toBeNull();
  };
  const documents = `${server.url.replace("http", "ws")}/documents`;
  await ends("ws://127.0.0.1:1/documents/a", /^closed: /m);
  await ends(`${documents}/not%20an%20id`, /^closed: /m);

  const path = `/documents/ends:${script.replace("/", ":")}`;
  const output = start(command, script, `${documents}${path.slice("/documents".length)}`);
  await expect.poll(output, { timeout: 20_000 }).toMatch(/^ {2}hello from /m);
  await call("POST", `${path}/stop`, {});
  await expect.poll(output, { timeout: 20_000 }).toMatch(/"code":"stopped"[\s\S]*^closed: .*4000/m);
}

async function follow(command: string, script: string, hello: string): Promise<void> {
  const path = `/documents/${script.replace("/", ":")}`;
  const leaves = Array.from({ length: LARGE }, (_, n) => ({ id: `leaf${n}`, type: "leaf" }));
  await call("PUT", path, {
    tree: {
      id: "top",
      type: "list",
      children: [
        { id: "z", type: "item", attrs: { text: "one" }, children: [{ id: "null", type: "item" }] },
        { id: "y", type: "item", attrs: { text: "two", done: true } },
        { id: "x", type: "item", attrs: { text: "three" } },
        { id: "large", type: "item", attrs: { text: "large" }, children: leaves },
      ],
    },
  });
  const mutate = (...ops: object[]) => call("POST", `${path}/mutations`, { ops });
  await mutate({ op: "remove", id: "large" });
  const output = start(command, script, `${server.url.replace("http", "ws")}${path}`);
  /** The tree as it was printed last. */
  const printed = () =>
    `list${output()
      .split(/^list$/m)
      .at(-1)}`.trimEnd();
  const expectPrinted = (lines: readonly string[]) => expect.poll(printed, { timeout: 20_000 }).toBe(lines.join("\n"));

  await expectPrinted(["list", "  one", "    item", "  two", "  three", `  ${hello}`]);
  await mutate({ op: "insert", parent: "z", after: null, node: { id: "w", type: "a", children: [{ type: "b" }] } });
  await mutate(
    { op: "move", id: "x", parent: "top", after: null },
    { op: "move", id: "x", parent: "top", after: null },
  );
  await mutate({ op: "update", id: "y", attrs: { text: "TWO" }, unset: ["done"], type: "task" });
  await expectPrinted(["list", "  three", "  one", "    a", "      b", "    item", "  TWO", `  ${hello}`]);

  await mutate({ op: "move", id: "y", parent: "w", before: null }, { op: "remove", id: "z" });
  await expectPrinted(["list", "  three", `  ${hello}`]);
  await mutate({ op: "update", id: "z", attrs: { text: "ONE" } }, { op: "update", id: "y", unset: ["text"] });
  await mutate(
    { op: "move", id: "z", parent: "top", after: "x" },
    { op: "move", id: "null", parent: "z", after: null },
  );
  await expectPrinted(["list", "  three", "  ONE", "    item", "    a", "      b", "      task", `  ${hello}`]);

  await mutate({ op: "edit", id: "z", attr: "text", changes: [1, "|🦀|", -1] });
  await expectPrinted(["list", "  three", "  O|🦀|E", "    item", "    a", "      b", "      task", `  ${hello}`]);
  await mutate({ op: "split", id: "z", attr: "text", at: 4, node: { id: "zz", type: "item" } });
  await mutate({ op: "join", id: "zz", into: "z", attr: "text" });
  await mutate({ op: "edit", id: "z", attr: "text", changes: [1, "N", -4] });

  // It did not have what comes back, so it gets the tree anew; then it does have it, and knows what happened to it.
  const many = Array.from({ length: LARGE }, () => "      leaf");
  const others = ["    a", "      b", "      task", `  ${hello}`];
  await mutate({ op: "move", id: "large", parent: "z", after: null });
  await expectPrinted(["list", "  three", "  ONE", "    large", ...many, "    item", ...others]);
  await mutate({ op: "move", id: "x", parent: "large", after: null });
  await mutate({ op: "remove", id: "large" });
  await expectPrinted(["list", "  ONE", "    item", ...others]);
  await mutate(
    { op: "update", id: "large", attrs: { text: "LARGE" } },
    { op: "update", id: "x", attrs: { text: "3" } },
  );
  await mutate({ op: "move", id: "leaf1", parent: "top" });
  await mutate({ op: "move", id: "large", parent: "top" });
  await mutate({ op: "move", id: "x", parent: "top", after: null });
  const moved = ["  leaf", "  LARGE", ...many.slice(1).map((line) => line.slice(2))];
  await expectPrinted(["list", "  3", "  ONE", "    item", ...others, ...moved]);
  await mutate({ op: "remove", id: "leaf1" }, { op: "remove", id: "large" });
  await expectPrinted(["list", "  3", "  ONE", "    item", ...others]);

  // More than four syncs' worth: who does not answer them hears nothing of the last change.
  const large = "x".repeat(300 * 1024);
  for (let n = 0; n < 6; n++) await mutate({ op: "update", id: "x", attrs: { large: large + n } });
  await mutate({ op: "update", id: "x", attrs: { text: "at last" }, unset: ["large"] });
  await expectPrinted(["list", "  at last", "  ONE", "    item", ...others]);
}

async function call(method: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${server.url}${path}`, { method, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
