import { eventsOf, type StoredDocument, seqOf, textEventsOf } from "../storage.ts";
import { isOfText, isUndo, type Operation, type TextsDone, type Undo } from "../tree/index.ts";
import { type FrameLooks, UNDO_WORK } from "./sight.ts";
import { createWork } from "./text-sight.ts";

/**
 * What has happened to texts before what is kept in mind (X36). An undo of an edit of long ago needs all of that: it is read in as many
 * turns as it takes before the undo is decided. It never changes, so whoever undoes next finds it here.
 */
export interface OlderTexts {
  /** What an event did to texts; null where that is further back than may be read, undefined where it was not read. */
  at(seq: number): TextsDone | null | undefined;
  /** Reads what undos need, as far as a turn may; false where there is more to be read. */
  ready(ops: readonly Operation[], client: string | null, looks: FrameLooks): boolean;
  /** Something was committed: what nobody has asked for since long is let go. */
  committed(): void;
  /** About how many characters it holds. */
  readonly held: number;
}

/** It is kept for so many commits after it was asked for last. */
const KEPT = 64;
/** What has gone from mind since it was read is read one by one, if it is not more. */
const MOST_BETWEEN = 256;
/** The event is not known, so that it may be any. */
const ANY = 0;

/** What was read: all events after one seq and up to another. */
interface Stretch {
  readonly done: Map<number, TextsDone>;
  after: number;
  readonly to: number;
  characters: number;
  /** What may still be read, as `workOf` measures it. */
  left: number;
}

export function createOlderTexts(document: StoredDocument): OlderTexts {
  const { texts } = document;
  let stretch: Stretch | null = null;
  let unused = 0;
  let looked = { seq: ANY, concerns: true };
  const begin = (): Stretch => {
    const to = Math.min(texts.from, document.seq);
    return { done: new Map(), after: to, to, characters: 0, left: UNDO_WORK };
  };
  /** Whether an event has done anything that is taken back by going back over others. */
  const concernsTexts = (seq: number) => {
    if (looked.seq === seq) return looked.concerns;
    const commit = document.log.at(seq);
    const event = commit && eventsOf(commit).find((each) => each.seq === seq);
    looked = { seq, concerns: event?.ops.some(isOfText) ?? false };
    return looked.concerns;
  };
  return {
    at(seq) {
      if (!stretch || seq > stretch.to) return undefined;
      if (seq > stretch.after) return stretch.done.get(seq) ?? NOTHING;
      return stretch.left > 0 ? undefined : null;
    },
    ready(ops, client, looks) {
      const seqs = ops.filter(isUndo).flatMap((undo) => seqsOf(document, undo, client));
      const older = seqs.filter((seq) => seq <= texts.from);
      const oldest = Math.min(...older);
      if (older.length === 0 || (older.length === 1 && oldest !== ANY && !concernsTexts(oldest))) return true;
      if (!stretch || texts.from - stretch.to > MOST_BETWEEN) stretch = begin();
      unused = 0;
      const read = stretch;
      const work = createWork(looks);
      for (const commit of document.log.backward(read.after + 1)) {
        if (read.after <= oldest || read.left <= 0) break;
        if (work.full()) return false;
        const { events, work: parsed } = textEventsOf(commit);
        for (const { seq, steps, isBack } of events) {
          if (seq <= read.after) read.done.set(seq, { steps, isBack });
        }
        if (events.length > 0) read.characters += commit.events.length;
        read.after = commit.first - 1;
        read.left -= parsed;
        work.add(parsed);
      }
      return true;
    },
    committed() {
      if (stretch && ++unused > KEPT) stretch = null;
    },
    get held() {
      return stretch?.characters ?? 0;
    },
  };
}

/** Most events do nothing to texts. */
const NOTHING: TextsDone = { steps: [], isBack: false };

/** The events that an undo names, as far as that is known without reading. */
function seqsOf(
  { clients }: StoredDocument,
  { mutations, client, seqs = [] }: Undo,
  author: string | null,
): readonly number[] {
  if (!mutations) return seqs;
  const record = clients.get(client ?? author ?? "");
  if (!record) return [];
  return mutations.flatMap((counter) => {
    const seq = seqOf(record.accepted, counter);
    return seq === null ? [] : (seq ?? ANY);
  });
}
