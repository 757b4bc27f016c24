/** Something that is due at a time. */
export interface Appointment {
  /** Unix milliseconds. */
  readonly time: number;
  run(): void;
}

/** A clock that stands still until it is moved, and the timers that wait for it. */
export interface Clock {
  /** Unix milliseconds. */
  now: number;
  /** Calls back once; what it returns calls that off. */
  after(milliseconds: number, call: () => void): () => void;
  /** The timer that goes off next, of those at the same time the oldest; null if there is none. */
  next(): Appointment | null;
}

export function createClock(start: number): Clock {
  const timers = new Set<Appointment>();
  const clock: Clock = {
    now: start,
    after(milliseconds, call) {
      const timer: Appointment = {
        time: clock.now + Math.max(0, milliseconds),
        run() {
          timers.delete(timer);
          call();
        },
      };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    next: () => earliest(timers),
  };
  return clock;
}

/** The first of those that come earliest. */
export function earliest(appointments: Iterable<Appointment>): Appointment | null {
  let first: Appointment | null = null;
  for (const each of appointments) if (first === null || each.time < first.time) first = each;
  return first;
}
