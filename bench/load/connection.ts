import { once } from "node:events";
import { WebSocket } from "ws";
import type { Conversation, Frame, Heard, Held, Protocol } from "./protocol.ts";
import { within } from "./within.ts";

/** A join is given up after so many milliseconds. */
const PATIENCE = 60_000;

/** Where a document is. */
export interface Address {
  /** `ws://host:port` */
  readonly url: string;
  readonly document: string;
}

/** A client that has joined, and what went over its socket so far. */
export interface Connection {
  readonly bytes: number;
  readonly frames: number;
  readonly framesSent: number;
  /** Mutations that came since it joined. */
  readonly delivered: number;
  send(frame: Frame): void;
  /** What it would resume with. */
  held(): Held;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly held?: Held | undefined;
  /** Called for each frame after the join. */
  readonly onFrame?: (heard: Heard, frame: Buffer) => void;
  /** Called when the connection fails after the join. */
  readonly onFailure?: (error: Error) => void;
}

/** Connects and joins; resolves when the client holds the document. The same code for all systems. */
export async function connect(
  protocol: Protocol,
  { url, document }: Address,
  client: string,
  { held, onFrame = () => {}, onFailure = fail }: ConnectOptions = {},
): Promise<Connection> {
  const socket = new WebSocket(url + protocol.path(document, client), {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: 1024 * 1024 * 1024,
  });
  const conversation: Conversation = protocol.converse(client, held);
  const joined = Promise.withResolvers<void>();
  let [isJoined, closing, bytes, frames, framesSent, delivered] = [false, false, 0, 0, 0, 0];
  const send = (frame: Frame) => {
    framesSent++;
    socket.send(frame);
  };
  const broken = (error: Error) => {
    if (closing) return;
    closing = true;
    socket.terminate();
    if (isJoined) onFailure(error);
    else joined.reject(error);
  };
  socket.on("message", (frame: Buffer) => {
    frames++;
    bytes += frame.length;
    try {
      const heard = conversation.hear(frame);
      if (heard.reply !== null) send(heard.reply);
      if (isJoined) {
        delivered += heard.delivered;
        onFrame(heard, frame);
      } else if (heard.joined) {
        isJoined = true;
        joined.resolve();
      }
    } catch (error) {
      broken(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on("error", broken);
  socket.on("close", (code, reason) => broken(new Error(`${client}: closed with ${code} ${reason}`)));
  socket.on("open", () => {
    for (const frame of conversation.greeting) send(frame);
  });
  await within(PATIENCE, `${client} joins`, joined.promise);
  return {
    get bytes() {
      return bytes;
    },
    get frames() {
      return frames;
    },
    get framesSent() {
      return framesSent;
    },
    get delivered() {
      return delivered;
    },
    send,
    held: () => conversation.held(),
    async close() {
      closing = true;
      const closed = once(socket, "close");
      socket.close(1000);
      await closed;
    },
  };
}

function fail(error: Error): never {
  throw error;
}
