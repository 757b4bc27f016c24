import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Served } from "./workerd.ts";

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
  /** Brings a document to rest: what it writes by itself some time after the last mutation is written. */
  settle(served: Served, document: string): Promise<void>;
}

/** A room writes each push at once; this is for what it coalesces. Milliseconds. */
const TLDRAW_PAUSE = 1_000;
/** A document is saved two seconds after the last change, ten at the latest. */
const YJS_SAVE = 3_000;

const fileOf = (path: string) => new URL(`../${path}`, import.meta.url).href;

const OURS: readonly System[] = [
  {
    name: "grove",
    title: "durable-grove",
    config: "wrangler.toml",
    protocol: fileOf("load/grove.ts"),
    async settle({ url }, document) {
      const response = await fetch(`${url}/documents/${document}/stop`, { method: "POST" });
      if (!response.ok) throw new Error(`stop: ${response.status} ${await response.text()}`);
    },
  },
  {
    name: "plain",
    title: "commit each",
    config: "bench/servers/plain/wrangler.toml",
    protocol: fileOf("load/plain.ts"),
    settle: async () => {},
  },
];

const PEERS: readonly System[] = [
  {
    name: "tldraw",
    title: "tldraw sync",
    config: "bench/peers/tldraw/wrangler.toml",
    protocol: fileOf("peers/tldraw/protocol.ts"),
    package: "@tldraw/sync-core",
    settle: () => sleep(TLDRAW_PAUSE),
  },
  {
    name: "yjs",
    title: "y-partyserver",
    config: "bench/peers/yjs/wrangler.toml",
    protocol: fileOf("peers/yjs/protocol.ts"),
    package: "y-partyserver",
    settle: () => sleep(YJS_SAVE),
  },
];

/** All that can be measured here, ours first; the peers where they are installed. */
export function listSystems(): readonly System[] {
  const installed = existsSync(new URL("../node_modules/yjs/package.json", import.meta.url));
  return installed ? [...OURS, ...PEERS] : OURS;
}
