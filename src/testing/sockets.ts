import { byteLength, ERRORS, encode, type SubscriberId } from "../protocol/index.ts";
import { type Delivery, restoreSubscriber, type Subscriber, saveSubscriber } from "../session.ts";

/** The server's end of a connection. */
export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** The open sockets of an object with their attachments, as `object/wires.ts` has them on the platform; they outlive its memory. */
export interface Sockets {
  has(id: SubscriberId): boolean;
  ids(): SubscriberId[];
  add(id: SubscriberId, socket: Socket): void;
  /** Who is behind them, as their attachments say. */
  restore(): Subscriber[];
  /** Does what a session asks for; a `verify` is no matter of sockets. */
  deliver(delivery: Delivery): void;
  /** It is gone, and its attachment with it. */
  forget(id: SubscriberId): void;
  forgetAll(): void;
  /** Makes everyone connect and catch up again. */
  closeAll(): void;
}

/** An attachment takes 16 KiB on the platform. */
const ATTACHMENT_BYTES = 16 * 1024;

/** `gone` is told of each that is forgotten. */
export function createSockets(gone: (id: SubscriberId) => void): Sockets {
  const sockets = new Map<SubscriberId, Socket>();
  const attachments = new Map<SubscriberId, string>();
  const forget = (id: SubscriberId) => {
    sockets.delete(id);
    attachments.delete(id);
    gone(id);
  };
  const forgetAll = () => {
    for (const id of [...sockets.keys()]) forget(id);
  };
  return {
    has: (id) => sockets.has(id),
    ids: () => [...sockets.keys()],
    add: (id, socket) => void sockets.set(id, socket),
    restore: () =>
      Array.from(sockets.keys(), (id) => {
        const restored = restoreSubscriber(attachments.get(id) ?? "");
        if (!restored) throw new Error(`${id} was never saved`);
        return restored;
      }),
    deliver(delivery) {
      const to = (id: SubscriberId): Socket => {
        const socket = sockets.get(id);
        if (!socket) throw new Error(`a ${delivery.kind} for ${id}, which is closed`);
        return socket;
      };
      if (delivery.kind === "send") {
        for (const id of delivery.to) to(id).send(delivery.text);
      } else if (delivery.kind === "save") {
        const { id } = delivery.subscriber;
        // It may have been closed since; the object looks for a socket in vain then.
        if (!sockets.has(id)) return;
        const saved = saveSubscriber(delivery.subscriber);
        if (byteLength(saved) > ATTACHMENT_BYTES) throw new Error(`the attachment of ${id} is too large`);
        attachments.set(id, saved);
      } else if (delivery.kind === "close") {
        to(delivery.to).close(delivery.code, delivery.reason);
        forget(delivery.to);
      }
    },
    forget,
    forgetAll,
    closeAll() {
      const text = encode({ type: "error", code: "unavailable", message: "the document starts again; reconnect" });
      for (const socket of sockets.values()) {
        socket.send(text);
        socket.close(ERRORS.unavailable.close, "unavailable");
      }
      forgetAll();
    },
  };
}
