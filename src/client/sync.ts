import {
  PROTOCOL,
  type Problem,
  type Role,
  type ServerMessage,
  type Space,
  type TreeEvent,
  type User,
} from "../protocol/index.ts";
import type { NodeData, NodeRow, Receipts } from "../tree/index.ts";
import type { Address } from "./connection/address.ts";
import type { Link } from "./connection/link.ts";
import type { Outbox } from "./connection/outbox.ts";
import type { Difference } from "./difference.ts";
import type { ChangeEvent } from "./document.ts";
import type { Saved } from "./keep/saved.ts";
import type { Pending } from "./pending.ts";
import type { PresenceRoom } from "./presence.ts";
import type { Heard, Replica } from "./replica.ts";

/** What answers a mutation that is no event. */
export type Unchanged = Pick<TreeEvent, "seq" | "mutation"> & Receipts;

/** What became of things that was not asked for by this page. */
export interface SyncEvents {
  changed(changed: Difference, source: ChangeEvent["source"]): void;
  heard(news: Heard["news"]): void;
  /** The document has another life. */
  reborn(): void;
  accepted(pending: Pending, event: TreeEvent | null): void;
  /** It changed nothing any more when it arrived. */
  unchanged(pending: Pending, answer: Unchanged): void;
  rejected(pending: Pending, problem: Problem): void;
  /** How much room there is in the document is another than before. */
  space(space: Space): void;
  /** The server has said what one may. */
  role(role: Role): void;
  failed(error: unknown): void;
}

export interface SyncSetup {
  readonly replica: Replica;
  readonly saved: Saved | null;
  readonly presence: PresenceRoom;
  readonly outbox: Outbox;
  readonly address: Address;
  readonly initial: NodeData | undefined;
  readonly link: Pick<Link, "send" | "live" | "connect" | "end">;
  /** The highest counter that this page has used, or knows of. */
  readonly used: () => number;
  readonly events: SyncEvents;
}

/** The conversation with the server: what comes is applied, what is owed is answered (docs/protocol.md, section 8). */
export interface Sync {
  readonly user: User | null;
  readonly role: Role | null;
  readonly space: Space;
  /** The highest counter that was answered, as the server knew when it was joined. */
  readonly answered: number;
  /** The highest counter that was refused here, and held what was sent behind it. */
  readonly refused: number;
  join(): string;
  hear(message: ServerMessage): void;
  /** The connection is gone. */
  lost(): void;
}

/** Milliseconds, where the server does not say how long. */
const SOON = 1_000;

/**
 * Somebody else has used our counters. A page of WebKit that was put aside, and comes back by a step back in the history, has lost its
 * locks, and the next page has become its client: an answer would be taken for that to a mutation of ours (WebKitGTK 2.50.6, 2026-11-26).
 */
const TAKEN: Problem = { code: "replaced", message: "another page goes on as this client: open the document again" };

