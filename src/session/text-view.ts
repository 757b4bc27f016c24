import { type Accepted, type Asked, decideText, mergeUpdate, type Texts } from "../tree/index.ts";
import type { Standing } from "./text-bridge.ts";

/** What the author of a mutation has seen of texts. */
export interface TextView {
  readonly texts: Texts;
  /** What is kept of how it was made, with the event that it has come to; undefined where its author had seen everything. */
  asked(done: Pick<Accepted, "ops" | "inverse">): Asked | undefined;
  /** It was accepted as this event. */
  accepted(seq: number): void;
}

/** What whoever keeps where a client stands is told of a mutation of it. */
export interface Told {
  /** A step of it has taken so many pairs of steps. */
  took(pairs: number): void;
  moved(standing: Standing): void;
}

export const SAW_ALL: TextView = {
  texts: { decide: decideText, merge: mergeUpdate },
  asked: () => undefined,
  accepted: () => {},
};
