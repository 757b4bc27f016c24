import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The Worker as it would be deployed, with all that a bare `workerd serve` needs, in a folder of its own. */
export interface WorkerdBundle {
  readonly directory: string;
  /** Where the objects' databases are. */
  readonly storage: string;
  /** Writes config.capnp; `v8Flags` are V8's own, `vars` the settings of the deployment. */
  configure(port: number, v8Flags?: readonly string[], vars?: Vars): Promise<void>;
}

/** Settings by their names. Default: open to everybody, from everywhere. */
export type Vars = Readonly<Record<string, string>>;
const OPEN: Vars = { ALLOW_ANONYMOUS: "admin", ALLOWED_ORIGINS: "*" };

/**
 * Builds it. `entry` is the main module: it stands around the bundle, which it imports as `./worker.js`. Another Worker
 * can be built with a wrangler configuration of its own; its main module is a `worker.ts` as well, its class and binding
 * are named alike.
 */
export async function bundleWorkerd(entry: string, wranglerConfig = "wrangler.toml"): Promise<WorkerdBundle> {
  const directory = await mkdtemp(join(tmpdir(), "durable-grove-workerd-"));
  const storage = join(directory, "storage");
  await mkdir(storage);
  await promisify(execFile)(process.execPath, [
    "node_modules/wrangler/bin/wrangler.js",
    ...["deploy", "--dry-run", "--config", wranglerConfig, "--outdir", directory],
  ]);
  const date = /^compatibility_date = "(.+)"$/m.exec(await readFile(wranglerConfig, "utf8"))?.[1] ?? "";
  await writeFile(join(directory, "entry.js"), entry);
  return {
    directory,
    storage,
    configure: (port, v8Flags = [], vars = OPEN) =>
      writeFile(join(directory, "config.capnp"), config(port, storage, date, JSON.stringify(v8Flags), vars)),
  };
}

const config = (port: number, storage: string, date: string, v8Flags: string, vars: Vars) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "disk", disk = (path = "${storage}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
  v8Flags = ${v8Flags},
);
const main :Workerd.Worker = (
  modules = [
    (name = "entry.js", esModule = embed "entry.js"),
    (name = "worker.js", esModule = embed "worker.js"),
  ],
  compatibilityDate = "${date}",
  durableObjectNamespaces = [(className = "DocumentObject", uniqueKey = "documents", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [
    (name = "DOCUMENTS", durableObjectNamespace = "DocumentObject"),
${Object.entries(vars)
  .map(([name, text]) => `    (name = "${name}", text = ${JSON.stringify(text)}),`)
  .join("\n")}
  ],
);
`;
