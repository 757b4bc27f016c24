import type { Effect, Inverse, Json, JsonObject, Lost, NodeId, NodeRow, Operation, Receipts } from "../tree/index.ts";
import type { ErrorCode, Problem, Result } from "./errors.ts";

export interface User {
  readonly id: string;
  readonly name?: string | undefined;
}
/** What one may do, each all that the one before may: docs/protocol.md has the table. */
export type Role = "read" | "write" | "admin";

/** Who makes a call. Everything that asks anything of a document carries one. Times are Unix milliseconds. */
export interface Principal {
  readonly user: User | null;
  readonly role: Role;
  /** From then on it is nobody any more; left out: it does not end. */
  readonly expires?: number | undefined;
  /** When its token was issued: a revocation counts for those from before it. */
  readonly issued?: number | undefined;
  /** It says what a token of this deployment says, so another token may take its place. Not so what an `authorize` has decided. */
  readonly renewable?: boolean | undefined;
}

/** Who calls by RPC without saying for whom: another Worker is trusted. */
export const ANYONE: Principal = { user: null, role: "admin" };

export type Meta = JsonObject;

/** Whether there is room for more in a document: `low` from 80 % of its `maxBytes` on, `full` past it. Left out: `enough`. */
export type Space = "enough" | "low" | "full";

/** One committed mutation. `client` and `mutation` are null where it came over HTTP or RPC without them. */
export interface TreeEvent extends Receipts {
  readonly seq: number;
  /** It stands for all events from this seq on: what others have typed, together. Only for who has said that it takes `runs`. */
  readonly first?: number | undefined;
  readonly time: number;
  readonly client: string | null;
  readonly mutation: number | null;
  readonly userId: string | null;
  readonly ops: readonly Effect[];
  readonly meta?: Meta | undefined;
  /** The events that it takes back, or does again. */
  readonly undoes?: readonly number[] | undefined;
  readonly redoes?: readonly number[] | undefined;
  /** Whose work has lost against it unseen. */
  readonly notices?: readonly Notice[] | undefined;
}

/** Told to who made the event `seq`: its node was `rescued`, `removed`, `moved` or `written` over by who had not seen that. */
export interface Notice extends Lost {
  readonly client: string | null;
  readonly userId: string | null;
}

/** An event as it stands in the log, with what undoes it. */
export type LoggedEvent = TreeEvent & { readonly inverse: readonly Inverse[] };

/** What a mutation asks for. `base` is the seq that its author had applied; without it the author saw everything. */
export interface MutationBody {
  readonly base?: number | undefined;
  readonly ops: readonly Operation[];
  readonly meta?: Meta | undefined;
}

/** A mutation as a client sends it, decoded; or what is wrong with it, to be answered by a `reject`. */
export type ClientMutation = { readonly mutation: number } & (
  | (MutationBody & { readonly problem?: undefined })
  | { readonly problem: Problem }
);

export interface Join {
  readonly type: "join";
  readonly protocol: number;
  readonly client: string;
  readonly incarnation?: string | undefined;
  readonly seq?: number | undefined;
  /** It keeps what is removed, and still has what was removed after this seq. Without it: it keeps nothing that is removed. */
  readonly keeps?: number | undefined;
  /** What others have typed meanwhile may come as one event. */
  readonly runs?: boolean | undefined;
  readonly presence?: Json | undefined;
  /** What the document is made with where this join makes it: `decodeInitial`. */
  readonly tree?: unknown;
}

interface Knows {
  /** The highest counter of which the author knows that it was refused, 0 for none: nothing of this was made behind what was refused up to it. */
  readonly refused?: number | undefined;
}

/** What a client may send. */
export type ClientMessage =
  | Join
  | ({ readonly type: "mutate"; readonly mutations: readonly ClientMutation[] } & Knows)
  | { readonly type: "presence"; readonly data: Json }
  | { readonly type: "sync"; readonly n: number }
  | { readonly type: "auth"; readonly token: string }
  | { readonly type: "leave" };

/** A frame whose mutations are not decoded yet. */
export type OpenFrame =
  | Exclude<ClientMessage, { readonly type: "mutate" }>
  | ({ readonly type: "mutate"; readonly mutations: EnclosedMutations } & Knows);

