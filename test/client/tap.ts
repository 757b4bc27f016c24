import type { Connection, Platform } from "../../src/client/connection/platform.ts";
import type { Machine } from "../../src/testing/index.ts";

export interface Taps {
  /** What the client is given in place of a frame; undefined: nothing. Connections count from 0. */
  readonly down?: (frame: string, connection: number) => string | undefined;
  /** Sees what the client sends. */
  readonly up?: (frame: string, connection: number) => void;
  /** Sees each address that is connected to. */
  readonly dialled?: (url: string) => void;
  /** Awaited before an answer is given to the client. */
  readonly answer?: (url: string, answer: string, body: string | undefined) => Promise<void>;
}

/** A machine whose frames can be looked at and spoilt, and whose connections' late events can be played again. */
export interface Tapped extends Platform {
  /** What each connection could still say, the oldest first. */
  readonly connections: readonly Pick<Parameters<Platform["connect"]>[1], "received" | "closed">[];
}

export function tap(machine: Machine, taps: Taps): Tapped {
  const connections: Pick<Parameters<Platform["connect"]>[1], "received" | "closed">[] = [];
  return {
    connections,
    connect(url, events, token): Connection {
      taps.dialled?.(url);
      const index = connections.push(events) - 1;
      const received = (frame: string) => {
        const given = taps.down ? taps.down(frame, index) : frame;
        if (given !== undefined) events.received(given);
      };
      const connection = machine.connect(url, { opened: events.opened, received, closed: events.closed }, token);
      return {
        send(frame) {
          taps.up?.(frame, index);
          connection.send(frame);
        },
        close: connection.close,
      };
    },
    async request(method, url, options) {
      const answer = await machine.request(method, url, options);
      await taps.answer?.(url, answer.text, options.body);
      return answer;
    },
    after: machine.after,
    random: machine.random,
    newId: machine.newId,
    watchOnline: machine.watchOnline,
    report: machine.report,
  };
}
