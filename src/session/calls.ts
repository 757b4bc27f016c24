import {
  type BinPage,
  type BinQuery,
  type BlamePage,
  type BlameQuery,
  type CreateInput,
  type Creation,
  type DiffOperations,
  type DiffPage,
  type DiffQuery,
  failure,
  type HistoryPage,
  type HistoryQuery,
  type HistorySession,
  type MutationAnswer,
  type MutationAuthor,
  type MutationCall,
  type OptionsInput,
  type Principal,
  type RenameCall,
  type RestoreAnswer,
  type RestoreCall,
  type RestorePlan,
  type Result,
  type RevokeInput,
  type SessionsQuery,
  success,
  type TreeQuery,
  type UndoCall,
  type Version,
  type VersionCall,
  type VersionsPage,
  type VersionsQuery,
  withOptions,
} from "../protocol/index.ts";
import type { Deed } from "../protocol/rights.ts";
import { binPage, blamePage, createMeter, type Piece, type Slices, type StoredDocument } from "../storage.ts";
import type { Admission } from "./admission.ts";
import { beginCopy, type CopyQuery } from "./copies.ts";
import type { Costs } from "./costs.ts";
import { readDiff } from "./diff.ts";
import { type Export, type Exports, treeLines } from "./exports.ts";
import { historyPage, sessionsPage } from "./history.ts";
import type { Imports } from "./imports.ts";
import { createCounting, type Info, storedInfo } from "./info.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { atThisMoment } from "./moment.ts";
import { isAnswered, mutationCall } from "./mutation-call.ts";
import type { OpenDocument, Opening } from "./opening.ts";
import { readable } from "./readable.ts";
import type { Receiving } from "./receiving.ts";
import { restore } from "./restoring.ts";
import { SHARE } from "./rounds.ts";
import type { Subscribers } from "./subscribers.ts";
import { type Parts, readTree, type TreeReader } from "./tree-answer.ts";
import { type Kind, over, type Task, type Turns } from "./turns.ts";
import { type UndoAnswer, undoCall } from "./undoing.ts";
import { deleteVersion, nameVersion, renameVersion, versionsPage } from "./versions.ts";
import { readTreeText } from "./whole-tree.ts";

/**
 * What HTTP and RPC ask of a document. Reading one that was never created creates nothing: `notFound`. What may take long is
 * a task: nearly always it is over at once.
 */
export interface Calls {
  /** The principal as it stands in this document, if it may do this; asked before each of the others. */
  admit(principal: Principal, deed: Deed, now: number): Result<Principal>;
  /** The document, created with this tree and these options if it is not there yet. */
  getOrStart(input: CreateInput, now: number): Task<Info & { readonly created: boolean }>;
  /** Whether there is a document, or an import is making one. */
  exists(): boolean;
  /** Says why nothing of the document can be read, if so. */
  look(now: number): Result<null>;
  info(now: number): Task<Info>;
  /** Changes options; what they make due counts from now. */
  configure(changes: OptionsInput, now: number): Task<Info>;
  /**
   * `expired` where the log does not reach back to `at`, `invalid` where that is yet to come, `notFound` for a version, or a node,
   * that was not there.
   */
  tree<T>(query: TreeQuery, read: TreeReader<T>, now: number): Task<T>;
  /** The same as JSON text, into `parts`; `tooMany` where these have no room. */
  treeText(query: TreeQuery, parts: Parts, now: number): Task<null>;
  /** The committed event without its author, or why not, with the index of the operation. */
  mutate(call: MutationCall, principal: Principal, now: number): Task<MutationAnswer>;
  /** A page of what differs between two moments, or of the operations that lead from one to the other; `expired` and `tooLarge` as with `tree`. */
  diff(query: DiffQuery, now: number): Task<DiffPage | DiffOperations>;
  /** The mutation that makes a tree or a branch what it was; `notFound` for a node that was not there, `tooLarge` where it takes more than one. */
  restore(call: RestoreCall, principal: Principal, now: number): Task<RestoreAnswer | RestorePlan>;
  /** Takes back what somebody did last, or events, or does that again. `forbidden` where it is another's and the role is not admin. */
  undo(call: UndoCall, principal: Principal, now: number): Task<UndoAnswer>;
  /** Who has made what stands in a node, page by page. */
  blame(query: BlameQuery, now: number): Task<BlamePage>;
  /** What was removed and is kept, page by page. */
  bin(query: BinQuery, now: number): Task<BinPage>;
  /** At most `limit` events (100; 1 000 at most), from at most about 2 Mi characters of log. */
  history(query: HistoryQuery, now: number): Task<HistoryPage>;
  /** The same, consecutive events of one person as one. */
  historySessions(query: SessionsQuery, now: number): Task<HistoryPage<HistorySession>>;
  /** A page of the versions (100; 1 000 at most), in the order of their states. */
  versions(query: VersionsQuery, now: number): Result<VersionsPage>;
  /** Names a state; `exists`, `full`, or `expired` where the history does not lead back to it. */
  nameVersion(call: VersionCall, principal: Principal, now: number): Result<Version>;
  /** `notFound`, `exists`, or `forbidden` for one that is not one's own. */
  renameVersion(call: RenameCall, principal: Principal, now: number): Result<Version>;
  deleteVersion(id: string, principal: Principal, now: number): Result<null>;
  /** Checkpoints and closes every subscriber. */
  stop(now: number): Task<Info>;
  /** Takes rights away from who has them. */
  revoke(input: RevokeInput, now: number): Result<{ readonly subscribers: number }>;
  /** The option `create` of the document; undefined where there is none. */
  creation(): Creation | undefined;
  /** Closes every subscriber and forgets the document; the caller deletes what is stored, `notFound` or not. */
  destroy(): Result<null>;
  /** The tree as it is now, as lines. */
  export(now: number): Result<Export>;
  /** A document as lines that make it again elsewhere. */
  copy(query: CopyQuery, now: number): Task<Export<Piece>>;
  /** Looks through what was imported, or does its events again, before it is finished. */
  checkImport(name: string, now: number): Task<null>;
  readonly imports: Imports;
}