/** The mutations of a frame. */
export interface EnclosedMutations {
  readonly length: number;
  /** One of them, from 0; what cannot be understood is a problem of the connection (`protocol`). */
  at(index: number): Result<EnclosedMutation>;
}

/** A mutation as it came: its counter is known, and nothing of the rest. */
export interface EnclosedMutation {
  readonly mutation: number;
  readonly input: unknown;
}

export type SubscriberId = string;

export interface PresenceEntry {
  readonly user: User | null;
  readonly data: Json;
}

/** What a server may send. */
export type ServerMessage =
  | {
      readonly type: "welcome";
      readonly protocol: number;
      readonly document: string;
      readonly subscriber: SubscriberId;
      readonly client: string;
      readonly user: User | null;
      readonly role: Role;
      /** When that ends, and what the time is, Unix milliseconds; left out: it does not. */
      readonly expires?: number;
      readonly time?: number;
      readonly incarnation: string;
      /** The document's seq now. The client has caught up when it has this one. */
      readonly seq: number;
      /** The highest counter of this client that has been answered, accepted or rejected. */
      readonly mutation: number;
      readonly root: NodeId;
      readonly presence: Readonly<Record<SubscriberId, PresenceEntry>>;
      readonly resume: "delta" | "snapshot";
      readonly space?: Space;
    }
  | {
      readonly type: "snapshot";
      readonly seq: number;
      readonly nodes: readonly NodeRow[];
      readonly done: boolean;
      /** In the last part: up to this counter it has the mutations of this client, or they were refused. */
      readonly mutation?: number | undefined;
    }
  | { readonly type: "delta"; readonly events: readonly TreeEvent[]; readonly space?: Space }
  | ({ readonly type: "reject"; readonly mutation: number } & Problem)
  /** A mutation that changes nothing is no event: it is answered by the seq that the document had. */
  | ({ readonly type: "unchanged"; readonly mutation: number; readonly seq: number } & Receipts)
  | {
      readonly type: "presence";
      readonly changes: Readonly<Record<SubscriberId, PresenceEntry | null>>;
      /** The changes are all there is; whoever is not in them is gone. */
      readonly reset?: true;
      /** What this subscriber wanted to show is not shown, and why; the change is what is. */
      readonly refused?: Pick<Problem, "code" | "message">;
    }
  | { readonly type: "sync"; readonly n: number }
  /** What one may from now on, and until when (null: it does not end): after an `auth`, or because an admin has changed it. */
  | { readonly type: "auth"; readonly role: Role; readonly expires: number | null; readonly time: number }
  | { readonly type: "error"; readonly code: ErrorCode; readonly message: string };

/** The path of a document: `ws://host` + this is its WebSocket, `http://host` + this its HTTP. */
export function topic(documentId: string): string {
  return `/documents/${documentId}`;
}

/** A message as the text of a frame. */
export function encode(message: ServerMessage | ClientMessage): string {
  return JSON.stringify(message);
}

/** Events are turned into text once, for the log and for everyone's frame alike. */
export function eventText(event: TreeEvent): string {
  return JSON.stringify(event);
}

/** A delta frame from the texts of its events, each one or several joined by commas. */
export function deltaFrame(texts: readonly string[], space: Space = "enough"): string {
  return `{"type":"delta","events":[${texts.join(",")}]${space === "enough" ? "" : `,"space":"${space}"`}}`;
}

/** A snapshot frame from the texts of its rows. The last one says up to which counter it has the mutations of its receiver. */
export function snapshotFrame(seq: number, rows: readonly string[], mutation: number | null): string {
  const end = mutation === null ? "false" : `true,"mutation":${mutation}`;
  return `{"type":"snapshot","seq":${seq},"nodes":[${rows.join(",")}],"done":${end}}`;
}

/** A frame of changes of presence from their texts, each `"id":entry`. */
export function presenceFrame(changes: readonly string[], reset: boolean): string {
  return `{"type":"presence","changes":{${changes.join(",")}}${reset ? ',"reset":true' : ""}}`;
}
