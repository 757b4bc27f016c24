import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeClientMessage, decodeNode, type Join, type TreeEvent } from "../../src/protocol/index.ts";
import { fromData, type MapStore, mutate, type Operation, toData, toRows } from "../../src/tree/index.ts";

/** How the server misbehaves. */
export interface Faults {
  /** Drops all connections each time so many mutations were applied, before it answers the last ones. */
  dropEvery?: number;
  /** Refuses the mutation with this seq. */
  rejectAt?: number;
  /** Applies the mutation with this seq twice. */
  repeatAt?: number;
  /** Leaves this seq out of what it sends. */
  skipAt?: number;
  /** Begins a new incarnation when it drops. */
  forgets?: boolean;
  /** Asks for a `sync` after each delta and sends no other until it is answered. */
  asksSync?: boolean;
  /** Applies so many, then drops its connections and takes no more. */
  leavesAt?: number;
}

export interface FakeServer {
  readonly url: string;
  /** Of the one document there is. */
  readonly events: TreeEvent[];
  readonly joins: Join[];
  faults: Faults;
  /** Someone else's mutation. */
  write(ops: readonly Operation[]): void;
  close(): Promise<void>;
}

/** The simplest server a replay can talk to: one document in memory, each frame a commit. */
export async function startFakeServer(): Promise<FakeServer> {
  let store: MapStore | null = null;
  let incarnation = 0;
  const events: TreeEvent[] = [];
  const joins: Join[] = [];
  const feeds = new Map<WebSocket, { client: string; sent: number; owesSync: boolean }>();
  let sinceDrop = 0;
  const never = (): string => {
    throw new Error("a node without an id");
  };

  const document = () => {
    store ??= fromData({ id: "root", type: "folder" }, never);
    return store;
  };
  const tell = (socket: WebSocket, message: unknown) => socket.send(JSON.stringify(message));
  const apply = (
    client: string | null,
    mutation: number | null,
    ops: readonly Operation[],
    meta?: TreeEvent["meta"],
  ) => {
    const seq = events.length + 1;
    const verdict = mutate(document(), ops, { seq, newId: never });
    if (!verdict.ok) return false;
    const event: TreeEvent = { seq, time: 0, client, mutation, userId: null, ops: verdict.ops, ...(meta && { meta }) };
    events.push(event);
    return true;
  };
  const feed = (socket: WebSocket) => {
    const to = feeds.get(socket);
    if (!to || to.owesSync || to.sent === events.length) return;
    tell(socket, { type: "delta", events: events.slice(to.sent).filter(({ seq }) => seq !== faults.skipAt) });
    to.sent = events.length;
    if (!faults.asksSync) return;
    to.owesSync = true;
    tell(socket, { type: "sync", n: to.sent });
  };
  const feedAll = () => {
    for (const socket of feeds.keys()) feed(socket);
  };
  const drop = () => {
    sinceDrop = 0;
    if (faults.forgets) incarnation++;
    for (const socket of sockets.clients) socket.terminate();
  };

  const join = (socket: WebSocket, message: Join) => {
    joins.push(message);
    const { client, seq } = message;
    for (const [other, its] of feeds) if (its.client === client) other.close(4009);
    const isSame = message.incarnation === String(incarnation) && seq !== undefined;
    const mutation = events.reduce((most, event) => (event.client === client ? (event.mutation ?? most) : most), 0);
    const now = { seq: events.length, incarnation: String(incarnation), mutation };
    tell(socket, { type: "welcome", ...now, resume: isSame ? "delta" : "snapshot", presence: {}, root: "root" });
    if (!isSame) tell(socket, { type: "snapshot", seq: events.length, nodes: [...toRows(document())], done: true });
    feeds.set(socket, { client, sent: isSame ? seq : events.length, owesSync: false });
    feed(socket);
  };

  const receive = (socket: WebSocket, text: string) => {
    if (socket.readyState !== socket.OPEN) return undefined; // what a dropped connection had sent before
    if (text === "ping") return socket.send("pong");
    const message = decodeClientMessage(text);
    if (!message.ok) throw new Error(message.problem.message);
    if (message.value.type === "join") return join(socket, message.value);
    const its = feeds.get(socket);
    if (its && message.value.type === "sync") {
      its.owesSync = false;
      feed(socket);
    }
    if (!its || message.value.type !== "mutate") return undefined;
    const { client } = its;
    for (const each of message.value.mutations) {
      if (each.problem) throw new Error(each.problem.message);
      const known = events.find((event) => event.client === client && event.mutation === each.mutation);
      if (known) tell(socket, { type: "delta", events: [known] });
      else {
        const { rejectAt, repeatAt } = faults;
        const seq = events.length + 1;
        const done = seq !== rejectAt && apply(client, each.mutation, each.ops, each.meta);
        if (!done) tell(socket, { type: "reject", mutation: each.mutation, code: "notFound", message: "it is gone" });
        if (seq === repeatAt) apply(client, each.mutation, [], each.meta);
        sinceDrop++;
      }
      if (events.length === faults.leavesAt || sinceDrop === faults.dropEvery) return drop();
    }
    feedAll();
    return undefined;
  };

  const answer = (request: IncomingMessage, body: string): [number, unknown] => {
    const url = new URL(request.url ?? "", "http://localhost");
    const number = (name: string) => Number(url.searchParams.get(name));
    if (request.method === "DELETE") {
      store = null;
      incarnation++;
      events.length = 0;
      return [200, {}];
    }
    if (request.method === "PUT") {
      const given = decodeNode(JSON.parse(body).tree, { nodes: 1_000, message: "too many", depth: 1_000 });
      if (!store && given.ok) store = fromData(given.value, never);
      return [200, {}];
    }
    if (url.pathname.endsWith("/tree")) return [200, { seq: events.length, tree: toData(document()) }];
    if (!url.pathname.endsWith("/history")) return [200, { seq: events.length }];
    const after = number("after");
    const entries = events.slice(after, after + number("limit"));
    return [200, { entries, more: after + entries.length < events.length }];
  };

  const http = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const [status, value] = answer(request, body);
      response.writeHead(status).end(JSON.stringify(value));
    });
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    if (events.length === faults.leavesAt) socket.terminate();
    socket.on("message", (data) => void receive(socket, String(data)));
    socket.on("close", () => {
      feeds.delete(socket);
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");

  const faults: Faults = {};
  return {
    url: `http://127.0.0.1:${address.port}`,
    events,
    joins,
    faults,
    write(ops) {
      apply("stranger", 1, ops);
      feedAll();
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
}
