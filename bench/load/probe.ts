import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "./connection.ts";
import type { Load } from "./load.ts";
import { fold } from "./pool.ts";
import type { Protocol } from "./protocol.ts";
import type { ProbeTask } from "./tasks.ts";
import { fillOf, idOf } from "./workload.ts";

/** A writer of one node at a fixed pace, whoever else writes; its mutations carry a mark by which the other client knows them. */
export async function probe(protocol: Protocol, task: ProbeTask): Promise<Load> {
  const client = `probe${process.pid}`;
  const encode = protocol.encoder(client, fillOf(task.nodes));
  const sent: number[] = [];
  const [acknowledgeMs, seenMs]: [number[], number[]] = [[], []];
  let [acknowledged, seen, from] = [0, 0, 0];
  const mark = (index: number) => `${client}:${index};`;
  const timeOf = (index: number, times: number[]) => {
    const start = sent[index];
    if (start !== undefined && performance.timeOrigin + start >= from) times.push(performance.now() - start);
  };
  const writer = await connect(protocol, task, client, {
    onFrame(heard) {
      for (let index = 0; index < heard.acknowledged; index++) timeOf(acknowledged++, acknowledgeMs);
    },
  });
  let wanted = Buffer.from(mark(0));
  const reader = await connect(protocol, task, `${client}-reader`, {
    onFrame(_, frame) {
      while (seen < sent.length && frame.includes(wanted)) {
        timeOf(seen++, seenMs);
        wanted = Buffer.from(mark(seen));
      }
    },
  });
  return {
    count: () => ({ acknowledged, ...fold([writer, reader]) }),
    async run(start, end) {
      from = start;
      while (Date.now() < end) {
        const frame = encode([{ op: "update", id: idOf(task.node), attrs: { text: mark(sent.length) } }]);
        sent.push(performance.now());
        writer.send(frame);
        await sleep(task.everyMs);
      }
      const missing = () => sent.length - Math.min(seen, acknowledged);
      for (const deadline = Date.now() + 10_000; missing() > 0 && Date.now() < deadline; ) await sleep(10);
      if (missing() > 0) throw new Error(`${sent.length} probes: ${acknowledged} acknowledged, ${seen} seen`);
      return { total: sent.length, acknowledgeMs, seenMs };
    },
    async finish() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
