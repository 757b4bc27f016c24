import { type Commit, type Log, sizeOf } from "./log.ts";

/** A log that is kept in memory: `limit` characters of it, the oldest commits are let go first. */
export interface MemoryLog extends Log {
  /** Both return what was let go. */
  append(commit: Commit): Commit[];
  drop(first: number): Commit[];
  /** Takes back the last `append`. */
  takeBack(): void;
  /** Puts back what was let go. */
  putBack(gone: readonly Commit[]): void;
  readonly characters: number;
}

/** More than a checkpoint lets the log grow to, so what no checkpoint has is always there. */
const LIMIT = 16 * 1024 * 1024;

export function createMemoryLog(limit = LIMIT): MemoryLog {
  const commits: Commit[] = [];
  let characters = 0;

  /** Lets the oldest go for as long as `which` says so. */
  const letGo = (which: (oldest: Commit) => boolean) => {
    const gone: Commit[] = [];
    for (let oldest = commits[0]; oldest && which(oldest); oldest = commits[0]) {
      gone.push(oldest);
      commits.shift();
      characters -= sizeOf(oldest);
    }
    return gone;
  };
  /** The index of the first commit that ends after `seq`. */
  const indexAfter = (seq: number) => {
    let [low, high] = [0, commits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((commits[middle]?.last ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  /** The last commit that begins before a seq. */
  const lastBefore = (seq: number): Commit | undefined => {
    const commit = commits[indexAfter(seq - 1)];
    return commit && commit.first < seq ? commit : commits[indexAfter(seq - 1) - 1];
  };

  return {
    append(commit) {
      commits.push(commit);
      characters += sizeOf(commit);
      return letGo(() => characters > limit && commits.length > 1);
    },
    at(seq) {
      const commit = commits[indexAfter(seq - 1)];
      return commit && commit.first <= seq ? commit : undefined;
    },
    *after(seq, since = 0) {
      // What is read may be let go meanwhile, so the place is looked for anew at every step.
      for (let reached = seq; ; ) {
        const commit = commits[indexAfter(reached)];
        if (!commit) return;
        reached = commit.last;
        if (commit.time >= since) yield commit;
      }
    },
    *backward(before = Number.MAX_SAFE_INTEGER) {
      for (let below = before; ; ) {
        const commit = lastBefore(below);
        if (!commit) return;
        below = commit.first;
        yield commit;
      }
    },
    *sizes(after) {
      for (const commit of commits)
        if (commit.first > after) yield { first: commit.first, last: commit.last, bytes: sizeOf(commit) };
    },
    oldest: () => commits[0]?.first ?? null,
    drop: (first) => letGo((oldest) => oldest.first <= first),
    putBack(gone) {
      commits.unshift(...gone);
      for (const commit of gone) characters += sizeOf(commit);
    },
    takeBack() {
      const last = commits.pop();
      if (last) characters -= sizeOf(last);
    },
    get characters() {
      return characters;
    },
  };
}
