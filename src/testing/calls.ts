import {
  ANYONE,
  type BinPage,
  type BinQuery,
  type BlamePage,
  byteLength,
  chain,
  type DiffInput,
  type DiffOperations,
  type DiffPage,
  decodeBinQuery,
  decodeBlameQuery,
  decodeCreate,
  decodeDiffQuery,
  decodeExport,
  decodeFork,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeOptionsChange,
  decodeRename,
  decodeRestoreCall,
  decodeRevoke,
  decodeSessionsQuery,
  decodeTreeQuery,
  decodeUndo,
  decodeVersionCall,
  decodeVersionId,
  decodeVersionsQuery,
  type ExportInput,
  type ForkInput,
  failure,
  type HistoryPage,
  type HistoryQuery,
  type HistorySession,
  type MutationCall,
  type OptionsInput,
  type Principal,
  type RenameCall,
  type RestoreInput,
  type RestorePlan,
  type Result,
  type Role,
  type SessionsQuery,
  success,
  type TreeInput,
  type UndoInput,
  type Version,
  type VersionInput,
  type VersionsInput,
  type VersionsPage,
} from "../protocol/index.ts";
import type { Deed } from "../protocol/rights.ts";
import {
  type Calls,
  type CopyQuery,
  type Info,
  type MutationAnswer,
  type Piece,
  type RestoreAnswer,
  readState,
  type State,
  type Task,
  type UndoAnswer,
} from "../session.ts";
import type { NodeData } from "../tree/index.ts";
import type { TestObject } from "./object.ts";

/** What another Worker calls as `env.DOCUMENTS.getByName(id).mutate({ ops })`. Here it is answered at once, whatever turns it takes. */
export interface TestCalls {
  /** Finds the document, or creates it with this tree and these options. */
  getOrStart(input?: { tree?: NodeData; options?: OptionsInput }): Result<Info & { readonly created: boolean }>;
  info(): Result<Info>;
  configure(input: { options: OptionsInput }): Result<Info>;
  getState(query?: TreeInput): Result<State>;
  /** Without a principal it may do everything. */
  mutate(call: MutationCall, principal?: Principal): Result<MutationAnswer>;
  /** Takes back what somebody did last, or does it again. */
  undo(input?: UndoInput, principal?: Principal): Result<UndoAnswer>;
  history(query?: HistoryQuery): Result<HistoryPage>;
  historySessions(query?: SessionsQuery): Result<HistoryPage<HistorySession>>;
  diff(query?: DiffInput): Result<DiffPage | DiffOperations>;
  restore(call: RestoreInput, principal?: Principal): Result<RestoreAnswer | RestorePlan>;
  /** Who has made what stands in a node; `before` is the `next` of the page before. */
  blame(query: { node: string; attr?: string; from?: number; to?: number; before?: string }): Result<BlamePage>;
  /** What was removed and is kept. */
  bin(query?: BinQuery): Result<BinPage>;
  versions(query?: VersionsInput): Result<VersionsPage>;
  /** Names a state: that of now, or of a moment. */
  nameVersion(call: VersionInput, principal?: Principal): Result<Version>;
  renameVersion(call: RenameCall, principal?: Principal): Result<Version>;
  deleteVersion(call: Pick<Version, "id">, principal?: Principal): Result<null>;
  /** The tree as lines; with `history` a backup, which `import` makes the same document of. */
  export(query?: ExportInput, principal?: Principal): Result<string>;
  /** Makes the document of what `export` has given. */
  import(lines: string, principal?: Principal): Result<Info>;
  /** Makes another document of this one as it is, or was; `there` is who may make that. */
  fork(input: ForkInput, principal?: Principal, there?: Principal): Result<Info>;
  stop(): Result<Info>;
  /** Takes rights away from a user or a subscriber. */
  revoke(input: { user?: string; subscriber?: string; role?: Role | null }): Result<{ readonly subscribers: number }>;
  /** Deletes the document with all that is stored of it. */
  destroy(): Result<null>;
}

