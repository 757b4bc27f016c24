import type { Problem } from "../protocol/index.ts";
import type { Ask } from "./ask.ts";
import { textOf } from "./outbox.ts";
import type { Pending } from "./replica.ts";

/** A seq that a mutation has now, or why it was refused. */
export type LeftAnswer = { readonly seq: number } | { readonly problem: Problem };

/**
 * Sends a mutation in the name of a client whose page is gone, exactly once like any other. Rejects when there was no
 * answer; then it is to be sent again some time.
 */
export async function sendLeft(ask: Ask, pending: Pending): Promise<LeftAnswer> {
  const body = `{"client":${JSON.stringify(pending.client)},${textOf(pending).slice(1)}`;
  const { status, text } = await ask("POST", "/mutations", "", body);
  if (status >= 500) throw new Error(`the document could not be reached: ${status}`);
  if (status === 200) {
    const answer: { seq: number } = JSON.parse(text);
    return answer;
  }
  const { code, detail }: Problem & { detail: string } = JSON.parse(text);
  return { problem: { code, message: detail } };
}
