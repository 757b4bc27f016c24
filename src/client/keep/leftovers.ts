import type { ErrorCode, Problem } from "../../protocol/index.ts";
import type { Address } from "../connection/address.ts";
import { ask } from "../connection/ask.ts";
import { textOf } from "../connection/outbox.ts";
import type { Pending } from "../pending.ts";
import type { Replica } from "../replica.ts";

/** What sending needs of the conversation. */
export interface LeftSetup {
  readonly address: Address;
  readonly replica: Pick<Replica, "client" | "pending" | "seq" | "confirmed" | "merging">;
  /** It was refused, or, without a problem, is in the tree already or changes nothing: its event will not come. */
  settle(client: string, mutation: number, problem?: Problem): void;
  failed(error: unknown): void;
  goesOn(): boolean;
}

/** Milliseconds before another attempt where there was no answer. */
const AGAIN = 15_000;
/** Or where it is made anew. */
const SOON = 100;

/**
 * Sends what clients have left whose pages are gone, each in the name of its client: exactly once like any other. One by
 * one, in their order; where there is no answer, that is told, and tried again.
 */
export async function sendLeft(setup: LeftSetup): Promise<void> {
  const { address, replica, failed, goesOn } = setup;
  const wait = (milliseconds: number) => new Promise<void>((resolve) => address.platform.after(milliseconds, resolve));
  for (const pending of replica.pending.filter(({ client }) => client !== replica.client)) {
    while (goesOn()) {
      try {
        if (await sendOne(setup, pending)) break;
        await wait(SOON);
      } catch (error) {
        if (!goesOn()) return;
        failed(error);
        await wait(AGAIN);
      }
    }
  }
}

/** False where it has to be sent once more: it was made of a tree that is too old. */
async function sendOne({ address, replica, settle }: LeftSetup, pending: Pending): Promise<boolean> {
  const { client, mutation } = pending;
  const body = `{"client":${JSON.stringify(client)},${textOf(pending).slice(1)}`;
  const { status, text } = await ask(address, "POST", "/mutations", "", body);
  // No answer to the mutation: no token, too much at once, no server.
  if (status === 401 || status === 429 || status >= 500) throw new Error(`left mutations wait: ${status} ${text}`);
  const answer: { seq: number; ops: readonly unknown[]; code: ErrorCode; detail: string; base?: number } =
    JSON.parse(text);
  if (answer.base !== undefined && replica.merging && replica.confirmed) {
    if (replica.seq >= answer.base) replica.merging.aged(pending, replica.confirmed, replica.seq, replica.pending);
    return false;
  }
  if (status !== 200) settle(client, mutation, { code: answer.code, message: answer.detail });
  else if (answer.seq <= replica.seq || answer.ops.length === 0) settle(client, mutation);
  return true;
}
