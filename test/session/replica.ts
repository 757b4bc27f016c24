import {
  byteLength,
  LIMITS,
  type PresenceEntry,
  type Principal,
  type ServerMessage,
  type SubscriberId,
  type TreeEvent,
} from "../../src/protocol/index.ts";
import {
  applyEvent,
  fromRows,
  type Json,
  type MapStore,
  type NodeId,
  type NodeRow,
  type Operation,
} from "../../src/tree/index.ts";
import { type Answers, createAnswers } from "./answers.ts";

/** A mutation that has no answer yet. It is sent as it was made, however often. */
export interface Pending {
  readonly mutation: number;
  readonly base?: number;
  readonly ops: readonly Operation[];
}

/**
 * An honest client as somebody would write it who has read docs/protocol.md: the tree as confirmed by the server, and
 * a list of what has no answer yet. It throws when the server breaks a promise.
 */
export interface Replica {
  readonly client: string;
  readonly principal: Principal;
  readonly tree: MapStore | null;
  readonly seq: number | null;
  readonly subscriber: SubscriberId | null;
  /** Whether it has joined, reached the seq of its welcome, and sent what was pending. */
  readonly ready: boolean;
  readonly pending: readonly Pending[];
  /** How many mutations it has made. */
  readonly made: number;
  readonly answers: Answers;
  readonly presence: ReadonlyMap<SubscriberId, PresenceEntry>;
  /** What it has told of itself on this connection. */
  readonly own: Json;
  /** Frames to be sent, once. */
  take(): string[];
  /** A connection is there: joins. */
  connected(): void;
  receive(text: string): void;
  /** The connection is gone. */
  closed(): void;
  mutate(ops: readonly Operation[], lag: number | null): void;
  setPresence(data: Json): void;
  /** Stops answering syncs, or goes on and answers what it owes. */
  answering(does: boolean): void;
}

