import {
  type Join,
  type MutationBody,
  PROTOCOL,
  type Principal,
  type ServerMessage,
  type SubscriberId,
} from "../../../src/protocol/index.ts";
import type { Json } from "../../../src/tree/index.ts";
import { createReplica, type Replica } from "../../support/replica.ts";
import { connect, type TestSocket } from "../socket-client.ts";
import { answerText } from "./texts.ts";

/**
 * One client as docs/protocol.md has it, through all its connections: what it holds, what it has sent and not heard of,
 * what it was told. It sends when it is told to; when that is, is the driver's.
 */
export interface Client {
  readonly id: string;
  readonly replica: Replica;
  /** Whether it has a connection, as far as it knows. */
  readonly here: boolean;
  /** Whether it has all that the last welcome announced. */
  readonly caughtUp: boolean;
  /** What it was told of each of its mutations, by counter. */
  readonly answers: ReadonlyMap<number, string>;
  /** The counters of what it has sent and not heard of. */
  readonly pending: readonly number[];
  /** Everyone's presence, as it sees it. */
  readonly presence: ReadonlyMap<SubscriberId, Json>;
  /** Its own connections, by the names that presence has for them. */
  readonly subscribers: ReadonlySet<SubscriberId>;
  /** What the last connection resumed with. */
  readonly resumed: "delta" | "snapshot" | null;
  /** The code of the last error it was sent. */
  readonly error: string | null;
  readonly owesSync: boolean;
  /** Reads, but does not say so. */
  stalled: boolean;
  /** Throws what went wrong when something arrived. */
  check(): Promise<void>;
  /** Connects and joins with what it holds; true as soon as it was welcomed, false if it was refused. */
  connect(): Promise<boolean>;
  /** Sends these under its next counters, in one frame. */
  mutate(bodies: readonly MutationBody[]): number[];
  /** Waits until these are answered, and hears nothing of it, nor of anything else on this connection. */
  missAnswers(counters: readonly number[]): Promise<void>;
  /** Sends again, unchanged, what an earlier connection sent and was not answered. Says of how many the frame got lost, and of how many the answer. */
  resend(): { readonly frames: number; readonly answers: number };
  /** What its presence is from now on, for later connections too. */
  present(data: Json): void;
  answerSync(): void;
  sendRaw(frame: string): void;
  /** Hears nothing more on this connection. */
  turnAway(): void;
  close(): void;
  /** How the connection ended; waits for it. */
  ended(): Promise<{ readonly code: number; readonly reason: string }>;
}

export interface ClientOptions {
  readonly principal?: Principal;
  readonly presence?: Json;
}

