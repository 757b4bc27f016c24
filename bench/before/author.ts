import type { Operation } from "../../src/tree/index.ts";
import { type Address, connect } from "../load/connection.ts";
import type { Conversation, Held, Protocol } from "../load/protocol.ts";
import { within } from "../load/within.ts";

/** Longer than anything is waited for elsewhere. */
const PATIENCE = 120_000;

export interface Answer {
  /** From sending until it was there. */
  readonly milliseconds: number;
  /** The code of a no. */
  readonly refused: string | null;
  /** What it came in. */
  readonly frame: Buffer;
}

/** A client who sends one mutation at a time, and takes a no for an answer. */
export interface Author {
  mutate(ops: readonly Operation[], base?: number): Promise<Answer>;
  close(): Promise<void>;
}

/** Joins with what it holds, so that no snapshot comes. Frames are not parsed: what is timed is the server. */
export async function openAuthor(protocol: Protocol, address: Address, client: string, held: Held): Promise<Author> {
  let counter = 0;
  let waiting = expectation();
  const connection = await connect(withRefusals(protocol), address, client, {
    held,
    onFrame({ acknowledged }, frame) {
      if (acknowledged > 0 || isReject(frame)) waiting.resolve(frame);
    },
    onFailure: (error) => waiting.reject(error),
  });
  return {
    async mutate(ops, base) {
      counter++;
      const sent = mutationFrame(counter, ops, base);
      waiting = expectation();
      const start = performance.now();
      connection.send(sent);
      const frame = await within(PATIENCE, `a mutation of ${client}`, waiting.promise);
      return { milliseconds: performance.now() - start, refused: isReject(frame) ? codeOf(frame) : null, frame };
    },
    close: () => connection.close(),
  };
}

export function mutationFrame(mutation: number, ops: readonly Operation[], base?: number): string {
  return JSON.stringify({ type: "mutate", mutations: [{ mutation, ...(base !== undefined && { base }), ops }] });
}

/** It may fail while nobody waits for it. */
function expectation(): PromiseWithResolvers<Buffer> {
  const awaited = Promise.withResolvers<Buffer>();
  awaited.promise.catch(() => {});
  return awaited;
}

/** A load takes a no for its failure; here it is an answer. */
export function withRefusals(protocol: Protocol): Protocol {
  const converse = (client: string, held?: Held): Conversation => {
    const conversation = protocol.converse(client, held);
    return { ...conversation, hear: (frame) => (isReject(frame) ? SILENCE : conversation.hear(frame)) };
  };
  return { ...protocol, converse };
}

const SILENCE = { joined: false, acknowledged: 0, delivered: 0, reply: null };
const REJECT = Buffer.from('{"type":"reject"');

function isReject(frame: Buffer): boolean {
  return frame.subarray(0, REJECT.length).equals(REJECT);
}

function codeOf(frame: Buffer): string {
  const { code }: { code: string } = JSON.parse(frame.toString());
  return code;
}
