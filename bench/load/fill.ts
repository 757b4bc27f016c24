import { type Address, connect } from "./connection.ts";
import { FILLER, type Protocol } from "./protocol.ts";
import { within } from "./within.ts";
import { fillOf } from "./workload.ts";

const PATIENCE = 120_000;
/** How many mutations of a thousand nodes are on their way at once. */
const AT_ONCE = 4;

/** Makes a document of so many nodes the way any client would, and waits until all of it is acknowledged. */
export async function fill(protocol: Protocol, address: Address, nodes: number): Promise<void> {
  const mutations = fillOf(nodes);
  if (mutations.length === 0) return;
  const encode = protocol.encoder(FILLER, []);
  let [sent, acknowledged] = [0, 0];
  const done = Promise.withResolvers<void>();
  const client = await connect(protocol, address, FILLER, {
    onFrame(heard) {
      acknowledged += heard.acknowledged;
      if (acknowledged === mutations.length) done.resolve();
      else more();
    },
    onFailure: done.reject,
  });
  const more = () => {
    while (sent < mutations.length && sent - acknowledged < AT_ONCE) {
      const mutation = mutations[sent++];
      if (mutation) client.send(encode(mutation));
    }
  };
  more();
  await within(PATIENCE, `a document of ${nodes} nodes is filled`, done.promise);
  await client.close();
}
