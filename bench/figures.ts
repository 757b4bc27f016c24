/** One figure of a report: what was measured, and whether that is what was to be reached. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** At most this much. */
  readonly bar?: number;
  /** What else there is to know: spread, number of repetitions. */
  readonly note?: string;
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  const rows = figures.map(({ what, value, unit, bar, note }) => [
    what,
    `${format(value)} ${unit}`,
    bar === undefined ? "" : verdict(value, bar),
    note ?? "",
  ]);
  printTable([title, "", "", ""], rows);
}

/** Whether a figure is at most what it should be. */
export function verdict(value: number, bar: number): string {
  return `bar ${format(bar)}: ${value <= bar ? "met" : "NOT MET"}`;
}

/** Prints rows below their headings; the first column is words, the second and those of figures stand on the right. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  console.log();
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 0 || column === line.length - 1
        ? cell.padEnd(widths[column] ?? 0)
        : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

export function format(value: number): string {
  const digits = Math.abs(value) < 100 ? 2 : 0;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("there is no median of nothing");
  return (low + high) / 2;
}

/** A median with its spread in the note. */
export function medianFigure(what: string, values: readonly number[], unit: string): Figure {
  const spread = `${format(Math.min(...values))}–${format(Math.max(...values))}, ${values.length} times`;
  return { what, value: median(values), unit, note: spread };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
