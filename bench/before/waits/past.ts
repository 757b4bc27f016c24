import type { Operation } from "../../../src/tree/index.ts";
import { heldOf } from "../../large/client.ts";
import { connect } from "../../load/connection.ts";
import { within } from "../../load/within.ts";
import type { Standing } from "../sides.ts";
import { inThirty } from "./layout.ts";

/** Who made the history, and one in how many of its events has the same `meta`. */
export const PAST = { client: "past", batches: 100 };
const FRAME = 250;
const PATIENCE = 60_000;

/** Gives a document a history of so many updates, as fast as it takes them. */
export async function makePast(standing: Standing, document: string, nodes: number, events: number): Promise<void> {
  const { side, served } = standing;
  const held = { ...(await heldOf(`${served.url}/documents/${document}`)) };
  let [sent, acknowledged] = [0, 0];
  const done = Promise.withResolvers<void>();
  const more = () => {
    if (sent >= events) return;
    const count = Math.min(FRAME, events - sent);
    const mutations = Array.from({ length: count }, (_, index) => pastMutation(nodes, sent + index + 1));
    sent += count;
    writer.send(JSON.stringify({ type: "mutate", mutations }));
  };
  const writer = await connect(side.protocol, { url: served.socketUrl, document }, PAST.client, {
    held,
    onFrame(heard) {
      acknowledged += heard.acknowledged;
      if (acknowledged === events) done.resolve();
      else if (acknowledged === sent) more();
    },
    onFailure: done.reject,
  });
  more();
  await within(PATIENCE, `a history of ${events} events`, done.promise);
  await writer.close();
}

/** The same for the same counter. */
export function pastMutation(nodes: number, mutation: number) {
  const ops: Operation[] = [{ op: "update", id: inThirty(nodes, mutation), attrs: { text: `past ${mutation}` } }];
  return { mutation, ops, meta: { batch: `${mutation % PAST.batches}` } };
}
