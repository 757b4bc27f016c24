import {
  type BinPage,
  type BinQuery,
  type BlamePage,
  type BlameQuery,
  type CreateInput,
  type Creation,
  chain,
  type DiffOperations,
  type DiffPage,
  type DiffQuery,
  failure,
  type HistoryPage,
  type HistoryQuery,
  type HistorySession,
  LIMITS,
  type MutationCall,
  type OptionsInput,
  type Principal,
  type RenameCall,
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
} from "../protocol/index.ts";
import type { Deed } from "../protocol/rights.ts";
import {
  type Calls,
  type CopyQuery,
  type Info,
  type MutationAnswer,
  type Parts,
  type Piece,
  type RestoreAnswer,
  readState,
  type Session,
  type State,
  type Task,
  type UndoAnswer,
} from "../session.ts";
import { drain } from "./arriving.ts";
import { eachPiece, forkStream } from "./frames.ts";
import { noteFailure, noteLoss } from "./log.ts";
import { eachLine, exportStream } from "./ndjson.ts";

/**
 * The calls of a document with decoded input, as HTTP and RPC both use them. What may take many turns is a promise; what does not
 * is done in the turn of the call all the same.
 */
export interface DocumentCalls {
  /** The principal as it stands in this document, if it may do this; asked before each of the others, and again after every wait. */
  admit(principal: Principal, deed: Deed): Result<Principal>;
  /** What a creation finds: asked before its tree is read for nothing. Null where there is no document, and none is being made. */
  find(): Promise<Result<Info & { readonly created: boolean }> | null>;
  /** Asks whether one may by itself, as it comes after a wait; who names options has to be admitted to that, too. */
  getOrStart(input: CreateInput, principal: Principal): Promise<Result<Info & { readonly created: boolean }>>;
  /** `exists` where there is a document, `unavailable` where one is being made. */
  free(): Result<null>;
  /** Says why nothing of the document can be read, if so. */
  look(): Result<null>;
  info(): Promise<Result<Info>>;
  configure(changes: OptionsInput): Promise<Result<Info>>;
  state(query: TreeQuery): Promise<Result<State>>;
  /** The same as JSON text, into parts: deeper than an RPC answer can be. */
  treeText(query: TreeQuery, parts: Parts): Promise<Result<null>>;
  mutate(call: MutationCall, principal: Principal): Promise<Result<MutationAnswer>>;
  undo(call: UndoCall, principal: Principal): Promise<Result<UndoAnswer>>;
  history(query: HistoryQuery): Promise<Result<HistoryPage>>;
  historySessions(query: SessionsQuery): Promise<Result<HistoryPage<HistorySession>>>;
  diff(query: DiffQuery): Promise<Result<DiffPage | DiffOperations>>;
  restore(call: RestoreCall, principal: Principal): Promise<Result<RestoreAnswer | RestorePlan>>;
  blame(query: BlameQuery): Promise<Result<BlamePage>>;
  bin(query: BinQuery): Promise<Result<BinPage>>;
  versions(query: VersionsQuery): Result<VersionsPage>;
  nameVersion(call: VersionCall, principal: Principal): Result<Version>;
  renameVersion(call: RenameCall, principal: Principal): Result<Version>;
  deleteVersion(id: string, principal: Principal): Result<null>;
  stop(): Promise<Result<Info>>;
  revoke(input: RevokeInput): Result<{ readonly subscribers: number }>;
  destroy(): Promise<Result<null>>;
  /** Asks again at its end, which may be long after its beginning. `fork`: it comes from another object of this code. */
  import(body: ReadableStream<Uint8Array>, principal: Principal, from?: "fork"): Promise<Result<Info>>;
  export(): Result<ReadableStream<Uint8Array>>;
  /** The document as lines that make it again, or as what another object takes. */
  copy(query: CopyQuery): Promise<Result<ReadableStream<Uint8Array>>>;
}

/** What the calls need of their object. */
interface Host {
  run<T>(work: (session: Session, now: number) => Result<T>): Result<T>;
  /** Deletes all that is stored, but for the option `create` that the document has had; undefined: none of its own. */
  deleteAll(creation?: Creation): Promise<void>;
}

