import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Protocol } from "./load/protocol.ts";
import { printSection } from "./report/console.ts";
import { describeMachine, readVersions } from "./report/machine.ts";
import { renderReport, writeReport } from "./report/markdown.ts";
import type { Section } from "./report/section.ts";
import { judge } from "./report/verdict.ts";
import { SCALES, type Scale } from "./scale.ts";
import { abuse } from "./scenarios/abuse.ts";
import { cost } from "./scenarios/cost.ts";
import { delivery } from "./scenarios/delivery.ts";
import { documents } from "./scenarios/documents.ts";
import { fork } from "./scenarios/fork.ts";
import { history } from "./scenarios/history.ts";
import { large } from "./scenarios/large.ts";
import { latency } from "./scenarios/latency.ts";
import { limits } from "./scenarios/limits.ts";
import type { Contestant, Scene } from "./scenarios/scene.ts";
import { sizes } from "./scenarios/sizes.ts";
import { text } from "./scenarios/text.ts";
import { throughput } from "./scenarios/throughput.ts";
import { traces } from "./scenarios/trace.ts";
import { tree } from "./scenarios/tree.ts";
import { treeCore } from "./scenarios/tree-core.ts";
import { listSystems, type System } from "./servers/systems.ts";
import { build } from "./servers/workerd.ts";

// `npm run bench [-- quick | smoke] [SCENARIO …]`. A full run of everything writes bench/README.md, one of a scenario its own page.

const SCENARIOS: Readonly<Record<string, (scene: Scene) => Promise<Section>>> = {
  limits,
  throughput,
  delivery,
  latency,
  documents,
  large,
  fork,
  cost,
  traces,
  text,
  history,
  "tree-core": treeCore,
  tree,
  sizes,
  abuse,
};
/** It takes an hour and more by itself: only where it is named. */
const ALONE = ["abuse"];
const ALL = Object.keys(SCENARIOS).filter((name) => !ALONE.includes(name));

const USAGE = `npm run bench [-- [quick | smoke] [SCENARIO …]]
  quick       the same with less of everything, about five minutes
  smoke       whether it all works; the figures mean nothing
  scenarios   ${Object.keys(SCENARIOS).join(", ")}; all but ${ALONE.join(", ")} where none is named
A full run of all scenarios writes bench/README.md and bench/charts, one of a single scenario bench/SCENARIO.md.`;

const start = performance.now();
const words = process.argv.slice(2);
if (words.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
const mode = words.find(isMode) ?? "full";
const wanted = words.filter((word) => !isMode(word));
const unknown = wanted.filter((word) => !(word in SCENARIOS));
if (unknown.length > 0) {
  console.error(`unknown scenario: ${unknown.join(", ")}\n\n${USAGE}`);
  process.exit(2);
}
// Without this an interrupt would end the bench and not the servers.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => {
    console.error("interrupted");
    process.exit(code);
  });
}
await run(SCALES[mode], wanted.length > 0 ? wanted : ALL);

async function run(scale: Scale, names: readonly string[]): Promise<void> {
  if (scale.mode !== "smoke") installPeers();
  if (!hasPeers()) note("the peers are left out: they are not installed (npm ci in bench/)");
  const contestants: Contestant[] = [];
  const sections: Section[] = [];
  let failures: string[] = [];
  const attempt: Scene["attempt"] = async ({ system }, what, work) => {
    try {
      await work();
    } catch (error) {
      if (system.package === undefined) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${system.title} failed, ${what}: ${reason}`);
      note(failures.at(-1) ?? "");
    }
  };
  try {
    const systems = listSystems();
    note(`building ${systems.map(({ title }) => title).join(", ")}`);
    const built = await Promise.allSettled(systems.map(contestantOf));
    // Each that was built is to be removed, also where another one failed.
    for (const each of built) if (each.status === "fulfilled") contestants.push(each.value);
    for (const each of built) if (each.status === "rejected") throw each.reason;
    for (const name of names) {
      if (name === "large" && !scale.large) continue;
      failures = [];
      const found = await SCENARIOS[name]?.({ scale, contestants, wanted: names, note, attempt });
      if (!found) continue;
      const section = { ...found, text: [...found.text, ...failures] };
      printSection(section);
      for (const failure of failures) console.log(failure);
      if (failures.length > 0) process.exitCode = 1;
      sections.push(section);
    }
  } finally {
    for (const { bundle } of contestants) await bundle.remove();
  }
  const seconds = (performance.now() - start) / 1000;
  const bars = sections.flatMap((section) => section.bars.map(judge));
  const missed = bars.filter(({ met }) => !met);
  console.log(
    `\n${Math.round(seconds)} s. ${bars.length - missed.length} of ${bars.length} bars met that were measured.`,
  );
  for (const { what, value, bar } of missed) console.log(`- not met: ${what}: ${value}, ${bar}`);
  const [only = ""] = names;
  const isAll = sections.length === ALL.length;
  if (scale.mode !== "full" || !(isAll || names.length === 1)) return;
  if (contestants.every(({ system }) => system.package === undefined)) {
    throw new Error("without the peers there is nothing to report: npm ci in bench/");
  }
  const date = new Date().toISOString().slice(0, 10);
  const report = { machine: describeMachine(), versions: readVersions(), date, mode, seconds, sections };
  if (isAll) {
    writeReport(report, new URL("./", import.meta.url));
    console.log("Written: bench/README.md and bench/charts.");
  } else {
    writeFileSync(new URL(`${only}.md`, import.meta.url), renderReport(report));
    console.log(`Written: bench/${only}.md.`);
  }
}

async function contestantOf(system: System): Promise<Contestant> {
  const { protocol }: { protocol: Protocol } = await import(system.protocol);
  return { system, protocol, bundle: await build(system.config) };
}

/** The peers have a package.json of their own, so that nobody who uses durable-grove installs them. */
function installPeers(): void {
  if (hasPeers()) return;
  note("installing the peers into bench/node_modules");
  const folder = fileURLToPath(new URL("./", import.meta.url));
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
  if (status !== 0) note("they could not be installed");
}

function hasPeers(): boolean {
  return listSystems().some(({ package: name }) => name !== undefined);
}

function note(text: string): void {
  console.error(`${Math.round((performance.now() - start) / 1000)} s: ${text}`);
}

function isMode(word: string): word is Scale["mode"] {
  return word in SCALES;
}
