import type { ErrorCode, Problem } from "../protocol/index.ts";
import { type Address, ask } from "./ask.ts";
import { textOf } from "./outbox.ts";
import type { Pending, Replica } from "./replica.ts";

/** What sending needs of the conversation. */
export interface LeftSetup {
  readonly address: Address;
  readonly replica: Pick<Replica, "client" | "pending" | "seq">;
  reject(client: string, mutation: number, problem: Problem): void;
  /** It is in the tree already: its event will not come. */
  accepted(pending: Pending): void;
  goesOn(): boolean;
}

/**
 * Sends what clients have left whose pages are gone, each in the name of its client: exactly once like any other. One by
 * one, in their order. Rejects when there was no answer; then the rest is to be sent again some time.
 */
export async function sendLeft({ address, replica, reject, accepted, goesOn }: LeftSetup): Promise<void> {
  for (const pending of replica.pending.filter(({ client }) => client !== replica.client)) {
    if (!goesOn()) return;
    const { client, mutation } = pending;
    const body = `{"client":${JSON.stringify(client)},${textOf(pending).slice(1)}`;
    const { status, text } = await ask(address, "POST", "/mutations", "", body);
    // No answer to the mutation: no token, too much at once, no server.
    if (status === 401 || status === 429 || status >= 500) throw new Error(`left mutations wait: ${status} ${text}`);
    const answer: { seq: number; code: ErrorCode; detail: string } = JSON.parse(text);
    if (status !== 200) reject(client, mutation, { code: answer.code, message: answer.detail });
    else if (answer.seq <= replica.seq) accepted(pending);
  }
}
