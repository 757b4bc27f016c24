// What the scale says of the comparison with the code before; in a file of its own, as nearly everything here knows the scale.

export type SideName = "now" | "before";

/** How often trees of one size are built by two in turn. */
export interface Turns {
  readonly size: number;
  /** Built one after the other before it is the other's turn. */
  readonly trees: number;
  readonly batches: number;
  /** Smaller trees that do not count, in each process. */
  readonly warmUp: number;
  /** One after the other: in two of them the same code may be compiled into different ones. */
  readonly processes: number;
}

/** How long another client waits: for documents of so many nodes, and how often each step is taken. */
export interface WaitsScale {
  readonly nodes: number;
  /** Events that the document has before. */
  readonly history: number;
  readonly rounds: Readonly<Record<SideName, number>>;
  /** The other client is at it for so long before and after. Milliseconds. */
  readonly margin: number;
}
