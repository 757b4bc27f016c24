import type { Connection } from "../../src/client/connection/platform.ts";
import type { ServerMessage } from "../../src/protocol/index.ts";
import type { Machine } from "../../src/testing/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { inShort, parse } from "../session/room.ts";

/** A connection that a test writes frames to by hand. */
export interface Wire {
  readonly connection: Connection;
  /** Whether it was opened and not closed yet. */
  readonly open: boolean;
  /** How it ended, or null. */
  readonly closed: { readonly code: number; readonly reason: string } | null;
  /** The frames that have come since the last call of this; `pong` is passed over. */
  hear(): ServerMessage[];
  /** The same in a word each. */
  hearShort(): string[];
  /** Every text that has ever come. */
  readonly texts: readonly string[];
  mutate(mutation: number, ...ops: Operation[]): void;
}

export function connect(machine: Machine, url: string): Wire {
  const texts: string[] = [];
  let inbox: string[] = [];
  let open = false;
  let closed: Wire["closed"] = null;
  const connection = machine.connect(url, {
    opened() {
      open = true;
    },
    received(text) {
      texts.push(text);
      if (text !== "pong") inbox.push(text);
    },
    closed(code, reason) {
      open = false;
      closed = { code, reason };
    },
  });
  const hear = () => {
    const heard = inbox.map(parse);
    inbox = [];
    return heard;
  };
  return {
    connection,
    get open() {
      return open;
    },
    get closed() {
      return closed;
    },
    hear,
    hearShort: () => hear().map(inShort),
    texts,
    mutate: (mutation, ...ops) => connection.send(JSON.stringify({ type: "mutate", mutations: [{ mutation, ops }] })),
  };
}

/** Connects and joins; what the server says to that is yet to come. */
export function join(machine: Machine, url: string, client: string, more: object = {}): Wire {
  const wire = connect(machine, url);
  wire.connection.send(JSON.stringify({ type: "join", protocol: 2, client, ...more }));
  return wire;
}
