import type { Section } from "./section.ts";
import { type TableText, tableText } from "./table-text.ts";
import { judge } from "./verdict.ts";

/** Prints what a scenario found, as soon as it found it. */
export function printSection(section: Section, print: (line: string) => void = console.log): void {
  for (const line of sectionLines(section)) print(line);
}

/** The tables of a section and its bars, without its paragraphs and charts: who watches a run knows what runs. */
export function sectionLines({ title, tables, bars }: Section): string[] {
  const lines = ["", title, "=".repeat(title.length)];
  for (const table of tables) lines.push("", table.title, ...alignedLines(tableText(table)));
  if (bars.length > 0) lines.push("", ...barLines(bars));
  return lines;
}

function barLines(bars: Section["bars"]): string[] {
  const verdicts = bars.map(judge);
  const head = ["", "value", "bar", "of the bar", "", ""];
  const rows = verdicts.map(({ what, value, bar, ratio, word, note }) => [what, value, bar, ratio, word, note]);
  return alignedLines({ head, rows, figures: [false, true, true, true, false, false] });
}

/** One line a row, below the headings; figures end where their column ends, words begin where it begins. */
export function alignedLines({ head, rows, figures }: TableText): string[] {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return figures[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