export function createClient(document: string, id: string, { principal, presence: first }: ClientOptions = {}): Client {
  const replica = createReplica();
  const answers = new Map<number, string>();
  const pending = new Map<number, MutationBody>();
  const subscribers = new Set<SubscriberId>();
  let presence = new Map<SubscriberId, Json>();
  let own: Json | undefined = first;
  let socket: TestSocket | null = null;
  let counter = 0;
  /** The highest counter that the object had answered when this connection began. */
  let known = 0;
  /** What this connection has to send again as soon as it has caught up. */
  let carried = new Set<number>();
  /** What this connection still has to answer unheard. */
  let missed: Set<number> | null = null;
  let whole = false;
  /** Syncs of this connection, and the one that is to be answered. */
  let syncs = 0;
  let owed: number | null = null;
  let resumed: Client["resumed"] = null;
  let error: string | null = null;
  let refused = false;
  /** The connection that is listened to: of an older one nothing is heard any more. */
  let listening = 0;

  const answered = (mutation: number, text: string) => {
    if (!pending.has(mutation) && !answers.has(mutation)) return;
    const before = answers.get(mutation);
    if (before !== undefined && before !== text)
      throw new Error(`${id}#${mutation} was answered ${before}, then ${text}`);
    pending.delete(mutation);
    answers.set(mutation, text);
  };
  const answersIn = (message: ServerMessage): [mutation: number, text: string][] => {
    if (message.type === "reject" || message.type === "unchanged") return [[message.mutation, answerText(message)]];
    if (message.type !== "delta") return [];
    return message.events.flatMap((event) =>
      event.client === id && event.mutation !== null ? [[event.mutation, answerText(event)]] : [],
    );
  };
  const hear = (message: ServerMessage) => {
    if (missed) {
      for (const [mutation] of answersIn(message)) missed.delete(mutation);
      return;
    }
    replica.hear(message);
    switch (message.type) {
      case "welcome":
        counter = Math.max(counter, message.mutation);
        known = message.mutation;
        resumed = message.resume;
        if (message.resume === "snapshot") whole = false;
        subscribers.add(message.subscriber);
        presence = new Map(Object.entries(message.presence).map(([name, { data }]) => [name, data]));
        break;
      case "snapshot":
        if (message.done) whole = true;
        break;
      case "delta":
      case "reject":
      case "unchanged":
        for (const [mutation, text] of answersIn(message)) answered(mutation, text);
        break;
      case "presence":
        if (message.reset) presence = new Map();
        for (const [name, entry] of Object.entries(message.changes)) {
          if (entry) presence.set(name, entry.data);
          else presence.delete(name);
        }
        break;
      case "sync":
        if (message.n !== ++syncs) throw new Error(`sync ${message.n} came as number ${syncs} to ${id}`);
        owed = message.n;
        break;
      case "error":
        error = message.code;
        refused = true;
        break;
    }
  };
  const open = () => {
    if (!socket) throw new Error(`${id} is not here`);
    return socket;
  };

  return {
    id,
    replica,
    get here() {
      return socket !== null;
    },
    get caughtUp() {
      return whole && replica.caughtUp;
    },
    answers,
    get pending() {
      return [...pending.keys()];
    },
    get presence() {
      return presence;
    },
    subscribers,
    get resumed() {
      return resumed;
    },
    get error() {
      return error;
    },
    get owesSync() {
      return socket !== null && owed !== null && !this.stalled;
    },
    stalled: false,
    async check() {
      await socket?.until("a look", () => true);
    },
    async connect() {
      const mine = ++listening;
      syncs = 0;
      owed = null;
      resumed = null;
      refused = false;
      missed = null;
      carried = new Set(pending.keys());
      // Without a whole snapshot there is nothing to go on from.
      const { incarnation, seq } = replica;
      const held = whole && incarnation !== undefined ? { incarnation, seq } : {};
      const ears: Replica = {
        ...createReplica(),
        hear: (message) => {
          if (mine === listening) hear(message);
        },
      };
      socket = await connect(document, { answersSyncs: false, replica: ears, ...(principal && { principal }) });
      const join: Join = { type: "join", protocol: PROTOCOL, client: id, ...held };
      socket.send(own === undefined ? join : { ...join, presence: own });
      await socket.until("a welcome", () => resumed !== null || refused);
      return !refused;
    },
    mutate(bodies) {
      const mutations = bodies.map((body) => ({ mutation: ++counter, ...body }));
      for (const { mutation, ...body } of mutations) pending.set(mutation, body);
      open().send({ type: "mutate", mutations });
      return mutations.map(({ mutation }) => mutation);
    },
    async missAnswers(counters) {
      const awaited = new Set(counters);
      missed = awaited;
      await open().until("the answers to be lost", () => awaited.size === 0);
    },
    resend() {
      const mutations = [...pending]
        .filter(([mutation]) => carried.has(mutation))
        .map(([mutation, body]) => ({ mutation, ...body }));
      carried = new Set();
      if (mutations.length > 0) open().send({ type: "mutate", mutations });
      const answers = mutations.filter(({ mutation }) => mutation <= known).length;
      return { answers, frames: mutations.length - answers };
    },
    present(data) {
      own = data === null ? undefined : data;
      open().send({ type: "presence", data });
    },
    answerSync() {
      if (owed !== null) socket?.send({ type: "sync", n: owed });
      owed = null;
    },
    sendRaw: (frame) => open().sendRaw(frame),
    turnAway() {
      listening++;
    },
    close: () => open().close(1000, "bye"),
    async ended() {
      const end = await open().ended();
      socket = null;
      return end;
    },
  };
}
