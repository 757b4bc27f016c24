import { env, exports } from "cloudflare:workers";
import { withPrincipal } from "../../src/access/principal.ts";
import {
  type ClientMessage,
  type Join,
  type MutationBody,
  PROTOCOL,
  type Principal,
  type ServerMessage,
  type TreeEvent,
  topic,
} from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { createReplica, type Replica } from "../support/replica.ts";

type Kind = ServerMessage["type"];
type Of<T extends Kind> = Extract<ServerMessage, { type: T }>;
export type Answer = TreeEvent | Of<"reject" | "unchanged">;

/** One connection to a document, and everything that came over it. */
export interface TestSocket {
  /** What has arrived and nobody has waited for yet. */
  readonly heard: readonly ServerMessage[];
  readonly pongs: number;
  readonly replica: Replica;
  send(message: ClientMessage): void;
  sendRaw(frame: string | ArrayBuffer): void;
  /** Takes the first message of a kind, which may have arrived already. */
  take<T extends Kind>(kind: T, where?: (message: Of<T>) => boolean): Promise<Of<T>>;
  /** Drops what has arrived of a kind. */
  forget(kind: Kind): void;
  until(what: string, condition: () => boolean): Promise<void>;
  close(code?: number, reason?: string): void;
  /** How the connection ended. */
  ended(): Promise<{ readonly code: number; readonly reason: string }>;
}

/** A connection that has joined and caught up. */
export interface Member extends TestSocket {
  readonly client: string;
  readonly welcome: Of<"welcome">;
  /** Sends one mutation under this client's next counter; returns the counter. */
  mutate(ops: Operation | readonly Operation[], more?: Omit<MutationBody, "ops">): number;
  /** The event or rejection that answers a counter. */
  answer(counter: number): Promise<Answer>;
  /** `mutate` and its answer. */
  write(ops: Operation | readonly Operation[], more?: Omit<MutationBody, "ops">): Promise<Answer>;
}

// Less than a test may take, so that what did not come is what the failure says.
const PATIENCE = 3_000;

export interface ConnectOptions {
  /** Whether syncs are answered. Default true. */
  readonly answersSyncs?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who it is, as the Worker would say once it authenticates. Default: the Worker is asked. */
  readonly principal?: Principal;
  /** A replica to go on with. */
  readonly replica?: Replica;
}

export async function connect(document: string, options: ConnectOptions = {}): Promise<TestSocket> {
  return listen(await upgrade(document, options), options);
}

