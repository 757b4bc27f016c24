import { byteLength, LIMITS, type Problem } from "../protocol/index.ts";
import type { Receipts } from "../tree/index.ts";
import { type Accepted, NONE_ACCEPTED } from "./accepted.ts";

/** What the object remembers of a client for exactly-once. */
export interface ClientRecord {
  readonly id: string;
  /** The user it belongs to: the first who used it. */
  readonly user: string | null;
  /** The highest counter that was answered, whatever the answer. */
  mutation: number;
  /** When it last mutated, Unix milliseconds. */
  seen: number;
  /** The last answers that are in no event, by counter: they are kept here. */
  answers: readonly KeptAnswer[];
  /** Where in the log the others are. */
  accepted: Accepted;
}

export type KeptAnswer = Rejection | Unchanged;

export type Rejection = Problem & { readonly mutation: number };

/** The answer to a mutation that changed nothing: the seq that the document had, and when. */
export interface Unchanged extends Receipts {
  readonly mutation: number;
  readonly seq: number;
  readonly time: number;
}

export function isRejection(answer: KeptAnswer): answer is Rejection {
  return "code" in answer;
}

/** What the column `rejections` holds. Rows of before 2026-11-27 have a list of rejections, and nothing else, in it. */
export function readAnswers(text: string): Pick<ClientRecord, "answers" | "accepted"> {
  const saved: readonly KeptAnswer[] | Pick<ClientRecord, "answers" | "accepted"> = JSON.parse(text);
  return "accepted" in saved ? saved : { answers: saved, accepted: { ...NONE_ACCEPTED, more: true } };
}

export function answersText({ answers, accepted }: Readonly<ClientRecord>): string {
  return JSON.stringify({ answers, accepted });
}

/** A client as the text of its row: a JSON list of its columns. */
export function clientRowText(record: Readonly<ClientRecord>): string {
  const { id, user, mutation, seen } = record;
  return JSON.stringify([id, user, mutation, seen, answersText(record)]);
}

/** Receipts of more characters are not repeated: one mutation may name 10 000 nodes, and 256 answers are kept of each client. */
const MOST_RECEIPTS = 512;

/** An answer to a mutation that changed nothing, as it is kept. */
export function unchangedOf(mutation: number, seq: number, time: number, receipts: Receipts): Unchanged {
  const kept = JSON.stringify(receipts).length <= MOST_RECEIPTS ? receipts : {};
  return { mutation, seq, time, ...kept };
}

/** More than one answer takes as JSON. */
const MOST_ANSWER = 2 * 1024;

export function bytesOfAnswers(answers: readonly KeptAnswer[]): number {
  return answers.reduce((sum, answer) => sum + bytesOf(answer), 0);
}

/** The answers that are kept with one more, and what they take as JSON: the oldest are let go. */
export function withAnswer(
  answers: readonly KeptAnswer[],
  bytes: number,
  answer: KeptAnswer,
): { answers: readonly KeptAnswer[]; bytes: number } {
  const all = [...answers, answer];
  let left = bytes + bytesOf(answer);
  let gone = 0;
  while (all.length - gone > LIMITS.answersKept || (left > LIMITS.answersKeptBytes && all.length - gone > 1)) {
    const oldest = all[gone++];
    if (oldest) left -= bytesOf(oldest);
  }
  return { answers: all.slice(gone), bytes: left };
}

/** Whether one answer more may cost one of these. */
export function isFullOf(answers: readonly KeptAnswer[]): boolean {
  return answers.length >= LIMITS.answersKept || bytesOfAnswers(answers) > LIMITS.answersKeptBytes - MOST_ANSWER;
}

function bytesOf(answer: KeptAnswer): number {
  return byteLength(JSON.stringify(answer));
}
