import type { Problem } from "../protocol/index.ts";

/** What the object remembers of a client for exactly-once. */
export interface ClientRecord {
  readonly id: string;
  /** The user it belongs to: the first who used it. */
  readonly user: string | null;
  /** The highest counter that was answered, by an event or a rejection. */
  mutation: number;
  /** When it last mutated, Unix milliseconds. */
  seen: number;
  /** The last rejections, by counter. They are in no event, so they are kept here. */
  rejections: Rejection[];
}

export type Rejection = Problem & { readonly mutation: number };
