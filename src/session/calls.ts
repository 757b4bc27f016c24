import {
  type CreateInput,
  type DocumentOptions,
  failure,
  type HistoryQuery,
  type MutationCall,
  type OptionsInput,
  type Principal,
  type Result,
  success,
  type TreeEvent,
  type TreeQuery,
  withOptions,
} from "../protocol/index.ts";
import { type Counters, type HistoryPage, historyPage, readAnswers, type StoredDocument, treeAt } from "../storage.ts";
import { eachFlat } from "../tree/index.ts";
import { answerOf, type MutationAnswer, resultOf } from "./answers.ts";
import type { Export, Exports } from "./exports.ts";
import type { Imports } from "./imports.ts";
import type { Lifecycle, State } from "./lifecycle.ts";
import { type OpenDocument, type Opening, ROOT_ID } from "./opening.ts";
import type { Subscribers } from "./subscribers.ts";
import type { TreeAnswer } from "./tree-answer.ts";

/** How a document is. Times are Unix milliseconds, sizes bytes. */
export interface Info {
  readonly documentId: string;
  readonly state: State;
  readonly subscriberCount: number;
  /** Live nodes. */
  readonly treeSize: number;
  readonly seq: number;
  readonly incarnation: string;
  readonly createdAt: number;
  /** The last seq that the last checkpoint has. */
  readonly checkpointSeq: number;
  /** The size of its database. */
  readonly storageBytes: number;
  /** The first seq that the history has; one more than `seq` where it has none. */
  readonly historyFrom: number;
  readonly options: DocumentOptions;
  /** What has happened since it was created. */
  readonly counters: Counters;
}

/** What HTTP and RPC ask of a document. Reading one that was never created creates nothing: `notFound`. */
export interface Calls {
  /** The document, created with this tree and these options if it is not there yet. */
  getOrStart(input: CreateInput, now: number): Result<Info & { created: boolean }>;
  info(now: number): Result<Info>;
  /** Changes options; what they make due counts from now. */
  configure(changes: OptionsInput, now: number): Result<Info>;
  /** `expired` where the log cannot be followed back to `at`, `invalid` where that is yet to come, `notFound` for a node that was not there. */
  tree(query: TreeQuery, now: number): Result<TreeAnswer>;
  /** The committed event without its author; or why not, with the index of the operation. */
  mutate(call: MutationCall, principal: Principal, now: number): Result<MutationAnswer>;
  /** At most `limit` events (100; 1 000 at most) or about 4 Mi characters, from at most 16 Mi characters of log. */
  history(query: HistoryQuery, now: number): Result<HistoryPage>;
  /** Checkpoints and closes every subscriber. */
  stop(now: number): Result<Info>;
  /** Closes every subscriber and forgets the document; the caller deletes what is stored, `notFound` or not. */
  destroy(): Result<null>;
  /** The tree as it is now, as lines. */
  export(now: number): Result<Export>;
  readonly imports: Imports;
}

/** What the calls need of their session. */
interface CallContext {
  readonly documentId: string;
  readonly subscribers: Subscribers;
  readonly newId: () => string;
  readonly opening: Opening;
  readonly lifecycle: Lifecycle;
  readonly imports: Imports;
  readonly exports: Exports;
  commit(now: number): void;
}

export function createCalls(context: CallContext): Calls {
  const { documentId, subscribers, newId, opening, lifecycle, imports, exports, commit } = context;
  /** Runs with the document as it stands in the log: what waited is committed first. */
  const withDocument = <T>(now: number, work: (document: OpenDocument) => Result<T>): Result<T> => {
    if (opening.importing) return failure("unavailable", "an import is under way; try again later");
    const document = opening.find();
    if (!document) return failure("notFound", `there is no document ${documentId}`);
    commit(now);
    const result = work(document);
    lifecycle.arrange(now);
    return result;
  };
  const infoOf = (stored: StoredDocument): Info => ({
    documentId,
    state: lifecycle.state,
    subscriberCount: subscribers.joined().length,
    treeSize: stored.nodes.size,
    seq: stored.seq,
    incarnation: stored.incarnation,
    createdAt: stored.createdAt,
    checkpointSeq: stored.checkpointSeq,
    storageBytes: stored.bytes,
    historyFrom: stored.historyFrom,
    options: stored.options,
    counters: stored.counters,
  });

  return {
    getOrStart({ tree = { type: "root" }, options }, now) {
      const found = withDocument(now, ({ stored }) => success({ ...infoOf(stored), created: false }));
      if (found.ok || found.problem.code !== "notFound") return found;
      const document = opening.create(
        eachFlat({ ...tree, id: tree.id ?? ROOT_ID }, newId),
        withOptions(opening.defaults, options),
        now,
      );
      if (!document) return failure("invalid", "tree: an id stands in it twice");
      return success({ ...infoOf(document.stored), created: true });
    },
    info: (now) => withDocument(now, ({ stored }) => success(infoOf(stored))),
    configure: (changes, now) =>
      withDocument(now, ({ stored }) => {
        if (stored.configure(withOptions(stored.options, changes), now)) lifecycle.rearrange(now);
        return success(infoOf(stored));
      }),
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
        return outcome;
      }),
    history: (query, now) => withDocument(now, ({ stored }) => success(historyPage(stored, query))),
    stop: (now) =>
      withDocument(now, ({ stored }) => {
        for (const subscriber of subscribers.all()) subscribers.fail(subscriber, "stopped", "the document was stopped");
        lifecycle.sleep(now);
        return success(infoOf(stored));
      }),
    destroy() {
      // It may be there and not be readable any more, or be an import under way: what is stored goes all the same.
      for (const subscriber of subscribers.all()) subscribers.fail(subscriber, "notFound", "the document was deleted");
      const existed = opening.exists();
      opening.forget();
      return existed ? success(null) : failure("notFound", `there is no document ${documentId}`);
    },
    export: (now) => withDocument(now, ({ stored }) => exports.begin(stored, now)),
    imports,
  };
}

function firstAnswer(stored: StoredDocument, client: string, mutation: number): Result<MutationAnswer> {
  const kept = stored.clients.get(client)?.answers.find((each) => each.mutation === mutation);
  if (kept) return resultOf(kept);
  const text = readAnswers(stored, client, new Set([mutation])).get(mutation);
  if (text === undefined)
    return failure("expired", "this counter was answered before, and the answer is no longer kept");
  const event: TreeEvent = JSON.parse(text);
  return success(answerOf(event));
}
