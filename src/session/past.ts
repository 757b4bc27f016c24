import { LIMITS, type LoggedEvent, type TreeEvent } from "../protocol/index.ts";
import { type Commit, entriesOf, eventsOf, type StoredDocument, seqOf, workOf } from "../storage.ts";
import {
  decideUndo,
  type History,
  type Inverse,
  type Refusal,
  type Step,
  stepsOf,
  type Undo,
  undoTexts,
} from "../tree/index.ts";
import type { OlderTexts } from "./older-texts.ts";
import type { FrameLooks } from "./sight.ts";

/** What has been decided and waits for its commit. */
export interface Undecided {
  readonly events: readonly TreeEvent[];
  readonly inverses: readonly (readonly Inverse[])[];
}

/** What an undo names, and what was undone before, are often in a few commits. */
const MOST_OPENED = 4;
/** So much faster than parsing it is to look for a word in a text. */
const LOOKED_THROUGH = 4;

/**
 * What undos ask of what has happened: they name mutations of their author, or of anyone, and the log tells what these did. What is
 * read of it is bounded by `looks`.
 */
export function historyOf(
  document: StoredDocument,
  waiting: Undecided,
  author: string | null,
  looks: FrameLooks,
  older: Pick<OlderTexts, "at">,
): History {
  const { log } = document;
  const at = (seq: number): Step | undefined => {
    if (seq > document.seq) {
      const index = seq - document.seq - 1;
      const event = waiting.events[index];
      return event && stepOf(event, waiting.inverses[index] ?? []);
    }
    const known = looks.opened.find((entries) => isIn(entries, seq));
    if (known) return entryAt(known, seq);
    const commit = looks.undoWork > 0 ? log.at(seq) : undefined;
    if (!commit) return undefined;
    looks.undoWork -= workOf(commit.events) + workOf(commit.inverses);
    const entries = entriesOf(commit);
    looks.opened = [...looks.opened, entries].slice(-MOST_OPENED);
    return entryAt(entries, seq);
  };
  const locate = (client: string, counters: readonly number[]): ReadonlyMap<number, number | null> | Refusal => {
    const record = document.clients.get(client);
    const found = new Map<number, number | null>();
    const older = new Set<number>();
    for (const counter of new Set(counters)) {
      if (!record || counter > record.mutation) {
        return refuse("notFound", `there is no mutation ${counter} of ${client}`);
      }
      const pending = waiting.events.find((each) => each.client === client && each.mutation === counter);
      const seq = pending?.seq ?? seqOf(record.accepted, counter) ?? looks.located.get(`${client} ${counter}`);
      if (seq !== undefined) found.set(counter, seq);
      else if (seqOf(record.accepted, counter) === null) found.set(counter, null);
      else older.add(counter);
    }
    if (record && older.size > 0) lookBack(client, older, record.accepted.runs[0]?.[1], found);
    if (older.size === 0) return found;
    const [counter] = older;
    return refuse("expired", `nobody knows any more which event mutation ${counter} was; name it by its seq`);
  };
  /** Looks for counters before a seq, as far as may be read; those that are found are in `older` no more. */
  const lookBack = (
    client: string,
    older: Set<number>,
    before: number | undefined,
    found: Map<number, number | null>,
  ) => {
    const note = (counter: number, seq: number | null) => {
      older.delete(counter);
      found.set(counter, seq);
      looks.located.set(`${client} ${counter}`, seq);
    };
    for (const commit of log.backward(before)) {
      looks.undoWork -= workOf(commit.events) / LOOKED_THROUGH;
      if (looks.undoWork <= 0) return;
      if (!isBy(commit, client)) continue;
      looks.undoWork -= workOf(commit.events);
      for (const { client: author, mutation, seq } of eventsOf(commit).reverse()) {
        if (author !== client || mutation === null) continue;
        // Counters and seqs of a client rise together.
        for (const counter of older) if (counter > mutation) note(counter, null);
        if (older.has(mutation)) note(mutation, seq);
      }
      if (older.size === 0) return;
    }
  };
  const seqsOf = ({ mutations, client, seqs = [] }: Undo): readonly number[] | Refusal => {
    if (!mutations) return seqs;
    const whose = client ?? author;
    if (whose === null) return refuse("invalid", "whose mutations are meant? name a client");
    const found = locate(whose, mutations);
    // Null: it was refused, or has changed nothing.
    return "code" in found ? found : [...found.values()].filter((seq) => seq !== null);
  };
  const lacks = (seq: number): Refusal =>
    looks.undoWork > 0
      ? refuse("expired", `the history does not have the event ${seq} any more`)
      : refuse("tooLarge", "it has to read too much of the history; undo less at once");
  const { texts } = document;
  const textsAt = (seq: number) => {
    if (seq > texts.from) {
      for (const event of texts.backward(seq))
        return event.seq === seq ? { steps: event.steps, isBack: event.isBack } : NOTHING;
      return NOTHING;
    }
    const known = older.at(seq);
    if (known !== undefined) return known;
    const step = at(seq);
    if (!step) return null;
    return { steps: stepsOf(step.effects, step.inverse), isBack: isBack(step) };
  };
  return {
    at,
    texts: undoTexts(textsAt),
    lacks,
    decide: decideUndo,
    refuse(steps) {
      const weight = steps.reduce((sum, { effects, inverse }) => sum + Math.max(effects.length, inverse.length), 0);
      if (weight <= LIMITS.operationsPerMutation) return null;
      return refuse("tooLarge", `at most ${LIMITS.operationsPerMutation} operations are undone at once; undo less`);
    },
    named(operation) {
      const found = seqsOf(operation);
      if ("code" in found) return found;
      const steps: Step[] = [];
      for (const seq of new Set(found)) {
        if (seq > document.seq + waiting.events.length) return refuse("notFound", `there is no event ${seq} yet`);
        const step = at(seq);
        if (!step) return lacks(seq);
        steps.push(step);
      }
      return steps;
    },
  };
}

/** Most events do nothing to texts. */
const NOTHING = { steps: [], isBack: false };

const isBack = ({ undoes, redoes }: Step) => undoes !== undefined || redoes !== undefined;

/** Cheaper than parsing: a commit that does not name a client anywhere has no event of it. */
function isBy({ events }: Commit, client: string): boolean {
  return events.includes(`"client":"${client}"`);
}

function isIn(entries: readonly LoggedEvent[], seq: number): boolean {
  const [first] = entries;
  return first !== undefined && first.seq <= seq && seq < first.seq + entries.length;
}

/** The seqs of a commit follow each other. */
function entryAt(entries: readonly LoggedEvent[], seq: number): Step | undefined {
  const entry = entries[seq - (entries[0]?.seq ?? 0)];
  return entry && stepOf(entry, entry.inverse);
}

function stepOf({ seq, ops, undoes, redoes }: TreeEvent, inverse: readonly Inverse[]): Step {
  return { seq, effects: ops, inverse, undoes, redoes };
}

function refuse(code: Refusal["code"], message: string): Refusal {
  return { code, message };
}
