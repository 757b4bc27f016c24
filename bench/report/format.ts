import type { Cell, Spread } from "./section.ts";

/** Keeps a number in one piece where lines break, and is one column wide in a terminal. */
export const NARROW_SPACE = "\u202f";
/** Stands where nothing was measured. */
export const DASH = "–";

/** A whole number exactly; any other with what is worth reading of it: `38 637`, `12.3`, `0.045`. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return grouped(value, { maximumFractionDigits: 0 });
  if (Math.abs(value) >= 100) return grouped(Math.round(value), { maximumFractionDigits: 0 });
  return rounded(value, Math.abs(value) < 1 ? 2 : 3);
}

/** With so many significant digits, whole numbers too: a rate of 38 637 is not known to its last digits. */
export function rounded(value: number, digits: number): string {
  return grouped(value, { maximumSignificantDigits: digits });
}

/** The median with the least and the most: `38 600 (37 100–39 000)`; alone where these are no others. */
export function formatSpread({ median, least, most }: Spread): string {
  if (measured(least) === measured(most)) return measured(median);
  return `${measured(median)} (${measured(least)}–${measured(most)})`;
}

export function formatCell(cell: Cell): string {
  if (cell === null) return DASH;
  if (typeof cell === "string") return cell;
  return typeof cell === "number" ? formatNumber(cell) : formatSpread(cell);
}

/** In thousands, as disks and prices count; exactly while that is short, since 1 024 is not 1 000. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 10_000) return `${formatNumber(Math.round(bytes))} B`;
  const [size, unit] = inThousands(bytes, ["B", "KB", "MB", "GB", "TB"]);
  return `${rounded(size, 3)} ${unit}`;
}

/** As prices are written: cents at least, and three digits of what is less. */
export function formatDollars(dollars: number): string {
  if (Math.abs(dollars) >= 1) return `$${grouped(dollars, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const [whole = "", cents = ""] = rounded(dollars, 3).split(".");
  return `$${whole}.${cents.padEnd(2, "0")}`;
}

/** A number with its unit: rates stand close (`8 000/s`), bytes and dollars in their own way. */
export function formatQuantity(value: number, unit: string, number: (value: number) => string = formatNumber): string {
  if (unit === "B") return formatBytes(value);
  if (unit === "$") return formatDollars(value);
  if (unit === "" || unit.startsWith("/")) return `${number(value)}${unit}`;
  return `${number(value)} ${unit}`;
}

/** Short, for an axis: `10k`, `2.5M`. */
export function formatTick(value: number): string {
  const [size, unit] = inThousands(value, ["", "k", "M", "G", "T"]);
  return `${rounded(size, 6)}${unit}`;
}

function measured(value: number): string {
  return Math.abs(value) < 1 ? rounded(value, 2) : rounded(value, 3);
}

/** The value in the largest unit in which it is not below 1. What would be rounded to 1000 is 1 of the next. */
function inThousands(value: number, units: readonly string[]): [size: number, unit: string] {
  let size = value;
  let step = 0;
  while (Math.abs(size) >= 999.5 && step < units.length - 1) {
    size /= 1000;
    step += 1;
  }
  return [size, units[step] ?? ""];
}

function grouped(value: number, options: Intl.NumberFormatOptions): string {
  if (Number.isNaN(value)) return DASH;
  // Adding 0 makes -0 a 0; the locale is given so that every machine writes the same.
  return (value + 0).toLocaleString("en", options).replaceAll(",", NARROW_SPACE).replace(/^-0$/, "0");
}
