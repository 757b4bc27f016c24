import { WebSocket } from "ws";
import { PROTOCOL } from "../../src/protocol/index.ts";
import { createCursor, greet, see, take } from "./cursor.ts";
import { backoff, type Gate } from "./gate.ts";
import type { Mutation } from "./mutations.ts";
import { type Sending, toFrames } from "./outbox.ts";
import { decodeServerMessage, type Heard, type HeardEvent } from "./wire.ts";

/** One client of the document: its connection, and after a loss the next one, until it is closed. */
export interface Link {
  /** It has joined and caught up for the first time. */
  isReady(): boolean;
  /** The seq up to which it has seen the document. */
  seq(): number;
  unanswered(): { readonly count: number; readonly bytes: number };
  /** Sends a mutation, again after each reconnect, until it is answered. */
  send(mutation: Mutation): Sending;
  close(): void;
}

export interface LinkOptions {
  /** The document's URL, `ws://…/documents/ID`. */
  readonly url: string;
  readonly client: string;
  /** Every client of this replay; an event of anyone else means that two write this document. */
  readonly ours: ReadonlySet<string>;
  readonly gate: Gate;
  readonly onAnswer: (sending: Sending) => void;
  readonly onReconnect: () => void;
}

// After these the server does not want the same client again; see the duties in src/protocol/errors.ts.
const FINAL_CLOSES: ReadonlyMap<number, string> = new Map([
  [4001, "unauthorised"],
  [4003, "forbidden"],
  [4004, "the document was deleted"],
  [4009, "the same client joined from elsewhere: another replay of this document is running"],
  [4010, "the server did not understand"],
  [4013, "a frame was too large"],
]);
const PING_EVERY = 25_000;
const HANDSHAKE_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 1_000;

export function openLink({ url, client, ours, gate, onAnswer, onReconnect }: LinkOptions): Link {
  const cursor = createCursor();
  let socket: WebSocket | null = null;
  let joined = false; // this connection has been welcomed
  let ready = false;
  let unsent: Sending[] = [];
  let flushing = false;
  let attempts = 0;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  function connect(): void {
    const own = new WebSocket(url, { handshakeTimeout: HANDSHAKE_TIMEOUT, perMessageDeflate: false });
    let alive = true;
    let trouble = "";
    const pinging = setInterval(() => {
      // Nothing since the last ping, not even its pong: the connection is dead and nobody has told us.
      if (!alive) own.terminate();
      else if (own.readyState === WebSocket.OPEN) own.send("ping");
      alive = false;
    }, PING_EVERY);
    socket = own;
    own.on("open", () => {
      const { incarnation, seq } = cursor;
      const where = incarnation === null ? {} : { incarnation, seq };
      own.send(JSON.stringify({ type: "join", protocol: PROTOCOL, client, ...where }));
    });
    own.on("message", (data) => {
      alive = true;
      const text = data.toString();
      if (text === "pong" || closed) return;
      const decoded = decodeServerMessage(text);
      if (!decoded.ok) fail(`the server sent what cannot be read: ${decoded.problem.message}: ${text.slice(0, 200)}`);
      else if (decoded.value.type === "error") trouble = `${decoded.value.code}: ${decoded.value.message}`;
      else hear(decoded.value);
    });
    own.on("error", (error) => {
      trouble ||= error.message || ("code" in error ? String(error.code) : error.name);
    });
    own.on("close", (code, reason) => {
      clearInterval(pinging);
      socket = null;
      joined = false;
      if (closed) return;
      const said = [`close ${code}`, String(reason), trouble].filter(Boolean).join(", ");
      gate.trouble(said);
      const final = FINAL_CLOSES.get(code);
      if (final !== undefined) {
        fail(`${final} (${said})`);
        return;
      }
      retry = setTimeout(connect, backoff(attempts++));
    });
  }

  function fail(what: string): void {
    gate.fail(new Error(`${client}: ${what}`));
  }

  function hear(message: Heard): void {
    switch (message.type) {
      case "welcome": {
        const again = cursor.incarnation !== null;
        const problem = greet(cursor, message);
        if (problem !== null) {
          fail(problem);
          return;
        }
        joined = true;
        if (again) onReconnect();
        // At once, not after catching up: that each of them is applied once is the server's promise.
        unsent = [...cursor.unanswered.values()];
        flush();
        return;
      }
      case "snapshot":
        if (message.done) cursor.seq = message.seq;
        moved();
        return;
      case "delta":
        for (const event of message.events) hearEvent(event);
        moved();
        return;
      case "reject":
        hearRejection(message);
        return;
      case "sync":
        socket?.send(JSON.stringify({ type: "sync", n: message.n }));
        return;
      case "presence":
      case "error":
        return;
    }
  }

  function hearEvent(event: HeardEvent): void {
    if (event.client === null || !ours.has(event.client)) {
      fail(`someone else (${event.client}) writes to this document`);
      return;
    }
    const seen = see(cursor, event, event.client === client);
    if ("problem" in seen) fail(seen.problem);
    else if (seen.answered) onAnswer(seen.answered);
  }

  function hearRejection({ mutation, code, message, op }: Extract<Heard, { type: "reject" }>): void {
    const refused = cursor.unanswered.get(mutation)?.mutation;
    if (!refused) return; // it was sent again, and this is its first answer again
    const which = op === undefined ? "" : `: ${JSON.stringify(refused.ops[op])}`;
    fail(`commit ${refused.at.commit} was rejected: ${code}: ${message}${which}`);
  }

  function moved(): void {
    attempts = 0;
    if (cursor.seq >= cursor.target) ready = true;
    gate.progress();
  }

  function flush(): void {
    flushing = false;
    if (!socket || !joined) return; // the next welcome sends all that is unanswered
    for (const frame of toFrames(unsent)) socket.send(frame);
    unsent = [];
  }

  connect();
  return {
    isReady: () => ready,
    seq: () => cursor.seq,
    unanswered: () => ({ count: cursor.unanswered.size, bytes: cursor.unansweredBytes }),
    send(mutation) {
      const sending = take(cursor, mutation);
      unsent.push(sending);
      // What is sent in one go shares frames.
      if (!flushing) setImmediate(flush);
      flushing = true;
      return sending;
    },
    close() {
      closed = true;
      clearTimeout(retry);
      const last = socket;
      if (last?.readyState === WebSocket.OPEN) last.send(JSON.stringify({ type: "leave" }));
      last?.close(1000);
      // Nobody has to wait for a server that does not answer.
      setTimeout(() => last?.terminate(), CLOSE_TIMEOUT).unref();
    },
  };
}
