import type { Token, TreeDocument } from "../client/index.ts";
import { internalsOf } from "../client/internals.ts";
import type {
  BinEntry,
  BinPage,
  BinQuery,
  BlamePage,
  DiffInput,
  DiffNode,
  DiffOperations,
  DiffPage,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  HistorySession,
  Meta,
  MomentInput,
  MutationAnswer,
  RestoreAnswer,
  RestoreInput,
  RestorePlan,
  SessionsQuery,
  UndoInput,
  UndoPlan,
} from "../protocol/index.ts";
import type { NodeData, NodeId, Operation } from "../tree/index.ts";
import { type AskOptions, createAsk } from "./asking.ts";
import { createPages, type Pages } from "./pages.ts";
import { createPast, type PastDocument } from "./past.ts";
import { createVersions, type Versions } from "./versions.ts";

/**
 * The history of a document, asked of its server over HTTP. Everything rejects with a ProblemError, whose `problem.code` is of the closed
 * list (`unavailable` where no answer comes), or, where `signal` calls it off, with its reason.
 */
export interface History {
  /** From which seq on there is history, and up to which: `at` takes any from `first` − 1 to `last`. */
  span(options?: AskOptions): Promise<HistorySpan>;
  events(query?: HistoryQuery, options?: AskOptions): Pages<HistoryEntry, HistoryPage>;
  /** What one person did with nobody in between and no long pause. */
  sessions(query?: SessionsQuery, options?: AskOptions): Pages<HistorySession, HistoryPage<HistorySession>>;
  /**
   * The document as it was then, or the branch `node`, `depth` levels of it: one answer, as large as that is. `expired` before the history,
   * `tooLarge` where too much differs from now, `notFound` where there was no such node, or is no such version.
   */
  at(moment: MomentInput, options?: PastOptions): Promise<PastDocument>;
  /** What differs between two moments, by node. The pages say who has made it (`authors`). */
  diff(query?: Omit<DiffInput, "ops">, options?: AskOptions): Pages<DiffNode, DiffPage>;
  /** The operations that make the one tree the other. */
  operations(query?: Omit<DiffInput, "ops" | "node">, options?: AskOptions): Pages<Operation, DiffOperations>;
  /** Who has made what stands in a node. A later page tells what was not found before. */
  blame(query: BlameInput, options?: AskOptions): Pages<BlamePage, BlamePage>;
  /** What was removed, the last first. */
  bin(query?: BinQuery, options?: AskOptions): Pages<BinEntry, BinPage>;
  /** Puts back what is in the bin, to where it stood. */
  putBack(entry: Pick<BinEntry, "restore">, call?: MutationMade, options?: AskOptions): Promise<MutationAnswer>;
  /** Makes the tree, or a branch, what it was. `client` and `mutation` must not be the document's own. */
  restore(call: Omit<RestoreInput, "dryRun">, options?: AskOptions): Promise<RestoreAnswer>;
  /** The operations that this would take. */
  planRestore(call: Omit<RestoreInput, "dryRun">, options?: AskOptions): Promise<RestorePlan>;
  /** Takes back what somebody did last, or what events did. */
  undo(call?: UndoneInput, options?: AskOptions): Promise<MutationAnswer>;
  /** Does again what was taken back of somebody last. */
  redo(call?: UndoneInput, options?: AskOptions): Promise<MutationAnswer>;
  /** The operations that an undo would take. */
  planUndo(call?: UndoneInput, options?: AskOptions): Promise<UndoPlan>;
  readonly versions: Versions;
}

export interface HistorySpan {
  readonly first: number;
  readonly last: number;
  /** When the document was made. Unix milliseconds. */
  readonly createdAt: number;
}

export interface PastOptions extends AskOptions {
  readonly node?: NodeId | undefined;
  /** Levels below the node; what lies deeper is left out, as if it were not there. */
  readonly depth?: number | undefined;
}

export interface BlameInput {
  readonly node: NodeId;
  readonly attr?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly before?: string | undefined;
}

/**
 * How a mutation over HTTP is signed: `client` and `mutation`, both or neither, make it exactly-once. Default: those of a client that is
 * made up for the page, so that what several people restore is told apart.
 */
export interface MutationMade {
  readonly client?: string | undefined;
  readonly mutation?: number | undefined;
  readonly meta?: Meta | undefined;
}

export type UndoneInput = Omit<UndoInput, "redo" | "dryRun">;

