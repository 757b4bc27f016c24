import { ERRORS, encode, type SubscriberId } from "../protocol/index.ts";
import type { Delivery, Subscriber } from "../session.ts";
import { socketWire, subscriberOf, type Wire } from "./wire.ts";

/** The open connections of an object, by subscriber. */
export interface Wires {
  /** Takes up the sockets that are there after a hibernation, `from` among them, and says who is behind them. */
  restore(from?: WebSocket): Subscriber[];
  add(id: SubscriberId, wire: Wire): void;
  /** The connection is gone by itself. */
  remove(id: SubscriberId): void;
  deliver(delivery: Exclude<Delivery, { readonly kind: "verify" }>): void;
  lastPing(id: SubscriberId): number | null;
  /** Makes everyone connect and catch up again. */
  closeAll(): void;
}

/** The tag of a socket names its subscriber. */
export function idOf(state: DurableObjectState, socket: WebSocket): SubscriberId {
  return state.getTags(socket)[0] ?? "";
}

export function createWires(state: DurableObjectState): Wires {
  const wires = new Map<SubscriberId, Wire>();
  return {
    restore(from) {
      const subscribers: Subscriber[] = [];
      // Closed by its peer meanwhile, the socket that woke the object is not among the others any more.
      for (const socket of new Set([...state.getWebSockets(), ...(from ? [from] : [])])) {
        const subscriber = subscriberOf(socket);
        if (!subscriber) continue;
        wires.set(subscriber.id, socketWire(state, socket));
        subscribers.push(subscriber);
      }
      return subscribers;
    },
    add: (id, wire) => void wires.set(id, wire),
    remove(id) {
      wires.get(id)?.release();
      wires.delete(id);
    },
    deliver(delivery) {
      switch (delivery.kind) {
        case "send":
          for (const id of delivery.to) wires.get(id)?.send(delivery.text);
          return;
        case "save":
          wires.get(delivery.subscriber.id)?.save(delivery.subscriber);
          return;
        case "close":
          wires.get(delivery.to)?.save(null);
          wires.get(delivery.to)?.close(delivery.code, delivery.reason);
          wires.delete(delivery.to);
          return;
      }
    },
    lastPing: (id) => wires.get(id)?.lastPing() ?? null,
    closeAll() {
      const text = encode({ type: "error", code: "unavailable", message: "the document starts again; reconnect" });
      for (const socket of state.getWebSockets()) wires.set(idOf(state, socket), socketWire(state, socket));
      for (const wire of wires.values()) {
        wire.send(text);
        wire.save(null);
        wire.close(ERRORS.unavailable.close, "unavailable");
      }
      wires.clear();
    },
  };
}