export function createReplica(client: string, principal: Principal, note: (what: string) => void): Replica {
  const answers = createAnswers(client, note);
  let outbox: string[] = [];
  let incarnation: string | null = null;
  let tree: MapStore | null = null;
  let seq: number | null = null;
  let collected: { seq: number; rows: Map<NodeId, NodeRow> } | null = null;
  let target: number | null = null;
  let ready = false;
  let subscriber: SubscriberId | null = null;
  let presence = new Map<SubscriberId, PresenceEntry>();
  let own: Json = null;
  let wanted: Json = null;
  let pending: Pending[] = [];
  let counter = 0;
  let answersSyncs = true;
  let sync = { asked: 0, answered: 0 };

  const send = (message: object) => void outbox.push(JSON.stringify(message));
  const fail = (why: string): never => {
    throw new Error(`${client}: ${why}`);
  };
  const answered = (mutation: number) => {
    pending = pending.filter((each) => each.mutation !== mutation);
  };
  const answerSyncs = () => {
    if (!answersSyncs || sync.answered === sync.asked) return;
    sync.answered = sync.asked;
    send({ type: "sync", n: sync.asked });
  };
  /** With everything that was there when it joined, it sends what has no answer, in order. */
  const caughtUp = () => {
    if (ready || target === null || seq === null || seq < target) return;
    ready = true;
    if (pending.length > 0) note("sent again or late");
    for (const mutations of frames(pending)) send({ type: "mutate", mutations });
  };

  const applied = (event: TreeEvent) => {
    if (event.client === client && event.mutation !== null) {
      answers.event(event.mutation, event);
      answered(event.mutation);
    }
    if (tree === null || seq === null) return fail("an event before there is a tree");
    if (event.seq <= seq) {
      // W8: older ones come only as the answer to what was sent again.
      if (event.client !== client) fail(`event ${event.seq} of ${event.client} came again at seq ${seq}`);
      return;
    }
    if (event.seq !== seq + 1) fail(`event ${event.seq} came after ${seq}`);
    // What is removed is kept: it may come back without its content.
    applyEvent(tree, event);
    seq = event.seq;
  };
  const collect = (part: Extract<ServerMessage, { type: "snapshot" }>) => {
    // It lacks what somebody has restored.
    if (tree !== null) note("snapshot in the middle");
    // After a hibernation of the server it begins anew.
    if (collected && collected.seq !== part.seq) note("snapshot begun anew");
    if (collected?.seq !== part.seq) collected = { seq: part.seq, rows: new Map() };
    // If nothing was committed meanwhile, rows come a second time.
    for (const row of part.nodes) collected.rows.set(row[0], row);
    if (!part.done) return;
    tree = fromRows(collected.rows.values());
    seq = collected.seq;
    collected = null;
    note("snapshot");
  };

  const hear = (message: ServerMessage) => {
    switch (message.type) {
      case "welcome":
        if (message.mutation < answers.highest) fail(`the welcome has forgotten counter ${answers.highest}`);
        subscriber = message.subscriber;
        target = message.seq;
        presence = new Map(Object.entries(message.presence));
        if (message.resume === "delta") note(message.seq === seq ? "resume, nothing missed" : "resume by delta");
        else tree = seq = null;
        incarnation = message.incarnation;
        return;
      case "snapshot":
        return collect(message);
      case "delta":
        for (const event of message.events) applied(event);
        return;
      case "reject": {
        const { type: _, mutation, ...problem } = message;
        answers.rejection(mutation, problem);
        return answered(mutation);
      }
      case "unchanged":
        if (tree === null || seq === null || message.seq > seq) fail(`it has not seen ${message.seq} yet`);
        answers.unchanged(message.mutation, message.seq);
        return answered(message.mutation);
      case "presence":
        if (message.reset) {
          note("presence reset");
          presence = new Map();
        }
        for (const [id, entry] of Object.entries(message.changes)) {
          if (entry) presence.set(id, entry);
          else presence.delete(id);
        }
        return;
      case "sync":
        if (message.n !== sync.asked + 1) fail(`sync ${message.n} came after ${sync.asked}`);
        sync.asked = message.n;
        note("sync");
        answerSyncs();
        if (sync.asked - sync.answered === LIMITS.syncsUnanswered) note("paused");
        return;
      case "error":
        note(`closed: ${message.code}`);
        // Before the welcome it only says that the join was too long on its way.
        if (message.code === "protocol" && subscriber !== null)
          fail(`the server calls this a bug of the client: ${message.message}`);
        return;
    }
  };

  return {
    client,
    principal,
    answers,
    get tree() {
      return tree;
    },
    get seq() {
      return seq;
    },
    get subscriber() {
      return subscriber;
    },
    get ready() {
      return ready;
    },
    get pending() {
      return pending;
    },
    get made() {
      return counter;
    },
    get presence() {
      return presence;
    },
    get own() {
      return own;
    },
    take() {
      const taken = outbox;
      outbox = [];
      return taken;
    },
    connected() {
      own = wanted;
      const known = seq !== null && incarnation !== null && { incarnation, seq };
      send({ type: "join", protocol: 2, client, ...known, ...(own !== null && { presence: own }) });
    },
    receive(text) {
      const message: ServerMessage = JSON.parse(text);
      hear(message);
      caughtUp();
    },
    closed() {
      outbox = [];
      subscriber = target = collected = null;
      ready = false;
      sync = { asked: 0, answered: 0 };
      presence = new Map();
      own = null;
    },
    mutate(ops, lag) {
      const base = lag !== null && seq !== null ? { base: Math.max(0, seq - lag) } : {};
      const mutation = { mutation: ++counter, ...base, ops };
      pending.push(mutation);
      if (ready) send({ type: "mutate", mutations: [mutation] });
    },
    setPresence(data) {
      wanted = data;
      if (subscriber === null) return;
      own = data;
      send({ type: "presence", data });
    },
    answering(does) {
      answersSyncs = does;
      answerSyncs();
    },
  };
}

/** In as few frames as the limits allow. */
function frames(pending: readonly Pending[]): Pending[][] {
  const parts: Pending[][] = [];
  let room = 0;
  for (const each of pending) {
    const bytes = byteLength(JSON.stringify(each)) + 1;
    if (bytes > room || parts.at(-1)?.length === LIMITS.mutationsPerFrame) {
      parts.push([]);
      room = LIMITS.frameBytes - 100;
    }
    parts.at(-1)?.push(each);
    room -= bytes;
  }
  return parts;
}
