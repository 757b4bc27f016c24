import type { Line } from "../before/documents.ts";
import type { Rude } from "./rude.ts";

/** What everything here happens to. */
export const DOCUMENT = "abused";
/** Below these stand what honest people write, and what the rude one works on. */
export const [PEOPLE, PLACE] = ["people", "place"];
export const WRITERS = 10;
/** The code of a document that has all it may have: then this is what those who behave are told, too. */
export const FULL = "full";

/** One way to be a nuisance within all documented limits. */
export interface Attack {
  /** One word: what it is filtered by. */
  readonly name: string;
  readonly title: string;
  /** What stands in the document before; parents first, those without one below `PLACE`. */
  readonly lines?: () => Iterable<Line>;
  /** Options of the document; a server that does not have one goes without. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Done before anything is measured. */
  readonly prepare?: (rude: Rude) => Promise<void>;
  /** Goes on until `rude.over`, or is over before. */
  readonly attack: (rude: Rude) => Promise<void>;
  /** What the platform does meanwhile: every write fails. */
  readonly diskFull?: boolean;
}

/** Milliseconds since 1970, as several processes look at them. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** How often something happened, by what it is called: the codes of refusals, mostly. */
export type Counts = Readonly<Record<string, number>>;

export function now(): number {
  return performance.timeOrigin + performance.now();
}
