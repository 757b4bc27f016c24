import type { Step } from "../../text/index.ts";

/** What an event did to texts. */
export interface Told {
  readonly seq: number;
  readonly client: string | null;
  readonly steps: readonly Step[];
}

/** The last events, for cursors that were told by who had not heard them. */
export interface Recent {
  add(event: Told): void;
  since(seq: number): readonly Told[];
  clear(): void;
}

const MOST = 1_000;

export function createRecent(): Recent {
  let events: Told[] = [];
  return {
    add(event) {
      if (event.steps.length === 0) return;
      events.push(event);
      // Not at each one.
      if (events.length > 2 * MOST) events = events.slice(-MOST);
    },
    since: (seq) => events.filter((each) => each.seq > seq),
    clear() {
      events = [];
    },
  };
}
