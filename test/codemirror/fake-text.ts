import type { Changes, Text, TextChange } from "../../src/client/index.ts";
import { createDocument } from "../../src/client/open.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { applyChanges, difference, transform } from "../../src/text/index.ts";

// A text that several have, over wires that take their time: two-party transformation between a server and each of them.

export interface FakeText extends Text {
  /** Refuses what is edited from now on. */
  readonly refuse: (refused: boolean) => void;
}

export interface FakeServer {
  readonly value: string;
  join(): FakeText;
  /** Delivers one message of those that are first on their wires; which one, `pick` says. False where there is none. */
  deliver(pick: (count: number) => number): boolean;
  /** Refuses, once it arrives, the next message of anybody. */
  refuseNext(): void;
}

/** Two at one place of time, each behind the other; what comes to nothing is there all the same. */
function pair(later: Changes, earlier: Changes): readonly [later: Changes, earlier: Changes] {
  return [transform(later, earlier), transform(earlier, later, true)];
}

/** A list behind an event, and the event behind the list. */
function cross(
  list: readonly Changes[],
  event: Changes,
  isEarlier: boolean,
): { readonly list: Changes[]; readonly event: Changes } {
  let over = event;
  const crossed = list.map((each) => {
    const [later, earlier] = isEarlier ? pair(each, over) : pair(over, each);
    over = isEarlier ? earlier : later;
    return isEarlier ? later : earlier;
  });
  return { list: crossed, event: over };
}

const document = createDocument("ws://fake/documents/fake", { connect: false }, createTestServer().machine());

export function createFakeServer(initial: string): FakeServer {
  let value = initial;
  let refused = false;
  const wires: (() => void)[][] = [];
  const peers: { hear(event: Changes): void }[] = [];

  return {
    get value() {
      return value;
    },
    refuseNext() {
      refused = true;
    },
    deliver(pick) {
      const busy = wires.filter((wire) => wire.length > 0);
      busy[pick(busy.length)]?.shift()?.();
      return busy.length > 0;
    },
    join() {
      const up: (() => void)[] = [];
      const down: (() => void)[] = [];
      wires.push(up, down);
      const listeners = new Set<(change: TextChange) => void>();
      let seen = value;
      let refusing = false;
      /** What was sent and has no answer, as it is seen here. */
      let pending: Changes[] = [];
      let heard = 0;
      /** What the server has told and had no sign of being heard of, as it is behind what has come. */
      let told: { readonly n: number; readonly changes: Changes }[] = [];
      let events = 0;
      const tell = (change: TextChange) => {
        for (const listener of [...listeners]) listener(change);
      };
      const show = (changes: Changes, source: TextChange["source"]) => {
        if (changes.length === 0) return;
        seen = applyChanges(seen, changes);
        tell({ changes, source });
      };
      const me = {
        hear(event: Changes) {
          const n = ++events;
          told.push({ n, changes: event });
          down.push(() => {
            heard = n;
            const crossed = cross(pending, event, true);
            pending = crossed.list;
            show(crossed.event, "remote");
          });
        },
      };
      const arrive = (asked: Changes, base: number) => {
        told = told.filter(({ n }) => n > base);
        const crossed = cross(
          told.map(({ changes }) => changes),
          asked,
          false,
        );
        const isRefused = refused;
        refused = false;
        if (isRefused) {
          // A refusal at once: everything that is pending is given up, and the text of the server is shown.
          down.push(() => {
            pending = [];
            show(difference(seen, value), "rollback");
          });
          return;
        }
        told = told.map(({ n }, index) => ({ n, changes: crossed.list[index] ?? [] }));
        value = applyChanges(value, crossed.event);
        for (const peer of peers) if (peer !== me) peer.hear(crossed.event);
        down.push(() => void pending.shift());
      };
      peers.push(me);
      const edit = (changes: Changes) => {
        if (refusing || changes.length === 0) return { committed: new Promise<never>(() => {}) };
        const base = heard;
        pending.push(changes);
        up.push(() => arrive(changes, base));
        show(changes, "local");
        return { committed: new Promise<never>(() => {}) };
      };
      return {
        document,
        id: "row",
        attr: "text",
        get value() {
          return seen;
        },
        edit,
        insert: (at, text) => edit(at > 0 ? [at, text] : [text]),
        delete: (at, length) => edit(at > 0 ? [at, -length] : [-length]),
        replace: (next) => edit(difference(seen, next)),
        marks: [],
        mark: () => edit([]),
        on(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        refuse(next) {
          refusing = next;
        },
      };
    },
  };
}
