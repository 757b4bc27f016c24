import type { TestServer } from "./server.ts";

/** Lets time pass; the timer and the alarm go off when they are due, the earlier one first. */
export function passTime(server: TestServer, milliseconds: number, wentOff: () => void = () => {}): void {
  const until = server.now + milliseconds;
  for (let rounds = 0; rounds < 100_000; rounds++) {
    const { due, alarm } = server;
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, alarm ?? Number.POSITIVE_INFINITY);
    if (next > until) {
      server.now = until;
      return;
    }
    server.now = Math.max(server.now, next);
    if (next === due) server.fire();
    else server.ring();
    wentOff();
  }
  throw new Error("the alarm goes off in a loop");
}
