import { failure, LIMITS, nodeLineText, type Result, success } from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";

/** A tree as lines, read part by part while it goes on changing. */
export interface Export {
  /** The next lines, about 64 KiB of them, or null at the end. Throws if it cannot go on: what comes out is no tree then. */
  next(now: number): string | null;
  /** Must be called when nobody wants the rest. */
  release(): void;
}

/** The exports of a document that are under way. What they hold is let go when nobody reads them. */
export interface Exports {
  readonly count: number;
  /**
   * The tree as it is now. With eight of them the one that nobody has read for longest makes room, if that is 2 s at least;
   * else `tooMany`: a caller by RPC that drops its stream does not say so (workerd 1.20261117).
   */
  begin(stored: StoredDocument, now: number): Result<Export>;
  /** Ends those that nobody has read for 30 s. */
  releaseStalled(now: number): void;
  /** Ends all: the document leaves memory. */
  releaseAll(): void;
}

/** Characters of one part. */
const PART = 64 * 1024;

interface Reader {
  readAt: number;
  end(why: string): void;
}

export function createExports(): Exports {
  const readers = new Set<Reader>();
  const releaseStalled = (now: number) => {
    for (const reader of readers)
      if (now - reader.readAt > LIMITS.exportTimeout) reader.end("nobody read it for too long");
  };
  const makeRoom = (now: number) => {
    if (readers.size < LIMITS.exports) return;
    const [stalled] = [...readers].sort((one, other) => one.readAt - other.readAt);
    if (stalled && now - stalled.readAt >= LIMITS.readTimeout) stalled.end("nobody read it, and others wait");
  };
  return {
    get count() {
      return readers.size;
    },
    begin(stored, now) {
      releaseStalled(now);
      makeRoom(now);
      if (readers.size >= LIMITS.exports) {
        return failure("tooMany", `at most ${LIMITS.exports} exports at once; try again later`, {
          retryAfter: LIMITS.readTimeout,
        });
      }
      const frozen = stored.nodes.freeze();
      const nodes = frozen.nodes();
      // A closure that a slow reader keeps must not keep the document.
      let source: typeof nodes | null = nodes;
      let ended = "it is over";
      const reader: Reader = {
        readAt: now,
        end(why) {
          readers.delete(reader);
          frozen.release();
          source = null;
          ended = why;
        },
      };
      readers.add(reader);
      return success({
        next(time) {
          if (!source) throw new Error(`the export was broken off: ${ended}`);
          if (frozen.overtaken) throw new Error("the document changed too much while it was exported; try again");
          reader.readAt = time;
          let part = "";
          while (part.length < PART) {
            const { value, done } = source.next();
            if (done) break;
            part += nodeLineText(value);
          }
          return part === "" ? null : part;
        },
        release: () => reader.end("it is over"),
      });
    },
    releaseStalled,
    releaseAll() {
      for (const reader of readers) reader.end("the document was closed");
    },
  };
}
