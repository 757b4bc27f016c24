import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A running `wrangler dev`, in a process group of its own. */
export interface ServerProcess {
  readonly url: string;
  /** Where the documents are kept; start another server with it to find them again. */
  readonly directory: string;
  /** Kills wrangler and its workerd as kill -9 does, and resolves when nothing listens any more. */
  kill(): Promise<void>;
}

/** Starts the Worker on a free port, or on this one, and resolves once `/healthz` answers. */
export async function startServer(
  options: {
    readonly directory?: string;
    readonly port?: number;
    readonly vars?: Readonly<Record<string, string>>;
    /** Another Worker's configuration. */
    readonly config?: string;
  } = {},
): Promise<ServerProcess> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "durable-grove-")));
  const port = options.port ?? (await freePort());
  const vars = Object.entries(options.vars ?? OPEN).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const config = options.config === undefined ? [] : ["--config", options.config];
  const child = spawn(
    process.execPath,
    [
      "node_modules/wrangler/bin/wrangler.js",
      "dev",
      "--port",
      String(port),
      "--persist-to",
      directory,
      ...vars,
      ...config,
    ],
    { detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));

  const url = `http://127.0.0.1:${port}`;
  const kill = async () => {
    await killGroup(child);
    while (await isHealthy(url)) await sleep(10); // workerd holds the port, and may die a moment after wrangler
  };
  const deadline = Date.now() + 60_000;
  // That somebody answers is not enough: a server of another test may have taken the port meanwhile, and go away with that test.
  while (!(output.includes("Ready on") && (await isHealthy(url)))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await kill();
      // The port was free when it was looked for: another server that starts has taken it meanwhile.
      if (options.port === undefined && output.includes("Address already in use")) return startServer(options);
      throw new Error(`wrangler dev did not come up on ${url}:\n${output}`);
    }
    await sleep(100);
  }
  return { url, directory, kill };
}

/** As `npm start` has it, and for pages of any origin: those of tests are served from ports of their own. */
const OPEN = { ALLOW_ANONYMOUS: "admin", ALLOWED_ORIGINS: "*" };

export async function isHealthy(url: string): Promise<boolean> {
  try {
    // Whoever else has the port may take the request and never answer it.
    return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false; // not listening yet
  }
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await gone;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
