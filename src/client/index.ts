import type { OpenOptions, TreeDocument } from "./document.ts";
import { createDocument } from "./open.ts";
import { webPlatform } from "./web.ts";

export type { Meta, Problem, TreeEvent, User } from "../protocol/index.ts";
export type { Attrs, Json, NodeData, NodeId, Operation } from "../tree/index.ts";
export type { Token } from "./address.ts";
export type {
  ChangeEvent,
  DocumentEvents,
  MutateOptions,
  Mutation,
  OpenOptions,
  TreeDocument,
} from "./document.ts";
export { indexedDb } from "./indexed-db.ts";
export type { Status } from "./link.ts";
export { MutationError } from "./mutation-error.ts";
export { memory, type Persistence, persistence } from "./persistence.ts";
export type { Platform } from "./platform.ts";
export { colorOf, type Other, type Presence } from "./presence.ts";
export type { KeyValueStore, SavedEntry } from "./store.ts";
export { stream } from "./stream.ts";
export { synced } from "./synced.ts";
export type { Change, Target, Transaction } from "./transaction.ts";
export { createUndo, type Undo, type Undone } from "./undo.ts";
export type { Skipped } from "./unmake.ts";
export type { TreeNode } from "./view.ts";
export { webPlatform } from "./web.ts";

/**
 * Opens a document: connects, keeps it up to date, comes back by itself. The url is that of its WebSocket,
 * `wss://HOST/documents/ID`, or the same with `https`; in a page also relative to it.
 */
export function openDocument(url: string, options: OpenOptions = {}): TreeDocument {
  const absolute = globalThis.location ? new URL(url, globalThis.location.href).href : url;
  return createDocument(absolute, options, options.platform ?? webPlatform());
}
