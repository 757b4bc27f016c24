import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { drawChart } from "../../bench/report/chart.ts";
import { describeMachine, readVersions } from "../../bench/report/machine.ts";
import { type Report, renderReport, writeReport } from "../../bench/report/markdown.ts";
import { plain, rate, resume, writers } from "./section.ts";

const report: Report = {
  machine: { cores: 2, cpu: "A Processor", memoryBytes: 8_000_000_000, os: "Linux 6.18, x64" },
  versions: [
    { name: "Node", version: "24.21.0" },
    { name: "@tldraw/sync-core", version: "5.4.2" },
  ],
  date: "2026-11-23",
  mode: "full",
  seconds: 1234,
  sections: [writers],
};

const lines = (changes: Partial<Report> = {}) => plain(renderReport({ ...report, ...changes })).split("\n");

test("the bars of all sections come first, with what is not met standing out", () => {
  const text = lines();
  expect(text).toContain("2 of 4 bars not met.");
  const first = text.indexOf("| what | value | bar | of the bar |  | why |");
  expect(text.slice(first + 1, first + 6)).toEqual([
    "| --- | ---: | ---: | ---: | --- | --- |",
    "| [mutations/s](#writers-16-or-1) | 18.4 × | ≥ 8 × | 2.31 × | met |  |",
    "| [resume](#writers-16-or-1) | 312 B | ≤ 1 024 B | 0.3 × | met |  |",
    "| [deliveries/s](#writers-16-or-1) | 7.996 × | ≥ 8 × | 0.9995 × | **NOT MET** | one core |",
    "| [rows](#writers-16-or-1) | 0.12 | ≤ 0.1 | 1.2 × | **NOT MET** |  |",
  ]);
  expect(first).toBeLessThan(text.indexOf("## Measured on"));
  expect(text.indexOf("## Measured on")).toBeLessThan(text.indexOf("## Writers: 16, or 1?"));
});

test("where all is met there is no column for reasons", () => {
  const text = lines({ sections: [{ ...writers, bars: [rate, resume] }] });
  expect(text).toContain("All 2 bars are met.");
  expect(text).toContain("| what | value | bar | of the bar |  |");
});

test("without bars there is no table of them", () => {
  expect(lines({ sections: [{ ...writers, bars: [] }] }).join("\n")).not.toMatch(/reached|NOT MET|bars/);
});

test("a section has its paragraphs, its tables and its charts", () => {
  const text = lines().join("\n");
  expect(text.slice(text.indexOf("## Writers"))).toBe(`## Writers: 16, or 1?

What was done.

What it means.

**acknowledged/s**

| system | rate | p50, ms | note |
| --- | ---: | ---: | --- |
| durable-grove | 38 600 (37 100–39 000) | 0.91 | a\\|b |
| tldraw sync | 2 100 | – | not measured here |

![Rate \\[16 writers\\]](charts/writers-rate.svg)
`);
});

test("it says what it was measured on, and how to do it again", () => {
  const text = lines();
  expect(text).toContain("| run | full, 2026-11-23, 21 minutes |");
  expect(text).toContain("| memory | 8 GB |");
  expect(text).toContain("| `@tldraw/sync-core` | 5.4.2 |");
  expect(text.join("\n")).toMatch(/`npm run bench`.*`npm run bench -- quick`.*`npm run bench -- smoke`/s);
});

test("the machine is described, not named", () => {
  const machine = describeMachine();
  const versions = readVersions();
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.os).toMatch(/^\w+ \d+\.\d+, \w+$/);
  expect(machine.memoryBytes).toBeGreaterThan(0);
  expect(versions).toContainEqual({ name: "Node", version: process.versions.node });
  expect(versions.find(({ name }) => name === "workerd")?.version).toMatch(/^\d+\.\d+\.\d+$/);
  const text = lines({ machine, versions }).join("\n");
  expect(text).not.toContain(process.cwd());
  expect(text).not.toMatch(/https?:|\/(home|root|tmp|work)\//);
  expect(Object.values(machine)).not.toContain(hostname());
});

test("writing replaces the report and the charts of the last run, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "durable-grove-report-"));
  try {
    mkdirSync(join(folder, "charts"));
    writeFileSync(join(folder, "charts", "old.svg"), "old");
    writeFileSync(join(folder, "charts", "notes.txt"), "notes");
    writeReport(report, pathToFileURL(`${folder}/`));
    expect(readdirSync(join(folder, "charts")).sort()).toEqual(["notes.txt", "writers-rate.svg"]);
    expect(readFileSync(join(folder, "README.md"), "utf8")).toBe(renderReport(report));
    const [chart] = writers.charts;
    expect(chart && drawChart(chart)).toBe(readFileSync(join(folder, "charts", "writers-rate.svg"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
