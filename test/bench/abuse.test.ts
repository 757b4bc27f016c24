import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { attacks } from "../../bench/abuse/attacks/index.ts";
import { poisons } from "../../bench/abuse/attacks/poisons.ts";
import type { HonestReport } from "../../bench/abuse/honest-process.ts";
import { fate, slowdown, tell, wordless } from "../../bench/abuse/judge.ts";
import type { Attack } from "../../bench/abuse/kinds.ts";
import { barsOf, tablesOf } from "../../bench/abuse/report.ts";
import type { Outcome } from "../../bench/abuse/run.ts";
import { judge } from "../../bench/report/verdict.ts";

const honest: HonestReport = {
  sent: 100,
  unanswered: 0,
  p50: 2,
  p99: 10,
  longest: 12,
  closed: 0,
  closedBy: {},
  refused: {},
  turnedAway: {},
  visits: 3,
  longestVisit: 9,
  acknowledged: ["a"],
};
const use = { heap: 5, process: 20, cpu: 0.5 };
const survival = { cameUp: true, took: 40, why: null, lost: 0 };
const good: Outcome = {
  quiet: { honest, use, seconds: 10, rows: 40, grown: 0 },
  attacked: { honest: { ...honest, p99: 25 }, use: { ...use, heap: 30 }, seconds: 10, rows: 100, grown: 1_000_000 },
  rude: { told: { rateLimited: 1_200, tooMany: 3 }, saw: { "200": 1 }, failed: null },
  held: 12,
  died: false,
  survival,
};
const dead: Outcome = {
  ...good,
  attacked: { ...good.attacked, honest: { ...honest, closed: 10, closedBy: { "1006": 10 } }, rows: null, grown: null },
  rude: { told: { "closed with 1006": 1 }, saw: {}, failed: null },
  held: null,
  died: true,
};
const attack: Attack = { name: "rude", title: "somebody is rude", attack: async () => {} };
const now = (...runs: (Outcome | string)[]) => [{ attack, side: "now" as const, runs }];

test("every attack has a name and a title of its own", () => {
  const all = [...attacks, ...poisons];
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  for (const { name } of all) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test("what is measured says all there are, and limits.md how many", () => {
  const [table, limits] = ["bench/abuse.md", "docs/limits.md"].map((name) => readFileSync(name, "utf8"));
  expect(attacks.filter(({ name }) => !table?.includes(`(\`${name}\`)`)).map(({ name }) => name)).toEqual([]);
  expect(limits).toContain(`There are ${attacks.length}`);
});

test("tells what became of the process", () => {
  expect(fate(good)).toBe("lived");
  expect(fate(dead)).toBe("died, came up again");
  const gone = { cameUp: false, took: Number.NaN, why: "it died when it was opened", lost: null };
  expect(fate({ ...dead, survival: gone })).toBe("died, did not come up: it died when it was opened");
  expect(fate({ ...good, survival: gone })).toBe("lived, did not come up: it died when it was opened");
});

test("a connection that just ends tells nothing, unless the process died", () => {
  expect(wordless(good)).toBe(0);
  expect(wordless({ ...good, rude: { ...good.rude, told: { "closed with 1006": 2, tooSlow: 1 } } })).toBe(2);
  expect(wordless(dead)).toBe(0);
});

test("counts stand in one line, the most frequent first", () => {
  expect(tell({ tooMany: 3, rateLimited: 1_200 })).toBe("rateLimited 1,200, tooMany 3");
  expect(slowdown(good)).toBe(2.5);
});

test("bars are those of the worst run, and name whose it was", () => {
  expect(barsOf(now(good, good)).map((bar) => judge(bar).met)).toEqual([true, true, true, true, true, true, true]);
  const bars = barsOf(now(good, dead));
  expect(bars.filter((bar) => !judge(bar).met).map(({ what, note }) => [what.split(" ")[0], note])).toEqual([
    ["heap", "rude"],
    ["processes", "rude"],
    ["honest", "rude"],
  ]);
});

test("what could not be done misses every bar, and says why in its place", () => {
  const findings = now("not done: no room");
  expect(barsOf(findings).some((bar) => judge(bar).met)).toBe(false);
  for (const { rows } of tablesOf(findings)) expect(rows[0]?.[1]).toBe("not done: no room");
});

test("two runs stand beside each other, and a side that was not measured has an empty place", () => {
  const [waits, , , costs] = tablesOf(now(good, good));
  expect(waits?.rows[0]?.[2]).toBe("10 → 25 (2.5 ×); 10 → 25 (2.5 ×)");
  expect(costs?.head.slice(1, 3)).toEqual(["rows a minute, now", "dollars a day for rows, now"]);
  // 100 rows a second are 8.64 million a day.
  expect(costs?.rows[0]?.[2]).toBe("$8.64; $8.64");
});
