import type { Answer, Connection, ConnectionEvents, Method, Platform, Signal } from "../client/connection/platform.ts";
import { ERRORS, encode, failure, type Principal, type Result } from "../protocol/index.ts";
import type { UncheckedCalls } from "./calls.ts";
import type { Clock } from "./clock.ts";
import { type Address, answerRequest, parseAddress, problemAnswer } from "./http.ts";
import type { Cut, Direction } from "./line.ts";
import type { Lines } from "./lines.ts";
import { randomId } from "./random.ts";
import type { Socket } from "./sockets.ts";

/**
 * A machine with a network connection of its own, to be passed to `openDocument` as `platform`. What it sends and what
 * it is sent stays under way until the server's time moves. A parcel is a frame, the beginning or the end of a
 * connection, a request or its answer.
 */
export interface Machine extends Platform {
  /**
   * Whether it is online. Set to false, what it has open breaks, and new connections and requests fail until it is true
   * again; `watchOnline` hears of either.
   */
  online: boolean;
  /**
   * Breaks all connections, whose client sees 1006, and all requests, which reject. The server sees the end after what
   * still arrives. New ones can be opened at once; what was held back goes on being so.
   */
  cut(cut?: Cut): void;
  /**
   * Lets at most so much arrive of what connections that were cut silently still carry, their end included. Returns how
   * much that was.
   */
  linger(count?: number): number;
  /** Holds back what is under way, and what will be, until `release`. */
  hold(direction: Direction | "both"): void;
  release(): void;
  /** Lets at most so much arrive in a direction, held back or not. Returns how much that was. */
  deliver(direction: Direction, count?: number): number;
  /** Sends the last frame of mutations once more; false if its connection is no longer open. */
  duplicate(): boolean;
  /** The last address that was connected to, or asked, and with which token. */
  readonly lastUrl: string | null;
  readonly lastToken: string | null;
  /** What was reported. */
  readonly errors: readonly unknown[];
}

/** What a machine needs of the server. */
export interface MachineSetup {
  /** Who comes with a token, or with none. */
  admit(token: string | null): Result<Principal>;
  readonly clock: Clock;
  readonly lines: Lines;
  readonly random: () => number;
  /** The server's side of a connection; returns what takes frames and the end. */
  connect(documentId: string, principal: Principal, socket: Socket): ServerEnd;
  calls(documentId: string): UncheckedCalls;
}

export interface ServerEnd {
  receive(frame: string): void;
  gone(): void;
}

export function createMachine({ admit, clock, lines, random, connect, calls }: MachineSetup): Machine {
  const watchers = new Set<(online: boolean) => void>();
  const errors: unknown[] = [];
  let online = true;
  let lastUrl: string | null = null;
  let lastToken: string | null = null;
  let repeat = () => false;

  const open = (documentId: string, events: ConnectionEvents, token: string | null): Connection => {
    let server: ServerEnd | null = null;
    const line = lines.open(
      documentId,
      () => events.closed(1006, ""),
      () => server?.gone(),
    );
    const socket: Socket = {
      send: (text) => void line.send("down", () => events.received(text)),
      close: (code, reason) =>
        void line.send("down", () => {
          line.finish();
          events.closed(code, reason);
        }),
    };
    line.send("up", () => {
      line.send("down", () => events.opened());
      const admitted = admit(token);
      if (admitted.ok) {
        server = connect(documentId, admitted.value, socket);
        return;
      }
      const { code, message } = admitted.problem;
      socket.send(encode({ type: "error", code, message }));
      socket.close(ERRORS[code].close ?? ERRORS.forbidden.close, message);
    });
    return {
      send(text) {
        const send = () => line.send("up", () => server?.receive(text));
        send();
        if (text.startsWith('{"type":"mutate"')) repeat = send;
      },
      close: () => line.hangUp(),
    };
  };
  const ask = (address: Address, method: Method, body: string, token: string | null, signal?: Signal) =>
    new Promise<Answer>((resolve, reject) => {
      const line = lines.open(address.documentId, () => reject(new Error("the connection broke")));
      signal?.addEventListener("abort", () => {
        line.hangUp();
        reject(signal.reason);
      });
      line.send("up", () => {
        const admitted = admit(token);
        const answer = admitted.ok
          ? answerRequest(calls(address.documentId), { method, address, body, principal: admitted.value })
          : problemAnswer(admitted);
        line.send("down", () => {
          line.finish();
          resolve(answer);
        });
      });
    });

  const machine: Machine = {
    connect(url, events, token = "") {
      lastUrl = url;
      lastToken = token || null;
      const address = parseAddress(url);
      if (online && address?.path === "") return open(address.documentId, events, lastToken);
      const callOff = clock.after(0, () => events.closed(1006, ""));
      return { send: () => {}, close: callOff };
    },
    async request(method, url, { token = null, body = "", signal }) {
      lastUrl = url;
      lastToken = token;
      if (signal?.aborted) throw signal.reason;
      if (!online) throw new Error("the machine is offline");
      const address = parseAddress(url);
      return address
        ? ask(address, method, body, token, signal)
        : problemAnswer(failure("invalid", `${url} is no document's`));
    },
    after: clock.after,
    random,
    newId: () => randomId(random),
    watchOnline(call) {
      watchers.add(call);
      return () => void watchers.delete(call);
    },
    report: (error) => void errors.push(error),

    get online() {
      return online;
    },
    set online(value) {
      if (value === online) return;
      online = value;
      if (!online) machine.cut();
      for (const call of [...watchers]) call(online);
    },
    cut: (cut = {}) => lines.cut(cut),
    linger: (count = Number.POSITIVE_INFINITY) => lines.linger(count),
    hold: (direction) => lines.hold(direction === "both" ? ["up", "down"] : [direction]),
    release: lines.release,
    deliver: (direction, count = Number.POSITIVE_INFINITY) => lines.deliver(direction, count),
    duplicate: () => repeat(),
    get lastUrl() {
      return lastUrl;
    },
    get lastToken() {
      return lastToken;
    },
    errors,
  };
  return machine;
}
