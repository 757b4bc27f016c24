import { decodePrincipal } from "../access/identity.ts";
import { chain, failure, LIMITS, type Principal, parseJson, type Result, success } from "../protocol/index.ts";
import type { Session, Sql } from "../session.ts";

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
  /**
   * Issues one. Of one user the oldest makes room; `tooMany` where there are too many of all, `full` where storage has no room.
   * `notFound` where there is no document: nothing would ever remove what is stored of one.
   */
  issue(principal: Principal): Promise<Result<Ticket>>;
  /** Who it was issued to; it is gone then. `unauthorised` where there is none, or no more. */
  redeem(ticket: string): Promise<Result<Principal>>;
}

/** `run` does the work of a turn. */
export function createTickets(
  sql: Sql,
  run: <T>(work: (session: Session, now: number) => Result<T>) => Result<T>,
): Tickets {
  /** A look must not make tables: where there is no document nothing is stored. */
  const isThere = () => sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tickets'").length > 0;
  const forgetPast = (now: number) => sql.exec("DELETE FROM tickets WHERE expires <= ?", now);
  const store = (hash: string, principal: Principal, now: number): Result<number> => {
    const expires = Math.min(now + LIMITS.ticketTime, principal.expires ?? Number.POSITIVE_INFINITY);
    // Those without a name are many, and not one who could make room for himself.
    const user = principal.user?.id ?? null;
    sql.exec(TABLE);
    forgetPast(now);
    if (user !== null) sql.exec(OLDEST_OF_USER, user, user, LIMITS.ticketsPerUser - 1);
    const [first] = sql.exec("SELECT count(*) AS count, min(expires) AS next FROM tickets");
    if (Number(first?.count) >= LIMITS.tickets) {
      const retryAfter = Math.max(0, Number(first?.next) - now);
      return failure("tooMany", "too many tickets of this document wait to be used", { retryAfter });
    }
    sql.exec("INSERT INTO tickets VALUES (?, ?, ?, ?)", hash, user, expires, JSON.stringify(principal));
    return success(expires);
  };
  const use = (hash: string, now: number): Result<Principal> => {
    forgetPast(now);
    const [found] = sql.exec("DELETE FROM tickets WHERE hash = ? RETURNING principal", hash);
    if (!found) return NO_TICKET;
    return chain(parseJson(String(found.principal), "unauthorised"), decodePrincipal);
  };
  return {
    async issue(principal) {
      const ticket = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
      const hash = await hashOf(ticket);
      const stored = run(({ calls }, now) => chain(calls.look(now), () => store(hash, principal, now)));
      return chain(stored, (expires) => success({ ticket, expires }));
    },
    async redeem(ticket) {
      if (!/^[0-9a-f]{64}$/.test(ticket) || !isThere()) return NO_TICKET;
      const hash = await hashOf(ticket);
      return run((_, now) => use(hash, now));
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