/** The connection that an upgrade was answered with, and what comes over it. */
export function listen(response: Response, options: ConnectOptions = {}): TestSocket {
  const { answersSyncs = true, replica = createReplica() } = options;
  const socket = response.webSocket;
  if (!socket) throw new Error(`no WebSocket: ${response.status}`);

  const heard: ServerMessage[] = [];
  let pongs = 0;
  let end: { code: number; reason: string } | null = null;
  /** A frame that the replica could not apply. Thrown where a test waits, so that it fails there. */
  let trouble: unknown = null;
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const look of woken) look();
  };

  socket.addEventListener("message", ({ data }) => {
    if (data === "pong") pongs++;
    else {
      const message: ServerMessage = JSON.parse(String(data));
      heard.push(message);
      if (message.type === "sync" && answersSyncs) send({ type: "sync", n: message.n });
      try {
        replica.hear(message);
      } catch (error) {
        trouble = error;
      }
    }
    wake();
  });
  socket.addEventListener("close", ({ code, reason }) => {
    end = { code, reason };
    wake();
  });
  socket.accept();

  const send = (message: ClientMessage) => socket.send(JSON.stringify(message));
  const until = async (what: string, condition: () => boolean) => {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      if (trouble) throw trouble;
      if (condition()) return;
      const kinds = heard.map(({ type }) => type).join(", ");
      const state = `heard: ${kinds || "nothing"}; ${end ? `closed with ${end.code} ${end.reason}` : "open"}`;
      if (Date.now() > deadline) throw new Error(`${what} did not come; ${state}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now() + 1);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };

  return {
    heard,
    replica,
    get pongs() {
      return pongs;
    },
    send,
    sendRaw: (frame) => socket.send(frame),
    async take<T extends Kind>(kind: T, where: (message: Of<T>) => boolean = () => true) {
      const wanted = (message: ServerMessage): message is Of<T> => isKind(message, kind) && where(message);
      await until(`a ${kind}`, () => heard.some(wanted));
      const found = heard.find(wanted);
      if (!found) throw new Error("it was there a moment ago");
      heard.splice(heard.indexOf(found), 1);
      return found;
    },
    forget(kind) {
      const rest = heard.filter(({ type }) => type !== kind);
      heard.splice(0, heard.length, ...rest);
    },
    until,
    close: (code, reason) => socket.close(code, reason),
    async ended() {
      await until("the close", () => end !== null);
      if (!end) throw new Error("it was there a moment ago");
      return end;
    },
  };
}

function upgrade(document: string, { headers, principal }: ConnectOptions): Promise<Response> {
  const url = `http://localhost${topic(document)}`;
  const upgrade = { ...headers, upgrade: "websocket" };
  if (!principal) return exports.default.fetch(url, { headers: upgrade });
  return env.DOCUMENTS.getByName(document).fetch(withPrincipal(new Request(url, { headers: upgrade }), principal));
}

function isKind<T extends Kind>(message: ServerMessage, kind: T): message is Of<T> {
  return message.type === kind;
}

export type JoinOptions = Partial<Omit<Join, "type" | "client">> & ConnectOptions;

/** Connects and sends a join, whatever comes of it. */
export async function ask(document: string, client: string, options: JoinOptions = {}): Promise<TestSocket> {
  const { answersSyncs, headers, principal, replica, ...fields } = options;
  const socket = await connect(document, options);
  socket.send({ type: "join", protocol: PROTOCOL, client, ...fields });
  return socket;
}

/** Connects, joins and waits until the replica has caught up. */
export async function join(document: string, client: string, options: JoinOptions = {}): Promise<Member> {
  const socket = await ask(document, client, options);
  const welcome = await socket.take("welcome");
  if (options.answersSyncs !== false) await socket.until("the present", () => socket.replica.caughtUp);
  socket.forget("snapshot");
  let counter = welcome.mutation;

  const mutate: Member["mutate"] = (ops, extra = {}) => {
    counter++;
    const list = "op" in ops ? [ops] : ops;
    socket.send({ type: "mutate", mutations: [{ mutation: counter, ops: list, ...extra }] });
    return counter;
  };
  const answer: Member["answer"] = async (wanted) => {
    const mine = (event: TreeEvent) => event.client === client && event.mutation === wanted;
    const isAnswer = (message: ServerMessage) =>
      ((message.type === "reject" || message.type === "unchanged") && message.mutation === wanted) ||
      (message.type === "delta" && message.events.some(mine));
    await socket.until(`the answer to ${wanted}`, () => socket.heard.some(isAnswer));
    for (const message of socket.heard.filter(isAnswer)) {
      if (message.type === "reject" || message.type === "unchanged") return message;
      const event = message.type === "delta" && message.events.find(mine);
      if (event) return event;
    }
    throw new Error("it was there a moment ago");
  };
  return {
    ...socket,
    get pongs() {
      return socket.pongs;
    },
    client,
    welcome,
    mutate,
    answer,
    write: (ops, extra) => answer(mutate(ops, extra)),
  };
}

/** The same client, with what it has, over a new connection. */
export function rejoin(document: string, member: Member, options: JoinOptions = {}): Promise<Member> {
  const { client, replica } = member;
  const { incarnation, seq } = replica;
  return join(document, client, { replica, seq, ...(incarnation !== undefined && { incarnation }), ...options });
}
