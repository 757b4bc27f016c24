import { DASH, formatNumber, formatQuantity, rounded } from "./format.ts";
import type { Bar } from "./section.ts";

/** A bar as it is read, on the console and in the report. */
export interface Verdict {
  readonly what: string;
  readonly value: string;
  /** With what it has to be: `≥ 8 ×`. */
  readonly bar: string;
  /** The value as a multiple of the bar. */
  readonly ratio: string;
  readonly met: boolean;
  readonly word: "met" | "NOT MET";
  readonly note: string;
}

export function judge({ what, value, unit, bar, at, note }: Bar): Verdict {
  // A value that is not a number meets nothing.
  const met = at === "least" ? value >= bar : value <= bar;
  return {
    what,
    value: formatQuantity(value, unit, (number) => beside(number, bar)),
    bar: `${at === "least" ? "≥" : "≤"} ${formatQuantity(bar, unit)}`,
    ratio: bar === 0 ? DASH : `${beside(value / bar, 1)} ×`,
    met,
    word: met ? "met" : "NOT MET",
    note: note ?? "",
  };
}

/** With as many digits as it takes to be told from the other: 7.996 is not to be read as an 8 that does not reach 8. */
function beside(value: number, other: number): string {
  const short = formatNumber(value);
  if (value === other || short !== formatNumber(other)) return short;
  const digits = [3, 4, 5, 6, 9, 12].find((digits) => rounded(value, digits) !== rounded(other, digits));
  return rounded(value, digits ?? 15);
}
