import {
  createDocument,
  DEFAULT_OPTIONS,
  type DocumentOptions,
  openDocument,
  type Sql,
  type StoredDocument,
} from "../storage.ts";
import type { FlatNode } from "../tree/index.ts";
import { createWaiting, type Waiting } from "./waiting.ts";

/** A document in memory: what is stored of it, and what waits to be. */
export interface OpenDocument {
  readonly stored: StoredDocument;
  readonly waiting: Waiting;
}

/** Where a session gets its document: opened when it is first needed, created when it may be. */
export interface Opening {
  /** The document if it is in memory. */
  known(): OpenDocument | null;
  /** The document if it exists; looking for one that does not writes nothing. */
  find(): OpenDocument | null;
  findOrCreate(now: number): OpenDocument;
  create(flat: readonly FlatNode[], options: DocumentOptions, now: number): OpenDocument;
  /** Drops it from memory. */
  forget(): void;
}

const EMPTY_ROOT: FlatNode = { id: "root", type: "root", parent: "", after: null };

export function createOpening(sql: Sql, newId: () => string): Opening {
  let document: OpenDocument | null = null;
  const adopt = (stored: StoredDocument): OpenDocument => {
    document = { stored, waiting: createWaiting(stored, newId) };
    return document;
  };
  const find = () => {
    if (document) return document;
    const stored = openDocument(sql);
    return stored && adopt(stored);
  };
  const create = (flat: readonly FlatNode[], options: DocumentOptions, now: number) =>
    adopt(createDocument(sql, flat, { incarnation: newId(), options, now }));
  return {
    known: () => document,
    find,
    findOrCreate: (now) => find() ?? create([EMPTY_ROOT], DEFAULT_OPTIONS, now),
    create,
    forget() {
      document = null;
    },
  };
}
