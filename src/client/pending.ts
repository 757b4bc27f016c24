import type { Meta } from "../protocol/index.ts";
import type { Step as TextStep } from "../text/index.ts";
import type { Operation } from "../tree/index.ts";
import type { Step } from "./step.ts";

/** A mutation without an answer. */
export interface Pending {
  readonly client: string;
  readonly mutation: number;
  /** What its author had seen, in this life of the document. */
  base: number;
  incarnation: string;
  /** One that was not sent yet may take in another. */
  ops: readonly Operation[];
  readonly meta?: Meta | undefined;
  /** What it asks of texts. */
  asked?: readonly TextStep[] | undefined;
  sent?: boolean | undefined;
  readonly step: Step;
  /** What it undoes, or does again, as far as it was known when it was made. */
  readonly named?: readonly Step[] | undefined;
}
