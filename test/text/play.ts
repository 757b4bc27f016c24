import { type Bridge, createBridge, createLongBridge, type Step } from "../../src/text/index.ts";
import { createAccount } from "./account.ts";
import { applySteps, shown, type Texts } from "./model.ts";
import { type Dice, freshCharacters, randomSteps } from "./random-steps.ts";

interface Event {
  readonly seq: number;
  readonly who: number;
  readonly steps: readonly Step[];
}

/** Made in front of everything up to `base`, and of what the author has made before. */
interface Mutation {
  readonly base: number;
  readonly step: Step;
}

interface Client {
  confirmed: Texts;
  seen: number;
  /** What others have done since the base of the first pending. */
  bridge: Bridge;
  readonly pending: Mutation[];
  /** On their way to the server. */
  sent: number;
}

const CLIENTS = [0, 1, 2];

export interface Length {
  readonly acts: number;
  readonly editsOnly?: boolean;
}

/**
 * Three clients with several mutations in flight each, and a server that puts them in one order, everything by bridges. What is
 * wrong at any moment, and at the end when everybody has everything.
 */
export function play(dice: Dice, { acts, editsOnly = false }: Length): string[] {
  const fresh = freshCharacters(dice, 0);
  const start: Texts = new Map([
    ["a", fresh() + fresh()],
    ["b", fresh()],
  ]);
  const account = createAccount(start);
  const wrong: string[] = [];
  const log: Event[] = [];
  let texts = start;
  const theirs = CLIENTS.map(() => createLongBridge());
  const clients = CLIENTS.map(
    (): Client => ({ confirmed: start, seen: 0, bridge: createBridge(), pending: [], sent: 0 }),
  );

  const viewOf = (client: Client): Texts => {
    const bridge = client.bridge.copy();
    return client.pending.reduce((view, { base, step }) => {
      bridge.advance(base);
      return applySteps(view, bridge.take(step));
    }, client.confirmed);
  };
  const act = (client: Client, name: string) => {
    const view = viewOf(client);
    const [step] = randomSteps(dice, view, name, 1, fresh);
    if (step === undefined || (step.op !== "edit" && (editsOnly || dice.chance(0.5)))) return;
    account.did(view, [step]);
    client.pending.push({ base: client.seen, step });
  };
  const commit = (client: Client, who: number) => {
    const mutation = client.pending[client.sent];
    const bridge = theirs[who];
    if (mutation === undefined || bridge === undefined) return;
    client.sent += 1;
    bridge.advance(mutation.base);
    const steps = bridge.take(mutation.step);
    texts = applySteps(texts, steps);
    const seq = log.length + 1;
    log.push({ seq, who, steps });
    for (const other of theirs) if (other !== bridge) other.add(seq, steps);
  };
  const receive = (client: Client, who: number) => {
    const event = log[client.seen];
    if (event === undefined) return;
    client.seen = event.seq;
    client.confirmed = applySteps(client.confirmed, event.steps);
    if (event.who !== who) {
      if (client.pending.length > 0) client.bridge.add(event.seq, event.steps);
      return;
    }
    const own = client.pending.shift();
    client.sent -= 1;
    if (own === undefined) return;
    client.bridge.advance(own.base);
    const expected = client.bridge.take(own.step);
    if (JSON.stringify(expected) !== JSON.stringify(event.steps)) {
      wrong.push(`${who} expected ${JSON.stringify(expected)} and got ${JSON.stringify(event.steps)}`);
    }
    if (client.pending.length === 0) client.bridge = createBridge();
  };
  const each = (todo: (client: Client, who: number) => void) => clients.forEach(todo);

  for (let left = acts; left > 0; left--) {
    const who = dice.pick(CLIENTS);
    const client = clients[who];
    if (client === undefined) continue;
    const kind = dice.below(4);
    if (kind < 2) act(client, `${who}.${left}.`);
    else if (kind === 2) commit(client, who);
    else for (let some = dice.below(6); some > 0; some--) receive(client, who);
  }
  each((client, who) => {
    while (client.sent < client.pending.length) commit(client, who);
  });
  each((client, who) => {
    while (client.seen < log.length) receive(client, who);
    const [mine, right] = [shown(client.confirmed), shown(texts)];
    if (JSON.stringify(mine) !== JSON.stringify(right)) wrong.push(`${who} has ${JSON.stringify(mine)}`);
  });
  return [...wrong, ...account.complaints(texts)];
}
