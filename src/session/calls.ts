import {
  type CreateInput,
  failure,
  type HistoryQuery,
  type MutationCall,
  type Principal,
  type Result,
  success,
  type TreeEvent,
  type TreeQuery,
} from "../protocol/index.ts";
import {
  DEFAULT_OPTIONS,
  type DocumentOptions,
  type HistoryPage,
  historyPage,
  readAnswers,
  type StoredDocument,
  treeAt,
} from "../storage.ts";
import { type Effect, flatten, type NodeId, type ReadStore, type Receipts } from "../tree/index.ts";
import type { OpenDocument, Opening } from "./opening.ts";
import type { Subscribers } from "./subscribers.ts";

export interface Info {
  readonly documentId: string;
  readonly incarnation: string;
  readonly createdAt: number;
  readonly seq: number;
  readonly checkpointSeq: number;
  readonly treeSize: number;
  readonly subscriberCount: number;
  readonly options: DocumentOptions;
}

/** A tree to read synchronously, before anything else happens to the document. */
export interface TreeAnswer {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly node: NodeId;
  readonly view: ReadStore;
}

export interface MutationAnswer extends Receipts {
  readonly seq: number;
  readonly time: number;
  /** The operations as they took effect: here are the ids of nodes that were inserted without one. */
  readonly ops: readonly Effect[];
}

/** What HTTP and RPC ask of a document. Reading one that was never created creates nothing: `notFound`. */
export interface Calls {
  /** The document, created with this tree and these options if it is not there yet. */
  getOrStart(input: CreateInput, now: number): Result<Info & { created: boolean }>;
  info(now: number): Result<Info>;
  /** `expired` where the log cannot be followed back to `at`, `invalid` where that is yet to come, `notFound` for a node that was not there. */
  tree(query: TreeQuery, now: number): Result<TreeAnswer>;
  /** The committed event without its author; or why not, with the index of the operation. */
  mutate(call: MutationCall, principal: Principal, now: number): Result<MutationAnswer>;
  /** At most `limit` events (100; 1 000 at most) or about 4 Mi characters, from at most 16 Mi characters of log. */
  history(query: HistoryQuery, now: number): Result<HistoryPage>;
  /** Checkpoints and closes every subscriber. */
  stop(now: number): Result<Info>;
  /** Closes every subscriber and forgets the document; the caller deletes what is stored. */
  destroy(now: number): Result<null>;
}

/** What the calls need of their session. */
interface CallContext {
  readonly documentId: string;
  readonly subscribers: Subscribers;
  readonly newId: () => string;
  readonly opening: Opening;
  commit(now: number): void;
}

export function createCalls({ documentId, subscribers, newId, opening, commit }: CallContext): Calls {
  /** Runs with the document as it stands in the log: what waited is committed first. */
  const withDocument = <T>(now: number, work: (document: OpenDocument) => Result<T>): Result<T> => {
    const document = opening.find();
    if (!document) return failure("notFound", `there is no document ${documentId}`);
    commit(now);
    return work(document);
  };
  const infoOf = ({ incarnation, createdAt, seq, checkpointSeq, nodes, options }: StoredDocument): Info => ({
    documentId,
    incarnation,
    createdAt,
    seq,
    checkpointSeq,
    treeSize: nodes.size,
    subscriberCount: subscribers.joined().length,
    options,
  });

  return {
    getOrStart({ tree = { type: "root", id: "root" }, options }, now) {
      const found = withDocument(now, ({ stored }) => success({ ...infoOf(stored), created: false }));
      if (found.ok) return found;
      const flat = flatten(tree, newId);
      const ids = new Set(flat.map(({ id }) => id));
      if (ids.size < flat.length) return failure("invalid", "tree: an id stands in it twice");
      const { stored } = opening.create(flat, { conflicts: options.conflicts ?? DEFAULT_OPTIONS.conflicts }, now);
      return success({ ...infoOf(stored), created: true });
    },
    info: (now) => withDocument(now, ({ stored }) => success(infoOf(stored))),
    tree: ({ node, at }, now) =>
      withDocument(now, ({ stored }) => {
        const view = at === undefined ? stored.nodes : treeAt(stored, at);
        if (!view) return failure("expired", `the history cannot be followed back to seq ${at}`);
        if (at !== undefined && at > stored.seq) return failure("invalid", `at: the document is at seq ${stored.seq}`);
        const id = node ?? view.root;
        if (view.get(id)?.removed !== null) return failure("notFound", `there is no node ${id}`);
        const { incarnation } = stored;
        return success({ documentId, incarnation, seq: at ?? stored.seq, node: id, view });
      }),
    mutate: ({ client = null, mutation = null, ...body }, principal, now) =>
      withDocument(now, ({ stored, waiting }) => {
        if (principal.role !== "write") return failure("forbidden", "this principal may only read");
        const record = client === null ? undefined : stored.clients.get(client);
        if (client !== null && subscribers.belongsToAnother(client, principal, stored)) {
          return failure("forbidden", `client ${client} belongs to another user`);
        }
        if (client !== null && mutation !== null && mutation <= (record?.mutation ?? 0)) {
          return firstAnswer(stored, client, mutation);
        }
        const outcome = waiting.submit({ ...body, client, mutation, principal }, now);
        commit(now);
        return outcome.ok ? success(answerOf(outcome.event)) : outcome;
      }),
    history: (query, now) => withDocument(now, ({ stored }) => success(historyPage(stored, query))),
    stop: (now) =>
      withDocument(now, ({ stored }) => {
        for (const subscriber of subscribers.all()) subscribers.fail(subscriber, "stopped", "the document was stopped");
        stored.checkpoint();
        opening.forget();
        return success(infoOf(stored));
      }),
    destroy: (now) =>
      withDocument(now, () => {
        for (const subscriber of subscribers.all())
          subscribers.fail(subscriber, "notFound", "the document was deleted");
        opening.forget();
        return success(null);
      }),
  };
}

function firstAnswer(stored: StoredDocument, client: string, mutation: number): Result<MutationAnswer> {
  const rejection = stored.clients.get(client)?.rejections.find((each) => each.mutation === mutation);
  if (rejection) {
    const { mutation: _, ...problem } = rejection;
    return { ok: false, problem };
  }
  const text = readAnswers(stored, client, new Set([mutation])).get(mutation);
  if (text === undefined)
    return failure("expired", "this counter was answered before, and the answer is no longer kept");
  const event: TreeEvent = JSON.parse(text);
  return success(answerOf(event));
}

function answerOf({ seq, time, ops, redirected, rescued, removed }: TreeEvent): MutationAnswer {
  return {
    seq,
    time,
    ops,
    ...(redirected && { redirected }),
    ...(rescued && { rescued }),
    ...(removed && { removed }),
  };
}
