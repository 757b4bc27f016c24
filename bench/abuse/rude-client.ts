import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { PROTOCOL } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import type { Held } from "../load/protocol.ts";
import { numberAt } from "../load/scan.ts";

export interface RudeOptions {
  readonly presence?: unknown;
  readonly held?: Held;
  /** It takes what others have typed in runs. */
  readonly runs?: true;
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
  /** The last one that it was told. */
  readonly heard: number;
  /** Bytes that the socket has not taken yet. */
  readonly waiting: number;
  send(text: string): void;
  /**
   * Sends these in one frame; gives how many answers there are once all have come. Who is told to wait does, and sends them
   * again: what comes behind would not be heard.
   */
  mutate(changes: readonly Change[]): number;
  pause(): void;
  close(): void;
}

/** An error, or a reject; with `retryAfter` it is no answer. */
interface Refusal {
  readonly code: string;
  readonly mutation?: number;
  readonly retryAfter?: number;
}

/** Of a frame that is sent again: mutations, and characters. */
const [MOST, FRAME] = [256, 1_000_000];
const KIND = '{"type":"'.length;
const REFUSED = '"refused":{"code":"';
const EVENT = Buffer.from('{"seq":');

export function openRude(
  socketUrl: string,
  document: string,
  client: string,
  told: (code: string) => void,
  { presence, held, runs, syncs = 0, deaf = false, silent = false }: RudeOptions = {},
): RudeClient {
  const mine = Buffer.from(`"client":"${client}","mutation":`);
  const pending = new Map<number, Change>();
  let [joined, answers, bytes, seq, heard, counter, sent] = [false, 0, 0, 0, 0, 0, 0];
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
  const sendChanges = (changes: readonly (readonly [number, Change])[]) => {
    const mutations = changes.map(([mutation, change]) => ({ mutation, ...change }));
    send(JSON.stringify({ type: "mutate", mutations }));
  };
  const sendAgain = async (first: number, wait: number) => {
    await sleep(wait);
    let part: [number, Change][] = [];
    let size = 0;
    for (const [mutation, change] of pending) {
      if (mutation < first) continue;
      const more = JSON.stringify(change).length;
      if (part.length === MOST || size + more > FRAME) {
        sendChanges(part);
        part = [];
        size = 0;
      }
      part.push([mutation, change]);
      size += more;
    }
    if (part.length > 0) sendChanges(part);
  };
  const hear = (frame: Buffer) => {
    const kind = frame.toString("latin1", KIND, KIND + 4);
    if (kind === "delt") {
      for (let at = frame.indexOf(mine); at >= 0; at = frame.indexOf(mine, at + mine.length)) {
        answers++;
        pending.delete(numberAt(frame, at + mine.length));
      }
      seq = numberAt(frame, frame.lastIndexOf(EVENT) + EVENT.length);
      heard = seq;
    } else if (kind === "sync") void answerSync(frame.toString());
    else if (kind === "unch") {
      const { mutation }: { mutation: number } = JSON.parse(frame.toString());
      answers++;
      pending.delete(mutation);
    } else if (kind === "welc") {
      const welcome: { seq: number; mutation: number } = JSON.parse(frame.toString());
      seq = welcome.seq;
      counter = welcome.mutation;
      joined = true;
      if (deaf) socket.pause();
    } else if (kind === "pres") {
      const at = frame.lastIndexOf(REFUSED);
      if (at >= 0) told(/^\w+/.exec(frame.toString("latin1", at + REFUSED.length))?.[0] ?? "refused");
    } else if (kind === "reje" || kind === "erro") {
      const { code, mutation = 0, retryAfter }: Refusal = JSON.parse(frame.toString());
      told(code);
      if (kind === "erro") closed = code;
      else if (retryAfter !== undefined) void sendAgain(mutation, retryAfter);
      else {
        answers++;
        pending.delete(mutation);
      }
    }
  };
  socket.on("open", () => {
    const join = { type: "join", protocol: PROTOCOL, client, keeps: 0, runs, ...held, presence };
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
    get heard() {
      return heard;
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
      const counted = changes.map((change) => [++counter, change] as const);
      for (const [mutation, change] of counted) pending.set(mutation, change);
      sendChanges(counted);
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
