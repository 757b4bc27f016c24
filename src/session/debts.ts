/**
 * Who has to wait because of what it has made others wait for, or pay for, and how long. Debts are paid off as time passes, at one
 * rate for all together, in equal parts: as long as they come to no more than `credit` nobody has to wait, and who owes nothing
 * never has to.
 */
export interface Debts {
  charge(who: string, amount: number, now: number): void;
  /** Milliseconds that somebody has to wait; 0: it need not. */
  waitFor(who: string, now: number): number;
}

/** `perMillisecond` is paid off of all debts together. */
export function createDebts({
  credit,
  perMillisecond,
}: {
  readonly credit: number;
  readonly perMillisecond: number;
}): Debts {
  const debts = new Map<string, number>();
  let total = 0;
  let at = 0;

  /** Those who owe least are done first, and what is left of their part is the others'. */
  const payOff = (now: number) => {
    // A clock that was set back pays off nothing.
    let left = Math.max(0, now - at) * perMillisecond;
    at = now;
    if (left >= total) {
      debts.clear();
      total = 0;
      return;
    }
    const owing = [...debts].sort(([, a], [, b]) => a - b);
    for (const [index, [who, debt]] of owing.entries()) {
      const paid = Math.min(debt, left / (owing.length - index));
      left -= paid;
      total -= paid;
      if (paid < debt) debts.set(who, debt - paid);
      else debts.delete(who);
    }
  };
  return {
    charge(who, amount, now) {
      if (amount <= 0) return;
      payOff(now);
      debts.set(who, (debts.get(who) ?? 0) + amount);
      total += amount;
    },
    waitFor(who, now) {
      if (debts.size === 0) return 0;
      payOff(now);
      const own = debts.get(who);
      if (total <= credit || own === undefined) return 0;
      // It need not wait for more than its own, which is paid off with as much of each other one.
      let before = 0;
      for (const debt of debts.values()) before += Math.min(debt, own);
      return Math.ceil(Math.min(total - credit, before) / perMillisecond);
    },
  };
}
