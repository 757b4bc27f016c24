import type { OpenOptions, TreeDocument } from "./document.ts";
import { createDocument } from "./open.ts";

// Not among the others: a bundle has its modules in the order of imports, and is smallest with this one last (scripts/size.ts).

import { webPlatform } from "./connection/web.ts";

export type { Meta, Problem, Role, Space, TreeEvent, User } from "../protocol/index.ts";
export type { Changes, MarkList, Position, Side, Step, TextMark } from "../text/index.ts";
export type { Attrs, Json, NodeData, NodeId, Operation, Skipped } from "../tree/index.ts";
export type { TicketSource, Token } from "./connection/address.ts";
export type { Status } from "./connection/link.ts";
export type { Platform } from "./connection/platform.ts";
export { ProblemError } from "./connection/problem-error.ts";
export { fetchTicket } from "./connection/ticket.ts";
export { newId, webPlatform } from "./connection/web.ts";
export type {
  ChangeEvent,
  DocumentEvents,
  MutateOptions,
  Mutation,
  OpenOptions,
  Synchronous,
  TreeDocument,
  UnansweredMutation,
} from "./document.ts";
export { type Target, withoutIds } from "./insert.ts";
export { indexedDb } from "./keep/indexed-db.ts";
export { memory, type Persistence, persistence } from "./keep/persistence.ts";
export type { KeyValueStore, SavedEntry } from "./keep/store.ts";
export { MutationError } from "./mutation-error.ts";
export type { Notice } from "./notice.ts";
export { colorOf, type Other, type Presence } from "./presence.ts";
export { stream } from "./stream.ts";
export { synced } from "./synced.ts";
export { type Anchor, anchor } from "./text/anchor.ts";
export { type Cursor, carryCursor, cursorAt } from "./text/cursor.ts";
export { followTexts } from "./text/follow.ts";
export { mergeTexts, type Text, type TextChange, textOf } from "./text/text.ts";
export { undoTexts } from "./text/undo-texts.ts";
export type { Change, Transaction } from "./transaction.ts";
export { createUndo, type Undo, type Undone } from "./undo/undo.ts";
export type { TreeNode } from "./view.ts";

/**
 * Opens a document: connects, keeps it up to date, comes back by itself. The url is that of its WebSocket,
 * `wss://HOST/documents/ID`, or the same with `https`; in a page also relative to it.
 */
export function openDocument(url: string, options: OpenOptions = {}): TreeDocument {
  const absolute = globalThis.location ? new URL(url, globalThis.location.href).href : url;
  return createDocument(absolute, options, options.platform ?? webPlatform());
}
