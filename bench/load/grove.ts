import { type ClientMessage, PROTOCOL, type ServerMessage } from "../../src/protocol/index.ts";
import { typists } from "../text/grove.ts";
import type { Conversation, Heard, Held, Protocol } from "./protocol.ts";
import { countOf, numberAt } from "./scan.ts";

/** durable-grove's wire, read as little as its author needs: what a frame is stands at its ninth byte. */
export const protocol: Protocol = {
  path: (document) => `/documents/${document}`,
  encoder() {
    let mutation = 0;
    return (ops) => {
      mutation++;
      return encodeMessage({ type: "mutate", mutations: [{ mutation, ops }] });
    };
  },
  typists,
  converse,
};

const KIND = '{"type":"'.length;
const FIRST = '{"type":"delta","events":[{"seq":'.length;
const RUN = ',"first":';
const EVENT = Buffer.from('{"seq":');
const [DELTA, SNAPSHOT_OR_SYNC, N] = [..."dsn"].map((letter) => letter.charCodeAt(0));
/** How the last part of a tree ends; servers of today say the counter behind it. */
const DONE = /"done":true(,"mutation":\d+)?\}$/;
/** So much of the end of a frame has it. */
const END = 48;
/** A yes to a mutation that changes nothing, for its author alone. */
interface Unchanged {
  readonly type: "unchanged";
  readonly mutation: number;
  readonly seq: number;
}

const NOTHING: Heard = { joined: false, acknowledged: 0, delivered: 0, reply: null };

function converse(client: string, held?: Held): Conversation {
  const mine = Buffer.from(`"client":"${client}","mutation":`);
  let seq = Number(held?.seq ?? -1);
  let wanted = Number.POSITIVE_INFINITY;
  let incarnation = "";
  const hearDelta = (frame: Buffer): Heard => {
    const first = firstOf(frame);
    const last = numberAt(frame, frame.lastIndexOf(EVENT) + EVENT.length);
    // After a snapshot an event may come that is in it already.
    const delivered = Math.max(0, last - Math.max(seq, first - 1));
    if (first > seq + 1) throw new Error(`a gap: ${first} after ${seq}`);
    seq = Math.max(seq, last);
    const joined = seq >= wanted;
    if (joined) wanted = Number.POSITIVE_INFINITY;
    return { joined, acknowledged: countOf(mine, frame), delivered, reply: null };
  };
  const hearOther = (frame: Buffer): Heard => {
    const message: ServerMessage | Unchanged = JSON.parse(frame.toString());
    if (message.type === "unchanged") return { ...NOTHING, acknowledged: 1 };
    if (message.type === "sync") return { ...NOTHING, reply: encodeMessage(message) };
    if (message.type === "error") throw new Error(`${message.code}: ${message.message}`);
    if (message.type === "reject") throw new Error(`mutation ${message.mutation}: ${message.message}`);
    if (message.type !== "welcome") return NOTHING;
    incarnation = message.incarnation;
    if (message.resume === "snapshot") return NOTHING;
    if (seq >= message.seq) return { ...NOTHING, joined: true };
    wanted = message.seq;
    return NOTHING;
  };
  return {
    greeting: [encodeMessage({ type: "join", protocol: PROTOCOL, client, keeps: 0, runs: true, ...held })],
    hear(frame) {
      const kind = frame[KIND];
      if (kind === DELTA) return hearDelta(frame);
      if (kind !== SNAPSHOT_OR_SYNC || frame[KIND + 1] !== N) return hearOther(frame);
      if (!DONE.test(frame.toString("latin1", Math.max(0, frame.length - END)))) return NOTHING;
      seq = numberAt(frame, '{"type":"snapshot","seq":'.length);
      return { ...NOTHING, joined: true };
    },
    held: () => ({ incarnation, seq }),
  };
}

/** The first seq of a delta. An event may stand for several. */
function firstOf(frame: Buffer): number {
  const seq = numberAt(frame, FIRST);
  const behind = FIRST + `${seq}`.length;
  return frame.toString("latin1", behind, behind + RUN.length) === RUN ? numberAt(frame, behind + RUN.length) : seq;
}

function encodeMessage(message: ClientMessage | Extract<ServerMessage, { type: "sync" }>): string {
  return JSON.stringify(message);
}
