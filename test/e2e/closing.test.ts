import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { PROTOCOL, type ServerMessage } from "../../src/protocol/index.ts";
import { seqOf } from "./http.ts";
import { until } from "./wire-client.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// Over a real network, as a client library of somebody else sees it. In-process sockets show less: they carry no bytes.

// A close that is not answered would otherwise be waited for as long as the slowest test of this project may take.
vi.setConfig({ testTimeout: 15_000 });

let server: WorkerdProcess;
beforeAll(async () => {
  server = await startWorkerd();
});
afterAll(() => server?.kill());

/** A socket, what it heard, and how it ended. */
interface Line {
  readonly socket: WebSocket;
  readonly heard: ServerMessage[];
  readonly errors: string[];
  ended(): Promise<{ code: number; reason: string }>;
}

async function dial(document: string, protocols: string[] = []): Promise<Line> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/documents/${document}`, protocols);
  const heard: ServerMessage[] = [];
  const errors: string[] = [];
  socket.on("message", (data) => heard.push(JSON.parse(String(data))));
  socket.on("error", ({ message }) => errors.push(message));
  const end = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await once(socket, "open");
  return {
    socket,
    heard,
    errors,
    async ended() {
      const start = Date.now();
      const ended = await end;
      // Without the server's half of the handshake it is ten seconds and 1006.
      expect(Date.now() - start).toBeLessThan(2_000);
      return ended;
    },
  };
}

async function dialAndJoin(document: string, client: string): Promise<Line> {
  const line = await dial(document);
  line.socket.send(JSON.stringify({ type: "join", protocol: PROTOCOL, client }));
  await until("the snapshot", () => line.heard.some(({ type }) => type === "snapshot"));
  return line;
}

test.each<[code: number | undefined, reason: string | undefined, answer: number]>([
  [1000, "done", 1000],
  [4001, "é".repeat(61), 4001],
  [undefined, undefined, 1000],
])("W10 a close with %s %s is answered at once, with a valid code", async (code, reason, answer) => {
  for (const line of [await dial("closes"), await dialAndJoin("closes", "ann")]) {
    line.socket.close(code, reason);
    const { code: got } = await line.ended();
    // Without a code the answer has none or says that all is well.
    expect(code === undefined ? [1000, 1005] : [answer]).toContain(got);
    expect(line.errors).toEqual([]);
  }
});

test.each<[frame: string, code: number]>([
  ["?", 4010],
  ["🌳".repeat(300_000), 4013],
  // What is quoted back may end in the middle of a character, and a close reason has to be UTF-8 of 123 bytes.
  [`{"type":"${"€".repeat(200)}"}`, 4010],
  ['{"type":"\\ud800"}', 4010],
  [`{"type":"join","protocol":2,"client":"${"x".repeat(39)}🌳"}`, 4010],
  ['{"type":"join","protocol":2,"client":"\\ud800"}', 4010],
])("W3, W4, W10 after %.50s the client sees the server's code and an error", async (frame, code) => {
  const line = await dial("faults");
  line.socket.send(frame);
  expect(await line.ended()).toMatchObject({ code });
  expect(line.heard).toMatchObject([{ type: "error" }]);
  expect(line.errors).toEqual([]);
});

test("W4 a frame beyond what the platform takes ends the subscription, and the document goes on", async () => {
  const [line, witness] = [await dialAndJoin("huge", "ann"), await dialAndJoin("huge", "bob")];
  line.socket.send("x".repeat(33 * 1024 * 1024));
  // workerd leaves this client without an answer for ten seconds, whatever the object does (1.20261023).
  for (;;) {
    const info = await fetch(`${server.url}/documents/huge`);
    const { subscriberCount }: { subscriberCount: number } = JSON.parse(await info.text());
    if (subscriberCount === 1) break;
  }
  witness.socket.send(JSON.stringify({ type: "mutate", mutations: [{ mutation: 1, ops: [] }] }));
  await until("the answer", () => witness.heard.some(({ type }) => type === "unchanged"));
  line.socket.terminate();
  witness.socket.close();
});

test("S10 a connection that vanishes without a close is gone from the document", async () => {
  const [line, witness] = [await dialAndJoin("vanishes", "ann"), await dialAndJoin("vanishes", "bob")];
  line.socket.send(JSON.stringify({ type: "presence", data: 1 }));
  const told = () => witness.heard.filter(({ type }) => type === "presence").length;
  await until("ann's presence", () => told() === 1);
  line.socket.terminate();
  await until("its end", () => told() === 2, 5_000);
  witness.socket.close();
});

/** The server chooses the id. */
const insertAnywhere = { op: "insert", node: { type: "item" }, parent: "root" };

test("W10 what a client sent right before its close is heard", async () => {
  const mutations = 50;
  for (const round of [1, 2, 3]) {
    const line = await dialAndJoin("last-word", `ann-${round}`);
    for (let mutation = 1; mutation <= mutations; mutation++) {
      line.socket.send(JSON.stringify({ type: "mutate", mutations: [{ mutation, ops: [insertAnywhere] }] }));
    }
    line.socket.close(1000);
    await line.ended();
    expect(await seqOf(server.url, "last-word")).toBe(round * mutations);
  }
});

test("a client that offers subprotocols is given ours or none, never another", async () => {
  const line = await dial("subprotocol", ["durable-grove.v1", "ticket.abc"]);
  expect(line.socket.protocol).toBe("durable-grove.v1");
  line.socket.close();
  await line.ended();
});
