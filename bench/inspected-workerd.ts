import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isHealthy } from "../test/e2e/server-process.ts";
import { bundleWorkerd } from "../test/e2e/workerd-bundle.ts";
import { type Inspector, openInspector } from "./inspector.ts";

/** The Worker in a bare `workerd serve` that can be looked into, and started again on the same storage. */
export interface InspectedWorkerd {
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  readonly inspector: Inspector;
  /** Collects garbage, and tells how many objects were made since the start: one at its first request and at each wake-up. */
  collectGarbage(): Promise<number>;
  /** Kills it as kill -9 does and starts it anew: every object is cold. */
  restart(): Promise<void>;
  /** Kills it and removes what it stored. */
  remove(): Promise<void>;
}

// What runs is the bundle that would be deployed. Around it stands what counts objects made, and collects garbage: when
// the inspector is asked to, an idle workerd does not get round to it (1.20261023).
const ENTRY = `
import worker, { DocumentObject as Bare } from "./worker.js";
let constructed = 0;
export class DocumentObject extends Bare {
  constructor(ctx, env) {
    super(ctx, env);
    constructed++;
  }
}
export default {
  ...worker,
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/inspect") return worker.fetch(request, env, ctx);
    gc();
    return new Response(String(constructed));
  },
};
`;

/**
 * `heap` is the most that V8 may use, in MiB; over it the process dies. Where there is room for it V8 lets garbage lie,
 * so what a heap holds says less than what it can live in.
 */
export async function startInspectedWorkerd({ heap }: { readonly heap: number }): Promise<InspectedWorkerd> {
  const { directory, configure } = await bundleWorkerd(ENTRY);
  let running = await start();

  async function start(): Promise<{ url: string; child: ChildProcess; inspector: Inspector }> {
    const [port, inspectorPort] = [await freePort(), await freePort()];
    await configure(port, ["--expose-gc", `--max-heap-size=${heap}`]);
    const child = spawn(
      resolve("node_modules/.bin/workerd"),
      ["serve", "config.capnp", `--inspector-addr=127.0.0.1:${inspectorPort}`],
      { cwd: directory, detached: true, stdio: ["ignore", "inherit", "inherit"] },
    );
    // Whatever ends this process, that one must not go on for ever.
    const follow = () => {
      signal(child);
      rmSync(directory, { recursive: true, force: true });
    };
    process.once("exit", follow);
    child.once("exit", () => process.off("exit", follow));
    const url = `http://127.0.0.1:${port}`;
    for (const deadline = Date.now() + 30_000; !(await isHealthy(url)); await sleep(20)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      await kill(child);
      throw new Error(`workerd did not come up on ${url}`);
    }
    return { url, child, inspector: await openInspector(inspectorPort) };
  }
  const stop = () => {
    running.inspector.close();
    return kill(running.child);
  };

  return {
    get url() {
      return running.url;
    },
    get pid() {
      return running.child.pid ?? 0;
    },
    get inspector() {
      return running.inspector;
    },
    async collectGarbage() {
      const inspect = async () => Number(await (await fetch(`${running.url}/inspect`)).text());
      await inspect(); // what this one finalises, the next one frees
      return inspect();
    },
    async restart() {
      await stop();
      running = await start();
    },
    async remove() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
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
