import type { Meta, Role, Space, TreeEvent, User } from "../protocol/index.ts";
import type { NodeData, NodeId } from "../tree/index.ts";
import type { TicketSource, Token } from "./connection/address.ts";
import type { Status } from "./connection/link.ts";
import type { Platform } from "./connection/platform.ts";
import type { Emitter } from "./emitter.ts";
import type { Persistence } from "./keep/persistence.ts";
import type { MutationError } from "./mutation-error.ts";
import type { Notice } from "./notice.ts";
import type { Pending } from "./pending.ts";
import type { Other, Presence } from "./presence.ts";
import type { Transaction } from "./transaction.ts";
import type { TreeNode, TreeReader } from "./view.ts";

export interface OpenOptions {
  /**
   * Says who one is: sent as a subprotocol of the socket, and in `authorization` elsewhere. A function is asked before each connection, and again
   * before what it gave is over.
   */
  readonly token?: Token | undefined;
  /** For where a socket can have no subprotocol: `fetchTicket`, which exchanges the token for a ticket that goes into the URL. */
  readonly ticket?: TicketSource | undefined;
  /** Where the document and what is pending are kept between visits. Without it they are gone with the page. */
  readonly persist?: Persistence | undefined;
  /** Who this is: a lasting id that no other page or process uses at the same time. Without it one is made up, or kept by `persist`. */
  readonly client?: string | undefined;
  /** What the document begins with where it is this that makes it; at most 1 000 nodes. Where there is one, it is that. */
  readonly initial?: NodeData | undefined;
  /** With `false` nothing happens before `connect` is called. */
  readonly connect?: boolean | undefined;
  /** The machine to run on; `durable-grove/testing` has others. */
  readonly platform?: Platform | undefined;
}

export interface MutateOptions {
  /** Kept with the event, and found by it in the history; at most 4 KiB. The key `group` is the client's own. */
  readonly meta?: Meta | undefined;
  /** Mutations of the same group that follow each other are undone together. */
  readonly group?: string | undefined;
}

/** What a function gives back that is no `async` one. */
export type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/** A mutation that has no answer. */
export type UnansweredMutation = Pick<Pending, "ops" | "meta">;

/** A mutation that was made: in the tree at once, and answered by the server some time. */
export interface Mutation {
  /** Its event, with receipts, once it is committed; rejects with a MutationError when it is not. */
  readonly committed: Promise<TreeEvent>;
}

export interface ChangeEvent {
  /** Nodes whose content, parent or list of children is another, or that came or went. */
  readonly ids: ReadonlySet<NodeId>;
  /** `rollback`: what was shown at once and then refused. */
  readonly source: "local" | "remote" | "rollback";
}

export interface DocumentEvents {
  change: ChangeEvent;
  /** A committed mutation, anyone's, in the order of the document. */
  event: TreeEvent;
  status: Status;
  /** How many mutations have no answer. */
  pending: number;
  rejected: MutationError;
  /** Somebody's work has met somebody's, one's own among them, and this is what came of it. */
  notice: Notice;
  presence: readonly Other[];
  /** There is less room in the document than before, or more: `low` from 80 % of what it may take on, `full` past it. */
  space: Space;
  /** The server has said what one may: at each connection, and when it is another. */
  role: Role;
  /** Something does not work that is not needed to go on: keeping the document, fetching a token. */
  error: unknown;
}

/** A document that others edit, too. What is read is the tree as it is known here, one's own mutations included. */
export interface TreeDocument extends TreeReader {
  readonly url: string;
  readonly status: Status;
  /** The client that this is, as events name it; null before that is known. */
  readonly client: string | null;
  /** Who one is, as the server says; null before it has, and for nobody in particular. */
  readonly user: User | null;
  readonly role: Role | null;
  /** Whether there is room for more; in a `full` one only what removes is accepted. */
  readonly space: Space;
  /** Live nodes. */
  readonly size: number;
  /** The last event that was applied. */
  readonly seq: number;
  /** Mutations without an answer. */
  readonly pending: number;
  /** What they are, the oldest first. After `forbidden` has closed the document they are all refused, and stay here to be shown. */
  readonly outbox: readonly UnansweredMutation[];
  /** Resolves when there is a tree to read; rejects when the document is closed before. */
  readonly loaded: Promise<void>;
  find(predicate: (node: TreeNode) => boolean): TreeNode | undefined;
  /** A subtree as nested data, all of it or so many levels. Throws where there is no such node. */
  toData(id?: NodeId, depth?: number): NodeData;
  /** Makes a mutation, all of it or, where the tree refuses a part, nothing. Throws only what `change` throws. */
  mutate<T>(change: (tx: Transaction) => Synchronous<T>, options?: MutateOptions): Mutation;
  readonly presence: Presence;
  on: Emitter<DocumentEvents>["on"];
  /** Calls back when a node's content, place or list of children has changed. */
  watch(id: NodeId, listener: () => void): () => void;
  /** Connects now, whatever it was waiting for; after a close by the server as well. */
  connect(): void;
  /** Leaves, for good. What is pending is lost, unless it is kept by `persist`. Resolves when all is written. */
  close(): Promise<void>;
}