/** The same for input from anywhere. */
export interface UncheckedCalls extends TestCalls {
  admit(principal: Principal, deed: Deed): Result<Principal>;
  getOrStart(input?: unknown): Result<Info & { readonly created: boolean }>;
  configure(input: unknown): Result<Info>;
  /** The state as JSON text. */
  treeText(query?: unknown): Result<string>;
  mutate(call: unknown, principal?: Principal): Result<MutationAnswer>;
  undo(input?: unknown, principal?: Principal): Result<UndoAnswer>;
  history(query?: unknown): Result<HistoryPage>;
  historySessions(query?: unknown): Result<HistoryPage<HistorySession>>;
  diff(query?: unknown): Result<DiffPage | DiffOperations>;
  restore(call: unknown, principal?: Principal): Result<RestoreAnswer | RestorePlan>;
  blame(query: unknown): Result<BlamePage>;
  bin(query?: unknown): Result<BinPage>;
  versions(query?: unknown): Result<VersionsPage>;
  nameVersion(call: unknown, principal?: Principal): Result<Version>;
  renameVersion(call: unknown, principal?: Principal): Result<Version>;
  deleteVersion(call: unknown, principal?: Principal): Result<null>;
  export(query?: unknown, principal?: Principal): Result<string>;
  fork(input: unknown, principal?: Principal, there?: Principal): Result<Info>;
}

/** `objectOf` finds the object of another document. */
export function createTestCalls(object: TestObject, objectOf: (documentId: string) => TestObject): UncheckedCalls {
  const admit = (principal: Principal, deed: Deed) =>
    object.call((to, now) => to.admit(principal, deed, now)) ?? FAILED;
  const ask = <T>(work: (calls: Calls, now: number) => Task<T>): Result<T> => object.ask(work) ?? FAILED;
  const run = <T>(work: (calls: Calls, now: number) => Result<T>): Result<T> => object.call(work) ?? FAILED;
  return {
    admit,
    getOrStart: (input = {}) => chain(decodeCreate(input), (value) => ask((to, now) => to.getOrStart(value, now))),
    info: () => ask((to, now) => to.info(now)),
    configure: (input) => chain(decodeOptionsChange(input), (changes) => ask((to, now) => to.configure(changes, now))),
    treeText: (input = {}) =>
      chain(decodeTreeQuery(input), (query) => {
        let text = "";
        const take = (part: string) => {
          text += part;
          return byteLength(text);
        };
        const made = ask((to, now) => to.treeText(query, { take }, now));
        return chain(made, () => success(text));
      }),
    getState: (input = {}) =>
      chain(decodeTreeQuery(input), ({ depth, ...query }) =>
        ask((to, now) => to.tree(query, (found) => readState(found, depth), now)),
      ),
    mutate: (input, principal = ANYONE) =>
      chain(decodeMutationCall(input), (call) => ask((to, now) => to.mutate(call, principal, now))),
    history: (input = {}) => chain(decodeHistoryQuery(input), (query) => ask((to, now) => to.history(query, now))),
    historySessions: (input = {}) =>
      chain(decodeSessionsQuery(input), (query) => ask((to, now) => to.historySessions(query, now))),
    diff: (input = {}) => chain(decodeDiffQuery(input), (query) => ask((to, now) => to.diff(query, now))),
    restore: (input, principal = ANYONE) =>
      chain(decodeRestoreCall(input), (call) => ask((to, now) => to.restore(call, principal, now))),
    undo: (input = {}, principal = ANYONE) =>
      chain(decodeUndo(input), (call) => ask((to, now) => to.undo(call, principal, now))),
    blame: (input) => chain(decodeBlameQuery(input), (query) => ask((to, now) => to.blame(query, now))),
    bin: (input = {}) => chain(decodeBinQuery(input), (query) => ask((to, now) => to.bin(query, now))),
    versions: (input = {}) => chain(decodeVersionsQuery(input), (query) => run((to, now) => to.versions(query, now))),
    nameVersion: (input, principal = ANYONE) =>
      chain(decodeVersionCall(input), (call) => run((to, now) => to.nameVersion(call, principal, now))),
    renameVersion: (input, principal = ANYONE) =>
      chain(decodeRename(input), (call) => run((to, now) => to.renameVersion(call, principal, now))),
    deleteVersion: (input, principal = ANYONE) =>
      chain(decodeVersionId(input), ({ id }) => run((to, now) => to.deleteVersion(id, principal, now))),
    revoke: (input) => chain(decodeRevoke(input), (value) => run((to, now) => to.revoke(value, now))),
    export: (input = {}, principal = ANYONE) =>
      chain(decodeExport(input), ({ history }) => {
        const admitted = admit(principal, history ? "backup" : "export");
        if (!admitted.ok) return admitted;
        return chain(exported(object, history ? { depth: "backup" } : null), (pieces) => success(pieces.join("")));
      }),
    import: (lines, principal = ANYONE) => imported(object, [lines], principal, admit(principal, "backup")),
    fork: (input, principal = ANYONE, there = ANYONE) =>
      chain(decodeFork(input), ({ to, at, history }) => {
        const target = objectOf(to);
        const deeds: readonly Deed[] = history ? ["import", "backup"] : ["import"];
        for (const deed of deeds) {
          const admitted = target.call((calls, now) => calls.admit(there, deed, now)) ?? FAILED;
          if (!admitted.ok) return admitted;
        }
        const admitted = admit(principal, history ? "backup" : "fork");
        const free = admitted.ok ? (target.call(({ imports }) => imports.free()) ?? FAILED) : admitted;
        if (!free.ok) return free;
        const copied = exported(object, { at, depth: history ? "everything" : "tree" });
        return copied.ok ? imported(target, copied.value, there, "trusted") : copied;
      }),
    stop: () => ask((to, now) => to.stop(now)),
    destroy() {
      const creation = object.call((to) => to.creation());
      const result = run((to) => to.destroy());
      object.deleteAll(creation);
      return result;
    },
  };
}

