import type { Random } from "../e2e/random.ts";
import { openWireClient, until, type WireClient } from "../e2e/wire-client.ts";
import { insert, update } from "../tree/document.ts";

/** Somebody who goes on writing, whatever others send. */
export interface Honest {
  readonly client: WireClient;
  /** Mutations that were answered with an event, and how long the slowest answer took, milliseconds. */
  readonly written: number;
  readonly slowest: number;
  /** Ends, when everything is answered. */
  finish(): Promise<void>;
}

const PAUSE = 25;
const NODES = 100;

export function beHonest(
  random: Random,
  {
    url,
    document,
    name,
    token,
  }: { readonly url: string; readonly document: string; readonly name: string; readonly token: string },
  fail: (problem: Error) => void,
): Honest {
  const protocols = ["durable-grove.v1", `token.${token}`];
  const client = openWireClient(url, document, name, fail, { protocols });
  const asked = new Map<number, number>();
  let slowest = 0;
  let made = 0;
  const look = () => {
    for (const [mutation, at] of asked) {
      if (client.awaits(mutation)) continue;
      asked.delete(mutation);
      slowest = Math.max(slowest, performance.now() - at);
    }
  };
  const timer = setInterval(() => {
    look();
    // One at a time: it waits for its answer.
    if (!client.ready || asked.size > 0) return;
    const op =
      made < NODES
        ? insert(`${name}-${made++}`, "root")
        : update(`${name}-${random.below(NODES)}`, { x: random.next() });
    asked.set(client.mutate([op]), performance.now());
  }, PAUSE);
  return {
    client,
    get written() {
      return [...client.answers.values()].filter((answer) => "seq" in answer).length;
    },
    get slowest() {
      return slowest;
    },
    async finish() {
      clearInterval(timer);
      await until(`${name} has every answer`, () => client.ready && client.unanswered === 0);
      look();
    },
  };
}
