import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { PROTOCOL } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import type { Held } from "../load/protocol.ts";
import { countOf, numberAt } from "../load/scan.ts";

export interface RudeOptions {
  readonly presence?: unknown;
  readonly held?: Held;
  /** How it answers a `sync`: at once, after so many milliseconds, or never. */
  readonly syncs?: "never" | number;
  /** It takes nothing from its socket once it has been welcomed. */
  readonly deaf?: boolean;
  /** It does not even join. */
  readonly silent?: boolean;
}

export interface Change {
  readonly ops: readonly Operation[];
  readonly base?: number;
}

/** A connection of somebody rude. It parses nothing that it need not. */
export interface RudeClient {
  readonly client: string;
  readonly joined: boolean;
  /** Why it was closed. */
  readonly closed: string | null;
  /** Answers that came, of any kind. */
  readonly answers: number;
  /** Bytes that came. */
  readonly bytes: number;
  /** The last seq it has heard of. */
  readonly seq: number;
  /** Bytes that the socket has not taken yet. */
  readonly waiting: number;
  send(text: string): void;
  /** Sends these in one frame; gives how many answers there are once all have come. */
  mutate(changes: readonly Change[]): number;
  pause(): void;
  close(): void;
}

const KIND = '{"type":"'.length;
const REFUSED = '"refused":{"code":"';
const EVENT = Buffer.from('{"seq":');

export function openRude(
  socketUrl: string,
  document: string,
  client: string,
  told: (code: string) => void,
  { presence, held, syncs = 0, deaf = false, silent = false }: RudeOptions = {},
): RudeClient {
  const mine = Buffer.from(`"client":"${client}","mutation":`);
  let [joined, answers, bytes, seq, counter, sent] = [false, 0, 0, 0, 0, 0];
  let closed: string | null = null;
  const socket = new WebSocket(`${socketUrl}/documents/${document}`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: 2 ** 30,
  });
  const send = (text: string) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  };
  const answerSync = async (text: string) => {
    if (syncs === "never") return;
    if (syncs > 0) await sleep(syncs);
    send(text);
  };
  const hear = (frame: Buffer) => {
    const kind = frame.toString("latin1", KIND, KIND + 4);
    if (kind === "delt") {
      answers += countOf(mine, frame);
      seq = numberAt(frame, frame.lastIndexOf(EVENT) + EVENT.length);
    } else if (kind === "sync") void answerSync(frame.toString());
    else if (kind === "unch") answers++;
    else if (kind === "welc") {
      const welcome: { seq: number; mutation: number } = JSON.parse(frame.toString());
      seq = welcome.seq;
      counter = welcome.mutation;
      joined = true;
      if (deaf) socket.pause();
    } else if (kind === "pres") {
      const at = frame.lastIndexOf(REFUSED);
      if (at >= 0) told(/^\w+/.exec(frame.toString("latin1", at + REFUSED.length))?.[0] ?? "refused");
    } else if (kind === "reje" || kind === "erro") {
      const { code }: { code: string } = JSON.parse(frame.toString());
      told(code);
      if (kind === "reje") answers++;
      else closed = code;
    }
  };
  socket.on("open", () => {
    const join = { type: "join", protocol: PROTOCOL, client, keeps: 0, ...held, presence };
    if (!silent) send(JSON.stringify(join));
  });
  socket.on("message", (frame: Buffer) => {
    bytes += frame.length;
    hear(frame);
  });
  socket.on("error", () => {
    closed ??= "refused";
  });
  socket.on("close", (code) => {
    if (closed === null) told(`closed with ${code}`);
    closed ??= String(code);
  });
  return {
    client,
    get joined() {
      return joined;
    },
    get closed() {
      return closed;
    },
    get answers() {
      return answers;
    },
    get bytes() {
      return bytes;
    },
    get seq() {
      return seq;
    },
    get waiting() {
      return socket.bufferedAmount;
    },
    send,
    mutate(changes) {
      const mutations = changes.map((change) => ({ mutation: ++counter, ...change }));
      send(JSON.stringify({ type: "mutate", mutations }));
      sent += changes.length;
      return sent;
    },
    pause: () => socket.pause(),
    close() {
      closed ??= "left";
      socket.terminate();
    },
  };
}
