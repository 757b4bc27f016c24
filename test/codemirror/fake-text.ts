import type { Changes, Text, TextChange } from "../../src/client/index.ts";
import { createDocument } from "../../src/client/open.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { applyChanges, difference, rebase, type Step } from "../../src/text/index.ts";

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

const step = (changes: Changes): Step => ({ op: "edit", id: "row", attr: "text", changes });
const document = createDocument("ws://fake/documents/fake", { connect: false }, createTestServer().machine());

export function createFakeServer(initial: string): FakeServer {
  let value = initial;
  let refused = false;
  const wires: (() => void)[][] = [];
  const peers: { hear(event: Step): void }[] = [];

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
      let pending: Step[] = [];
      let heard = 0;
      /** What the server has told and had no sign of being heard of, as it is behind what has come. */
      let told: { readonly n: number; step: Step }[] = [];
      let events = 0;
      const tell = (change: TextChange) => {
        for (const listener of [...listeners]) listener(change);
      };
      const show = (steps: readonly Step[], source: TextChange["source"]) => {
        for (const each of steps) {
          if (each.op !== "edit") continue;
          seen = applyChanges(seen, each.changes);
          tell({ changes: each.changes, source });
        }
      };
      const me = {
        hear(event: Step) {
          const n = ++events;
          told.push({ n, step: event });
          down.push(() => {
            heard = n;
            const crossed = rebase(pending, [event]);
            pending = [...crossed.steps];
            show(crossed.over, "remote");
          });
        },
      };
      const arrive = (asked: Step, base: number) => {
        told = told.filter(({ n }) => n > base);
        const crossed = rebase(
          [asked],
          told.map((each) => each.step),
        );
        const isRefused = refused;
        refused = false;
        if (isRefused) {
          // A refusal at once: everything that is pending is given up, and the text of the server is shown.
          down.push(() => {
            pending = [];
            show([step(difference(seen, value))], "rollback");
          });
          return;
        }
        told = told.map(({ n }, index) => ({ n, step: crossed.over[index] ?? step([]) }));
        for (const each of crossed.steps) {
          if (each.op === "edit") value = applyChanges(value, each.changes);
          for (const peer of peers) if (peer !== me) peer.hear(each);
        }
        down.push(() => void pending.shift());
      };
      peers.push(me);
      const edit = (changes: Changes) => {
        if (refusing || changes.length === 0) return { committed: new Promise<never>(() => {}) };
        const made = step(changes);
        const base = heard;
        pending.push(made);
        up.push(() => arrive(made, base));
        show([made], "local");
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
