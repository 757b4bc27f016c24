import { type Address, type Connection, connect } from "./connection.ts";
import type { Counters, Load } from "./load.ts";
import { fold } from "./pool.ts";
import type { Frame, Protocol } from "./protocol.ts";
import type { WriteTask } from "./tasks.ts";
import { editsOf, fillOf } from "./workload.ts";

/** Writers of operations on nodes, each on nodes of their own. */
export function write(protocol: Protocol, task: WriteTask): Promise<Load> {
  const { writers, inFlight, kind, nodes, seed } = task;
  const base = fillOf(nodes);
  const authors = Array.from({ length: writers }, (_, index): Author => {
    const client = `w${seed}-${index}`;
    const edit = editsOf(kind, client, nodes, seed * 1_000 + index + 1, { index, of: writers });
    const encode = protocol.encoder(client, base);
    return { client, next: () => encode(edit()) };
  });
  return writeAll(protocol, task, authors, inFlight);
}

/** A client and what it writes. */
export interface Author {
  readonly client: string;
  next(): Frame;
  /** What has come to it. */
  hear?(frame: Buffer): void;
}

/** Authors who each keep so many mutations unanswered, and write the next one as soon as one is acknowledged. */
export async function writeAll(
  protocol: Protocol,
  address: Address,
  authors: readonly Author[],
  inFlight: number,
): Promise<Load> {
  let acknowledged = 0;
  let failure: Error | null = null;
  let [from, to, over] = [0, 0, () => {}];
  const latencies: number[] = [];
  const crew: Writer[] = [];
  for (const author of authors) crew.push(await hire(author));

  async function hire({ client, next, hear }: Author): Promise<Writer> {
    /** When each unanswered mutation was sent, oldest first. */
    const sent: number[] = [];
    let made = 0;
    const send = () => {
      made++;
      const frame = next();
      sent.push(performance.now());
      connection.send(frame);
    };
    const connection = await connect(protocol, address, client, {
      onFrame(heard, came) {
        hear?.(came);
        if (heard.acknowledged === 0) return;
        acknowledged += heard.acknowledged;
        const now = performance.now();
        const at = Date.now();
        for (let index = 0; index < heard.acknowledged; index++) {
          const start = sent.shift();
          if (start === undefined) throw new Error(`${client}: more acknowledgements than mutations`);
          if (at >= from && at < to) latencies.push(now - start);
        }
        if (at < to) for (let index = 0; index < heard.acknowledged; index++) send();
        else if (crew.every((each) => each.unanswered === 0)) over();
      },
      onFailure(error) {
        failure = error;
        over();
      },
    });
    return {
      connection,
      start() {
        for (let index = 0; index < inFlight; index++) send();
      },
      get made() {
        return made;
      },
      get unanswered() {
        return sent.length;
      },
    };
  }

  return {
    count: (): Counters => ({ acknowledged, ...fold(crew.map(({ connection }) => connection)) }),
    async run(start, end) {
      [from, to] = [start, end];
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        over = resolve;
        for (const writer of crew) writer.start();
      });
      if (failure) throw failure;
      return { total: crew.reduce((sum, { made }) => sum + made, 0), acknowledgeMs: latencies, seenMs: [] };
    },
    async finish() {
      await Promise.all(crew.map(({ connection }) => connection.close()));
    },
  };
}

interface Writer {
  readonly connection: Connection;
  /** How many mutations it has made, and how many of them were not acknowledged yet. */
  readonly made: number;
  readonly unanswered: number;
  start(): void;
}
