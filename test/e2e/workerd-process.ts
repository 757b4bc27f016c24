import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isHealthy } from "./server-process.ts";
import { bundleWorkerd, type Vars } from "./workerd-bundle.ts";

/**
 * The Worker in a bare `workerd serve`. In `wrangler dev` two processes and two proxies stand between a client and the
 * object, and hold frames of their own; here what the process holds is held by the object's socket.
 */
export interface WorkerdProcess {
  readonly url: string;
  readonly pid: number;
  /** Where the objects' databases are. */
  readonly storage: string;
  /** Where the Worker's own files are. */
  readonly directory: string;
  /** All that it has printed. */
  log(): string;
  /** How often an object has been constructed: at its first request, and again each time it wakes up. */
  constructed(): number;
  /** Resolves in the middle of the next checkpoint, or as soon after it as one can hear of it; false: none came. */
  checkpoint(patience: number): Promise<boolean>;
  /** Ends the process as kill -9 does, and resolves when it writes nothing any more; what it has stored stays. */
  crash(): Promise<void>;
  /** Starts it again after a crash, over the same storage and on the same port. */
  restart(): Promise<void>;
  /** Ends it for good, storage included. */
  kill(): Promise<void>;
}

// What runs is the bundle that would be deployed; around its class stands one that says when it is made, when it begins to write the
// tree, in the middle of the transaction that does, and what a handler has thrown, of which workerd itself says nothing.
const entryOf = (snapshotInterval: number | null) => `
const snapshotInterval = ${snapshotInterval};
import worker, { DocumentObject as Bare } from "./worker.js";
const uncaught = (error) => console.error("UNCAUGHT " + error);
addEventListener("unhandledrejection", ({ reason }) => uncaught(reason));
const watched = (handler) => async (...given) => {
  try {
    return await handler(...given);
  } catch (error) {
    uncaught(error);
    throw error;
  }
};
export class DocumentObject extends Bare {
  constructor(ctx, env) {
    super(ctx, env);
    console.log("CONSTRUCTED");
    for (const name of ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"]) {
      this[name] = watched(super[name].bind(this));
    }
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    sql.exec = (statement, ...values) => {
      if (snapshotInterval !== null && values.length === 2 && values[0] === "document") {
        const head = JSON.parse(values[1]);
        head.options.snapshotInterval = snapshotInterval;
        values[1] = JSON.stringify(head);
      }
      const cursor = exec(statement, ...values);
      if (/^INSERT .*INTO nodes/.test(statement)) console.log("CHECKPOINT");
      return cursor;
    };
  }
}
export default { fetch: watched(worker.fetch.bind(worker)) };
`;

/**
 * With a `snapshotInterval` every document has that, however short: one that was made before there was a least one keeps it, and a
 * test need not wait for 5 s. `heap` is the most that V8 may use, in MiB; over it the process dies.
 */
export async function startWorkerd({
  snapshotInterval = null,
  heap,
  vars,
}: {
  readonly snapshotInterval?: number | null;
  readonly heap?: number;
  readonly vars?: Vars;
} = {}): Promise<WorkerdProcess> {
  const { directory, storage, configure } = await bundleWorkerd(entryOf(snapshotInterval));
  const port = await freePort();
  await configure(port, heap === undefined ? [] : [`--max-heap-size=${heap}`], vars);

  const url = `http://127.0.0.1:${port}`;
  let output = "";
  const printed = new EventEmitter();
  let running: { readonly child: ChildProcess; readonly gone: Promise<unknown> } | null = null;
  const crash = async () => {
    if (!running) return;
    const { child, gone } = running;
    running = null;
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await gone;
  };
  const kill = async () => {
    await crash();
    await rm(directory, { recursive: true, force: true });
  };
  const start = async () => {
    // In a group of its own: `.bin/workerd` may be a script that starts the real one.
    const child = spawn(resolve("node_modules/.bin/workerd"), ["serve", "config.capnp"], {
      cwd: directory,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not "exit", which can be that of the script alone: the pipes end with the last who holds them.
    running = { child, gone: once(child, "close") };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        if (String(chunk).includes("CHECKPOINT")) printed.emit("checkpoint");
      });
    }
    for (const deadline = Date.now() + 30_000; !(await isHealthy(url)); await sleep(10)) {
      if (child.exitCode === null && child.pid !== undefined && Date.now() < deadline) continue;
      await kill();
      throw new Error(`workerd did not come up on ${url}:\n${output}`);
    }
  };
  await start();
  return {
    url,
    get pid() {
      return running?.child.pid ?? 0;
    },
    storage,
    directory,
    log: () => output,
    constructed: () => output.split("CONSTRUCTED").length - 1,
    checkpoint: (patience) =>
      once(printed, "checkpoint", { signal: AbortSignal.timeout(patience) }).then(
        () => true,
        () => false,
      ),
    crash,
    restart: start,
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
