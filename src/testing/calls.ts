import {
  decodeCreate,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeOptionsChange,
  decodeTreeQuery,
  failure,
  type HistoryQuery,
  type MutationCall,
  type OptionsInput,
  type Principal,
  type Result,
  success,
  type TreeQuery,
} from "../protocol/index.ts";
import type { Calls, HistoryPage, Info, MutationAnswer, TreeAnswer } from "../session.ts";
import { type NodeData, toData } from "../tree/index.ts";
import type { TestObject } from "./object.ts";

/** A tree and where it stands. */
export interface State {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly tree: NodeData;
}

/** What another Worker calls as `env.DOCUMENTS.getByName(id).mutate({ ops })`. Here it is answered at once. */
export interface TestCalls {
  /** Finds the document, or creates it with this tree and these options. */
  getOrStart(input?: { tree?: NodeData; options?: OptionsInput }): Result<Info & { readonly created: boolean }>;
  info(): Result<Info>;
  configure(input: { options: OptionsInput }): Result<Info>;
  getState(query?: TreeQuery): Result<State>;
  /** Without a principal it may do everything. */
  mutate(call: MutationCall, principal?: Principal): Result<MutationAnswer>;
  history(query?: HistoryQuery): Result<HistoryPage>;
  stop(): Result<Info>;
  /** Deletes the document with all that is stored of it. */
  destroy(): Result<null>;
}

/** The same for input from anywhere. */
export interface UncheckedCalls extends TestCalls {
  getOrStart(input?: unknown): Result<Info & { readonly created: boolean }>;
  configure(input: unknown): Result<Info>;
  tree<T>(query: unknown, read: (answer: TreeAnswer, depth: number | undefined) => T): Result<T>;
  mutate(call: unknown, principal?: Principal): Result<MutationAnswer>;
  history(query?: unknown): Result<HistoryPage>;
}

/** Who calls without saying who: anybody, who may do everything. */
export const ANYONE: Principal = { user: null, role: "write" };

export function createTestCalls(object: TestObject): UncheckedCalls {
  const run = <T>(work: (calls: Calls, now: number) => Result<T>): Result<T> =>
    object.call(work) ?? failure("unavailable", "the document failed and starts again; try again");
  const calls: UncheckedCalls = {
    getOrStart: (input = {}) => chain(decodeCreate(input), (value) => run((to, now) => to.getOrStart(value, now))),
    info: () => run((to, now) => to.info(now)),
    configure: (input) => chain(decodeOptionsChange(input), (changes) => run((to, now) => to.configure(changes, now))),
    tree: (input, read) =>
      chain(decodeTreeQuery(input), ({ depth, ...query }) =>
        // It can be read before anything else happens to the document, and no longer.
        run((to, now) => chain(to.tree(query, now), (answer) => success(read(answer, depth)))),
      ),
    getState: (query = {}) =>
      calls.tree(query, ({ view, node, ...head }, depth) => ({ ...head, tree: toData(view, node, depth) })),
    mutate: (input, principal = ANYONE) =>
      chain(decodeMutationCall(input), (call) => run((to, now) => to.mutate(call, principal, now))),
    history: (input = {}) => chain(decodeHistoryQuery(input), (query) => run((to, now) => to.history(query, now))),
    stop: () => run((to, now) => to.stop(now)),
    destroy() {
      const result = run((to) => to.destroy());
      object.deleteAll();
      return result;
    },
  };
  return calls;
}

export function chain<T, U>(result: Result<T>, next: (value: T) => Result<U>): Result<U> {
  return result.ok ? next(result.value) : result;
}
