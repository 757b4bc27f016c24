import { existsSync } from "node:fs";

/** What is measured side by side. */
export type SystemName = "grove" | "tldraw" | "yjs" | "plain";

export interface System {
  readonly name: SystemName;
  readonly title: string;
  /** wrangler's configuration of its Worker. */
  readonly config: string;
  /** The file of its Protocol. */
  readonly protocol: string;
  /** The package whose version is told; none where it is ours. */
  readonly package?: string;
}

const fileOf = (path: string) => new URL(`../${path}`, import.meta.url).href;

const OURS: readonly System[] = [
  { name: "grove", title: "durable-grove", config: "wrangler.toml", protocol: fileOf("load/grove.ts") },
  {
    name: "plain",
    title: "commit each",
    config: "bench/servers/plain/wrangler.toml",
    protocol: fileOf("load/plain.ts"),
  },
];

const PEERS: readonly System[] = [
  {
    name: "tldraw",
    title: "tldraw sync",
    config: "bench/peers/tldraw/wrangler.toml",
    protocol: fileOf("peers/tldraw/protocol.ts"),
    package: "@tldraw/sync-core",
  },
  {
    name: "yjs",
    title: "y-partyserver",
    config: "bench/peers/yjs/wrangler.toml",
    protocol: fileOf("peers/yjs/protocol.ts"),
    package: "y-partyserver",
  },
];

/** Whether the peers are installed: `npm ci` in bench/. */
export const peersInstalled = existsSync(new URL("../node_modules/yjs/package.json", import.meta.url));

/** All that can be measured here, ours first. */
export const SYSTEMS: readonly System[] = peersInstalled ? [...OURS, ...PEERS] : OURS;
