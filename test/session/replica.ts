import type { PresenceEntry, Principal, ServerMessage, SubscriberId, TreeEvent } from "../../src/protocol/index.ts";
import {
  applyEvent,
  forgetRemoved,
  fromRows,
  type Json,
  type MapStore,
  type NodeRow,
  type Operation,
} from "../../src/tree/index.ts";
import { createAnswers, type Answers } from "./answers.ts";

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
  readonly answers: Answers;
  readonly presence: ReadonlyMap<SubscriberId, PresenceEntry>;
  /** What it has told of itself on this connection. */
  readonly own: Json;
  readonly owesSyncs: boolean;
  readonly counts: { snapshots: number; resumes: number; restarts: number; syncs: number };
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

export function createReplica(client: string, principal: Principal): Replica {
  const answers = createAnswers(client);
  const counts = { snapshots: 0, resumes: 0, restarts: 0, syncs: 0 };
  let outbox: string[] = [];
  let incarnation: string | null = null;
  let tree: MapStore | null = null;
  let seq: number | null = null;
  let collected: { seq: number; rows: NodeRow[] } | null = null;
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
    if (pending.length > 0) send({ type: "mutate", mutations: pending });
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
    applyEvent(tree, event);
    forgetRemoved(tree, event.ops);
    seq = event.seq;
  };
  const collect = (part: Extract<ServerMessage, { type: "snapshot" }>) => {
    if (tree !== null) fail("a snapshot nobody asked for");
    // After a hibernation of the server it begins anew.
    if (collected && collected.seq !== part.seq) counts.restarts++;
    if (collected?.seq !== part.seq) collected = { seq: part.seq, rows: [] };
    collected.rows.push(...part.nodes);
    if (!part.done) return;
    tree = fromRows(collected.rows);
    seq = collected.seq;
    collected = null;
    counts.snapshots++;
  };

  const hear = (message: ServerMessage) => {
    switch (message.type) {
      case "welcome":
        if (message.mutation < answers.highest) fail(`the welcome has forgotten counter ${answers.highest}`);
        subscriber = message.subscriber;
        target = message.seq;
        presence = new Map(Object.entries(message.presence));
        if (message.resume === "delta") counts.resumes++;
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
      case "presence":
        if (message.reset) presence = new Map();
        for (const [id, entry] of Object.entries(message.changes)) {
          if (entry) presence.set(id, entry);
          else presence.delete(id);
        }
        return;
      case "sync":
        if (message.n !== sync.asked + 1) fail(`sync ${message.n} came after ${sync.asked}`);
        sync.asked = message.n;
        counts.syncs++;
        return answerSyncs();
      case "error":
        if (message.code === "protocol") fail(`the server calls this a bug of the client: ${message.message}`);
        return;
    }
  };

  return {
    client,
    principal,
    answers,
    counts,
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
    get presence() {
      return presence;
    },
    get own() {
      return own;
    },
    get owesSyncs() {
      return sync.answered < sync.asked;
    },
    take() {
      const taken = outbox;
      outbox = [];
      return taken;
    },
    connected() {
      own = wanted;
      const known = seq !== null && incarnation !== null && { incarnation, seq };
      send({ type: "join", protocol: 1, client, ...known, ...(own !== null && { presence: own }) });
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
