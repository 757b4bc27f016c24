import { type Appointment, type Clock, earliest } from "./clock.ts";
import type { Parcel } from "./line.ts";
import type { Lines } from "./lines.ts";
import type { TestObject } from "./object.ts";

/**
 * How time passes on a test server: first whatever is under way arrives, in the order of sending; then what is due next
 * happens.
 */
export interface Time {
  /** Moves the clock from one thing that is due to the next, up to a time. Throws if it is doing so already. */
  pass(until: number): Promise<void>;
}

interface TimeSetup {
  readonly clock: Clock;
  readonly objects: ReadonlyMap<string, TestObject>;
  readonly networks: readonly Lines[];
  readonly breathe: (() => Promise<void>) | undefined;
}

/** A promise that waits for another takes some turns; so many are given after every step. */
const TURNS = 64;
/** So often nothing must have happened before nothing moves. */
const STILL = 4;
/** More than this at one moment is a loop. */
const MOST_STEPS = 1_000_000;

export function createTime({ clock, objects, networks, breathe = takeTurns }: TimeSetup): Time {
  let passing = false;

  const arrive = (): boolean => {
    let first: Parcel | null = null;
    for (const lines of networks) {
      const next = lines.next();
      if (next && (!first || next.order < first.order)) first = next;
    }
    first?.arrive();
    return first !== null;
  };
  const due = function* (): Generator<Appointment> {
    for (const object of objects.values()) {
      if (object.due !== null) yield { time: object.due, run: object.fire };
      if (object.alarm !== null) yield { time: object.alarm, run: () => object.ring() };
    }
    const timer = clock.next();
    if (timer) yield timer;
  };
  const happen = (until: number): boolean => {
    const next = earliest(due());
    if (!next || next.time > until) return false;
    clock.now = Math.max(clock.now, next.time);
    next.run();
    return true;
  };
  const pass = async (until: number) => {
    let [moment, steps] = [clock.now, 0];
    for (let still = 0; still < STILL; still++) {
      await breathe();
      if (!arrive() && !happen(until)) continue;
      still = -1;
      if (clock.now !== moment) [moment, steps] = [clock.now, 0];
      if (++steps > MOST_STEPS) throw new Error("it never comes to rest");
    }
  };
  return {
    async pass(until) {
      if (passing) throw new Error("time is passing already: await settle and advance one after the other");
      passing = true;
      try {
        await pass(until);
      } finally {
        passing = false;
      }
    },
  };
}

async function takeTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await null;
}
