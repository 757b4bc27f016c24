import type { TicketSource } from "./address.ts";

/** Fetches a ticket from the server of the document (`POST /tickets`), and puts it into its URL. Rejects with what the server says. */
export const fetchTicket: TicketSource = async (platform, url, token) => {
  const [, origin = "", document = ""] = /^(.*)\/documents\/([^/?#]+)/.exec(url.replace(/^ws/, "http")) ?? [];
  const body = JSON.stringify({ document });
  const { status, text } = await platform.request("POST", `${origin}/tickets`, { token, body });
  const answer: { readonly ticket?: string; readonly detail?: string } = JSON.parse(text);
  if (answer.ticket === undefined) throw new Error(answer.detail ?? `no ticket: ${status}`);
  return `${url}${url.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(answer.ticket)}`;
};
