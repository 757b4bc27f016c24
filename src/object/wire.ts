import { ERRORS, encode, type Problem, SUBPROTOCOL } from "../protocol/index.ts";
import { restoreSubscriber, type Subscriber, saveSubscriber } from "../session.ts";
import { noteFailure, noteLoss } from "./log.ts";

/** The object's end of a connection: a WebSocket, or a Worker that has joined by RPC. */
export interface Wire {
  send(frame: string): void;
  close(code: number, reason: string): void;
  /** It is gone by itself: whatever is held for it is let go. */
  release(): void;
  /** Keeps what must survive hibernation; null: nothing, it is closed. */
  save(subscriber: Subscriber | null): void;
  /** When a `ping` was answered last, Unix milliseconds; null for never, infinite for who need not ping: its end is told. */
  lastPing(): number | null;
}

/** A hibernatable WebSocket. Sending and closing never throw: it may be closing already. */
export function socketWire(state: DurableObjectState, socket: WebSocket): Wire {
  return {
    send(frame) {
      try {
        socket.send(frame);
      } catch (error) {
        // It closed a moment ago and its close event is on the way, which takes the subscriber out.
        noteLoss("a frame to a closing socket was dropped", error);
      }
    },
    close: (code, reason) => closeSocket(socket, code, reason),
    release: () => {},
    save(subscriber) {
      try {
        // At most 16 KiB: as bytes, since a string takes two for each character as soon as one of them needs two.
        socket.serializeAttachment(subscriber && new TextEncoder().encode(saveSubscriber(subscriber)));
      } catch (error) {
        // Everything in it is bounded. Should it be too much all the same, nobody else is to lose his connection for it.
        noteFailure("a connection could not be saved", error);
        socket.serializeAttachment(null);
        closeSocket(socket, ERRORS.unavailable.close, "reconnect");
      }
    },
    lastPing: () => state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? null,
  };
}

/** Who is behind a socket, after a hibernation. Null for nobody: it has not been taken in yet, or is closed. */
export function subscriberOf(socket: WebSocket): Subscriber | null {
  const saved: unknown = socket.deserializeAttachment();
  // None yet, or none any more: one that we have closed is listed until its peer has answered.
  if (saved === null) return null;
  // One whose peer is closing is listed too and still counts: what it sent last, and its close, are to come.
  const subscriber = saved instanceof Uint8Array ? restoreSubscriber(new TextDecoder().decode(saved)) : null;
  // What other code wrote, before a deploy, is not understood.
  if (!subscriber) closeSocket(socket, ERRORS.unavailable.close, "reconnect");
  return subscriber;
}

/** Closes or answers a close, whatever the code: 1005 and 1006 are reported but may not be sent (InvalidAccessError). */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  try {
    const sendable = code === 1000 || (code >= 1001 && code < 5000 && ![1004, 1005, 1006, 1015].includes(code));
    socket.close(sendable ? code : 1000, truncate(reason, 123));
  } catch (error) {
    noteLoss("a socket was closed already", error);
  }
}

/** A close reason takes at most 123 bytes. */
function truncate(reason: string, bytes: number): string {
  const encoded = new TextEncoder().encode(reason);
  return encoded.length <= bytes
    ? reason
    : new TextDecoder().decode(encoded.slice(0, bytes - 3)).replace(/\uFFFD+$/, "");
}

/**
 * Refuses an upgrade so that a client hears why: accepts it, tells, and closes. A status instead of a 101 reaches no browser's
 * page and no client library: to them it is a connection that was lost.
 */
export function refuseUpgrade(request: Request, { code, message }: Problem): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.send(encode({ type: "error", code, message }));
  closeSocket(server, ERRORS[code].close ?? ERRORS.forbidden.close, message);
  return upgraded(request, client);
}

export function isUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** The answer to an upgrade. A client that offers subprotocols fails unless one of them is taken. */
export function upgraded(request: Request, client: WebSocket): Response {
  const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  const taken = offered.some((name) => name.trim() === SUBPROTOCOL);
  const headers = taken ? { "sec-websocket-protocol": SUBPROTOCOL } : undefined;
  return new Response(null, { status: 101, webSocket: client, ...(headers && { headers }) });
}
