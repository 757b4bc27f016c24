import type { SideName } from "../before/kinds.ts";
import { DASH, formatDollars, formatNumber } from "../report/format.ts";
import { PRICES } from "../report/prices.ts";
import type { Bar, Table } from "../report/section.ts";
import { fate, slowdown, sumOf, tell, wordless } from "./judge.ts";
import { type Attack, FULL, WRITERS } from "./kinds.ts";
import type { Opened } from "./poisoned.ts";
import type { Outcome } from "./run.ts";

/** What came of an attack on a side, run by run; a text: why it could not be done. */
export interface Finding {
  readonly attack: Attack;
  readonly side: SideName;
  readonly runs: readonly (Outcome | string)[];
}

/** What was promised, in issue 13. */
const MOST = { slowdown: 3, heap: 64 * 1.048_576 };

export function tablesOf(findings: readonly Finding[]): Table[] {
  const [sides, titles] = [distinct(findings.map(({ side }) => side)), distinct(findings.map(({ attack }) => attack))];
  const table = (title: string, columns: readonly Column[]): Table => ({
    title,
    head: ["meanwhile", ...columns.flatMap(({ head }) => sides.map((side) => `${head}, ${side}`))],
    rows: titles.map((attack) => [
      `${attack.title} (\`${attack.name}\`)`,
      ...columns.flatMap(({ cell }) =>
        sides.map((side) => {
          const runs = findings.find((each) => each.attack === attack && each.side === side)?.runs ?? [];
          return runs.map((run) => (typeof run === "string" ? run : cell(run))).join("; ");
        }),
      ),
    ]),
  });
  return [
    table(`What ${WRITERS} honest writers wait for an answer, quiet → meanwhile, ms`, WAITS),
    table("What befell them, and the process", FATES),
    table("Memory in MB, and processor", RESOURCES),
    table("What it costs, and what was told", COSTS),
  ];
}

interface Column {
  readonly head: string;
  readonly cell: (outcome: Outcome) => string;
}

const WAITS: readonly Column[] = [
  { head: "p50", cell: ({ quiet, attacked }) => change(quiet.honest.p50, attacked.honest.p50) },
  {
    head: "p99",
    cell: (outcome) => {
      const { quiet, attacked } = outcome;
      return `${change(quiet.honest.p99, attacked.honest.p99)} (${formatNumber(slowdown(outcome))} ×)`;
    },
  },
  { head: "longest", cell: ({ attacked }) => formatNumber(attacked.honest.longest) },
  { head: "a visitor joins, longest", cell: ({ attacked }) => formatNumber(attacked.honest.longestVisit) },
];

const FATES: readonly Column[] = [
  { head: "the process", cell: fate },
  { head: "closed", cell: ({ attacked: { honest } }) => withWhy(honest.closed, tell(honest.closedBy)) },
  { head: "refused", cell: ({ attacked: { honest } }) => withWhy(sumOf(honest.refused), tell(honest.refused)) },
  {
    head: "turned away",
    cell: ({ attacked: { honest } }) => withWhy(sumOf(honest.turnedAway), tell(honest.turnedAway)),
  },
  { head: "lost", cell: ({ survival }) => (survival.lost === null ? DASH : String(survival.lost)) },
];

const RESOURCES: readonly Column[] = [
  { head: "heap, peak", cell: ({ quiet, attacked }) => change(quiet.use.heap, attacked.use.heap) },
  { head: "held above quiet", cell: ({ held }) => figure(held) },
  { head: "process, peak", cell: ({ quiet, attacked }) => change(quiet.use.process, attacked.use.process) },
  {
    head: "cores",
    cell: ({ quiet, attacked }) => change(quiet.use.cpu / quiet.seconds, attacked.use.cpu / attacked.seconds),
  },
];

const COSTS: readonly Column[] = [
  { head: "rows a minute", cell: ({ quiet, attacked }) => change(times(quiet.rows, 60), times(attacked.rows, 60)) },
  { head: "dollars a day for rows", cell: ({ attacked }) => dollarsADay(attacked.rows) },
  { head: "database, MB a minute", cell: ({ attacked }) => figure(times(attacked.grown, 60 / attacked.seconds / 1e6)) },
  {
    head: "told",
    cell: ({ rude }) =>
      [tell(rude.told), tell(rude.saw), rude.failed ?? ""].filter((text) => text !== "").join(", ") || "nothing",
  },
];

/** What became of documents that the code before has made; none, where it is not there. */
export function poisonTable(
  poisonings: readonly { readonly poison: Attack; readonly opened: readonly Opened[] | string }[],
  sides: readonly SideName[],
): Table[] {
  if (poisonings.length === 0) return [];
  const cell = ({ survival: { cameUp, took, why }, heap }: Opened) =>
    cameUp ? `${figure(took)} ms, heap ${figure(heap)} MB` : `did not open: ${why}`;
  return [
    {
      title: "Documents that the code before has made with much memory, opened with 128 MiB",
      head: ["what is in it", ...sides],
      rows: poisonings.map(({ poison, opened }) => [
        `${poison.title} (\`${poison.name}\`)`,
        ...(typeof opened === "string" ? [opened] : opened.map(cell)),
      ]),
    },
  ];
}

/** Of all runs of what is now. */
export function barsOf(findings: readonly Finding[]): Bar[] {
  const all = findings
    .filter(({ side }) => side === "now")
    .flatMap(({ attack, runs }) => runs.map((run) => ({ attack, run })));
  const worst = (what: string, unit: string, bar: number, figureOf: (outcome: Outcome) => number): Bar => {
    const values = all.map(({ attack, run }) => ({
      name: attack.name,
      value: typeof run === "string" ? Number.NaN : figureOf(run),
    }));
    const over = distinct(values.filter(({ value }) => !(value <= bar)).map(({ name }) => name));
    const value = Math.max(...values.map((each) => each.value));
    return { what, value, unit, bar, at: "most", ...(over.length > 0 && { note: over.join(", ") }) };
  };
  return [
    worst("honest writers' p99 against quiet, the worst of all attacks and runs", "×", MOST.slowdown, slowdown),
    worst(
      "heap above quiet while an attack lasts, after a collection",
      "MB",
      MOST.heap,
      ({ held }) => held ?? Number.NaN,
    ),
    worst("processes that died, or did not come up", "", 0, ({ died, survival }) => (died || !survival.cameUp ? 1 : 0)),
    worst("honest writers closed, of ten", "", 0, ({ attacked }) => attacked.honest.closed),
    worst("honest mutations refused", "", 0, ({ attacked }) => sumOf({ ...attacked.honest.refused, [FULL]: 0 })),
    worst("acknowledged and not there after a kill and a start", "", 0, ({ survival }) => survival.lost ?? Number.NaN),
    worst("ends and silences without a code of the list", "", 0, wordless),
  ];
}

function change(from: number | null, to: number | null): string {
  return `${figure(from)} → ${figure(to)}`;
}

function figure(value: number | null): string {
  return value === null ? DASH : formatNumber(Math.abs(value) >= 100 ? Math.round(value) : value);
}

function times(value: number | null, by: number): number | null {
  return value === null ? null : value * by;
}

function dollarsADay(rows: number | null): string {
  const { dollars, per } = PRICES.rowsWritten;
  return rows === null ? DASH : formatDollars((rows * 86_400 * dollars) / per);
}

function withWhy(count: number, why: string): string {
  return count === 0 ? "0" : `${count}: ${why}`;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
