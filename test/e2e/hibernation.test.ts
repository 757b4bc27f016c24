import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "vitest";
import { WebSocket } from "ws";
import { PROTOCOL, type ServerMessage } from "../../src/protocol/index.ts";
import { treeOf } from "./http.ts";
import { openWireClient, until } from "./wire-client.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

/** workerd hibernates an object after ten seconds without work, like the platform. */
const IDLE = 12_000;

async function withServer(work: (server: WorkerdProcess) => Promise<void>): Promise<void> {
  const server = await startWorkerd();
  try {
    await work(server);
  } finally {
    await server.kill();
  }
}

// At the same time: what takes long is waiting.
describe.concurrent("an object in a real process hibernates", { timeout: 120_000 }, () => {
  test("S3, S12 while its subscribers are idle; the next message wakes it, and nobody notices", ({ expect }) =>
    withServer(async (server) => {
      const failures: Error[] = [];
      const [ann, bob] = ["ann", "bob"].map((name) =>
        openWireClient(server.url, "asleep", name, (failure) => failures.push(failure)),
      );
      if (!ann || !bob) throw new Error("there are two");
      await until("both are there", () => ann.ready && bob.ready);
      ann.mutate([{ op: "insert", node: { id: "a", type: "item" }, parent: "root" }]);
      await until("both have it", () => ann.replica.seq === 1 && bob.replica.seq === 1);

      await sleep(IDLE);
      expect(server.constructed()).toBe(1);
      // It has to find the tree, both connections and Ann's counter.
      bob.mutate([{ op: "insert", node: { id: "b", type: "item" }, parent: "a" }]);
      await until("both have it", () => ann.replica.seq === 2 && bob.replica.seq === 2);
      // What the process prints arrives a moment after what it answers.
      await until("the object is made anew", () => server.constructed() === 2, 2_000);
      ann.mutate([{ op: "update", id: "b", attrs: { x: 1 } }]);
      await until("both have it", () => ann.replica.seq === 3 && bob.replica.seq === 3);

      const tree = await treeOf(server.url, "asleep");
      expect(tree).toBe("root:root\n  a\n    b x=1");
      for (const { replica, reconnects } of [ann, bob]) {
        expect(replica.outline()).toBe(tree);
        expect(reconnects).toBe(0);
      }
      expect([...ann.answers]).toEqual([
        [1, { seq: 1 }],
        [2, { seq: 3 }],
      ]);
      expect(failures).toEqual([]);
      for (const client of [ann, bob]) client.close();
    }));

  test("W9 while a subscriber pings", ({ expect }) =>
    withServer(async (server) => {
      const socket = await join(server, "pings", "ann");
      let pongs = 0;
      socket.on("message", (data) => String(data) === "pong" && pongs++);
      for (let waited = 0; waited < IDLE; waited += 1_000) {
        socket.send("ping");
        await sleep(1_000);
      }
      expect(pongs).toBe(IDLE / 1_000);
      expect(server.constructed()).toBe(1);
      await fetch(`${server.url}/documents/pings`);
      // What the process prints arrives a moment after what it answers.
      await until("the object is made anew", () => server.constructed() === 2, 2_000);
      socket.close();
    }));

  test("S12 and a subscriber whose close wakes it goes with its presence", ({ expect }) =>
    withServer(async (server) => {
      const heard: ServerMessage[] = [];
      const ann = await join(server, "goes", "ann", (message) => heard.push(message));
      const bob = await join(server, "goes", "bob");
      bob.send(JSON.stringify({ type: "presence", data: 1 }));
      const told = () =>
        heard.flatMap((message) => (message.type === "presence" ? Object.values(message.changes) : []));
      await until("bob's presence", () => told().length === 1);
      await sleep(IDLE);
      bob.close(1000);
      await until("bob's end", () => told().length === 2, 5_000);
      expect(told()[1]).toBe(null);
      // What the process prints arrives a moment after what it answers.
      await until("the object is made anew", () => server.constructed() === 2, 2_000);
      ann.close();
    }));
});

async function join(
  { url }: WorkerdProcess,
  document: string,
  client: string,
  hear: (message: ServerMessage) => void = () => {},
): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/documents/${document}`);
  let joined = false;
  socket.on("open", () => socket.send(JSON.stringify({ type: "join", protocol: PROTOCOL, client })));
  socket.on("message", (data) => {
    joined = true;
    if (String(data) !== "pong") hear(JSON.parse(String(data)));
  });
  await until(`${client} joins`, () => joined);
  return socket;
}
