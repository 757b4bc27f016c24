import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../src/tree/index.ts";
import { mutationFrame, withRefusals } from "../before/author.ts";
import { type Address, type Connection, connect } from "../load/connection.ts";
import type { Held, Protocol } from "../load/protocol.ts";
import { numberAt } from "../load/scan.ts";
import { now, PEOPLE } from "./kinds.ts";

/** Something that happened, and when: milliseconds since 1970. */
export interface Mark {
  readonly at: number;
  readonly what: string;
}

/** What was sent, and when it was answered; `id` is that of the node that it inserts. */
export interface Sent {
  readonly at: number;
  readonly id: string | null;
  readonly frame: string;
  answered: number | null;
}

/** One who behaves: a small edit two or three times a second, whatever was answered. */
export interface Writer {
  readonly sent: readonly Sent[];
  readonly unanswered: number;
  readonly closes: readonly Mark[];
  readonly refusals: readonly Mark[];
  /** The nodes whose insert was acknowledged. */
  readonly acknowledged: readonly string[];
  /** Joins. */
  begin(): Promise<void>;
  /** Writes from now on; joins again whenever it is closed, and sends again what is unanswered. */
  write(): Promise<void>;
  stop(): void;
}

/** Between two edits, and before it joins again; on average, in milliseconds. */
const EVERY = 400;
const BACKOFF = 300;
const REJECT = '{"type":"reject"';

/** With `retryAfter`, milliseconds, it is no answer: the mutation is to be sent again. */
interface Reject {
  readonly mutation: number;
  readonly code: string;
  readonly retryAfter?: number;
}

export function createWriter(protocol: Protocol, address: Address, client: string, begin: Held): Writer {
  const mine = Buffer.from(`"client":"${client}","mutation":`);
  const all: Sent[] = [];
  const pending = new Map<number, Sent>();
  const [closes, refusals]: [Mark[], Mark[]] = [[], []];
  const acknowledged: string[] = [];
  const line: { open: Connection | null; held: Held; running: boolean } = { open: null, held: begin, running: true };

  const answer = (mutation: number, good: boolean) => {
    const found = pending.get(mutation);
    if (!found) return;
    pending.delete(mutation);
    found.answered = now();
    if (good && found.id !== null) acknowledged.push(found.id);
  };
  const hear = (frame: Buffer) => {
    for (let at = frame.indexOf(mine); at >= 0; at = frame.indexOf(mine, at + mine.length)) {
      answer(numberAt(frame, at + mine.length), true);
    }
    if (frame.toString("latin1", 0, REJECT.length) !== REJECT) return;
    const { mutation, code, retryAfter }: Reject = JSON.parse(frame.toString());
    refusals.push({ at: now(), what: code });
    if (retryAfter === undefined) answer(mutation, false);
    else void sendAgain(mutation, retryAfter);
  };
  /** The server has passed over what came behind it, too. */
  const sendAgain = async (first: number, wait: number): Promise<void> => {
    await sleep(wait);
    for (const [mutation, { frame }] of pending) if (mutation >= first) line.open?.send(frame);
  };
  const join = async (): Promise<void> => {
    const opened = await connect(withRefusals(protocol), address, client, {
      held: line.held,
      onFrame: (_, frame) => hear(frame),
      onFailure(error) {
        closes.push({ at: now(), what: codeIn(error) });
        line.held = opened.held();
        line.open = null;
        void joinAgain();
      },
    });
    line.open = opened;
    for (const { frame } of pending.values()) opened.send(frame);
  };
  const joinAgain = async (): Promise<void> => {
    while (line.running) {
      await sleep(jittered(BACKOFF));
      try {
        return await join();
      } catch (error) {
        closes.push({ at: now(), what: codeIn(error) });
      }
    }
  };
  return {
    sent: all,
    get unanswered() {
      return pending.size;
    },
    closes,
    refusals,
    acknowledged,
    begin: join,
    async write() {
      await sleep(Math.random() * EVERY);
      for (let counter = 1; line.running; counter++) {
        const id = counter % 2 === 1 ? `${client}-${counter}` : null;
        const frame = mutationFrame(counter, [edit(client, counter, id)]);
        const one: Sent = { at: now(), id, frame, answered: null };
        pending.set(counter, one);
        all.push(one);
        line.open?.send(frame);
        await sleep(jittered(EVERY));
      }
    },
    stop() {
      line.running = false;
    },
  };
}

/** A new node, and then what is typed into it. */
function edit(client: string, counter: number, id: string | null): Operation {
  if (id !== null) return { op: "insert", node: { id, type: "row", attrs: { text: "a" } }, parent: PEOPLE };
  return { op: "update", id: `${client}-${counter - 1}`, attrs: { text: `typed ${counter}` } };
}

export function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}

/** Why a connection ended, in a word where there is one. */
export function codeIn(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes("ECONNREFUSED")) return "nobody there";
  return /closed with (\d+)/.exec(text)?.[1] ?? /^(\w+): /.exec(text)?.[1] ?? text.slice(0, 60);
}