/** What the calls need of their session. */
interface CallContext {
  readonly documentId: string;
  readonly subscribers: Subscribers;
  readonly admission: Admission;
  readonly newId: () => string;
  readonly opening: Opening;
  readonly lifecycle: Lifecycle;
  readonly imports: Imports;
  readonly exports: Exports;
  readonly turns: Turns;
  readonly receiving: Receiving;
  readonly costs: Costs;
  commit(now: number): void;
  /** Something could not be read that is there. */
  unreadable(error: unknown): void;
}

export function createCalls(context: CallContext): Calls {
  const {
    documentId,
    subscribers,
    admission,
    newId,
    opening,
    lifecycle,
    turns,
    imports,
    exports,
    receiving,
    commit,
    unreadable,
  } = context;
  const counted = createCounting(commit);
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
  /** The same for what may take many turns. */
  const begin = <T>(
    now: number,
    kind: Kind | ((document: OpenDocument) => Kind),
    work: (document: OpenDocument) => Slices<Result<T>>,
  ): Task<T> => {
    const begun = withDocument(now, (document) =>
      success(turns.begin(work(document), typeof kind === "string" ? kind : kind(document), now)),
    );
    return begun.ok ? begun.value : over(begun);
  };
  const infoOf = (stored: StoredDocument): Info => ({
    documentId,
    state: lifecycle.state,
    subscriberCount: subscribers.joined().length,
    ...storedInfo(stored),
  });
  /** The same for what only reads. */
  const beginReading = <T>(now: number, kind: Kind, read: (document: OpenDocument) => Slices<Result<T>>): Task<T> =>
    begin(now, kind, (document) => readable(read(document), unreadable));
  /** Whoever comes meanwhile comes behind what is under way, and holds nothing yet: what it reads first may be a commit of 30 MB. */
  const behind = function* (now: number): Slices<number> {
    return turns.waiting ? yield : now;
  };
  /** What goes back in time. */
  const beginBack = <T>(now: number, read: (document: OpenDocument) => Slices<Result<T>>, goesBack = true): Task<T> =>
    beginReading(now, "tree", function* (document) {
      if (goesBack) yield* behind(now);
      return yield* read(document);
    });
  /** Those who ask of the log without end do so in turns. */
  const turnToRead = function* (now: number): Slices<void> {
    yield* behind(now);
    while (receiving.mustWait(HISTORY)) yield;
    receiving.charge(HISTORY, SHARE);
  };
  const kindOf =
    (counter: MutationAuthor) =>
    ({ stored }: OpenDocument): Kind =>
      isAnswered(stored, counter) ? "call" : "background";
  /** Answers with what there is to tell of a document, when all of it has been counted. */
  const tell = <T>(now: number, answer: (document: OpenDocument, now: number) => Result<T>): Task<T> =>
    begin(now, "background", ({ stored }) =>
      counted(stored, now, (time) => withDocument(time, (document) => answer(document, time))),
    );

  /** A page of what is looked for in the log. It holds what it has found, so there is one at a time. */
  const page = <T>(now: number, read: (stored: StoredDocument) => Slices<Result<T>>): Task<T> =>
    beginReading(now, "page", function* ({ stored }) {
      yield* turnToRead(now);
      return yield* read(stored);
    });

  return {
    admit: admission.admit,
    getOrStart({ tree, options }, now) {
      if (opening.importing || opening.find()) {
        return tell(now, ({ stored }) => success({ ...infoOf(stored), created: false }));
      }
      const document = opening.create(tree, withOptions(opening.defaults, options), now);
      if (!document) return over(failure("invalid", "tree: an id stands in it twice"));
      return over(success({ ...infoOf(document.stored), created: true }));
    },
    exists: () => opening.importing !== null || opening.exists(),
    look: (now) => withDocument(now, () => success(null)),
    info: (now) => tell(now, ({ stored }) => success(infoOf(stored))),
    configure(changes, now) {
      const changed = withDocument(now, ({ stored }) => {
        if (stored.configure(withOptions(stored.options, changes))) lifecycle.rearrange(now);
        return success(null);
      });
      return changed.ok ? tell(now, ({ stored }) => success(infoOf(stored))) : over(changed);
    },
    tree: (query, read, now) =>
      beginBack(now, ({ stored }) => readTree(documentId, stored, query, read), query.at !== undefined),
    treeText: (query, parts, now) =>
      beginBack(now, ({ stored }) => readTreeText(documentId, stored, query, parts), query.at !== undefined),
    // To look for an old answer takes long; to wait for one's turn does not count as that.
    mutate: (call, principal, now) =>
      begin(now, kindOf(call), (document) => mutationCall(context, document, call, principal, now)),
    undo: (call, principal, now) =>
      begin(now, kindOf(call.author ?? {}), function* (document) {
        yield* turnToRead(now);
        return yield* undoCall(context, document, call, principal, now);
      }),
    blame: (query, now) =>
      page(now, function* (stored) {
        const found = yield* blamePage(stored, query);
        return found ? success(found) : failure("notFound", `there is no node ${query.node}`);
      }),
    bin: (query, now) =>
      page(now, (stored) => {
        const meter = createMeter();
        return atThisMoment(stored.nodes, meter, function* (view) {
          return success(yield* binPage(stored, view, query, meter));
        });
      }),
    diff: (query, now) => beginBack(now, (document) => readDiff(document, query)),
    restore: (call, principal, now) =>
      begin(now, "tree", function* (document) {
        yield* behind(now);
        return yield* restore(context, document, call, principal, now);
      }),
    history: (query, now) =>
      page(now, function* (stored) {
        return success(yield* historyPage(stored, query));
      }),
    historySessions: (query, now) =>
      page(now, function* (stored) {
        return success(yield* sessionsPage(stored, query));
      }),
    versions: (query, now) => withDocument(now, ({ stored }) => success(versionsPage(stored, query))),
    nameVersion: (call, principal, now) =>
      withDocument(now, ({ stored }) => nameVersion(stored, call, principal, newId(), now)),
    renameVersion: (call, principal, now) =>
      withDocument(now, ({ stored }) => renameVersion(stored, call, principal, now)),
    deleteVersion: (id, principal, now) => withDocument(now, ({ stored }) => deleteVersion(stored, id, principal)),
    stop: (now) =>
      tell(now, ({ stored }, time) => {
        for (const subscriber of subscribers.all()) subscribers.fail(subscriber, "stopped", "the document was stopped");
        lifecycle.sleep(time);
        return success(infoOf(stored));
      }),
    revoke: (input, now) => withDocument(now, () => admission.revoke(input, now)),
    creation: () => opening.find()?.stored.options.create,
    destroy() {
      // It may be there and not be readable any more, or be an import under way: what is stored goes all the same.
      for (const subscriber of subscribers.all()) subscribers.fail(subscriber, "notFound", "the document was deleted");
      const existed = opening.exists();
      opening.forget();
      admission.forget();
      return existed ? success(null) : failure("notFound", `there is no document ${documentId}`);
    },
    export: (now) => withDocument(now, ({ stored }) => exports.begin(() => treeLines(stored), now)),
    copy: (query, now) =>
      beginReading(now, "tree", function* ({ stored }) {
        return yield* beginCopy(stored, exports, query, query.at ? yield* behind(now) : now);
      }),
    checkImport: (name, now) => turns.begin(imports.check(name, now), "background", now),
    imports,
  };
}

/** Whoever reads the history has a share with all others who do. */
const HISTORY = "history";
