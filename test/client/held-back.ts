import { setTimeout as sleep } from "node:timers/promises";
import { type Platform, webPlatform } from "../../src/client/index.ts";
import type { ClientMessage, ServerMessage, TreeEvent } from "../../src/protocol/index.ts";

/** A machine to run a client on that tells it no event of others before it may know it, nor any behind that. All else goes through. */
export interface HeldBack {
  readonly platform: Platform;
  /** Hands over the events of others up to a seq, as soon as they are here; resolves then. */
  release(seq: number): Promise<void>;
  /** Resolves when all that is pending in its client has an event, whether the client was told or not; gives the last seq of those. */
  sent(pending: () => number): Promise<number>;
}

const PATIENCE = 20_000;

export function holdBack(own: string): HeldBack {
  const web = webPlatform();
  const held: TreeEvent[] = [];
  let [arrived, released] = [0, 0];
  /** Counters that were sent, that have come back as events, and of these the last seq; how many the client was told of. */
  const counters = new Set<number>();
  let [answered, told, last] = [0, 0, 0];
  let receive = (_text: string) => {};

  const take = (events: readonly TreeEvent[]) => {
    for (const { seq, client } of events) {
      arrived = seq;
      if (client !== own) continue;
      answered++;
      last = seq;
    }
    held.push(...events);
    handOver();
  };
  const handOver = () => {
    const end = held.findIndex(({ seq, client }) => seq > released && client !== own);
    const events = held.splice(0, end < 0 ? held.length : end);
    if (events.length === 0) return;
    told += events.filter(({ client }) => client === own).length;
    receive(JSON.stringify({ type: "delta", events }));
  };
  const until = async (what: string, is: () => boolean) => {
    for (const deadline = Date.now() + PATIENCE; !is(); await sleep(0)) {
      if (Date.now() > deadline)
        throw new Error(`${own} waits for ${what}: ${JSON.stringify({ sent: counters.size, answered, told })}`);
    }
  };
  return {
    platform: {
      ...web,
      connect(url, events, token) {
        receive = events.received;
        const received = (text: string) => {
          const message: ServerMessage | null = text === "pong" ? null : JSON.parse(text);
          if (message?.type === "delta") take(message.events);
          else {
            // What somebody types and takes away again before it is sent is no event.
            if (message?.type === "unchanged") [answered, told] = [answered + 1, told + 1];
            events.received(text);
          }
        };
        const connection = web.connect(url, { ...events, received }, token);
        return {
          ...connection,
          send(text) {
            const message: ClientMessage | null = text === "ping" ? null : JSON.parse(text);
            if (message?.type === "mutate") for (const { mutation } of message.mutations) counters.add(mutation);
            connection.send(text);
          },
        };
      },
      // It sends a frame in 16 ms, and a replay is to be short.
      after: (milliseconds, call) => web.after(milliseconds < 100 ? 0 : milliseconds, call),
    },
    async release(seq) {
      await until(`event ${seq}`, () => arrived >= seq);
      released = Math.max(released, seq);
      handOver();
    },
    async sent(pending) {
      await until("its answers", () => pending() === counters.size - told && answered === counters.size);
      return last;
    },
  };
}
