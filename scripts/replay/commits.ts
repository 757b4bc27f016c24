/** One change of a commit. All changes of a commit are read against the files as they were before it. */
export type Change =
  | readonly ["add", path: string, blob: string]
  | readonly ["modify", path: string, blob: string]
  | readonly ["remove", path: string]
  | readonly ["move", from: string, to: string, blob: string];

export interface Commit {
  /** Unix seconds. */
  readonly time: number;
  readonly author: string;
  readonly changes: readonly Change[];
}

/** Path to blob. */
export type Listing = ReadonlyMap<string, string>;

/** A history to replay, wherever it comes from. */
export interface Source {
  /** For the document's id and for people. */
  readonly name: string;
  /** How many commits there are. */
  readonly total: number;
  /** Oldest first; may be read more than once. */
  commits(): AsyncIterable<Commit>;
  /** What others say stands at the end, to check against besides the fold of the changes. */
  finals(): Promise<readonly { readonly name: string; readonly listing: Listing }[]>;
}

/** The input cannot be replayed, or not onto this document. The command exits with 2. */
export class CannotReplay extends Error {}