/** All of an export; null: of the tree. */
function exported(object: TestObject, copy: CopyQuery | null): Result<readonly Piece[]> {
  const begun = copy
    ? object.ask((calls, now) => calls.copy(copy, now))
    : object.call((calls, now) => calls.export(now));
  if (!begun?.ok) return begun ?? FAILED;
  const pieces: Piece[] = [];
  for (let part = begun.value.next(0); part !== null; part = begun.value.next(0)) pieces.push(part);
  begun.value.release();
  return success(pieces);
}

function imported(
  object: TestObject,
  pieces: readonly Piece[],
  principal: Principal,
  backup: Result<unknown> | "trusted",
): Result<Info> {
  const begun =
    object.call((calls, now) => calls.imports.begin(now, backup, calls.admit(principal, "options", now))) ?? FAILED;
  if (!begun.ok) return begun;
  const name = begun.value;
  let taken: Result<null> = success(null);
  for (const piece of pieces)
    if (taken.ok) taken = object.call(({ imports }, now) => imports.piece(name, piece, now)) ?? FAILED;
  const finish = (calls: Calls, now: number) =>
    chain(calls.admit(principal, calls.imports.deed, now), () => calls.imports.finish(name, now));
  const checked = taken.ok ? (object.ask((calls, now) => calls.checkImport(name, now)) ?? FAILED) : taken;
  const finished = checked.ok ? (object.call(finish) ?? FAILED) : checked;
  if (finished.ok) return object.ask((calls, now) => calls.info(now)) ?? FAILED;
  if (object.call(({ imports }) => imports.abort(name))) object.deleteAll();
  return finished;
}

const FAILED = failure("unavailable", "the document failed and starts again; try again");
