import type { Mutation } from "./mutations.ts";
import { type Sending, toSending } from "./outbox.ts";
import type { HeardEvent, Welcome } from "./wire.ts";

/**
 * What one client knows of the document across its connections: how far it has seen, and what it has sent that is
 * unanswered. It holds the server to its promises; what breaks one is returned as a text.
 */
export interface Cursor {
  /** Null until the first welcome. */
  incarnation: string | null;
  seq: number;
  /** The client's last counter. */
  counter: number;
  /** The seq to catch up to, as the last welcome said. */
  target: number;
  readonly unanswered: Map<number, Sending>;
  unansweredBytes: number;
}

export function createCursor(): Cursor {
  return { incarnation: null, seq: 0, counter: 0, target: 0, unanswered: new Map(), unansweredBytes: 0 };
}

export function greet(cursor: Cursor, { incarnation, seq, mutation }: Welcome): string | null {
  if (cursor.incarnation === null) cursor.counter = mutation;
  else if (incarnation !== cursor.incarnation) {
    return "the document has begun a new life: it was deleted, or has lost what it had acknowledged";
  }
  if (mutation > cursor.counter) return "someone else has written under this client's name";
  if (seq < cursor.seq) return `the document is at ${seq}, and this client has seen ${cursor.seq}`;
  cursor.incarnation = incarnation;
  cursor.target = seq;
  return null;
}

/** Gives a mutation its counter. */
export function take(cursor: Cursor, mutation: Mutation): Sending {
  const sending = toSending(mutation, ++cursor.counter, cursor.seq);
  cursor.unanswered.set(sending.counter, sending);
  cursor.unansweredBytes += sending.bytes;
  return sending;
}

/** Takes note of an event; the mutation it answers is in `answered`. */
export function see(
  cursor: Cursor,
  { seq, mutation }: HeardEvent,
  isMine: boolean,
): { problem: string } | { answered: Sending | undefined } {
  if (seq === cursor.seq + 1) cursor.seq = seq;
  // Only the answer to a mutation that was sent again may be out of order; it is not newer than the welcome.
  else if (!isMine || seq > cursor.target) return { problem: `event ${seq} came after ${cursor.seq}` };
  const answered = isMine && mutation !== null ? cursor.unanswered.get(mutation) : undefined;
  if (answered) {
    answered.seq = seq;
    cursor.unanswered.delete(answered.counter);
    cursor.unansweredBytes -= answered.bytes;
  }
  return { answered };
}
