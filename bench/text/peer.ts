import type { TextTrace } from "../../test/support/text-traces.ts";

/** What is asked of another system's texts without a server. */
export interface TextPeer {
  /** Bytes, gzipped. */
  smallestFile(trace: TextTrace): number;
  /** Microseconds in which a server takes a transaction in, however far its author is behind; those of the authors are not counted. */
  integrate(trace: TextTrace): number;
  /** Makes what loads a document of rows, as a client that joins does. What it gives back is all that the client holds. */
  load(rows: readonly TextRow[]): () => object;
}

export interface TextRow {
  readonly id: string;
  readonly text: string;
}
