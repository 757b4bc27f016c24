import { once } from "node:events";
import { WebSocket } from "ws";
import { PROTOCOL } from "../../src/protocol/index.ts";
import type { Frame } from "./frames.ts";

/** A connection and what came over it. */
export interface Heard {
  /** How many frames the server took in before it closed. */
  readonly sent: number;
  readonly texts: readonly string[];
  readonly code: number;
  readonly reason: string;
}

const PATIENCE = 60_000;

/** Connects, says all of this and `leave`, and waits until the server closes. */
export async function say(
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
  frames: readonly Frame[],
): Promise<Heard> {
  const socket = new WebSocket(url, [...protocols], { headers, perMessageDeflate: false, skipUTF8Validation: true });
  const texts: string[] = [];
  const closed = once(socket, "close", { signal: AbortSignal.timeout(PATIENCE) });
  socket.on("message", (data) => {
    const text = String(data);
    texts.push(text);
    const sync = /^\{"type":"sync","n":(\d+)\}$/.exec(text);
    if (sync) socket.send(text);
  });
  let failed = "";
  socket.on("error", (error) => (failed = error.message));
  socket.on("open", () => {
    for (const { bytes, binary } of frames) socket.send(bytes, { binary });
    socket.send('{"type":"leave"}');
  });
  try {
    const [code, reason] = await closed;
    return { sent: frames.length, texts, code: Number(code), reason: failed || String(reason) };
  } catch {
    socket.terminate();
    return { sent: frames.length, texts, code: 0, reason: `the server has not closed within ${PATIENCE} ms` };
  }
}

export function joinFrame(client: string): Frame {
  return { bytes: Buffer.from(JSON.stringify({ type: "join", protocol: PROTOCOL, client })), binary: false };
}
