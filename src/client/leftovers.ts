import type { Problem } from "../protocol/index.ts";
import { type Address, ask } from "./ask.ts";
import { textOf } from "./outbox.ts";
import type { Pending } from "./replica.ts";

/** A seq that a mutation has now, or why it was refused. */
export type LeftAnswer = { readonly seq: number } | { readonly problem: Problem };

/**
 * Sends what clients have left whose pages are gone, each in the name of its client: exactly once like any other. One by
 * one, in their order. Rejects when there was no answer; then the rest is to be sent again some time.
 */
export async function sendLeft(
  address: Address,
  left: readonly Pending[],
  answered: (pending: Pending, answer: LeftAnswer) => void,
  goesOn: () => boolean,
): Promise<void> {
  for (const pending of left) {
    if (!goesOn()) return;
    const body = `{"client":${JSON.stringify(pending.client)},${textOf(pending).slice(1)}`;
    const { status, text } = await ask(address, "POST", "/mutations", "", body);
    // No answer to the mutation: no token, too much at once, no server.
    if (status === 401 || status === 429 || status >= 500) throw new Error(`left mutations wait: ${status} ${text}`);
    answered(pending, status === 200 ? seqOf(text) : { problem: problemOf(text) });
  }
}

function seqOf(text: string): { readonly seq: number } {
  return JSON.parse(text);
}

function problemOf(text: string): Problem {
  const { code, detail }: Problem & { detail: string } = JSON.parse(text);
  return { code, message: detail };
}
