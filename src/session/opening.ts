import { type CopyHead, type Creation, DEFAULT_OPTIONS, type DocumentOptions } from "../protocol/index.ts";
import {
  beginImport,
  beginLoading,
  createDocument,
  createMemoryTables,
  hasDocument,
  type Importing,
  type Loading,
  openDocument,
  type Slices,
  type StoredDocument,
  type Tables,
} from "../storage.ts";
import { eachFlat, type NodeData } from "../tree/index.ts";
import { type Compared, createCompared } from "./compared.ts";
import { createWaiting, type Waiting, type WaitingSetup } from "./waiting.ts";

/** A document in memory: what is stored of it, and what waits to be. */
export interface OpenDocument {
  readonly stored: StoredDocument;
  readonly waiting: Waiting;
  readonly compared: Compared;
}

/** Where a session gets its document: opened when it is first needed, created when it may be. */
export interface Opening {
  /** The options of a document that is created without any. */
  readonly defaults: DocumentOptions;
  /** Whether a join makes a document where there is none. */
  readonly creation: Creation;
  /** The document if it is in memory. */
  known(): OpenDocument | null;
  /** The document if it exists; looking for one that does not writes nothing. */
  find(): OpenDocument | null;
  findOrCreate(now: number): OpenDocument;
  /** By default of a root alone. Null if an id stands twice in the tree; then there is no document. */
  create(tree: NodeData | undefined, options: DocumentOptions, now: number): OpenDocument | null;
  /** The import under way. While there is one the document must be neither looked for nor created. */
  readonly importing: Importing | null;
  beginImport(): Importing;
  /** What comes is another document's rows: then that is what is made. */
  readonly loading: Loading | null;
  beginLoading(head: CopyHead): Loading;
  /** Does again, in slices, what has come of another document's events, where its nodes are of before them. */
  replayLoaded(now: number, nodes: number): Slices<void>;
  /** Makes a document of what was imported, of so many nodes; it is in the database, whatever new ones are. */
  finishImport(now: number, nodes: number): OpenDocument;
  /** Whether there is a document, readable or not. */
  exists(): boolean;
  /** Drops all that an import has written, under way or broken off; not to be called where there is a document. */
  dropImport(): void;
  /** Drops it from memory, and an import under way. */
  forget(): void;
}

export interface OpeningSetup extends WaitingSetup {
  readonly tables: Tables;
  readonly defaults?: DocumentOptions | undefined;
  /** The option `create` of the one that was deleted, where it had one of its own. */
  readonly creation?: (() => Creation | undefined) | undefined;
  /** Called with every document that comes into memory. */
  readonly opened: (stored: StoredDocument) => void;
  /** Called when there is no document: whoever has joined has lost it with the object's memory. */
  readonly missing: () => void;
  /** Called when a document leaves memory. */
  readonly forgotten: () => void;
}

/** What a root is called that comes without an id. */
export const ROOT_ID = "root";

const EMPTY: NodeData = { type: "root" };

export function createOpening(setup: OpeningSetup): Opening {
  const { tables, newId, defaults = DEFAULT_OPTIONS, creation = () => undefined, opened, missing, forgotten } = setup;
  let document: OpenDocument | null = null;
  let importing: Importing | null = null;
  let loading: Loading | null = null;
  const adopt = (stored: StoredDocument): OpenDocument => {
    document = { stored, waiting: createWaiting(stored, setup), compared: createCompared(stored) };
    opened(stored);
    return document;
  };
  const find = () => {
    if (document) return document;
    const stored = openDocument(tables, newId);
    if (stored) return adopt(stored);
    missing();
    return null;
  };
  const born = (now: number) => ({ incarnation: newId(), salt: saltOf(newId()), now });
  const create = (tree: NodeData | undefined, options: DocumentOptions, now: number) => {
    const top = tree ?? EMPTY;
    const flat = eachFlat({ ...top, id: top.id ?? ROOT_ID }, newId);
    const where = options.storage === "memory" ? createMemoryTables() : tables;
    const stored = createDocument(where, flat, { ...born(now), options });
    return stored && adopt(stored);
  };
  return {
    defaults,
    get creation() {
      return creation() ?? defaults.create;
    },
    known: () => document,
    find,
    findOrCreate(now) {
      const found = find() ?? create(undefined, defaults, now);
      if (!found) throw new Error("a root alone is no tree");
      return found;
    },
    create,
    get importing() {
      return importing;
    },
    beginImport() {
      importing = beginImport(tables);
      return importing;
    },
    get loading() {
      return loading;
    },
    beginLoading(head) {
      loading = beginLoading(tables, head);
      return loading;
    },
    *replayLoaded(now, nodes) {
      if (loading) yield* loading.replay({ ...born(now), nodes });
    },
    finishImport(now, nodes) {
      if (loading) loading.finish({ ...born(now), nodes });
      else importing?.finish({ ...born(now), options: { ...defaults, storage: "sqlite" } });
      importing = null;
      loading = null;
      const found = find();
      if (!found) throw new Error("what was imported is a document");
      return found;
    },
    exists: () => document !== null || hasDocument(tables),
    dropImport() {
      importing = null;
      loading = null;
      if (tables.exists()) tables.clear();
    },
    forget() {
      document = null;
      importing = null;
      loading = null;
      forgotten();
    },
  };
}

/** A number out of an id that nobody ever sees: 32 bits of FNV-1a. */
function saltOf(secret: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < secret.length; index++) hash = Math.imul(hash ^ secret.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
