import { WebSocket } from "ws";
import {
  type ClientMessage,
  type MutationBody,
  PROTOCOL,
  type ServerMessage,
  type TreeEvent,
} from "../../src/protocol/index.ts";
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
  /** Whether a counter was used and has no answer. */
  awaits(mutation: number): boolean;
  readonly reconnects: number;
  /** Whether there is a connection, joined or not. */
  readonly connected: boolean;
  /** Whether it is connected and has everything that was there when it joined. */
  readonly ready: boolean;
  /** `base`: whether to say what it has seen. */
  mutate(ops: readonly Operation[], options?: { readonly base?: boolean }): number;
  /** Sends mutations that were answered already once more, the last ones; their answers have to be the same. */
  repeat(count: number): void;
  /** How many answers to those have not come yet. */
  readonly unrepeated: number;
  /** Goes away in one of three ways and stays away until `comeBack`. */
  goAway(how: "leave" | "close" | "cut"): void;
  comeBack(): void;
  /** Loses its replica, but not what it has sent; to be called while there is no connection. */
  forget(): void;
  close(): void;
}

const RETRY = 100;
/** Answered mutations that are kept to be sent again. */
const KEPT = 20;

/** `base` is the server's URL, http://…; what cannot happen is told to `fail`. */
export function openWireClient(
  base: string,
  document: string,
  name: string,
  fail: (problem: Error) => void,
  { retry = RETRY, protocols = [] }: { readonly retry?: number; readonly protocols?: readonly string[] } = {},
): WireClient {
  const answers = new Map<number, Answer>();
  /** Mutations without an answer, as they were first sent. */
  const pending = new Map<number, MutationBody>();
  /** The last ones with an answer. */
  const settled = new Map<number, MutationBody>();
  /** Those of them that were sent again on this connection. */
  const repeated = new Set<number>();
  let replica = createReplica();
  let counter = 0;
  let reconnects = -1;
  let socket: WebSocket | null = null;
  let connected = false;
  let ready = false;
  let away = false;

  const send = (message: ClientMessage) => socket?.send(JSON.stringify(message));
  const answer = (mutation: number, told: Answer) => {
    const body = pending.get(mutation);
    if (body) settled.set(mutation, body);
    for (const oldest of settled.keys()) {
      if (settled.size <= KEPT) break;
      settled.delete(oldest);
    }
    pending.delete(mutation);
    repeated.delete(mutation);
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
    // No event either, and answered alike when it is repeated.
    else if (message.type === "unchanged") answer(message.mutation, { code: "unchanged" });
    else if (message.type === "error" && message.code !== "stopped")
      fail(new Error(`${name}: ${message.code}: ${message.message}`));
    else if (message.type === "delta") {
      for (const { client, mutation, seq } of message.events) {
        if (client === name && mutation !== null) answer(mutation, { seq });
      }
    }
    if (ready || away || !replica.caughtUp) return;
    ready = true;
    // Only now: what is in the events that it missed has been answered by them.
    for (const [mutation, body] of pending) send({ type: "mutate", mutations: [{ mutation, ...body }] });
  };

  const connect = () => {
    if (away || socket) return;
    const own = new WebSocket(`${base.replace("http", "ws")}/documents/${document}`, [...protocols], {
      perMessageDeflate: false,
    });
    socket = own;
    own.on("open", () => {
      reconnects++;
      connected = true;
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
      socket = null;
      connected = false;
      ready = false;
      repeated.clear();
      setTimeout(connect, retry);
    });
  };
  connect();

  return {
    name,
    get replica() {
      return replica;
    },
    answers,
    get unanswered() {
      return pending.size;
    },
    awaits: (mutation) => pending.has(mutation),
    get reconnects() {
      return reconnects;
    },
    get connected() {
      return connected;
    },
    get ready() {
      return ready;
    },
    mutate(ops, options) {
      counter++;
      const body = { ops, ...(options?.base && { base: replica.seq }) };
      pending.set(counter, body);
      if (ready) send({ type: "mutate", mutations: [{ mutation: counter, ...body }] });
      return counter;
    },
    repeat(count) {
      if (!ready) return;
      for (const [mutation, body] of [...settled].slice(-count)) {
        repeated.add(mutation);
        send({ type: "mutate", mutations: [{ mutation, ...body }] });
      }
    },
    get unrepeated() {
      return repeated.size;
    },
    goAway(how) {
      away = true;
      ready = false;
      if (how === "leave") send({ type: "leave" });
      else if (how === "close") socket?.close(1000);
      else socket?.terminate();
    },
    comeBack() {
      away = false;
      connect();
    },
    forget() {
      replica = createReplica();
    },
    close() {
      away = true;
      socket?.close(1000);
    },
  };
}

/** Waits for what will become true, looking often. */
export async function until(what: string, condition: () => boolean, patience = 30_000): Promise<void> {
  for (const deadline = Date.now() + patience; !condition(); ) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
