import { failure, LIMITS, type Moment, type Result } from "../protocol/index.ts";
import {
  type CopyDepth,
  copyOf,
  copyOfHistory,
  copyOfPast,
  createMeter,
  type Piece,
  type Slices,
  type StoredDocument,
  treeAt,
} from "../storage.ts";
import type { ReadStore } from "../tree/index.ts";
import type { Export, Exports } from "./exports.ts";
import { OVERTAKEN } from "./moment.ts";
import { seqOfMoment } from "./moments.ts";
import { firstTree, TOO_MUCH } from "./tree-answer.ts";

/** What is copied of a document: as it is now, or was at a moment. */
export interface CopyQuery {
  readonly at?: Moment | undefined;
  readonly depth: CopyDepth;
}

/**
 * A document as lines that make it again. As it was at a moment before, its tree is gone back to; with its history, the tree that
 * this begins with, as what undos and removals leave beside a tree is known of now alone: the other one does the events again.
 * `expired` and `tooLarge` as with the tree of that moment.
 */
export function* beginCopy(
  stored: StoredDocument,
  exports: Exports,
  { at: moment = { seq: stored.seq }, depth }: CopyQuery,
  now: number,
): Slices<Result<Export<Piece>>> {
  const found = seqOfMoment(stored, moment);
  if (!found.ok) return found;
  const at = found.value;
  if (at === stored.seq) return exports.begin(() => copyOf(stored, depth), now);
  if (!stored.reaches(at)) return failure("expired", `${firstTree(stored)}, not ${at}`);
  const isTree = depth === "tree";
  if (!isTree && !stored.options.documentStorage) return failure("invalid", NO_HISTORY);
  const from = isTree ? at : stored.historyFrom - 1;
  if (at - from > LIMITS.eventsReplayed) return failure("tooLarge", TOO_LONG);
  const room = exports.roomForPast(now);
  if (!room.ok) return room;
  const frozen = stored.nodes.freeze();
  let taken = false;
  try {
    const meter = createMeter();
    const work = treeAt(stored, frozen.view, from, meter);
    let time = now;
    let view: ReadStore | "expired" | "tooLarge" | null = null;
    while (view === null) {
      const step = work.next(time);
      if (step.done) view = step.value;
      else time = yield;
      if (frozen.overtaken) return OVERTAKEN;
    }
    if (view === "expired") return failure("expired", `${firstTree(stored)}, not ${at}`);
    if (view === "tooLarge") return failure("tooLarge", `${TOO_MUCH} since seq ${from}`);
    const pieces = isTree ? copyOfPast(stored, view) : copyOfHistory(stored, view, from, at);
    const open = () => ({
      pieces,
      get overtaken() {
        return frozen.overtaken;
      },
      release: frozen.release,
    });
    const begun = exports.begin(open, time, true);
    taken = begun.ok;
    return begun;
  } finally {
    if (!taken) frozen.release();
  }
}

const NO_HISTORY = "the document keeps no history (documentStorage); fork it as it is now, or without that";
const TOO_LONG = `at most ${LIMITS.eventsReplayed} events are done again; fork it as it is now, or without its history`;