export function createSync(setup: SyncSetup): Sync {
  const { replica, saved, presence, outbox, address, link, initial, used, events } = setup;
  let user: User | null = null;
  let role: Role | null = null;
  let answered = 0;
  let space: Space = "enough";
  /** The seq to reach on this connection, or of a snapshot that has begun; null before the welcome and once it is reached. */
  let target: number | null = null;
  let incarnation = "";
  let rows: { seq: number; nodes: NodeRow[] } | null = null;
  /** What is here turned out wrong, or too little: the next join asks for a snapshot. */
  let distrusted = false;
  /** This mutation of ours was too old for the object: it is made anew of the tree at this seq, or a later one. */
  let aged: { readonly mutation: number; readonly base: number } | null = null;
  let refused = 0;
  /** Counts who sends what was left behind: only the last one goes on. */
  let sender = 0;

  const forget = (pending: Pending) => saved?.answered(pending.client, pending.mutation);

  const reachTarget = () => {
    if (target === null || rows || !replica.tree || replica.seq < target) return;
    target = null;
    replica.merging?.caughtUp(replica.seq, replica.pending, answered);
    const mine = ++sender;
    link.live();
    // Whoever was told may have closed it.
    if (mine !== sender) return;
    if (aged) renew();
    else outbox.open();
    // What clients have left behind whose pages are gone.
    saved?.sendLeft({ address, replica, settle, failed: events.failed, goesOn: () => mine === sender });
  };

  const renew = () => {
    const { confirmed, merging, seq, pending } = replica;
    if (!aged || rows || target !== null || !confirmed || seq < aged.base) return;
    merging?.aged({ client: replica.client, mutation: aged.mutation }, confirmed, seq, pending);
    aged = null;
    outbox.open();
  };

  /** Takes a mutation off the list; returns what it was. */
  const drop = (of: string, mutation: number, source: "remote" | "rollback", holds = false) => {
    const dropped = replica.drop(of, mutation, holds);
    if (!dropped) return null;
    forget(dropped.pending);
    events.changed(dropped.changed, source);
    return dropped.pending;
  };
  /** It was refused, or, without a problem, is in the tree already. */
  const settle = (of: string, mutation: number, problem?: Problem) => {
    const pending = drop(of, mutation, problem ? "rollback" : "remote", problem?.holds);
    if (pending && problem) events.rejected(pending, problem);
    else if (pending) events.accepted(pending, null);
  };

  /** What an undo has come to in texts is seen only now, but done here. */
  const isOwnUndo = ({ client, mutation, undoes, redoes }: TreeEvent) =>
    (undoes ?? redoes) !== undefined &&
    replica.pending.some((each) => each.client === client && each.mutation === mutation);
  const hearEvents = (all: readonly TreeEvent[]) => {
    const at = all.findIndex(isOwnUndo);
    if (at < 0) return void hearPart(all, "remote");
    if (at > 0 && !hearPart(all.slice(0, at), "remote")) return;
    if (hearPart(all.slice(at, at + 1), "local") && at + 1 < all.length) hearEvents(all.slice(at + 1));
  };
  const hearPart = (all: readonly TreeEvent[], source: "local" | "remote"): boolean => {
    const heard = replica.hear(all);
    if (!heard) {
      // It comes back with content that only a snapshot has.
      distrusted = true;
      link.connect();
      return false;
    }
    const { changed, news, answered: done } = heard;
    saved?.heard(incarnation, news);
    for (const { pending } of done) forget(pending);
    events.changed(changed, source);
    events.heard(news);
    for (const { pending, event } of done) events.accepted(pending, event);
    if (done.length > 0) outbox.push();
    return true;
  };

  const setRole = (now: Role) => {
    role = now;
    events.role(now);
  };
  const setSpace = (now: Space = "enough") => {
    if (now === space) return;
    space = now;
    events.space(space);
  };

  const handle = (message: ServerMessage) => {
    switch (message.type) {
      case "welcome":
        if (incarnation === message.incarnation && message.mutation > used()) return link.end(TAKEN);
        ({ user, incarnation, mutation: answered, seq: target } = message);
        setRole(message.role);
        distrusted = false;
        rows = message.resume === "snapshot" ? { seq: -1, nodes: [] } : null;
        presence.welcome(message);
        setSpace(message.space);
        return reachTarget();
      case "snapshot": {
        // A part with another seq begins anew: the object has hibernated in between.
        if (rows?.seq !== message.seq) rows = { seq: message.seq, nodes: [] };
        // One that was not asked for: answers may be missing that came before it, so it is as after a welcome.
        target ??= message.seq;
        for (const row of message.nodes) rows.nodes.push(row);
        if (!message.done) return;
        const isReborn = replica.incarnation !== undefined && replica.incarnation !== incarnation;
        if (isReborn) events.reborn();
        const changed = replica.load(incarnation, message.seq, rows.nodes, message.mutation ?? answered);
        rows = null;
        saved?.replaced();
        events.changed(changed, "remote");
        return reachTarget();
      }
      case "delta":
        hearEvents(message.events);
        setSpace(message.space);
        renew();
        return reachTarget();
      case "reject": {
        const { type: _, mutation, ...problem } = message;
        // It is not decided: it, and what was sent behind it, comes again.
        if (problem.code === "rateLimited") return outbox.wait(mutation, problem.retryAfter ?? SOON);
        if (problem.base !== undefined && replica.merging) {
          outbox.shut();
          aged = { mutation, base: problem.base };
          return renew();
        }
        if (problem.holds) {
          refused = Math.max(refused, mutation);
          outbox.wait(mutation, 0);
        }
        settle(replica.client, mutation, problem);
        if (problem.base === undefined) return outbox.push();
        // Nobody here can say what it comes to: the object waits for its counter, and gets nothing with it.
        link.send(JSON.stringify({ type: "mutate", mutations: [{ mutation, ops: [] }] }));
        return outbox.wait(mutation, 0);
      }
      case "unchanged": {
        const { type: _, ...answer } = message;
        const pending = drop(replica.client, answer.mutation, "remote");
        if (pending) events.unchanged(pending, answer);
        return outbox.push();
      }
      case "presence":
        if (message.refused) events.failed(new RangeError(message.refused.message));
        return presence.hear(message.changes, message.reset === true);
      case "auth":
        return setRole(message.role);
      case "sync":
        return link.send(JSON.stringify(message));
      default:
        // Unknown messages are ignored: a newer server may have more to say.
        return;
    }
  };

  return {
    get user() {
      return user;
    },
    get role() {
      return role;
    },
    get space() {
      return space;
    },
    get answered() {
      return answered;
    },
    get refused() {
      return refused;
    },
    join() {
      const { own } = presence;
      return JSON.stringify({
        type: "join",
        protocol: PROTOCOL,
        client: replica.client,
        keeps: replica.keeps,
        runs: true,
        ...(replica.tree && !distrusted && { incarnation: replica.incarnation, seq: replica.seq }),
        ...(own !== null && { presence: own }),
        ...(!replica.tree && { tree: initial }),
      });
    },
    hear(message) {
      try {
        handle(message);
      } catch (error) {
        distrusted = true;
        throw error;
      }
    },
    lost() {
      sender++;
      target = null;
      rows = null;
      aged = null;
      outbox.shut();
      presence.gone();
    },
  };
}
