/** Runs pure code; throws if it asks for the time, for chance or for a timer. Not for code that awaits. */
export function withoutClock<T>(work: () => T): T {
  const { Date: date, setTimeout: timeout, performance: clock } = globalThis;
  const { random } = Math;
  const refuse = (what: string) => (): never => {
    throw new Error(`pure code used ${what}`);
  };
  globalThis.Date = new Proxy(date, {
    apply: refuse("Date()"),
    construct: refuse("new Date"),
    get: (target, key) => (key === "now" ? refuse("Date.now") : Reflect.get(target, key)),
  });
  Object.assign(globalThis, { setTimeout: refuse("setTimeout") });
  Object.defineProperty(globalThis, "performance", { value: undefined, configurable: true, writable: true });
  Math.random = refuse("Math.random");
  try {
    return work();
  } finally {
    globalThis.Date = date;
    globalThis.setTimeout = timeout;
    Object.defineProperty(globalThis, "performance", { value: clock, configurable: true, writable: true });
    Math.random = random;
  }
}
