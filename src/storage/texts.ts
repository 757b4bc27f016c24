import type { TreeEvent } from "../protocol/index.ts";
import type { Changes, Step as TextStep } from "../text/index.ts";
import {
  type Asked,
  type Effect,
  type Inverse,
  type InverseEdit,
  type InverseUpdate,
  type NodeId,
  stepsOf,
  weighAttrs,
} from "../tree/index.ts";
import { type Commit, entriesOf, LOOKED_THROUGH, parsingOf, workOf } from "./log.ts";
import { createTouched } from "./touched.ts";

/** What an event has done to texts. */
export interface TextEvent {
  readonly seq: number;
  readonly client: string | null;
  readonly steps: readonly TextStep[];
  /** What takes that back, newest first; of updates too. */
  readonly inverse: readonly (InverseUpdate | InverseEdit)[];
  /** How it was made, where its author had not seen everything. */
  readonly asked: Asked | undefined;
  /** Whether its author saw it when it was made: not so what takes back other events, or does them again, unless that was told. */
  readonly isOwn: boolean;
  /** It takes back other events, or does them again. */
  readonly isBack: boolean;
  /** What its author saw of it is what came of it, but for what others have done: an undo may come to something else. */
  readonly isAsSeen: boolean;
  /** Whether there is more in it than values that replace others. */
  readonly edits: boolean;
}

/**
 * What has happened to texts last, in memory: what is not committed yet, too. As long as nobody edits any, what replaces values is
 * not kept in mind.
 */
export interface RecentTexts {
  /** Notes the next event: what it has done to texts, or null. */
  note(seq: number, event: () => TextEvent | null, edits: boolean): void;
  /** Passes over an event that is in the log. */
  pass(seq: number, edits: boolean): void;
  /** All text events after this seq are in memory. */
  readonly from: number;
  /** The last event that was more than values that replace others; where none is known the first seq that is. */
  readonly lastEdit: number;
  /** The last one, or the last event that was passed over. */
  readonly latest: number;
  /** Those after a seq that is not below `from`, the oldest first. */
  after(seq: number): Iterable<TextEvent>;
  /** Those from a seq down to `from`, the newest first. */
  backward(seq: number): Iterable<TextEvent>;
  /**
   * Whether anybody but this client has changed a text after a seq, or anything was split from it or joined to it by anyone; or nobody
   * knows without reading, below `from`.
   */
  isTouched(id: NodeId, attr: string, since: number, client: string | null): boolean;
}

/** Events that are kept in mind, and characters of them: the oldest are let go first, but none that is in no log. */
const MOST_EVENTS = 16_384;
const MOST_CHARACTERS = 1024 * 1024;

/** `seq` is that of the last event that is not noted; `committed` that of the last one in the log. */
export function createRecentTexts(seq: number, committed: () => number): RecentTexts {
  let events: TextEvent[] = [];
  /** How many of them were let go. */
  let gone = 0;
  let characters = 0;
  let from = seq;
  let lastEdit = seq;
  const touched = createTouched();
  const letGo = (oldest: TextEvent) => {
    gone++;
    touched.letGo(oldest);
    characters -= sizeOf(oldest);
    from = oldest.seq;
    if (gone < MOST_EVENTS) return;
    events = events.slice(gone);
    gone = 0;
  };
  const pass = (at: number, edits: boolean) => {
    if (events.length === gone) from = at;
    if (edits) lastEdit = at;
  };
  /** The index of the first event after a seq. */
  const indexAfter = (wanted: number) => {
    let [low, high] = [gone, events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle]?.seq ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return {
    note(at, told, edits) {
      if (!edits && events.length === gone) return pass(at, false);
      const event = told();
      if (!event) return;
      if (edits) lastEdit = at;
      events.push(event);
      touched.note(event);
      characters += sizeOf(event);
      for (let oldest = events[gone]; oldest && oldest.seq <= committed(); oldest = events[gone]) {
        if (events.length - gone <= MOST_EVENTS && characters <= MOST_CHARACTERS) return;
        letGo(oldest);
      }
    },
    pass,
    get from() {
      return from;
    },
    get latest() {
      return events.at(-1)?.seq ?? from;
    },
    get lastEdit() {
      return lastEdit;
    },
    *after(wanted) {
      for (let index = indexAfter(wanted); index < events.length; index++) {
        const event = events[index];
        if (event) yield event;
      }
    },
    *backward(wanted) {
      for (let index = indexAfter(wanted) - 1; index >= gone; index--) {
        const event = events[index];
        if (event) yield event;
      }
    },
    isTouched: (id, attr, since, client) => since < from || touched.byOthers(id, attr, since, client),
  };
}

/** What a text event takes in memory, about. */
function sizeOf({ steps, inverse }: TextEvent): number {
  let size = 256;
  for (const step of steps) size += step.op === "edit" ? 64 + weigh(step.changes) : 128;
  for (const each of inverse) size += each.op === "edit" ? 64 + weigh(each.changes) : 64 + weighAttrs(each.attrs ?? {});
  return size;
}

function weigh(changes: Changes): number {
  let size = 0;
  for (const change of changes) size += typeof change === "string" ? 16 + change.length : 8;
  return size;
}

/** The texts events of a commit, the oldest first, and what it took to read them. A commit without any is not parsed. */
export function textEventsOf(commit: Commit): { readonly events: readonly TextEvent[]; readonly work: number } {
  const { events } = commit;
  if (!events.includes('"op":"edit"') && !events.includes('"op":"update"'))
    return { events: NONE, work: workOf(events) / LOOKED_THROUGH };
  const work = parsingOf(commit);
  return { events: entriesOf(commit).flatMap((entry) => textEventOf(entry, entry.inverse) ?? NONE), work };
}

const NONE: readonly TextEvent[] = [];

/** What an event of the log has done to texts, or null. */
export function textEventOf(
  { seq, client, ops, undoes, redoes }: Pick<TreeEvent, "seq" | "client" | "ops" | "undoes" | "redoes">,
  inverse: readonly Inverse[],
): TextEvent | null {
  const steps = stepsOf(ops, inverse);
  const edits = editsTexts(ops);
  if (steps.length === 0 && !edits) return null;
  const content = inverse.filter(isContent);
  const asked = edits ? content.find(isAsked)?.asked : undefined;
  const isBack = undoes !== undefined || redoes !== undefined;
  const isOwn = !isBack || asked !== undefined;
  const isAsSeen = !isBack || (isOwn && !asked?.steps);
  return { seq, client, steps, inverse: content, asked, isOwn, isBack, isAsSeen, edits };
}

function isContent(inverse: Inverse): inverse is InverseUpdate | InverseEdit {
  return inverse.op === "edit" || inverse.op === "update";
}

function isAsked(inverse: InverseUpdate | InverseEdit): inverse is InverseEdit {
  return inverse.op === "edit" && inverse.asked !== undefined;
}

/** Whether it is more to texts than values that replace others. */
export function editsTexts(ops: readonly Effect[]): boolean {
  return ops.some(({ op }) => op === "edit");
}
