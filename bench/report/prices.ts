import { formatBytes, formatDollars, formatNumber } from "./format.ts";

/**
 * What Cloudflare asks for Durable Objects on the paid plan, in dollars. The marginal price: the monthly amounts that the
 * plan includes are left out, since an account that has used them up is the one that looks at prices.
 */
export const PRICES = {
  /** When the published prices were read. */
  read: "2026-11-22",
  source: "https://developers.cloudflare.com/durable-objects/platform/pricing/",
  requests: { dollars: 0.15, per: 1_000_000, unit: "requests" },
  duration: { dollars: 12.5, per: 1_000_000, unit: "GB-s" },
  rowsWritten: { dollars: 1, per: 1_000_000, unit: "rows written" },
  storage: { dollars: 0.2, per: 1, unit: "GB-month" },
  /** So many incoming WebSocket messages are one request; outgoing ones are free. */
  messagesPerRequest: 20,
  /** An object is billed as if it took 128 MB, whatever it takes. */
  gigabytes: 0.128,
} as const;

/** An upper bound of what one wake-up is billed for: the window after which a silent object hibernates. */
export const SECONDS_PER_WAKE_UP = 10;

export interface Edits {
  /** Incoming WebSocket messages. */
  readonly messages: number;
  readonly rowsWritten: number;
  /** Seconds in which the object was not hibernating and could not. */
  readonly activeSeconds: number;
  /** Kept for a month. */
  readonly databaseBytes: number;
}

export interface IdleMonth {
  /** Times that an alarm or a request woke the object. */
  readonly wakeUps: number;
  readonly rowsWritten: number;
  readonly databaseBytes: number;
}

export interface PricePart {
  readonly name: string;
  readonly dollars: number;
  /** How it was reckoned, with the numbers put in. */
  readonly formula: string;
}

export interface Price {
  readonly parts: readonly PricePart[];
  /** The sum of the parts. */
  readonly dollars: number;
  readonly formula: string;
}

export function priceOfEdits({ messages, rowsWritten, activeSeconds, databaseBytes }: Edits): Price {
  const { messagesPerRequest } = PRICES;
  return sum([
    part(
      "requests",
      messages / messagesPerRequest,
      PRICES.requests,
      `${formatNumber(messages)} messages ÷ ${messagesPerRequest}`,
    ),
    duration(activeSeconds, `${formatNumber(activeSeconds)} s`),
    part("rows written", rowsWritten, PRICES.rowsWritten),
    storage(databaseBytes),
  ]);
}

/** A month in which nobody edits: what wakes the object up all the same, and keeping its database. */
export function priceOfIdleMonth({ wakeUps, rowsWritten, databaseBytes }: IdleMonth): Price {
  const seconds = wakeUps * SECONDS_PER_WAKE_UP;
  return sum([
    part("requests", wakeUps, PRICES.requests, `${formatNumber(wakeUps)} wake-ups`),
    duration(seconds, `${formatNumber(wakeUps)} wake-ups × ${SECONDS_PER_WAKE_UP} s`),
    part("rows written", rowsWritten, PRICES.rowsWritten),
    storage(databaseBytes),
  ]);
}

function duration(seconds: number, text: string): PricePart {
  return part("duration", seconds * PRICES.gigabytes, PRICES.duration, `${text} × ${PRICES.gigabytes} GB`);
}

function storage(bytes: number): PricePart {
  const gigabytes = bytes / 1_000_000_000;
  return part("storage", gigabytes, PRICES.storage, `${formatBytes(bytes)} for a month`);
}

interface UnitPrice {
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
}

function part(
  name: string,
  amount: number,
  price: UnitPrice,
  text = `${formatNumber(amount)} ${price.unit}`,
): PricePart {
  const dollars = (amount / price.per) * price.dollars;
  const per = price.per === 1 ? price.unit : `${formatNumber(price.per)} ${price.unit}`;
  return { name, dollars, formula: `${text} × ${formatDollars(price.dollars)} per ${per} = ${formatDollars(dollars)}` };
}

function sum(parts: readonly PricePart[]): Price {
  const dollars = parts.reduce((total, { dollars }) => total + dollars, 0);
  const terms = parts.map(({ name, dollars }) => `${name} ${formatDollars(dollars)}`).join(" + ");
  return { parts, dollars, formula: `${terms} = ${formatDollars(dollars)}` };
}
