import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "./connection.ts";
import type { Load } from "./load.ts";
import { expectDelivered, fold } from "./pool.ts";
import type { Protocol } from "./protocol.ts";
import type { ListenTask } from "./tasks.ts";

/** How many connect at the same time. */
const AT_ONCE = 20;

/** Subscribers who read everything and write nothing. */
export async function listen(protocol: Protocol, task: ListenTask): Promise<Load> {
  const connections: Connection[] = [];
  let failure: Error | null = null;
  const onFailure = (error: Error) => {
    failure = error;
  };
  for (let index = 0; index < task.subscribers; index += AT_ONCE) {
    const count = Math.min(AT_ONCE, task.subscribers - index);
    const group = Array.from({ length: count }, (_, each) => {
      return connect(protocol, task, `s${process.pid}-${index + each}`, { onFailure });
    });
    connections.push(...(await Promise.all(group)));
  }
  return {
    count: () => ({ acknowledged: 0, ...fold(connections) }),
    async run(_from, to) {
      await sleep(to - Date.now());
      return { total: 0, acknowledgeMs: [], seenMs: [] };
    },
    async finish(written) {
      if (failure) throw failure;
      await expectDelivered(connections, written);
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}
