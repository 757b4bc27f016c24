import {
  ANYONE,
  chain,
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
import {
  type Calls,
  type HistoryPage,
  type Info,
  type MutationAnswer,
  type State,
  stateOf,
  stateText,
  type TreeAnswer,
} from "../session.ts";
import type { NodeData } from "../tree/index.ts";
import type { TestObject } from "./object.ts";

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
  /** The state as JSON text. */
  treeText(query?: unknown): Result<string>;
  mutate(call: unknown, principal?: Principal): Result<MutationAnswer>;
  history(query?: unknown): Result<HistoryPage>;
}

export function createTestCalls(object: TestObject): UncheckedCalls {
  const run = <T>(work: (calls: Calls, now: number) => Result<T>): Result<T> =>
    object.call(work) ?? failure("unavailable", "the document failed and starts again; try again");
  /** It can be read before anything else happens to the document, and no longer. */
  const readTree = <T>(input: unknown, read: (found: TreeAnswer, depth?: number) => Result<T>) =>
    chain(decodeTreeQuery(input), ({ depth, ...query }) =>
      run((to, now) => chain(to.tree(query, now), (found) => read(found, depth))),
    );
  return {
    getOrStart: (input = {}) => chain(decodeCreate(input), (value) => run((to, now) => to.getOrStart(value, now))),
    info: () => run((to, now) => to.info(now)),
    configure: (input) => chain(decodeOptionsChange(input), (changes) => run((to, now) => to.configure(changes, now))),
    treeText: (input = {}) => readTree(input, stateText),
    getState: (input = {}) => readTree(input, (found, depth) => success(stateOf(found, depth))),
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
}
