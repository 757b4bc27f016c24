import type { EditableText } from "../../src/dom/index.ts";
import { applyChanges, type Changes, compose, transform } from "../../src/text/index.ts";

type Listener = Parameters<EditableText["on"]>[0];

/** A text that several edit, as `textOf` of the client gives it out, without a tree, a server and a network. */
export interface ChannelText extends EditableText {
  /** What was edited here, in order. */
  readonly edits: readonly Changes[];
  /** The group of each, where one was given. */
  readonly groups: readonly (string | undefined)[];
  edit(changes: Changes, options?: { readonly group: string }): void;
  /** Edits without being bound to anything, as undo does. */
  change(changes: Changes): void;
}

export interface Channel {
  join(): ChannelText;
  /** Delivers everything until nothing is on its way; without it nothing arrives. */
  settle(): void;
  /** From now on everything arrives by itself, so many milliseconds later. */
  deliverAfter(milliseconds: number): void;
  /** What the order of all edits comes to. */
  readonly value: string;
}

/** `[later, earlier]`, each as it is behind the other. */
function both(later: Changes, earlier: Changes): [Changes, Changes] {
  return [transform(later, earlier), transform(earlier, later, true)];
}

/** One order, and members that have one edit in flight and gather the next: the simplest that is right. */
export function createChannel(beginning = ""): Channel {
  let value = beginning;
  const log: { readonly by: ChannelText; readonly changes: Changes }[] = [];
  const ways: (() => void)[] = [];
  let delay: number | null = null;
  const send = (arrive: () => void) => {
    if (delay === null) ways.push(arrive);
    else setTimeout(arrive, delay);
  };
  const hearers: ((at: number) => void)[] = [];

  const commit = (by: ChannelText, changes: Changes, seen: number) => {
    const now = log.slice(seen).reduce((mine, { changes: other }) => both(mine, other)[0], changes);
    log.push({ by, changes: now });
    value = applyChanges(value, now);
    const at = log.length - 1;
    for (const hear of hearers) send(() => hear(at));
  };

  return {
    join() {
      let here = value;
      let seen = log.length;
      let inFlight: Changes | null = null;
      let next: Changes = [];
      const edits: Changes[] = [];
      const groups: (string | undefined)[] = [];
      const listeners = new Set<Listener>();
      const publish: Listener = (change) => {
        for (const listener of [...listeners]) listener(change);
      };
      const flush = () => {
        if (inFlight !== null || next.length === 0) return;
        [inFlight, next] = [next, []];
        const [sent, base] = [inFlight, seen];
        send(() => commit(member, sent, base));
      };
      const change = (changes: Changes) => {
        if (changes.length === 0) return;
        here = applyChanges(here, changes);
        next = compose(next, changes);
        publish({ changes, source: "local" });
        flush();
      };
      const member: ChannelText = {
        edits,
        groups,
        get value() {
          return here;
        },
        edit(changes, options) {
          edits.push(changes);
          groups.push(options?.group);
          change(changes);
        },
        change,
        on(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      };
      hearers.push((at) => {
        const event = log[at];
        if (!event || at < seen) return;
        seen = at + 1;
        if (event.by === member) {
          inFlight = null;
          flush();
          return;
        }
        let theirs = event.changes;
        if (inFlight) [inFlight, theirs] = both(inFlight, theirs);
        [next, theirs] = both(next, theirs);
        here = applyChanges(here, theirs);
        publish({ changes: theirs, source: "remote" });
      });
      return member;
    },
    settle() {
      for (let arrive = ways.shift(); arrive; arrive = ways.shift()) arrive();
    },
    deliverAfter(milliseconds) {
      delay = milliseconds;
    },
    get value() {
      return value;
    },
  };
}
