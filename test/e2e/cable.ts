import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A network to a server that can be cut: bytes in both directions, nothing of what they mean. */
export interface Cable {
  readonly url: string;
  /** Everything that is connected ends at once, and nobody gets through any more. */
  cut(): void;
  /** Whoever connects from now on gets through. */
  mend(): void;
  /** Nothing comes through for so long, though nobody is told. */
  stall(milliseconds: number): void;
  close(): Promise<void>;
}

export async function layCable(server: string): Promise<Cable> {
  const { hostname, port } = new URL(server);
  const pairs = new Set<readonly [Socket, Socket]>();
  let whole = true;
  const cable = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    near.pipe(far).pipe(near);
  });
  cable.listen(0, "127.0.0.1");
  await once(cable, "listening");
  const address = cable.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const cut = () => {
    whole = false;
    for (const pair of [...pairs]) for (const socket of pair) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend() {
      whole = true;
    },
    stall(milliseconds) {
      const held = [...pairs].flat();
      for (const socket of held) socket.pause();
      setTimeout(() => {
        for (const socket of held) socket.resume();
      }, milliseconds);
    },
    async close() {
      cut();
      cable.close();
      await once(cable, "close");
    },
  };
}
