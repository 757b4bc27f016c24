import { CLOSES, type ClosingCode, decodeSegment } from "../../protocol/index.ts";
import type { TicketSource } from "./address.ts";
import { ProblemError } from "./problem-error.ts";

/**
 * Fetches a ticket from the server of the document (`POST /tickets`), and puts it into its URL. Rejects with a `ProblemError` of what the
 * server says; what is no answer of it, as of a gateway, is `unavailable`.
 */
export const fetchTicket: TicketSource = async (platform, url, token) => {
  const [, origin = "", segment = ""] = /^(.*)\/documents\/([^/?#]+)/.exec(url.replace(/^ws/, "http")) ?? [];
  const body = JSON.stringify({ document: decodeSegment(segment) });
  const { status, text } = await platform.request("POST", `${origin}/tickets`, { token, body });
  const { ticket, code, detail, retryAfter } = read(text);
  if (ticket !== undefined) return `${url}${url.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}`;
  throw new ProblemError({
    code: code && code in CLOSES ? code : "unavailable",
    message: detail ?? `no ticket: ${status}`,
    ...(retryAfter !== undefined && { retryAfter }),
  });
};

/** A ticket, or why there is none. */
interface TicketAnswer {
  readonly ticket?: string;
  readonly code?: ClosingCode;
  readonly detail?: string;
  readonly retryAfter?: number;
}

/** What is not JSON says nothing. */
function read(text: string): TicketAnswer {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
