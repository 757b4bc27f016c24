import {
  type CreateInput,
  chain,
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
  type Session,
  type State,
  stateOf,
  stateText,
} from "../session.ts";
import { drain, eachLine, streamOf } from "./ndjson.ts";

/** The calls of a document with decoded input, as HTTP and RPC both use them. */
export interface DocumentCalls {
  getOrStart(input: CreateInput): Result<Info & { readonly created: boolean }>;
  info(): Result<Info>;
  configure(changes: OptionsInput): Result<Info>;
  state(query: TreeQuery): Result<State>;
  /** The same as JSON text: deeper than an RPC answer can be. */
  treeText(query: TreeQuery): Result<string>;
  mutate(call: MutationCall, principal: Principal): Result<MutationAnswer>;
  history(query: HistoryQuery): Result<HistoryPage>;
  stop(): Result<Info>;
  destroy(): Promise<Result<null>>;
  import(body: ReadableStream<Uint8Array>): Promise<Result<Info>>;
  export(): Result<ReadableStream<Uint8Array>>;
}

/** What the calls need of their object. */
interface Host {
  run<T>(work: (session: Session, now: number) => Result<T>): Result<T>;
  /** Deletes all that is stored. */
  deleteAll(): Promise<void>;
}

export function createDocumentCalls(host: Host): DocumentCalls {
  const run = <T>(work: (calls: Calls, now: number) => Result<T>) => host.run(({ calls }, now) => work(calls, now));
  return {
    getOrStart: (input) => run((calls, now) => calls.getOrStart(input, now)),
    info: () => run((calls, now) => calls.info(now)),
    configure: (changes) => run((calls, now) => calls.configure(changes, now)),
    state: ({ depth, ...query }) =>
      run((calls, now) => chain(calls.tree(query, now), (found) => success(stateOf(found, depth)))),
    treeText: ({ depth, ...query }) =>
      run((calls, now) => chain(calls.tree(query, now), (found) => stateText(found, depth))),
    mutate: (call, principal) => run((calls, now) => calls.mutate(call, principal, now)),
    history: (query) => run((calls, now) => calls.history(query, now)),
    stop: () => run((calls, now) => calls.stop(now)),
    async destroy() {
      const result = run((calls) => calls.destroy());
      // Where there is no document there may be what an import has left, and an empty database is billed, too.
      await host.deleteAll();
      return result;
    },
    async import(body) {
      const begun = run(({ imports }, now) => imports.begin(now));
      if (!begun.ok) {
        await drain(body);
        return begun;
      }
      const name = begun.value;
      const take = (lines: readonly string[]) => run(({ imports }, now) => imports.lines(name, lines, now));
      const problem = await eachLine(body, take).catch(brokenOff);
      const finished = problem ?? run(({ imports }, now) => imports.finish(name, now));
      if (finished.ok) return run((calls, now) => calls.info(now));
      const aborted = run(({ imports }) => success(imports.abort(name)));
      if (aborted.ok && aborted.value) await host.deleteAll();
      await drain(body);
      return finished;
    },
    export() {
      const parts = run((calls, now) => calls.export(now));
      return parts.ok ? success(streamOf(parts.value)) : parts;
    },
  };
}

/** The peer of an import went away in the middle. */
function brokenOff(error: unknown): Result<never> {
  console.error(error);
  return failure("unavailable", "the body broke off before its end; send it again");
}
