import { WebSocket } from "ws";
import { type ClientMessage, PROTOCOL, type ServerMessage, type TreeEvent } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { createReplica, type Replica } from "../support/replica.ts";

/** What a client was told of one of its mutations. */
export type Answer = Pick<TreeEvent, "seq"> | { readonly code: string };

/** A client as the protocol wants it: it reconnects for ever, resumes where it was, and sends again what has no answer. */
export interface WireClient {
  readonly name: string;
  readonly replica: Replica;
  /** The first answer to each counter. */
  readonly answers: ReadonlyMap<number, Answer>;
  readonly unanswered: number;
  readonly reconnects: number;
  /** Whether it is connected and has everything that was there when it joined. */
  readonly ready: boolean;
  mutate(ops: readonly Operation[]): number;
  close(): void;
}

const RETRY = 100;

/** `base` is the server's URL, http://…; what cannot happen is told to `fail`. */
export function openWireClient(
  base: string,
  document: string,
  name: string,
  fail: (problem: Error) => void,
): WireClient {
  const replica = createReplica();
  const answers = new Map<number, Answer>();
  /** Mutations without an answer, as they were first sent. */
  const pending = new Map<number, readonly Operation[]>();
  let counter = 0;
  let reconnects = -1;
  let socket: WebSocket | null = null;
  let ready = false;
  let closed = false;

  const send = (message: ClientMessage) => socket?.send(JSON.stringify(message));
  const answer = (mutation: number, told: Answer) => {
    pending.delete(mutation);
    const first = answers.get(mutation);
    if (!first) answers.set(mutation, told);
    else if (JSON.stringify(first) !== JSON.stringify(told)) {
      fail(new Error(`${name}: ${mutation} was answered ${JSON.stringify(first)}, then ${JSON.stringify(told)}`));
    }
  };
  const hear = (message: ServerMessage) => {
    replica.hear(message);
    if (message.type === "sync") send(message);
    else if (message.type === "reject") answer(message.mutation, { code: message.code });
    else if (message.type === "error" && message.code !== "stopped")
      fail(new Error(`${name}: ${message.code}: ${message.message}`));
    else if (message.type === "delta") {
      for (const { client, mutation, seq } of message.events) {
        if (client === name && mutation !== null) answer(mutation, { seq });
      }
    }
    if (ready || !replica.caughtUp) return;
    ready = true;
    // Only now: what is in the events that it missed has been answered by them.
    for (const [mutation, ops] of pending) send({ type: "mutate", mutations: [{ mutation, ops }] });
  };

  const connect = () => {
    if (closed) return;
    ready = false;
    const own = new WebSocket(`${base.replace("http", "ws")}/documents/${document}`, { perMessageDeflate: false });
    socket = own;
    own.on("open", () => {
      reconnects++;
      const { incarnation, seq } = replica;
      const where = incarnation === undefined ? {} : { incarnation, seq };
      send({ type: "join", protocol: PROTOCOL, client: name, ...where });
    });
    own.on("message", (data) => {
      try {
        hear(JSON.parse(String(data)));
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    own.on("error", () => {}); // a close follows
    own.on("close", () => {
      ready = false;
      setTimeout(connect, RETRY);
    });
  };
  connect();

  return {
    name,
    replica,
    answers,
    get unanswered() {
      return pending.size;
    },
    get reconnects() {
      return reconnects;
    },
    get ready() {
      return ready;
    },
    mutate(ops) {
      counter++;
      pending.set(counter, ops);
      if (ready) send({ type: "mutate", mutations: [{ mutation: counter, ops }] });
      return counter;
    },
    close() {
      closed = true;
      socket?.close(1000);
    },
  };
}

/** Waits for what will become true, looking often. */
export async function until(what: string, condition: () => boolean, patience = 30_000): Promise<void> {
  for (const deadline = Date.now() + patience; !condition(); ) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
