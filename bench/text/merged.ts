/** How two came together who had each typed without the other. Milliseconds. */
export interface Merged {
  /** From when the network is back until all of it is everywhere, the server's work with it. */
  readonly all: number;
  /** What the client that was away did meanwhile, and the longest of it in one go. */
  readonly client: number;
  readonly longest: number;
  /** To type one key, offline, at the end. */
  readonly key: number;
}
