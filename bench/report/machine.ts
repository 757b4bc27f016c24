import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";

/** What figures depend on, and nothing that names the machine itself. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly os: string;
}

export interface Version {
  readonly name: string;
  readonly version: string;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  // Two numbers of the kernel's release: the rest of it may be a builder's name.
  const kernel = release().split(/[.-]/, 2).join(".");
  return {
    cores: cpus().length,
    cpu: first?.model.trim().replace(/\s+/g, " ") || "unknown",
    memoryBytes: totalmem(),
    os: `${type()} ${kernel}, ${arch()}`,
  };
}

const ROOT = new URL("../../", import.meta.url);
const PEERS = new URL("../", import.meta.url);

/** Node, what runs Workers, and the peers as far as they are installed. */
export function readVersions(): Version[] {
  return [
    { name: "Node", version: process.version.replace(/^v/, "") },
    ...installed(ROOT, "workerd"),
    ...peerNames().flatMap((name) => installed(PEERS, name)),
  ];
}

function peerNames(): string[] {
  const dependencies = fieldOf(readJson(new URL("package.json", PEERS)), "dependencies");
  return typeof dependencies === "object" && dependencies !== null ? Object.keys(dependencies).sort() : [];
}

/** The version that is there, which need not be the one that was asked for; none where the package is not. */
function installed(folder: URL, name: string): Version[] {
  const file = new URL(`node_modules/${name}/package.json`, folder);
  if (!existsSync(file)) return [];
  const version = fieldOf(readJson(file), "version");
  return typeof version === "string" ? [{ name, version }] : [];
}

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(field) : undefined;
}
