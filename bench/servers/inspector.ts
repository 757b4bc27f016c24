import { once } from "node:events";
import { WebSocket } from "ws";

/** What an isolate holds, in bytes. */
interface HeapUsage {
  /** Objects on the heap, garbage that was not collected yet among them. */
  readonly used: number;
  /** What the heap has taken from the system. */
  readonly total: number;
  /** Buffers outside the heap that objects on it own. */
  readonly backing: number;
}

/** The isolate of a Worker seen through its inspector. It answers between two tasks of the isolate, not within one. */
export interface Inspector {
  heap(): Promise<HeapUsage>;
  close(): void;
}

/** Connects to the only Worker of a workerd that was started with `--inspector-addr`. */
export async function openInspector(port: number): Promise<Inspector> {
  const listed = await fetch(`http://127.0.0.1:${port}/json`);
  const targets: { webSocketDebuggerUrl?: string }[] = JSON.parse(await listed.text());
  const address = targets[0]?.webSocketDebuggerUrl;
  if (address === undefined) throw new Error("the inspector lists no Worker");
  const socket = new WebSocket(address, { perMessageDeflate: false, maxPayload: 1024 * 1024 * 1024 });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  socket.on("message", (data) => {
    const message: Message = JSON.parse(String(data));
    if (message.id === undefined) return;
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) answer?.reject(new Error(`inspector: ${message.error.message}`));
    else answer?.resolve(message.result);
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the inspector's connection is closed")));
  await once(socket, "open");

  const call = (method: string, params: object = {}): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>();
    last++;
    waiting.set(last, answer);
    socket.send(JSON.stringify({ id: last, method, params }));
    return answer.promise;
  };
  return {
    async heap() {
      const usage = await call("Runtime.getHeapUsage");
      return {
        used: numberIn(usage, "usedSize"),
        total: numberIn(usage, "totalSize"),
        backing: numberIn(usage, "backingStorageSize"),
      };
    },
    close: () => socket.terminate(),
  };
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

function numberIn(value: unknown, key: string): number {
  const found = new Map(Object.entries(value ?? {})).get(key);
  if (typeof found !== "number") throw new Error(`the inspector does not tell ${key}`);
  return found;
}
