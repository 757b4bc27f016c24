import { deltaFrame, eventText, type SubscriberId, success } from "../protocol/index.ts";
import {
  createMeter,
  createRepeats,
  type KeptAnswer,
  type Meter,
  type Rejection,
  type Repeats,
  type Slices,
  type StoredDocument,
} from "../storage.ts";
import { answerFrame } from "./answers.ts";
import { firstOwed, withoutFirst } from "./owed.ts";
import { isOpen, type JoinedSubscriber } from "./subscriber.ts";
import type { Turns } from "./turns.ts";

/** What answering needs of the connections. */
interface AnsweringContext {
  readonly turns: Turns;
  isGone(subscriber: JoinedSubscriber): boolean;
  send(to: JoinedSubscriber, text: string): void;
  save(subscriber: JoinedSubscriber): void;
}

/** Answers counters that clients have sent again, in as many turns as the log takes to be looked through. */
export interface Answering {
  /** Answers what a subscriber is owed as far as its socket may be sent; to be called again when that may be sent more. */
  answer(to: JoinedSubscriber, document: StoredDocument, now: number): void;
}

/** Counters that are looked for in one pass. */
const TOGETHER = 1_024;

export function createAnswering({ turns, isGone, send, save }: AnsweringContext): Answering {
  const underWay = new Set<SubscriberId>();
  const mayBeSent = (to: JoinedSubscriber) => !isGone(to) && to.joined.feed.is === "live" && isOpen(to.joined.flow);

  function* answerAll(to: JoinedSubscriber, document: StoredDocument): Slices<void> {
    const meter = createMeter();
    const repeats = createRepeats(document, to.joined.client, meter);
    while (mayBeSent(to) && to.joined.owed.length > 0) yield* answerSome(to, document, repeats, meter);
  }
  function* answerSome(to: JoinedSubscriber, document: StoredDocument, repeats: Repeats, meter: Meter): Slices<void> {
    const { joined } = to;
    const counters = firstOwed(joined.owed, TOGETHER);
    const kept = new Map<number, KeptAnswer>();
    for (const answer of document.clients.get(joined.client)?.answers ?? []) kept.set(answer.mutation, answer);
    const seqs = yield* repeats.locate(counters.filter((counter) => !kept.has(counter)));
    for (const counter of counters) {
      if (mayBeSent(to) && meter.full()) {
        save(to);
        yield;
      }
      // Answers can be large: what the socket may not be sent now stays owed.
      if (!mayBeSent(to)) break;
      const seq = seqs.get(counter);
      const event = seq === undefined ? undefined : repeats.read(counter, seq);
      joined.owed = withoutFirst(joined.owed);
      // What the history has let go of is in the tree: whoever has missed it gets that anew.
      const isOld = seq !== undefined && seq < document.historyFrom;
      const other = kept.get(counter) ?? (isOld ? { mutation: counter, seq, time: 0 } : expired(counter));
      send(to, event ? deltaFrame([eventText(event)], document.space) : answerFrame(other));
    }
    save(to);
  }

  return {
    answer(to, document, now) {
      if (underWay.has(to.id) || to.joined.owed.length === 0) return;
      underWay.add(to.id);
      const work = function* () {
        try {
          yield* answerAll(to, document);
          return success(null);
        } finally {
          underWay.delete(to.id);
        }
      };
      turns.begin(work(), "background", now);
    },
  };
}

function expired(mutation: number): Rejection {
  return { mutation, code: "expired", message: "answered before, and the answer is no longer kept" };
}