export function createDocumentCalls(host: Host): DocumentCalls {
  const run = <T>(work: (calls: Calls, now: number) => Result<T>) => host.run(({ calls }, now) => work(calls, now));
  const ask = <T>(work: (calls: Calls, now: number) => Task<T>): Promise<Result<T>> =>
    new Promise((resolve) => {
      const begun = run((calls, now) => success(work(calls, now)));
      if (begun.ok) begun.value.whenDone(resolve);
      else resolve(begun);
    });
  const admit = (principal: Principal, deed: Deed) => run((calls, now) => calls.admit(principal, deed, now));
  const info = () => ask((calls, now) => calls.info(now));
  return {
    async find() {
      const exists = run((calls) => success(calls.exists()));
      if (!exists.ok) return exists;
      return exists.value ? chain(await info(), (found) => success({ ...found, created: false })) : null;
    },
    free: () => run(({ imports }) => imports.free()),
    look: () => run((calls, now) => calls.look(now)),
    admit,
    async getOrStart(input, principal) {
      const names = Object.keys(input.options).length > 0;
      const admitted = chain(admit(principal, "create"), (still) => (names ? admit(still, "options") : success(still)));
      return admitted.ok ? ask((calls, now) => calls.getOrStart(input, now)) : admitted;
    },
    info,
    configure: (changes) => ask((calls, now) => calls.configure(changes, now)),
    state: ({ depth, ...query }) => ask((calls, now) => calls.tree(query, (found) => readState(found, depth), now)),
    treeText: (query, parts) => ask((calls, now) => calls.treeText(query, parts, now)),
    mutate: (call, principal) => ask((calls, now) => calls.mutate(call, principal, now)),
    undo: (call, principal) => ask((calls, now) => calls.undo(call, principal, now)),
    history: (query) => ask((calls, now) => calls.history(query, now)),
    historySessions: (query) => ask((calls, now) => calls.historySessions(query, now)),
    diff: (query) => ask((calls, now) => calls.diff(query, now)),
    restore: (call, principal) => ask((calls, now) => calls.restore(call, principal, now)),
    blame: (query) => ask((calls, now) => calls.blame(query, now)),
    bin: (query) => ask((calls, now) => calls.bin(query, now)),
    versions: (query) => run((calls, now) => calls.versions(query, now)),
    nameVersion: (call, principal) => run((calls, now) => calls.nameVersion(call, principal, now)),
    renameVersion: (call, principal) => run((calls, now) => calls.renameVersion(call, principal, now)),
    deleteVersion: (id, principal) => run((calls, now) => calls.deleteVersion(id, principal, now)),
    stop: () => ask((calls, now) => calls.stop(now)),
    revoke: (input) => run((calls, now) => calls.revoke(input, now)),
    async destroy() {
      const creation = run((calls) => success(calls.creation()));
      const result = run((calls) => calls.destroy());
      // Where there is no document there may be what an import has left, and an empty database is billed, too.
      await host.deleteAll(creation.ok ? creation.value : undefined);
      return result;
    },
    async import(body, principal, from) {
      const backup = from === "fork" ? "trusted" : admit(principal, "backup");
      const options = admit(principal, "options");
      const begun = run(({ imports }, now) => imports.begin(now, backup, options));
      if (!begun.ok) {
        await leave(body, from);
        return begun;
      }
      const name = begun.value;
      let longest: number = LIMITS.lineLength;
      const take = (lines: readonly string[]) =>
        run(({ imports }, now) => {
          const taken = imports.lines(name, lines, now);
          longest = imports.longestLine;
          return taken;
        });
      const takePiece = (piece: Piece) => run(({ imports }, now) => imports.piece(name, piece, now));
      const coming = from === "fork" ? eachPiece(body, takePiece) : eachLine(body, take, () => longest);
      const problem = await coming.catch(brokenOff);
      const finish = (calls: Calls, now: number) =>
        chain(calls.admit(principal, calls.imports.deed, now), () => calls.imports.finish(name, now));
      const checked = problem ?? (await ask((calls, now) => calls.checkImport(name, now)));
      const finished = checked.ok ? run(finish) : checked;
      if (finished.ok) return info();
      const aborted = run(({ imports }) => success(imports.abort(name)));
      if (aborted.ok && aborted.value) await host.deleteAll();
      await leave(body, from);
      return finished;
    },
    async copy(query) {
      const parts = await ask((calls, now) => calls.copy(query, now));
      if (!parts.ok) return parts;
      return success(query.depth === "backup" ? exportStream(parts.value) : forkStream(parts.value));
    },
    export() {
      const parts = run((calls, now) => calls.export(now));
      return parts.ok ? success(exportStream(parts.value)) : parts;
    },
  };
}

/** An export: of the tree, or, by who may, a backup of the document. */
export async function exported(
  calls: DocumentCalls,
  principal: Principal,
  history = false,
): Promise<Result<ReadableStream<Uint8Array>>> {
  const admitted = admitToAll(calls, principal, history);
  if (!admitted.ok) return admitted;
  return history ? calls.copy({ depth: "backup" }) : calls.export();
}

/** Who takes all of the history along has to be admitted to that, too. */
export function admitToAll(calls: DocumentCalls, principal: Principal, history: boolean): Result<Principal> {
  return history ? calls.admit(principal, "backup") : success(principal);
}

/** Nobody wants the rest of a body: a client has to be let send it, and another object has better things to do. */
async function leave(body: ReadableStream<Uint8Array>, from?: "fork"): Promise<void> {
  if (!from) return drain(body);
  await body.cancel().catch((error: unknown) => noteLoss("the rest of a fork is gone already", error));
}

/** The peer of an import went away in the middle. */
function brokenOff(error: unknown): Result<never> {
  noteFailure("the body of an import broke off", error);
  return failure("unavailable", "the body broke off before its end; send it again");
}
