import type { Operation } from "../../src/tree/index.ts";
import type { Witness } from "./crash-audit.ts";
import type { Answer } from "./wire-client.ts";

/** A client without a socket: it mutates by HTTP under its own counters, one at a time, until it is answered (H3). */
export interface HttpWriter extends Witness {
  readonly unanswered: number;
  /** Sends a mutation; resolves when it is answered or has failed. One that has no answer yet takes its place. */
  mutate(ops: readonly Operation[]): Promise<void>;
  /** Sends the one that has no answer yet once more. */
  again(): Promise<void>;
}

export function openHttpWriter(base: string, document: string, name: string): HttpWriter {
  const answers = new Map<number, Answer>();
  let counter = 0;
  let pending: string | null = null;
  let heard = 0;
  const again = async () => {
    if (pending === null) return;
    const answer = await post(`${base}/documents/${document}/mutations`, pending);
    if (!answer) return;
    answers.set(counter, answer);
    pending = null;
    if ("seq" in answer) heard = answer.seq;
  };
  return {
    name,
    answers,
    get heard() {
      return heard;
    },
    get unanswered() {
      return pending === null ? 0 : 1;
    },
    awaits: (mutation) => pending !== null && mutation === counter,
    mutate(ops) {
      if (pending === null) {
        counter++;
        pending = JSON.stringify({ client: name, mutation: counter, ops });
      }
      return again();
    },
    again,
  };
}

/** Null: no answer came; whether the mutation is there nobody knows. */
async function post(url: string, body: string): Promise<Answer | null> {
  try {
    const response = await fetch(url, { method: "POST", body });
    const answer: { seq: number; ops?: readonly object[]; code?: string } = JSON.parse(await response.text());
    if (response.status >= 500) return null;
    if (answer.ops?.length === 0) return { code: "unchanged" };
    return answer.code === undefined ? { seq: answer.seq } : { code: answer.code };
  } catch {
    return null; // the process was killed before the whole answer was there
  }
}
