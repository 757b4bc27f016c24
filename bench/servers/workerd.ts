import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isHealthy } from "../../test/e2e/server-process.ts";
import { bundleWorkerd } from "../../test/e2e/workerd-bundle.ts";
import { type Inspector, openInspector } from "./inspector.ts";

/** A Worker that was built, and that can be served again and again; remove it at the end. */
export interface Bundle {
  serve(options?: ServeOptions): Promise<Served>;
  /** Where the databases of the last one that was served are, until the next one is. */
  readonly storage: string;
  remove(): Promise<void>;
}

export interface ServeOptions {
  /**
   * The most that V8 may use, in MiB; over it the process dies. Where there is room for it V8 lets garbage lie, so what
   * a heap holds says less than what it can live in.
   */
  readonly heap?: number;
  /** Begins with a copy of these databases. */
  readonly from?: string;
  /** What it prints is of no interest: it is meant to fail. */
  readonly quiet?: boolean;
}

/** A Worker in a bare `workerd serve` with its storage on disk. */
export interface Served {
  /** `http://host:port`, another one after each start. */
  readonly url: string;
  /** The same for WebSockets. */
  readonly socketUrl: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Whether that has not ended by itself. */
  readonly alive: boolean;
  /** Looks into the isolate. */
  inspect(): Promise<Inspector>;
  /** Collects garbage, and tells how many objects were made since the start: one at its first request and at each wake-up. */
  collectGarbage(): Promise<number>;
  /** What a document's object has written since it was made. */
  cost(document: string): Promise<Cost>;
  /** From now on every write of all documents fails, or no longer does. */
  fillDisk(full: boolean): Promise<void>;
  /** Kills it as kill -9 does and starts it anew on the same storage: every object is cold. */
  restart(): Promise<void>;
  /** Kills it for good; what it stored goes when the next one is served, or with the bundle. */
  stop(): Promise<void>;
}

export interface Cost {
  readonly rowsWritten: number;
  /** Of the whole database, in bytes. */
  readonly databaseSize: number;
}

// What runs is the bundle that would be deployed. Around it stands what counts objects made and rows written, for every
// system alike, and what collects garbage: when the inspector is asked to, an idle workerd does not get round to it
// (1.20261023).
const ENTRY = `
import worker, { DocumentObject as Bare } from "./worker.js";
export * from "./worker.js";
let constructed = 0;
let full = false;
const GROWS = /^\\s*(INSERT|UPDATE|REPLACE|CREATE)/i;
const rows = new Map();
export class DocumentObject extends Bare {
  constructor(ctx, env) {
    const count = (more) => rows.set(ctx.id.toString(), (rows.get(ctx.id.toString()) ?? 0) + more);
    const { storage } = ctx;
    const exec = storage.sql.exec.bind(storage.sql);
    storage.sql.exec = (...statement) => {
      if (full && GROWS.test(statement[0])) throw new Error("database or disk is full: SQLITE_FULL");
      const cursor = exec(...statement);
      count(cursor.rowsWritten);
      return cursor;
    };
    for (const method of ["put", "delete", "setAlarm", "deleteAlarm"]) {
      const call = storage[method].bind(storage);
      storage[method] = (...values) => {
        count(1);
        return call(...values);
      };
    }
    super(ctx, env);
    constructed++;
  }
  benchCost() {
    const { ctx } = this;
    return { rowsWritten: rows.get(ctx.id.toString()) ?? 0, databaseSize: ctx.storage.sql.databaseSize };
  }
}
export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/bench/cost") {
      return Response.json(await env.DOCUMENTS.getByName(searchParams.get("document")).benchCost());
    }
    if (pathname === "/bench/full") {
      full = searchParams.get("full") === "true";
      return new Response(null);
    }
    if (pathname !== "/bench/garbage") return worker.fetch(request, env, ctx);
    gc();
    return new Response(String(constructed));
  },
};
`;

/** Builds a Worker with its own wrangler configuration. */
export async function build(wranglerConfig: string): Promise<Bundle> {
  const { directory, storage, configure } = await bundleWorkerd(ENTRY, wranglerConfig);
  const clear = () => rmSync(directory, { recursive: true, force: true });
  process.once("exit", clear);
  return {
    serve: async ({ heap, from, quiet = false } = {}) => {
      if (from !== storage) await rm(storage, { recursive: true, force: true });
      await mkdir(storage, { recursive: true });
      if (from !== undefined && from !== storage) await cp(from, storage, { recursive: true });
      const flags = ["--expose-gc", ...(heap === undefined ? [] : [`--max-heap-size=${heap}`])];
      return serve(directory, quiet, (port) => configure(port, flags));
    },
    storage,
    async remove() {
      process.off("exit", clear);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
  readonly inspectorPort: number;
}

async function serve(directory: string, quiet: boolean, configure: (port: number) => Promise<void>): Promise<Served> {
  const output = quiet ? "ignore" : "inherit";
  let running = await start();
  /** A port that was free a moment ago can be taken: then with others. */
  async function start(attempts = 3): Promise<Running> {
    // At the same time, or both can be the same.
    const [port, inspectorPort] = await Promise.all([freePort(), freePort()]);
    await configure(port);
    const child = spawn(
      resolve("node_modules/.bin/workerd"),
      ["serve", "config.capnp", `--inspector-addr=127.0.0.1:${inspectorPort}`],
      { cwd: directory, detached: true, stdio: ["ignore", output, output] },
    );
    // Whatever ends this process, that one must not go on for ever.
    const follow = () => signal(child);
    process.once("exit", follow);
    child.once("exit", () => process.off("exit", follow));
    const url = `http://127.0.0.1:${port}`;
    for (const deadline = Date.now() + 20_000; !(await isHealthy(url)); await sleep(20)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      await kill(child);
      if (attempts > 1) return start(attempts - 1);
      throw new Error(`workerd did not come up on ${url}`);
    }
    return { url, child, inspectorPort };
  }
  let inspector: Inspector | null = null;
  const stop = () => {
    inspector?.close();
    inspector = null;
    return kill(running.child);
  };

  return {
    get url() {
      return running.url;
    },
    get socketUrl() {
      return running.url.replace("http", "ws");
    },
    get pid() {
      return running.child.pid ?? 0;
    },
    get alive() {
      return running.child.exitCode === null && running.child.signalCode === null;
    },
    async inspect() {
      inspector ??= await openInspector(running.inspectorPort);
      return inspector;
    },
    async collectGarbage() {
      const collect = async () => Number(await (await fetch(`${running.url}/bench/garbage`)).text());
      await collect(); // what this one finalises, the next one frees
      return collect();
    },
    async cost(document) {
      const response = await fetch(`${running.url}/bench/cost?document=${document}`);
      const cost: Cost = JSON.parse(await response.text());
      return cost;
    },
    async fillDisk(full) {
      await fetch(`${running.url}/bench/full?full=${full}`);
    },
    async restart() {
      await stop();
      running = await start();
    },
    stop,
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  signal(child);
  await gone;
}

/** To its group, as on some systems `.bin/workerd` is a script that starts the real one. */
function signal({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGKILL");
}
