import type { ClientMessage, Principal, ServerMessage } from "../../src/protocol/index.ts";
import type { MutationAnswer } from "../../src/session.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { passTime } from "./clock.ts";
import { createServer, type TestServer } from "./server.ts";

/** A message with mutations as a client writes them: not decoded yet. */
export type Outgoing =
  | Exclude<ClientMessage, { type: "mutate" }>
  | {
      readonly type: "mutate";
      readonly refused?: number;
      readonly mutations: readonly { mutation: number; base?: number; ops: readonly unknown[]; meta?: object }[];
    };

/** Someone connected to a document, in a test that is written out by hand. */
export interface Visitor {
  readonly id: string;
  /** How the server closed the connection, or null. */
  readonly closed: { readonly code: number; readonly reason: string } | null;
  /** What has come since the last call of this. */
  hear(): ServerMessage[];
  /** The same as texts. */
  hearTexts(): string[];
  /** The same in a word each: `delta 3-5`, `reject 2 notFound`, `sync 1`. */
  hearShort(): string[];
  send(message: Outgoing): void;
  sendText(frame: string | null): void;
  /** Sends one mutation; its counter goes up by itself. */
  mutate(...ops: Operation[]): void;
  /** The connection breaks, and the server notices. */
  drop(): void;
}

export const WRITER: Principal = { user: null, role: "write" };
export const READER: Principal = { user: null, role: "read" };

export function writerOf(user: string): Principal {
  return { user: { id: user, name: user.toUpperCase() }, role: "write" };
}

/** A document with people in it. */
export interface Room {
  readonly server: TestServer;
  connect(principal?: Principal): Visitor;
  /** Connects and joins; `more` goes into the join. The welcome is there to be heard. */
  join(client: string, more?: object, principal?: Principal): Visitor;
  /** Joins and hears everything there is at first. */
  enter(client: string, principal?: Principal): Visitor;
  /** A mutation by HTTP. */
  call(...ops: Operation[]): MutationAnswer;
  /** Lets time pass, and the timer and the alarm go off when they are due, the earlier one first. */
  wait(milliseconds: number): void;
  /** Lets the timer go off until no window is open. */
  settle(): void;
}

export function openRoom(tree?: NodeData, server = createServer()): Room {
  if (tree) server.ask((calls, now) => calls.getOrStart({ tree, options: {} }, now));
  let connections = 0;
  const connect = (principal = WRITER) => visit(server, `s${++connections}`, principal);
  const room: Room = {
    server,
    connect,
    join(client, more = {}, principal = WRITER) {
      const visitor = connect(principal);
      visitor.sendText(JSON.stringify({ type: "join", protocol: 2, client, ...more }));
      return visitor;
    },
    enter(client, principal) {
      const visitor = room.join(client, {}, principal);
      visitor.hear();
      return visitor;
    },
    call(...ops) {
      const answer = server.ask((calls, now) => calls.mutate({ ops }, WRITER, now));
      if (!answer?.ok) throw new Error(`the call was refused: ${JSON.stringify(answer)}`);
      return answer.value;
    },
    wait(milliseconds) {
      passTime(server, milliseconds);
    },
    settle() {
      for (let rounds = 0; server.due !== null; rounds++) {
        if (rounds > 100) throw new Error("the commit window never closes");
        room.wait(server.due - server.now);
      }
    },
  };
  return room;
}

function visit(server: TestServer, id: string, principal: Principal): Visitor {
  let inbox: string[] = [];
  let counter = 0;
  let closed: Visitor["closed"] = null;
  const socket = {
    send: (text: string) => void inbox.push(text),
    close: (code: number, reason: string) => {
      closed = { code, reason };
    },
  };
  server.connect(id, principal, socket);
  const hearTexts = () => {
    const heard = inbox;
    inbox = [];
    return heard;
  };
  const sendText = (frame: string | null) => {
    server.message(id, frame);
    // What waits for its turn has it, before anything else happens.
    server.takeTurns();
  };
  const send = (message: Outgoing) => sendText(JSON.stringify(message));
  return {
    id,
    get closed() {
      return closed;
    },
    hearTexts,
    hear: () => hearTexts().map(parse),
    hearShort: () => hearTexts().map((text) => inShort(parse(text))),
    send,
    sendText,
    mutate: (...ops) => send({ type: "mutate", mutations: [{ mutation: ++counter, ops }] }),
    drop: () => server.gone(id),
  };
}

export function parse(text: string): ServerMessage {
  const message: ServerMessage = JSON.parse(text);
  return message;
}

export function inShort(message: ServerMessage): string {
  switch (message.type) {
    case "welcome":
      return `welcome ${message.seq} ${message.resume}`;
    case "snapshot":
      return `snapshot ${message.seq}${message.done ? " done" : ""}`;
    case "delta": {
      const seqs = message.events.map(({ seq }) => seq);
      return seqs.length === 1 ? `delta ${seqs[0]}` : `delta ${seqs[0]}-${seqs.at(-1)}`;
    }
    case "reject":
      return `reject ${message.mutation} ${message.code}`;
    case "unchanged":
      return `unchanged ${message.mutation} ${message.seq}`;
    case "presence":
      return `presence ${Object.keys(message.changes).join(",")}${message.reset ? " reset" : ""}`;
    case "sync":
      return `sync ${message.n}`;
    case "auth":
      return `auth ${message.role} ${message.expires ?? "for ever"}`;
    case "error":
      return `error ${message.code}`;
  }
}
