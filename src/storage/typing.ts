import { eventText, type TreeEvent } from "../protocol/index.ts";
import { type Changes, keyOf, normalize } from "../text/index.ts";
import type { EditEffect, InverseEdit } from "../tree/index.ts";

// How typing stands in the log. A keystroke is an event like any other, and as JSON takes 400 bytes and more, nearly all of them what
// the keystroke before had said already. So what differs is written, a line an event:
//
//   {"seq":7,…}⇥[{"op":"edit",…}]    the first of an author whole, and what undoes it
//   [0,180,[12,0,"a"]]               the next: by the author who was the first in this row, 180 ms after the event before, the changes
//   [0,90,[12,-1],["a"]]             what it has deleted
//   [1,5,[3,"x"],[],{"base":7}]      what its author had seen, where that was not all
//   =[0,80,[13,"b"]]                 with the `meta` of the last one of its author, as keys have that are undone together
//
// An empty line begins a commit. Everything else of an event in short is as in the last one of its author: its counter and its seq are
// the next ones, it is about the same text. What is not so is written whole: an event is in short only if that reads as it was.

/** An edit of one text, by somebody who counts, and nothing else. */
type Keystroke = TreeEvent & {
  readonly client: string;
  readonly mutation: number;
  readonly ops: readonly [EditEffect];
};

type Short = readonly [
  author: number,
  milliseconds: number,
  changes: Changes,
  deleted?: readonly string[],
  asked?: InverseEdit["asked"],
];

/** What JSON has no raw one of. */
const BESIDE = "\t";
const NEXT = "\n";
const WITH_META = "=";

/** The events of a commit as they are handed to the log. */
export interface Typed {
  readonly events: readonly TreeEvent[];
  /** Of each event, and of the list of what undoes it. */
  readonly texts: readonly string[];
  readonly inverses: readonly string[];
}

/** Whether all of it is typing. */
export function isTyping({ events }: Typed): boolean {
  return events.every(isKeystroke);
}

function isKeystroke(event: TreeEvent): event is Keystroke {
  return event.ops.length === 1 && event.ops[0]?.op === "edit" && event.client !== null && event.mutation !== null;
}

/** What the lines of a row say together, as far as it was written or read. */
interface Row {
  /** The last keystroke of each author, in the order of their first, and which of them a client is. */
  readonly authors: Keystroke[];
  readonly numbers: Map<string, number>;
  /** Which event was the last in each text. */
  readonly texts: Map<string, number>;
  seq: number;
  time: number;
}

function createRow(): Row {
  return { authors: [], numbers: new Map(), texts: new Map(), seq: 0, time: 0 };
}

/** Writes a row. */
export interface TypingRow {
  /** A commit that follows what is written, as the text to be put behind that. */
  add(typed: Typed): string;
}

export function createTypingRow(): TypingRow {
  const row = createRow();
  let begin = NEXT;
  return {
    add({ events, texts, inverses }) {
      const lines = events.map((event, index) => lineOf(row, event, texts[index] ?? "", inverses[index] ?? ""));
      const added = begin + lines.join(NEXT);
      begin = NEXT + NEXT;
      return added;
    },
  };
}

function lineOf(row: Row, event: TreeEvent, text: string, inverse: string): string {
  if (!isKeystroke(event)) throw new Error(`event ${event.seq} is no keystroke`);
  const short = shortOf(row, event, inverse);
  const hasMeta = event.meta !== undefined;
  const read = short && lengthened(row, short, hasMeta);
  note(row, event);
  const isSame = read && eventText(read.event) === text && JSON.stringify(read.inverse) === inverse;
  return isSame ? (hasMeta ? WITH_META : "") + JSON.stringify(short) : text + BESIDE + inverse;
}

function shortOf({ numbers, time }: Row, event: Keystroke, inverse: string): Short | null {
  const author = numbers.get(event.client);
  if (author === undefined) return null;
  const [{ changes }] = event.ops;
  const [undoing]: readonly InverseEdit[] = JSON.parse(inverse);
  const deleted = undoing?.changes.filter((change) => typeof change === "string") ?? [];
  const start = [author, event.time - time, changes] as const;
  if (undoing?.asked) return [...start, deleted, undoing.asked];
  return deleted.length > 0 ? [...start, deleted] : start;
}

/** What a line in short says; null where there is nothing that it goes on from. */
function lengthened(
  { authors, texts, seq, time }: Row,
  [author, milliseconds, changes, deleted = [], asked]: Short,
  hasMeta: boolean,
): { event: Keystroke; inverse: readonly [InverseEdit] } | null {
  const last = authors[author];
  if (!last) return null;
  const { client, userId, mutation, meta } = last;
  const [{ id, attr }] = last.ops;
  const was = texts.get(textOf(last));
  const inverse: InverseEdit = {
    ...{ op: "edit", id, attr, changes: inverted(changes, deleted) },
    ...(was !== undefined && changes.length > 0 && { was }),
    ...(asked && { asked }),
  };
  return {
    event: {
      seq: seq + 1,
      time: time + milliseconds,
      client,
      mutation: mutation + 1,
      userId,
      ops: [{ op: "edit", id, attr, changes }],
      ...(hasMeta && { meta }),
    },
    inverse: [inverse],
  };
}

function inverted(changes: Changes, deleted: readonly string[]): Changes {
  let next = 0;
  return normalize(
    changes.flatMap((change) => {
      if (typeof change === "string") return [-change.length];
      return [change >= 0 ? change : (deleted[next++] ?? "")];
    }),
  );
}

function note(row: Row, event: Keystroke): void {
  const { authors, numbers, texts } = row;
  const author = numbers.get(event.client) ?? authors.length;
  authors[author] = event;
  numbers.set(event.client, author);
  if (event.ops[0].changes.length > 0) texts.set(textOf(event), event.seq);
  row.seq = event.seq;
  row.time = event.time;
}

function textOf({ ops: [{ id, attr }] }: Keystroke): string {
  return keyOf(id, attr);
}

/** Whether the body of a row is typing. */
export function isTypingBody(body: string): boolean {
  return body.startsWith(NEXT);
}

/**
 * What the body of a row says: the events and their inverses, each joined by commas, and how many commits they were. Throws where that is
 * more than so many characters.
 */
export function readTyping(
  body: string,
  most = Number.POSITIVE_INFINITY,
): { events: string; inverses: string; commits: number } {
  const row = createRow();
  let characters = 0;
  const events: string[] = [];
  const inverses: string[] = [];
  let commits = 0;
  for (const line of body.split(NEXT)) {
    if (line === "") {
      commits++;
      continue;
    }
    let [text = "", inverse = ""] = line.split(BESIDE);
    let event: TreeEvent | undefined;
    const hasMeta = line.startsWith(WITH_META);
    if (hasMeta || line.startsWith("[")) {
      const read = lengthened(row, JSON.parse(hasMeta ? line.slice(WITH_META.length) : line), hasMeta);
      if (!read) throw new Error(`a line of the log goes on from nothing: ${line}`);
      ({ event } = read);
      text = eventText(event);
      inverse = JSON.stringify(read.inverse);
    }
    characters += text.length + inverse.length;
    if (characters > most) throw new Error(`typing of more than ${most} characters`);
    events.push(text);
    inverses.push(inverse);
    event ??= JSON.parse(text);
    if (event && isKeystroke(event)) note(row, event);
  }
  return { events: events.join(","), inverses: inverses.join(","), commits };
}
