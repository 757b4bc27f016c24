import { type Meter, type StoredDocument, type TextEvent, textEventsOf } from "../storage.ts";
import { instead } from "../text/index.ts";
import { createUnseenTexts, type UnseenTexts } from "./unseen-texts.ts";
import { MET } from "./work.ts";

/** Where a client stands: what others have done to texts that it has not seen. */
export interface Standing {
  readonly bridge: UnseenTexts;
  /** All events up to here are in it, or taken. */
  readonly upto: number;
  /** The client has seen everything up to here, and of what is later what it did itself. */
  readonly base: number;
}

/**
 * `expired`: the log does not reach back so far. `blurred`: what the client had not seen was put together, and now it has seen a part of
 * it. `tooMuch`: it is more than one client may have in memory.
 */
export type Unknown = "expired" | "blurred" | "tooMuch";

/** What is being found out about where a client stands, in as many turns as it takes. */
export interface Approach {
  /** Does some of it; null as long as there is more to do. */
  step(work: Meter): Standing | Unknown | null;
  /** Bytes that it has in memory, about. */
  readonly held: number;
}

/** Goes on from where a client stood. */
export function followOn(document: StoredDocument, client: string | null, from: Standing): Approach {
  const { bridge, base } = from;
  let { upto } = from;
  let isKnown = true;
  const advance = (seq: number) => {
    isKnown = bridge.advance(seq) && isKnown;
  };
  const meet = (event: TextEvent) => {
    upto = event.seq;
    const { seq, steps, asked } = event;
    if (client === null || event.client !== client || !event.isOwn) {
      bridge.add(seq, steps);
      return;
    }
    if (asked) advance(asked.base);
    // Where nothing is told its author had seen all there was of others; values that replace others tell nothing.
    else if (event.edits) advance(seq - 1);
    const thought = (asked?.steps ?? steps).flatMap((step) => bridge.take(step));
    if (event.isBack) bridge.add(seq, instead(thought, steps));
  };
  return {
    get held() {
      return bridge.held;
    },
    step(counted) {
      const work = withWorkOf(bridge, counted);
      while (upto < document.texts.from) {
        const reached = upto;
        for (const commit of document.log.after(upto)) {
          if (commit.first > upto + 1) return "expired";
          const read = textEventsOf(commit);
          work.add(read.work);
          for (const event of read.events) if (event.seq > upto) meet(event);
          upto = commit.last;
          if (bridge.isTooMuch) return "tooMuch";
          if (work.full()) return null;
          if (upto >= document.texts.from) break;
        }
        if (upto === reached) return "expired";
      }
      for (const event of document.texts.after(upto)) {
        meet(event);
        work.add(MET);
        if (work.full()) return null;
      }
      if (bridge.isTooMuch) return "tooMuch";
      advance(base);
      work.add(0);
      return isKnown ? { bridge, upto, base } : "blurred";
    },
  };
}

/**
 * Finds out where a client stands of which nothing is known: what it has in flight was made behind what it had in flight before, so
 * this begins where the first of that was made.
 */
export function approach(document: StoredDocument, client: string | null, base: number): Approach {
  let lowest = base;
  let at = Number.MAX_SAFE_INTEGER;
  let following: Approach | null = null;
  /** What its author had seen, each time, of what it has in flight. */
  const bases = new Set([base]);
  const meet = ({ seq, asked, isOwn, client: author }: TextEvent) => {
    at = seq;
    if (!isOwn || author !== client || !asked) return;
    lowest = Math.min(lowest, asked.base);
    bases.add(asked.base);
  };
  /** Null where there is more to do. */
  const findLowest = (work: Meter): "found" | "expired" | null => {
    if (client === null || !isAnyInFlight(document, client, base)) return "found";
    for (const event of document.texts.backward(at)) {
      if (event.seq <= lowest) return "found";
      if (event.seq < at) meet(event);
      work.add(MET);
      if (work.full()) return null;
    }
    at = Math.min(at, document.texts.from + 1);
    if (at - 1 <= lowest) return "found";
    for (const commit of document.log.backward(at)) {
      if (commit.last < at - 1) return "expired";
      const read = textEventsOf(commit);
      work.add(read.work);
      for (const event of read.events.toReversed()) if (event.seq < at && event.seq > lowest) meet(event);
      at = commit.first;
      if (at - 1 <= lowest) return "found";
      if (work.full()) return null;
    }
    return "expired";
  };
  return {
    get held() {
      return following?.held ?? 0;
    },
    step(work) {
      if (!following) {
        const found = findLowest(work);
        if (found !== "found") return found;
        const bridge = createUnseenTexts([...bases].sort((one, other) => one - other));
        following = followOn(document, client, { bridge, upto: lowest, base });
      }
      return following.step(work);
    },
  };
}

/** A meter that is told what a bridge takes as well. */
function withWorkOf(bridge: UnseenTexts, meter: Meter): Meter {
  let told = bridge.work;
  return {
    add(units) {
      meter.add(units + bridge.work - told);
      told = bridge.work;
    },
    full: meter.full,
  };
}

/** Whether a client has done anything that it has not heard of. */
export function isAnyInFlight({ clients }: StoredDocument, client: string, base: number): boolean {
  const [, seq = 0, length = 0] = clients.get(client)?.accepted.runs.at(-1) ?? [];
  return seq + length - 1 > base;
}
