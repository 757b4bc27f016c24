import { failure, LIMITS, type Result } from "../protocol/index.ts";
import type { Slices } from "../storage.ts";

/** An answer that may take more than one turn. */
export interface Task<T> {
  /** Null as long as it is under way. */
  readonly result: Result<T> | null;
  /** Calls with the result when there is one: at once, or in a later turn. */
  whenDone(call: (result: Result<T>) => void): void;
}

/**
 * What else work under way may be: a call that others are not to make without end; one that also holds so much that only one
 * of these goes on at a time; a page of what is looked for in the log, of which the same holds, that waits for no tree; or something that nobody waits for.
 */
export type Kind = "call" | "tree" | "page" | "background";

/** Work that takes many turns. One slice is done in each, and everyone else has a turn in between. */
export interface Turns {
  /** Whether there is a slice to do. */
  readonly waiting: boolean;
  /** Does the first slice; `tooMany` if that was not all and as many calls are under way as may be. */
  begin<T>(work: Slices<Result<T>>, kind: Kind, now: number): Task<T>;
  /** Does the next slice of what has waited longest. */
  next(now: number): void;
  /** Ends all as `unavailable`: the document leaves memory. */
  endAll(): void;
}

/** What is under way. */
interface Job {
  readonly kind: Kind;
  /** Does a slice; false at the end. */
  step(now: number): boolean;
  end(): void;
}

export function createTurns(): Turns {
  /** Those that have waited longest come first. */
  let jobs: Job[] = [];
  /** Of the kinds that go on one at a time, in the order in which they began. */
  let lined: Job[] = [];
  const isLined = ({ kind }: Job) => kind === "tree" || kind === "page";
  const isFirst = (job: Job) => lined.find(({ kind }) => kind === job.kind) === job;
  const count = (...kinds: Kind[]) => jobs.filter(({ kind }) => kinds.includes(kind)).length;
  const isTooMany = (kind: Kind) => {
    if (kind === "background") return false;
    return kind === "page" ? count("page") >= LIMITS.pages : count("call", "tree") >= LIMITS.calls;
  };
  return {
    get waiting() {
      return jobs.length > 0;
    },
    begin<T>(work: Slices<Result<T>>, kind: Kind, now: number) {
      const { task, settle } = createTask<T>();
      const job: Job = {
        kind,
        step(time) {
          const { done, value } = work.next(time);
          if (done) settle(value);
          return !done;
        },
        end() {
          work.return(GONE);
          settle(GONE);
        },
      };
      if (!job.step(now)) return task;
      if (isTooMany(kind)) {
        work.return(GONE);
        settle(kind === "page" ? TOO_MANY_PAGES : TOO_MANY_CALLS);
        return task;
      }
      jobs.push(job);
      if (isLined(job)) lined.push(job);
      return task;
    },
    next(now) {
      const job = jobs.find((each) => !isLined(each) || isFirst(each));
      if (!job) return;
      // Whoever stops the document ends all others, and is not over yet.
      jobs = jobs.filter((each) => each !== job);
      if (stepped(job, now)) jobs.push(job);
      else lined = lined.filter((each) => each !== job);
    },
    endAll() {
      const ended = jobs;
      jobs = [];
      lined = [];
      for (const job of ended) job.end();
    },
  };
}

/** Milliseconds. */
const AGAIN = 1_000;

const tooMany = (most: number, what: string) =>
  failure("tooMany", `at most ${most} ${what} at once; try again later`, { retryAfter: AGAIN });
const TOO_MANY_CALLS = tooMany(LIMITS.calls, "calls that take long");
const TOO_MANY_PAGES = tooMany(LIMITS.pages, "pages of history");

const GONE = failure("unavailable", "the document was closed meanwhile; try again");

/** Does a slice; what fails is over for whoever waits for it. */
function stepped(job: Job, now: number): boolean {
  try {
    return job.step(now);
  } catch (error) {
    job.end();
    throw error;
  }
}

/** A task that is over already. */
export function over<T>(result: Result<T>): Task<T> {
  const { task, settle } = createTask<T>();
  settle(result);
  return task;
}

function createTask<T>(): { task: Task<T>; settle(result: Result<T>): void } {
  let result: Result<T> | null = null;
  let waiting: ((result: Result<T>) => void)[] = [];
  return {
    task: {
      get result() {
        return result;
      },
      whenDone(call) {
        if (result) call(result);
        else waiting.push(call);
      },
    },
    settle(value) {
      if (result) return;
      result = value;
      for (const call of waiting) call(value);
      waiting = [];
    },
  };
}
