import type { Insert, Move, Operation, Remove, Update } from "../../src/tree/index.ts";
import type { Desk, Key } from "../text/keys.ts";

/** What travels as one WebSocket message: a string is sent as text, bytes as binary. */
export type Frame = string | Uint8Array;

/** One atomic change: inserts of single nodes, moves to the first place of a parent, updates, removals. */
export type Mutation = readonly Operation[];

/** An operation that every system has. */
export type Edit = Insert | Move | Update | Remove;

/** What systems beside ours are asked for: undo, and what edits texts, is no operation of theirs. */
export function editsOf(mutation: Mutation): Edit[] {
  return mutation.map((operation) => {
    if (!isEdit(operation)) throw new Error(`${operation.op} is measured for ours alone`);
    return operation;
  });
}

function isEdit(operation: Operation): operation is Edit {
  return ["insert", "move", "update", "remove"].includes(operation.op);
}

/** The client that fills documents before anything is measured. */
export const FILLER = "filler";

/**
 * One system's wire, as thin as it can be: the load generator, the clock and the counting are the same for all.
 * An operation is one of ours with everything chosen by the writer (ids, no anchors but `after: null`); each system
 * writes it down as its own documents would have it.
 */
export interface Protocol {
  /** Where the WebSocket of a document is, below `ws://host:port`. */
  path(document: string, client: string): string;
  /**
   * Writes a client's mutations down, one frame each, all of which have to be sent, in their order. `base` is what the
   * client `filler` filled the document with, mutation by mutation.
   */
  encoder(client: string, base: readonly Mutation[]): (mutation: Mutation) => Frame;
  /** Frames do not say whose they are: whoever sends what one encoder has made, it is taken. */
  readonly anyoneSends?: boolean;
  /** Nobody types in a system that has no texts. */
  readonly typists?: (clients: readonly string[], desk: Desk) => Typists;
  /** One connection's side of the talk. */
  converse(client: string, held?: Held): Conversation;
}

/** People who type in one document, as a system's clients would have them. */
export interface Typists {
  /** What the client `filler` sends before they come, one mutation a frame. */
  readonly fill: readonly Frame[];
  /** The frame of a typist's next key. */
  press(typist: number, key: Key): Frame;
  /** What came to the first of them; the others hear the same. */
  hear(frame: Buffer): void;
}

export interface Conversation {
  /** What is sent when the connection is open. */
  readonly greeting: readonly Frame[];
  /** Takes what came and says what it means. Must be cheap: it runs for every frame of every subscriber. */
  hear(frame: Buffer): Heard;
  /** What a client remembers to resume from here; asked at any time after it has joined. */
  held(): Held;
}

export interface Heard {
  /** It holds the whole document as it was when it joined. */
  readonly joined: boolean;
  /** How many of this client's own mutations, the oldest first, this frame says yes to. */
  readonly acknowledged: number;
  /** How many mutations, its own and others', this frame brings. */
  readonly delivered: number;
  /** What has to be sent back at once. */
  readonly reply: Frame | null;
}

/** What a client keeps from one connection to the next, in its system's terms. */
export type Held = Readonly<Record<string, string | number>>;
