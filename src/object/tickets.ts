import { decodePrincipal } from "../access/identity.ts";
import { failure, LIMITS, type Principal, parseJson, type Result, success } from "../protocol/index.ts";
import type { Sql } from "../session.ts";

/** What opens one connection, in the URL, for a client that can set neither a header nor a subprotocol. */
export interface Ticket {
  readonly ticket: string;
  /** Until when it can be used, Unix milliseconds. */
  readonly expires: number;
}

/**
 * The tickets of a document. Stored, as they have to outlive the object's memory; and as hashes, so that a copy of the database
 * opens nothing.
 */
export interface Tickets {
  /** Issues one. Of one user the oldest makes room; `tooMany` where there are too many of all. */
  issue(principal: Principal): Promise<Result<Ticket>>;
  /** Who it was issued to; it is gone then. `unauthorised` where there is none, or no more. */
  redeem(ticket: string): Promise<Result<Principal>>;
}

export function createTickets(sql: Sql): Tickets {
  /** A look must not make tables: where there is no document nothing is stored. */
  const isThere = () => sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tickets'").length > 0;
  const forgetPast = (now: number) => sql.exec("DELETE FROM tickets WHERE expires <= ?", now);
  return {
    async issue(principal) {
      const ticket = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
      const hash = await hashOf(ticket);
      const now = Date.now();
      const expires = Math.min(now + LIMITS.ticketTime, principal.expires ?? Number.POSITIVE_INFINITY);
      const user = principal.user?.id ?? "";
      sql.exec(TABLE);
      forgetPast(now);
      sql.exec(OLDEST_OF_USER, user, user, LIMITS.ticketsPerUser - 1);
      const [first] = sql.exec("SELECT count(*) AS count, min(expires) AS next FROM tickets");
      if (Number(first?.count) >= LIMITS.tickets) {
        const retryAfter = Math.max(0, Number(first?.next) - now);
        return failure("tooMany", "too many tickets of this document wait to be used", { retryAfter });
      }
      sql.exec("INSERT INTO tickets VALUES (?, ?, ?, ?)", hash, user, expires, JSON.stringify(principal));
      return success({ ticket, expires });
    },
    async redeem(ticket) {
      if (!/^[0-9a-f]{64}$/.test(ticket) || !isThere()) return NO_TICKET;
      const hash = await hashOf(ticket);
      forgetPast(Date.now());
      const [found] = sql.exec("DELETE FROM tickets WHERE hash = ? RETURNING principal", hash);
      if (!found) return NO_TICKET;
      const principal = parseJson(String(found.principal), "unauthorised");
      return principal.ok ? decodePrincipal(principal.value) : principal;
    },
  };
}

const TABLE =
  "CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, user TEXT, expires INTEGER, principal TEXT) WITHOUT ROWID";

const OLDEST_OF_USER =
  "DELETE FROM tickets WHERE user = ? AND hash NOT IN (SELECT hash FROM tickets WHERE user = ? ORDER BY expires DESC LIMIT ?)";

const NO_TICKET = failure("unauthorised", "the ticket was used, is too old, or never was");

async function hashOf(ticket: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ticket)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
