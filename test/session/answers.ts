import type { Problem, TreeEvent } from "../../src/protocol/index.ts";

export type Answer =
  /** `event`: it is in the log; otherwise nothing changed. */
  | { readonly ok: true; readonly event: boolean; readonly seq: number; readonly text: string }
  | { readonly ok: false; readonly code: Problem["code"]; readonly text: string };

/** The answers that one client has got; it throws when a second answer differs from the first (S4). */
export interface Answers {
  readonly first: ReadonlyMap<number, Answer>;
  readonly highest: number;
  event(mutation: number, event: TreeEvent): void;
  unchanged(mutation: number, seq: number): void;
  rejection(mutation: number, problem: Problem): void;
}

export function createAnswers(client: string, noted: (what: string) => void): Answers {
  const first = new Map<number, Answer>();
  let highest = 0;
  const note = (mutation: number, answer: Answer) => {
    const known = first.get(mutation);
    // A reader's rejections are kept nowhere, so they do not count in the next welcome.
    if (answer.ok || answer.code !== "forbidden") highest = Math.max(highest, mutation);
    if (!known) {
      first.set(mutation, answer);
      noted(answer.ok ? kindOf(answer) : `rejection: ${answer.code}`);
      return;
    }
    // S4: where the history is not kept for ever, the first answer may have gone.
    const isDone = answer.ok && !answer.event && known.ok && known.event && known.seq === answer.seq;
    if (isDone || (!answer.ok && answer.code === "expired")) {
      noted(isDone ? "told as done" : "expired again");
      return;
    }
    noted(`${answer.ok ? kindOf(answer) : "rejection"} again`);
    if (known.text !== answer.text) {
      throw new Error(`${client} got two answers to ${mutation}:\n${known.text}\n${answer.text}`);
    }
  };
  return {
    first,
    get highest() {
      return highest;
    },
    event: (mutation, event) => note(mutation, { ok: true, event: true, seq: event.seq, text: JSON.stringify(event) }),
    unchanged: (mutation, seq) => note(mutation, { ok: true, event: false, seq, text: `unchanged at ${seq}` }),
    rejection: (mutation, problem) => note(mutation, { ok: false, code: problem.code, text: JSON.stringify(problem) }),
  };
}

function kindOf({ event }: Answer & { ok: true }): string {
  return event ? "event" : "unchanged";
}
