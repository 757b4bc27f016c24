import { failure, LIMITS, nodeLineText, type Result, success } from "../protocol/index.ts";
import type { Copy, Piece, StoredDocument } from "../storage.ts";

/** A tree, or a document, as lines, read part by part while it goes on changing. */
export interface Export<Of extends Piece = string> {
  /**
   * The next lines, about 64 KiB of them, or rows as they are; "" where there were none in what one turn may read, null at the end. Throws
   * if it cannot go on: what comes out is worth nothing then.
   */
  next(now: number): Of | string | null;
  /** Must be called when nobody wants the rest. */
  release(): void;
}

/** The exports of a document that are under way. What they hold is let go when nobody reads them. */
export interface Exports {
  readonly count: number;
  /**
   * Begins to read. With eight of them the one that nobody has read for longest makes room, if that is 2 s at least; else `tooMany`: a
   * caller by RPC that drops its stream does not say so (workerd 1.20261117), and nothing is opened.
   */
  begin<Of extends Piece>(open: () => Copy<Of>, now: number, isPast?: boolean): Result<Export<Of>>;
  /**
   * Whether one of a moment before can begin: each holds what differs from now, so there is one at a time. One that nobody has read for
   * 2 s ends for it; else `tooMany`.
   */
  roomForPast(now: number): Result<null>;
  /** Ends those that nobody has read for 30 s. */
  releaseStalled(now: number): void;
  /** Ends all: the document leaves memory. */
  releaseAll(): void;
}

/** The tree as it is now, a node a line. */
export function treeLines({ nodes }: StoredDocument): Copy<string> {
  const frozen = nodes.freeze();
  const lines = function* () {
    for (const node of frozen.nodes()) yield nodeLineText(node);
  };
  return {
    pieces: lines(),
    get overtaken() {
      return frozen.overtaken;
    },
    release: frozen.release,
  };
}

/** Characters of one part. */
const PART = 64 * 1024;

/** Lines put together, rows as they come. */
function* partsOf<Of extends Piece>({ pieces }: Copy<Of>): Generator<Of | string> {
  let part = "";
  for (;;) {
    const { value, done } = pieces.next();
    if (!done && typeof value === "string") {
      part += value;
      if (value !== "" && part.length < PART) continue;
      yield part;
    } else {
      if (part !== "") yield part;
      if (done) return;
      yield value;
    }
    part = "";
  }
}

interface Reader {
  readonly isPast: boolean;
  readAt: number;
  end(why: string): void;
}

const tooMany = (message: string) => failure("tooMany", message, { retryAfter: LIMITS.readTimeout });

export function createExports(): Exports {
  const readers = new Set<Reader>();
  const releaseStalled = (now: number) => {
    for (const reader of readers)
      if (now - reader.readAt > LIMITS.exportTimeout) reader.end("nobody read it for too long");
  };
  /** Whether there is room for one more of these, of which there may be so many. */
  const makeRoom = (among: readonly Reader[], most: number, now: number): boolean => {
    if (among.length < most) return true;
    const [stalled] = among.toSorted((one, other) => one.readAt - other.readAt);
    if (!stalled || now - stalled.readAt < LIMITS.readTimeout) return false;
    stalled.end("nobody read it, and others wait");
    return true;
  };
  return {
    get count() {
      return readers.size;
    },
    roomForPast(now) {
      releaseStalled(now);
      const past = [...readers].filter((each) => each.isPast);
      return makeRoom(past, 1, now) ? success(null) : tooMany("another moment is being copied; try again later");
    },
    begin<Of extends Piece>(open: () => Copy<Of>, now: number, isPast = false): Result<Export<Of>> {
      releaseStalled(now);
      if (!makeRoom([...readers], LIMITS.exports, now))
        return tooMany(`at most ${LIMITS.exports} exports at once; try again later`);
      const copy = open();
      // A closure that a slow reader keeps must not keep the document.
      let source: Copy<Of> | null = copy;
      let parts: Iterator<Of | string> | null = partsOf(copy);
      let ended = "it is over";
      const reader: Reader = {
        isPast,
        readAt: now,
        end(why) {
          readers.delete(reader);
          source?.release();
          source = null;
          parts = null;
          ended = why;
        },
      };
      readers.add(reader);
      return success({
        next(time) {
          if (!source || !parts) throw new Error(`the export was broken off: ${ended}`);
          if (source.overtaken) throw new Error("the document changed too much while it was exported; try again");
          reader.readAt = time;
          const { value, done } = parts.next();
          return done ? null : value;
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
