import type { Principal, Problem } from "../protocol/index.ts";
import { createDebts } from "./debts.ts";

/** What mutations cost others, and who has to wait because of it. */
export interface Costs {
  /**
   * Notes a mutation: the work of deciding it, which nobody else can be served during, characters of log, and how many were sent
   * for them.
   */
  charge(
    who: string,
    cost: { readonly work: number; readonly logged: number; readonly sent: number },
    now: number,
  ): void;
  /** Milliseconds until somebody's next mutation may be decided; 0: at once. */
  waitFor(who: string, now: number): number;
}

/** Work in one piece that holds nobody up: 4 ms. */
const AT_ONCE = 256 * 1024;
/**
 * Work in one piece that is more, by those who are not alone: 300 ms are free, then 10 ms in a second
 * are, for all of them together. So it is one hundredth of the time at most that others are held up by more than that.
 */
const HOLDING_UP = { credit: 20 * 1024 * 1024, perMillisecond: 700 };
/** Characters of log beyond so many times what was sent; 64 Mi are free, then 64 Ki in a second. */
const TIMES_SENT = 4;
const ANYWAY = 4 * 1024;
const GROWING = { credit: 64 * 1024 * 1024, perMillisecond: 64 };
/** Whoever has sent nothing for so long is not there: nobody is held up. Milliseconds. */
const AWAY = 10_000;

export function createCosts(): Costs {
  const heldUp = createDebts(HOLDING_UP);
  const grown = createDebts(GROWING);
  /** The two who have sent last. */
  let [latest, latestAt, otherAt] = ["", Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    charge(who, { work, logged, sent }, now) {
      if (who !== latest) [latest, otherAt] = [who, latestAt];
      latestAt = now;
      if (now - otherAt <= AWAY) heldUp.charge(who, work - AT_ONCE, now);
      grown.charge(who, logged - TIMES_SENT * sent - ANYWAY, now);
    },
    waitFor(who, now) {
      const isAlone = now - (who === latest ? otherAt : latestAt) > AWAY;
      return Math.max(isAlone ? 0 : heldUp.waitFor(who, now), grown.waitFor(who, now));
    },
  };
}

/** Who owes what a mutation costs others: a user, whatever its connections; else who says that it is somebody. */
export function debtorOf({ user }: Principal, name: string): string {
  return user ? `user:${user.id}` : name;
}

/** Why it is not decided yet. */
export function tooMuch(retryAfter: number): Problem {
  return { code: "rateLimited", message: "others have waited, or stored, too much because of it", retryAfter };
}
