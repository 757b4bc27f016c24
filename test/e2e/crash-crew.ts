import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../src/tree/index.ts";
import type { Witness } from "./crash-audit.ts";
import { type Names, randomMutation } from "./crash-mutations.ts";
import { createRandom } from "./random.ts";
import { openWireClient, type WireClient } from "./wire-client.ts";

const CLIENTS = 4;
/** As many mutations of one client may be without an answer at once. */
const WINDOW = 8;
const RETRY = 10;

/** Clients that mutate without a pause, whether they are connected or not. */
export interface Crew {
  readonly clients: readonly WireClient[];
  readonly witnesses: readonly Witness[];
  everyoneIsReady(): boolean;
  nobodyIsConnected(): boolean;
  /** Ends the writing, not the clients. */
  rest(): Promise<void>;
}

export function startCrew(
  url: string,
  document: string,
  setup: { readonly seed: number; readonly names: Names; readonly fail: (problem: Error) => void },
): Crew {
  const { seed, names, fail } = setup;
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    openWireClient(url, document, `w${index}`, fail, { retry: RETRY }),
  );
  let writing = true;
  const writers = clients.map(async (client, index) => {
    const random = createRandom(seed + 1 + index);
    const asked = new Map<number, readonly Operation[]>();
    while (writing) {
      while (client.unanswered < WINDOW) {
        const ops = randomMutation(random, client.name, names);
        asked.set(client.mutate(ops, { base: random.below(4) > 0 }), ops);
      }
      for (const [mutation, ops] of asked) {
        const answer = client.answers.get(mutation);
        if (!answer) continue;
        if ("seq" in answer) names.remember(ops);
        asked.delete(mutation);
      }
      await sleep(1);
    }
  });
  return {
    clients,
    witnesses: clients.map(witnessOf),
    everyoneIsReady: () => clients.every(({ ready }) => ready),
    nobodyIsConnected: () => clients.every(({ connected }) => !connected),
    async rest() {
      writing = false;
      await Promise.all(writers);
    },
  };
}

function witnessOf(client: WireClient): Witness {
  const { name, answers, awaits } = client;
  return {
    name,
    answers,
    awaits,
    get heard() {
      return client.replica.seq;
    },
  };
}