export interface HistoryOptions {
  /** Default: the token of the document. A document that has tickets and no token needs one here: HTTP takes no tickets. */
  readonly token?: Token | undefined;
}

/** The history of a document that `openDocument` has made; it need not be connected. */
export function historyOf(document: TreeDocument, { token }: HistoryOptions = {}): History {
  const { address } = internalsOf(document);
  const ask = createAsk(token === undefined ? address : { ...address, token: () => token });
  const get = <Value>(path: string, query: object, options?: AskOptions) => ask<Value>("GET", path, { query }, options);
  const post = <Value>(path: string, body: object, options?: AskOptions) => ask<Value>("POST", path, { body }, options);
  const signed = <Call extends MutationMade>(call: Call) => ({
    ...(call.client === undefined && sign(document)),
    ...call,
  });
  /** In an undo that names nothing else a client is whose doing it takes back. */
  const signedUndo = (call: UndoneInput) => ((call.user ?? call.seq ?? call.seqs) ? signed(call) : call);
  /** What goes on behind `next`, with the newest first in front of it. */
  const told = <Entry, Query extends SessionsQuery>(query: Query, more: object, options?: AskOptions) =>
    createPages(query, {
      ask: (asked) => get<HistoryPage<Entry>>("/history", { ...asked, ...more }, options),
      onward: (asked, { next }) => ({ ...asked, [asked.order === "newest" ? "before" : "after"]: next }),
      entries: ({ entries }) => entries,
    });
  const differing = <Page extends DiffPage | DiffOperations, Entry>(
    query: DiffInput,
    entries: (page: Page) => readonly Entry[],
    options?: AskOptions,
  ) =>
    createPages(query, {
      ask: (asked) => get<Page>("/diff", asked, options),
      onward: (asked, { from, to, next }) => ({ ...asked, from, to, after: next }),
      entries,
    });

  return {
    async span(options) {
      const info = await get<{ historyFrom: number; seq: number; createdAt: number }>("", {}, options);
      return { first: info.historyFrom, last: info.seq, createdAt: info.createdAt };
    },
    events: (query = {}, options) => told(query, {}, options),
    sessions: (query = {}, options) => told(query, { by: "session" }, options),
    async at(moment, { signal, ...part } = {}) {
      const { seq, tree } = await get<{ seq: number; tree: NodeData }>("/tree", { ...part, at: moment }, { signal });
      return createPast(seq, tree);
    },
    diff: (query = {}, options) => differing(query, ({ nodes }: DiffPage) => nodes, options),
    operations: (query = {}, options) => differing({ ...query, ops: true }, ({ ops }: DiffOperations) => ops, options),
    blame: (query, options) =>
      createPages(query, {
        ask: (asked) => get<BlamePage>("/blame", asked, options),
        onward: (asked, { next }) => ({ ...asked, before: next ?? undefined }),
        entries: (page) => [page],
      }),
    bin: (query = {}, options) =>
      createPages(query, {
        ask: (asked) => get<BinPage>("/bin", asked, options),
        onward: (asked, { next }) => ({ ...asked, after: next ?? undefined }),
        entries: ({ entries }) => entries,
      }),
    putBack: ({ restore }, call = {}, options) => post("/mutations", { ...signed(call), ops: [restore] }, options),
    restore: (call, options) => post("/restore", signed(call), options),
    planRestore: (call, options) => post("/restore", { ...call, dryRun: true }, options),
    undo: (call = {}, options) => post("/undo", signedUndo(call), options),
    redo: (call = {}, options) => post("/undo", { ...signedUndo(call), redo: true }, options),
    planUndo: (call = {}, options) => post("/undo", { ...call, dryRun: true }, options),
    versions: createVersions(ask),
  };
}

const clients = new WeakMap<TreeDocument, { readonly client: string; mutation: number }>();

function sign(document: TreeDocument): MutationMade {
  const known = clients.get(document) ?? { client: internalsOf(document).address.platform.newId(), mutation: 0 };
  clients.set(document, known);
  known.mutation++;
  return { ...known };
}

/** A document as it was at a moment: `historyOf(document).at(moment)`. */
export function documentAt(
  document: TreeDocument,
  moment: MomentInput,
  options?: PastOptions & HistoryOptions,
): Promise<PastDocument> {
  const { token, ...rest } = options ?? {};
  return historyOf(document, { token }).at(moment, rest);
}
