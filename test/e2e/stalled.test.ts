import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { LIMITS, PROTOCOL, type ServerMessage } from "../../src/protocol/index.ts";
import { until } from "./wire-client.ts";
import { memoryOf, startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

const MiB = 1024 * 1024;
const VALUE = "x".repeat(64 * 1024);
/** Deltas of 64 MB. */
const MUTATIONS = Math.ceil(64_000_000 / VALUE.length);
/** What a subscriber that reads nothing may cost; it is owed 64 MB. */
const MOST = 32;

let server: WorkerdProcess;
beforeAll(async () => {
  server = await startWorkerd();
});
afterAll(() => server?.kill());

interface Peer {
  readonly socket: WebSocket;
  joined: boolean;
  seq: number;
  /** The value that the last event has set, as far as it tells. */
  last: string;
  closed: number | null;
}

/** A client with no tree: 64 MB of one attribute are not worth one. */
function openPeer(document: string, client: string): Peer {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/documents/${document}`, {
    perMessageDeflate: false,
  });
  const peer: Peer = { socket, joined: false, seq: 0, last: "", closed: null };
  socket.on("open", () => socket.send(JSON.stringify({ type: "join", protocol: PROTOCOL, client })));
  socket.on("message", (data) => {
    const message: ServerMessage = JSON.parse(String(data));
    if (message.type === "sync") socket.send(JSON.stringify(message));
    else if (message.type === "welcome") peer.joined = true;
    else if (message.type === "delta") {
      for (const { seq, ops } of message.events) {
        if (seq !== peer.seq + 1) throw new Error(`event ${seq} follows ${peer.seq}`);
        peer.seq = seq;
        peer.last = JSON.stringify(ops).slice(-20);
      }
    }
  });
  socket.on("close", (code) => {
    peer.closed = code;
  });
  return peer;
}

/** Writes the whole load into the document, some at a time, and returns the process's memory when it is done. */
async function load(writer: Peer): Promise<number> {
  for (let sent = 0; writer.seq < MUTATIONS; ) {
    while (sent < MUTATIONS && sent - writer.seq < 16) {
      sent++;
      const ops = [{ op: "update", id: "root", attrs: { x: VALUE + sent } }];
      writer.socket.send(JSON.stringify({ type: "mutate", mutations: [{ mutation: sent, ops }] }));
    }
    await sleep(1);
    if (writer.closed !== null) throw new Error(`the writer was closed with ${writer.closed}`);
  }
  // Garbage comes and goes; the least of some looks is what is held.
  const looks: number[] = [];
  for (let look = 0; look < 5; look++) {
    looks.push(await memoryOf(server.pid));
    await sleep(200);
  }
  return Math.min(...looks);
}

test("S9 a subscriber that never reads costs the object next to nothing, and is caught up or closed with 4008", async () => {
  // The same load without it first: what the heap and the page cache grow to by themselves.
  const control = openPeer("control", "writer");
  await until("the writer joins", () => control.joined);
  const before = await load(control);
  control.socket.close();

  const [writer, stalled] = [openPeer("stalled", "writer"), openPeer("stalled", "stalled")];
  await until("both join", () => writer.joined && stalled.joined);
  stalled.socket.pause();
  const after = await load(writer);
  console.log(`held: ${before.toFixed(1)} MiB without, ${after.toFixed(1)} MiB with a subscriber that reads nothing`);
  expect(after - before).toBeLessThan(MOST);
  expect(stalled.seq).toBeLessThan((2 * LIMITS.syncsUnanswered * LIMITS.syncBytes + MiB) / VALUE.length);

  stalled.socket.resume();
  await until("the end of it", () => stalled.seq === writer.seq || stalled.closed !== null, 60_000);
  if (stalled.closed !== null) expect(stalled.closed).toBe(4008);
  else expect(stalled.last).toBe(writer.last);
  expect(writer.closed).toBe(null);
}, 180_000);
