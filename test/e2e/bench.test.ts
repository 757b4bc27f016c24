import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
// .ci/run installs the peers; whoever has not run the benchmark does not have them.
const hasPeers = existsSync("bench/node_modules/yjs");

/** Side by side, as figures of so short a run mean nothing anyway; each half takes as long as the other. */
const HALVES = [
  ["limits", "throughput", "delivery", "latency", "documents", "cost", "history"],
  ["large", "traces", "text", "tree-core", "tree", "sizes", "fork"],
];

test("bench: every scenario runs to its end, with the peers where they are installed", async () => {
  const bench = async (...words: string[]) => {
    const { stdout } = await run(process.execPath, ["bench/index.ts", ...words], { timeout: 240_000 });
    return stdout;
  };
  const all = /scenarios +(.+);/.exec(await bench("--help"))?.[1];
  expect(HALVES.flat().concat("abuse").sort()).toEqual(all?.split(", ").sort());
  const printed = await Promise.all(HALVES.map((names) => bench("smoke", ...names)));
  const stdout = printed.join("");
  for (const title of [
    "What limits what is measured",
    "Writers",
    "Subscribers",
    "One writer",
    "Joining, resuming, waking",
    "A document of 2,000 nodes",
    "What it costs",
    "What history costs",
    "Real histories",
    "Text",
    "The tree core",
    "Sizes",
    "Another document",
  ]) {
    expect(stdout).toContain(`\n${title}\n`);
  }
  expect(stdout.includes("y-partyserver") && stdout.includes("tldraw sync")).toBe(hasPeers);
  // It is told, and not judged: figures of so short a run mean nothing.
  for (const half of printed) expect(half).toMatch(/\n\d+ s\. \d+ of \d+ bars met that were measured\./);
});

test("bench: what stands beside us has its types", async ({ skip }) => {
  skip(!hasPeers, "the peers are not installed: npm ci in bench/");
  await run(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit", "--project", "bench/peers"]);
});

test("bench: what is written for Yjs by hand is what a Y.Doc understands", async ({ skip }) => {
  skip(!hasPeers, "the peers are not installed: npm ci in bench/");
  const { stdout } = await run(process.execPath, ["bench/peers/yjs/verify.ts"]);
  expect(stdout).toContain("equal after 1200 edits of 4 writers");
});
