import { RpcTarget } from "cloudflare:workers";
import { encode, type Join, PROTOCOL } from "../protocol/index.ts";
import { noteLoss } from "./log.ts";
import type { Wire } from "./wire.ts";

/** What a Worker passes to `join`: it is told everything as the frames of the wire (docs/protocol.md). */
export interface RpcSubscriber extends Rpc.RpcTargetBranded {
  receive(frame: string): void;
  /** The object has ended the connection; the codes are those of a WebSocket. */
  closed(code: number, reason: string): void;
}

/** The fields of a `join` message that are the caller's. */
export type RpcJoin = Omit<Join, "type" | "protocol">;

/** What it gets: its end of the connection. When it is disposed of, or breaks, the subscriber is gone. */
export class Subscription extends RpcTarget {
  readonly #receive: (frame: string | null) => void;
  readonly #leave: () => void;

  constructor(receive: (frame: string | null) => void, leave: () => void) {
    super();
    this.#receive = receive;
    this.#leave = leave;
  }

  /** Sends a frame, as text. */
  send(frame: string): void {
    // Types end where a caller is another Worker.
    this.#receive(typeof frame === "string" ? frame : null);
  }

  leave(): void {
    this.#leave();
  }

  /**
   * Called when the last stub of it is gone, also by a crash of its owner. Not in the declarations: a library of types has to know
   * the symbol, and those of older projects do not.
   *
   * @internal
   */
  [Symbol.dispose](): void {
    this.#leave();
  }
}

/** The frame of a `join` by RPC; null where its fields are no JSON. What they say is decoded like any frame. */
export function joinFrame(join: RpcJoin): string | null {
  try {
    return encode({ ...join, type: "join", protocol: PROTOCOL });
  } catch (error) {
    noteLoss("a join by RPC was no JSON", error);
    return null;
  }
}

/**
 * The object's end of such a connection; null where it was given no stub. It lives in memory alone, as a stub can't be
 * kept through a hibernation.
 */
export function stubWire(given: Rpc.Stub<RpcSubscriber>, broken: () => void): Wire | null {
  if (typeof given?.dup !== "function") return null;
  // An argument is disposed of when the call returns; a duplicate is ours.
  const stub = given.dup();
  let open = true;
  return {
    send(frame) {
      if (open) stub.receive(frame).catch(broken);
    },
    close(code, reason) {
      if (!open) return;
      open = false;
      const told = () => stub[Symbol.dispose]();
      stub.closed(code, reason).then(told, told);
    },
    release() {
      if (!open) return;
      open = false;
      stub[Symbol.dispose]();
    },
    save: () => {},
    lastPing: () => Number.POSITIVE_INFINITY,
  };
}
