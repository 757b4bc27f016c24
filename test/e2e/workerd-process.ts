import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort, isHealthy } from "./server-process.ts";

/**
 * The Worker in a bare `workerd serve`. In `wrangler dev` two processes and two proxies stand between a client and the
 * object, and hold frames of their own; here what the process holds is held by the object's socket.
 */
export interface WorkerdProcess {
  readonly url: string;
  readonly pid: number;
  /** How often an object has been constructed: at its first request, and again each time it wakes up. */
  constructed(): number;
  kill(): Promise<void>;
}

// What runs is the bundle that would be deployed; around its class stands one that says when it is made.
const ENTRY = `
import worker, { DocumentObject as Bare } from "./worker.js";
export class DocumentObject extends Bare {
  constructor(ctx, env) {
    super(ctx, env);
    console.log("CONSTRUCTED");
  }
}
export default worker;
`;

const config = (port: number, directory: string, date: string) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "disk", disk = (path = "${directory}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [
    (name = "entry.js", esModule = embed "entry.js"),
    (name = "worker.js", esModule = embed "worker.js"),
  ],
  compatibilityDate = "${date}",
  durableObjectNamespaces = [(className = "DocumentObject", uniqueKey = "documents", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "DOCUMENTS", durableObjectNamespace = "DocumentObject")],
);
`;

export async function startWorkerd(): Promise<WorkerdProcess> {
  const directory = await mkdtemp(join(tmpdir(), "durable-grove-workerd-"));
  const storage = join(directory, "storage");
  await mkdir(storage);
  await promisify(execFile)(process.execPath, [
    "node_modules/wrangler/bin/wrangler.js",
    ...["deploy", "--dry-run", "--outdir", directory],
  ]);
  const date = /^compatibility_date = "(.+)"$/m.exec(await readFile("wrangler.toml", "utf8"))?.[1] ?? "";
  const port = await freePort();
  await writeFile(join(directory, "entry.js"), ENTRY);
  await writeFile(join(directory, "config.capnp"), config(port, storage, date));

  // In a group of its own: `.bin/workerd` is a script that starts the real one.
  const child = spawn(resolve("node_modules/.bin/workerd"), ["serve", "config.capnp"], {
    cwd: directory,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const url = `http://127.0.0.1:${port}`;
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await gone;
    await rm(directory, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 30_000; !(await isHealthy(url)); await sleep(50)) {
    if (child.exitCode === null && child.pid !== undefined && Date.now() < deadline) continue;
    await kill();
    throw new Error(`workerd did not come up on ${url}:\n${output}`);
  }
  return {
    url,
    pid: child.pid ?? 0,
    constructed: () => output.split("CONSTRUCTED").length - 1,
    kill,
  };
}

/** The memory of a process that no file backs, in MiB: what it holds for itself. Linux only, as the process is. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no RssAnon`);
  return Number(kilobytes) / 1024;
}
