import type { TreeEvent } from "../../../src/protocol/index.ts";
import { createBridge, type Step } from "../../../src/text/index.ts";
import {
  createPlaces,
  decideText,
  fromData,
  type MapStore,
  mergeUpdate,
  mutate,
  type NodeData,
  type Operation,
  PROVENANCE,
  stepsOf,
  toData,
} from "../../../src/tree/index.ts";

/** A mutation on its way. */
export interface Sent {
  readonly client: string;
  readonly mutation: number;
  readonly base: number;
  readonly ops: readonly Operation[];
}

/** What an object does, and nothing else: it decides in the order of arrival. */
export interface Order {
  /** Its event; null where it was refused, or changes nothing. */
  decide(sent: Sent): TreeEvent | null;
  readonly store: MapStore;
  tree(): NodeData;
  readonly refused: string[];
}

interface Logged {
  readonly seq: number;
  readonly client: string;
  readonly base: number;
  readonly asked: readonly Step[];
  readonly steps: readonly Step[];
}

/** `texts` tells the text that there was at a seq, as the log of a real one does. */
export function createOrder(tree: NodeData): Order {
  const store = fromData(tree, () => "", createPlaces(1_000), PROVENANCE);
  const log: Logged[] = [];
  const refused: string[] = [];
  const bridgeFor = (client: string, base: number) => {
    let low = base;
    for (const each of log.toReversed()) if (each.seq > low && each.client === client) low = Math.min(low, each.base);
    const bridge = createBridge();
    for (const each of log) {
      if (each.seq <= low) continue;
      if (each.client !== client) {
        bridge.add(each.seq, each.steps);
        continue;
      }
      bridge.advance(each.base);
      for (const step of each.asked) bridge.take(step);
    }
    bridge.advance(base);
    return bridge;
  };
  return {
    store,
    refused,
    tree: () => toData(store, "root"),
    decide({ client, mutation, base, ops }) {
      const seq = log.length + 1;
      const bridge = bridgeFor(client, base);
      const asked: Step[] = [];
      const own = new Set(log.filter((each) => each.client === client).map((each) => each.seq));
      const verdict = mutate(store, ops, {
        seq,
        base,
        newId: () => "",
        sees: (placed) => placed <= base || own.has(placed),
        texts: {
          decide: decideText,
          merge: mergeUpdate,
          sight: {
            get size() {
              return bridge.size;
            },
            lengthOf: (id, attr, now) => bridge.lengthOf(id, attr, now),
            take(step) {
              asked.push(step);
              return bridge.take(step);
            },
          },
        },
      });
      if (!verdict.ok) refused.push(`${verdict.code}: ${verdict.message}`);
      if (!verdict.ok || verdict.ops.length === 0) return null;
      log.push({ seq, client, base, asked, steps: stepsOf(verdict.ops, verdict.inverse) });
      return { seq, time: 0, client, mutation, userId: null, ops: verdict.ops };
    },
  };
}
