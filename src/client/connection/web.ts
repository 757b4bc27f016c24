import { SUBPROTOCOL, TOKEN_SUBPROTOCOL } from "../../protocol/index.ts";
import type { Platform, RequestOptions } from "./platform.ts";

/** Where there is a `fetch`, its signals are those of the machine. */
interface WebRequestOptions extends RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * An id that nobody else has: 20 characters of 36 by chance, 103 bits. Not by `crypto.randomUUID`, which a page on http
 * has on localhost only: without it nothing opened there (2026-11-27).
 */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => (byte % 36).toString(36)).join("");
}

/** What `openDocument` runs on: a browser, Node, Deno, Bun, Workers. Node 20 has no WebSocket; there one has to be put into `globalThis`. */
export function webPlatform(): Platform {
  return {
    connect(url, { opened, received, closed }, token) {
      if (!globalThis.WebSocket) throw new Error("no WebSocket here: Object.assign(globalThis, { WebSocket })");
      const offered = token ? [SUBPROTOCOL, TOKEN_SUBPROTOCOL + token] : SUBPROTOCOL;
      const socket = new WebSocket(url.replace(/^http/, "ws"), offered);
      socket.onopen = opened;
      socket.onmessage = ({ data }) => received(String(data));
      socket.onclose = ({ code, reason }) => closed(code, reason);
      // Says nothing that the close that follows does not; without a listener some runtimes report it as uncaught.
      socket.onerror = () => {};
      return {
        send: (text) => socket.send(text),
        close: (code, reason) => socket.close(code, reason),
      };
    },
    async request(method, url, { token, body, signal }: WebRequestOptions) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(url, { method, headers, body: body ?? null, signal: signal ?? null });
      return { status: response.status, text: await response.text() };
    },
    after(milliseconds, call) {
      const timer = setTimeout(call, milliseconds);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    newId,
    watchOnline(call) {
      if (typeof globalThis.addEventListener !== "function") return () => {};
      const tell = ({ type }: Event) => call(type === "online");
      addEventListener("online", tell);
      addEventListener("offline", tell);
      return () => {
        removeEventListener("online", tell);
        removeEventListener("offline", tell);
      };
    },
    report: (error) => {
      // As an uncaught error would be, after what is under way.
      setTimeout(() => {
        throw error;
      });
    },
  };
}
