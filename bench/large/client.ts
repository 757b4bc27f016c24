import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { WebSocket } from "ws";
import { type ClientMessage, PROTOCOL, type ServerMessage } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";

/** Calls a route that answers with JSON; throws unless it is a yes. */
export async function call(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

export async function mutate(url: string, ops: readonly Operation[]): Promise<void> {
  await call(`${url}/mutations`, "POST", { ops });
}

/** Sends a body that is made while it is sent, as fast as it is taken. `fetch` would give up after five minutes. */
export async function upload(url: string, lines: Iterable<string>): Promise<void> {
  const sending = request(url, { method: "POST", headers: { "content-type": "application/x-ndjson" } });
  const answered = once(sending, "response");
  Readable.from(chunksOf(lines)).pipe(sending);
  const [response] = await answered;
  let text = "";
  for await (const chunk of response) text += chunk;
  if (response.statusCode !== 201) throw new Error(`POST ${url}: ${response.statusCode} ${text}`);
}

/** A line a chunk would be a system call a line. */
function* chunksOf(lines: Iterable<string>): Generator<Buffer> {
  let chunk = "";
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < 64 * 1024) continue;
    yield Buffer.from(chunk);
    chunk = "";
  }
  yield Buffer.from(chunk);
}

/** A subscriber who holds no tree: answers every `sync`, counts what comes, and waits for its own mutations. */
export interface Reader {
  readonly seq: number;
  readonly incarnation: string;
  /** Bytes and snapshot rows that came so far. */
  readonly bytes: number;
  readonly rows: number;
  /** Resolves when its mutation is acknowledged. */
  mutate(ops: readonly Operation[]): Promise<void>;
  leave(): Promise<void>;
}

/** What a subscriber says it holds already. */
export interface Held {
  readonly incarnation: string;
  readonly seq: number;
}

/** What someone holds who has seen all of the document. */
export async function heldOf(url: string): Promise<Held> {
  const { incarnation, seq }: Held = JSON.parse(await (await fetch(url)).text());
  return { incarnation, seq };
}

/** A yes to a mutation that changes nothing. */
interface Unchanged {
  readonly type: "unchanged";
  readonly mutation: number;
}

/** Joins with what it holds, or with nothing, and resolves when it has caught up. */
export async function join(url: string, client: string, held?: Held): Promise<Reader> {
  const socket = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: false });
  const send = (message: ClientMessage) => socket.send(JSON.stringify(message));
  const caughtUp = Promise.withResolvers<void>();
  const answers = new Map<number, PromiseWithResolvers<void>>();
  let [seq, wanted, counter, bytes, rows] = [held?.seq ?? -1, Number.POSITIVE_INFINITY, 0, 0, 0];
  let incarnation = "";
  const fail = (error: Error) => {
    caughtUp.reject(error);
    for (const answer of answers.values()) answer.reject(error);
  };
  const hear = (message: ServerMessage | Unchanged) => {
    if (message.type === "sync") send(message);
    else if (message.type === "error") fail(new Error(`${message.code}: ${message.message}`));
    else if (message.type === "reject") answers.get(message.mutation)?.reject(new Error(message.message));
    else if (message.type === "unchanged") answers.get(message.mutation)?.resolve();
    else if (message.type === "welcome") ({ seq: wanted, incarnation, mutation: counter } = message);
    else if (message.type === "snapshot") {
      rows += message.nodes.length;
      if (message.done) seq = message.seq;
    } else if (message.type === "delta") {
      for (const event of message.events) {
        seq = Math.max(seq, event.seq);
        if (event.client === client && event.mutation !== null) answers.get(event.mutation)?.resolve();
      }
    }
    if (seq >= wanted) caughtUp.resolve();
  };
  socket.on("message", (data: Buffer) => {
    bytes += data.length;
    hear(JSON.parse(String(data)));
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection is closed")));
  await once(socket, "open");
  send({ type: "join", protocol: PROTOCOL, client, ...held });
  await caughtUp.promise;
  return {
    get seq() {
      return seq;
    },
    get bytes() {
      return bytes;
    },
    get rows() {
      return rows;
    },
    incarnation,
    async mutate(ops) {
      const answer = Promise.withResolvers<void>();
      counter++;
      answers.set(counter, answer);
      send({ type: "mutate", mutations: [{ mutation: counter, ops }] });
      await answer.promise;
      answers.delete(counter);
    },
    async leave() {
      const closed = once(socket, "close");
      socket.close(1000);
      await closed;
    },
  };
}
