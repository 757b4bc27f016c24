import { byteLength, FRAME_LIMITS } from "../../protocol/index.ts";
import type { Pending } from "../pending.ts";
import type { Platform } from "./platform.ts";

/** Sends what is pending, in order, once a connection. */
export interface Outbox {
  /** The client has caught up: everything without an answer is sent, again. */
  open(): void;
  /** There is something new to send, or room for it. */
  push(): void;
  /** Sends at once what waits for the next frame. */
  hurry(): void;
  /** The server asks for this mutation, and what follows it, once more after a while. */
  wait(mutation: number, milliseconds: number): void;
  shut(): void;
}

/** Milliseconds between two frames; the mutations of so long share one. */
const EVERY = 16;
/** Unanswered on the way: enough to keep a server busy, not so much that it has to hold a long absence at once. */
const ON_THE_WAY = 4 * FRAME_LIMITS.mutationsPerFrame;
/** And so many characters of them, or a single one: what the server lets wait is twice as much. */
const MOST_CHARACTERS = 2 * FRAME_LIMITS.frameBytes;
/** Bytes for mutations in a frame. */
const ROOM = FRAME_LIMITS.frameBytes - '{"type":"mutate","refused":9007199254740991,"mutations":[]}'.length;

/** A mutation as it stands in a frame. */
export function textOf({ mutation, base, ops, meta }: Pick<Pending, "mutation" | "base" | "ops" | "meta">): string {
  return JSON.stringify({ mutation, base, ops, meta });
}

/** Whether it can be sent at all. */
export function fitsFrame(text: string): boolean {
  return byteLength(text) <= ROOM;
}

export function createOutbox(
  platform: Platform,
  send: (text: string) => void,
  /** What has no answer, oldest first, as far as it may be sent. */
  pending: () => Iterable<Pending>,
  /** What a frame has beside that. */
  known: () => { readonly refused?: number },
): Outbox {
  let open = false;
  let cooling = false;
  let cancel = () => {};
  let due = false;
  /** What was sent on this connection and has no answer yet. */
  let onTheWay = new Map<Pending, number>();

  const coolFor = (milliseconds: number) => {
    cooling = true;
    cancel();
    cancel = platform.after(milliseconds, () => {
      cooling = false;
      flush();
    });
  };
  const flush = () => {
    due = false;
    if (!open || cooling) return;
    const texts: string[] = [];
    let [room, characters] = [ROOM, 0];
    const still = new Map<Pending, number>();
    for (const each of pending()) {
      const sent = onTheWay.get(each);
      if (sent !== undefined) {
        characters += sent;
        still.set(each, sent);
        continue;
      }
      if (still.size >= ON_THE_WAY || texts.length >= FRAME_LIMITS.mutationsPerFrame) break;
      const text = textOf(each);
      room -= byteLength(text) + 1;
      characters += text.length;
      if (still.size > 0 && (room < 0 || characters > MOST_CHARACTERS)) break;
      texts.push(text);
      each.sent = true;
      still.set(each, text.length);
    }
    onTheWay = still;
    if (texts.length === 0) return;
    coolFor(EVERY);
    const { refused } = known();
    send(`{"type":"mutate",${refused === undefined ? "" : `"refused":${refused},`}"mutations":[${texts.join(",")}]}`);
  };
  const push = () => {
    if (!open || cooling || due) return;
    due = true;
    // What is made in one go is sent in one frame.
    Promise.resolve().then(flush);
  };
  return {
    open() {
      open = true;
      onTheWay = new Map();
      push();
    },
    push,
    hurry() {
      cooling = false;
      flush();
    },
    wait(mutation, milliseconds) {
      for (const each of onTheWay.keys()) if (each.mutation >= mutation) onTheWay.delete(each);
      coolFor(milliseconds);
    },
    shut() {
      open = false;
    },
  };
}
