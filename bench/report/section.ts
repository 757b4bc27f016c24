/** What one scenario found, as data: the console, bench/README.md and the charts are made of it. */
export interface Section {
  /** Lower-case words joined by dashes: names its charts' files. */
  readonly id: string;
  readonly title: string;
  /** Paragraphs of Markdown: what was done, what a figure means, what differs between the systems. */
  readonly text: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly bars: readonly Bar[];
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Null is a dash: it was not measured, and the text says why. */
export type Cell = string | number | Spread | null;

/** What was measured several times. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** A number of design.md, section 9. */
export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: number;
  /** Whether the value has to be at least or at most the bar. */
  readonly at: "least" | "most";
  /** Where it is not met: why, and what the limit is. */
  readonly note?: string;
}

/** A curve for what grows with size. */
export interface Chart {
  /** Its file is `charts/ID.svg`. */
  readonly id: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

export interface Axis {
  readonly label: string;
  readonly scale: "linear" | "log";
}
