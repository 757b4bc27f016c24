import {
  type Anchor,
  anchor,
  type Cursor,
  carryCursor,
  cursorAt,
  type Json,
  type Other,
  type Position,
  type TreeDocument,
} from "../client/index.ts";

/** What is told of one's own caret, each end a `Cursor`: where it is, and the other end of what is selected; null: nowhere, or nothing. */
export interface Told {
  readonly cursor: Json;
  readonly anchor: Json;
}

export interface CaretOptions {
  /**
   * Tells the others where one is. Without it that is all that they are told: who has more to tell in presence puts `cursor` and `anchor`
   * among it here.
   */
  readonly tell?: ((told: Told) => void) | undefined;
  /** What stands at the caret of another. Without it the name of the user, else what the text `name` in presence says. */
  readonly label?: ((other: Other) => string) | undefined;
}

/** Where another one is by now. */
export interface Caret {
  readonly subscriber: string;
  readonly color: string;
  readonly label: string;
  /** How often its owner has told where he is: with each it is drawn anew, and shows its label. */
  readonly told: number;
  readonly head: Position;
  readonly anchor: Position;
}

/** Where an editor draws it, in positions of its own. */
export interface Drawn extends Pick<Caret, "subscriber" | "color" | "label" | "told"> {
  readonly head: number;
  readonly anchor: number;
}

export interface Carets {
  /** Paints a microtask later: something here may have moved. */
  look(): void;
  read(): readonly Caret[];
  /** Where one is oneself: told when that is another place, and once in a while when much has happened around it. */
  tell(head: Position | null, anchor?: Position): void;
  /** One is nowhere any more, and nothing is painted. */
  release(): void;
}

/** So many events later a place is told, or held, anew: who comes then does not know them, and nobody goes over them each time. */
const MOST_EVENTS = 64;

/** The carets of the others in a document, and one's own. `paint` is called at first, and when one of them may be elsewhere. */
export function createCarets(
  document: TreeDocument,
  { tell, label = labelOf }: CaretOptions,
  paint: () => void,
): Carets {
  let waiting = false;
  let isOver = false;
  // Later than what has changed is shown, which may be in a microtask as well, and than what was done here is sent: then places are the same in
  // the editor and in its texts.
  const look = () => {
    if (!waiting) queueMicrotask(settle);
    waiting = true;
  };
  const settle = () => {
    waiting = false;
    if (!isOver) paint();
  };
  const known = new Map<string, Person>();
  /** Where one was when it was told last: it goes along with what others do, as it does with them. */
  let mine: readonly Anchor[] = [];
  let lastSeq = 0;
  /** The others carry a place over what others do, and not over what its owner does: that is to be told. */
  let isEdited = false;
  const stops = [
    document.on("presence", look),
    document.on("change", ({ source }) => {
      isEdited ||= source !== "remote";
      look();
    }),
  ];
  const isTold = (ends: readonly Position[]) =>
    ends.length === mine.length && ends.every((end, index) => isSamePlace(end, mine[index]?.at ?? null));

  const cursorOf = ({ id, attr, index }: Position) => ({ ...cursorAt(document, id, attr, index) });
  const personOf = (other: Other): Person => {
    const old = known.get(other.subscriber);
    if (old?.other === other) return old;
    for (const end of old?.ends ?? []) end.release();
    const ends = cursorsIn(other.data).map((cursor) => createEnd(document, cursor));
    const person = { other, ends, told: (old?.told ?? 0) + 1 };
    known.set(other.subscriber, person);
    return person;
  };
  const carets: Carets = {
    look,
    read() {
      const { others } = document.presence;
      const here = new Set(others.map(({ subscriber }) => subscriber));
      for (const [subscriber, { ends }] of known) {
        if (here.has(subscriber)) continue;
        for (const end of ends) end.release();
        known.delete(subscriber);
      }
      return others.flatMap((other) => {
        const { ends, told } = personOf(other);
        const [head, anchored] = ends.map((end) => end.at());
        if (!head) return [];
        const { subscriber, color } = other;
        return [{ subscriber, color, label: label(other), told, head, anchor: anchored ?? head }];
      });
    },
    tell(head, anchored = head ?? undefined) {
      const ends = head && anchored ? [head, anchored] : [];
      const { seq } = document;
      if (isTold(ends) && (head === null || (!isEdited && seq - lastSeq < MOST_EVENTS))) return;
      for (const each of mine) each.release();
      mine = ends.map(({ id, attr, index }) => anchor(document, id, attr, index, "left"));
      lastSeq = seq;
      isEdited = false;
      const isRange = head && anchored && !isSamePlace(head, anchored);
      const told = { cursor: head && cursorOf(head), anchor: isRange ? cursorOf(anchored) : null };
      if (tell) tell(told);
      else document.presence.set(told);
    },
    release() {
      isOver = true;
      carets.tell(null);
      for (const stop of stops) stop();
      for (const { ends } of known.values()) for (const end of ends) end.release();
      known.clear();
    },
  };
  look();
  return carets;
}

/** Takes carets along with a change of what they are drawn in. */
export function mapped(drawn: readonly Drawn[], map: (position: number) => number): readonly Drawn[] {
  return drawn.map((each) => ({ ...each, head: map(each.head), anchor: map(each.anchor) }));
}

function isSamePlace(one: Position, other: Position | null): boolean {
  return one.id === other?.id && one.attr === other.attr && one.index === other.index;
}

interface Person {
  readonly other: Other;
  readonly ends: readonly End[];
  readonly told: number;
}

interface End {
  /** Null while its row is not in the document. */
  at(): Position | null;
  release(): void;
}

/** One end of what another has selected: left of what is put right there, as its owner sees it. */
function createEnd(document: TreeDocument, cursor: Cursor): End {
  let held: Anchor | null = null;
  return {
    at() {
      if (held) return held.at;
      const at = carryCursor(document, cursor, "left");
      // Until then what its owner has done may still be on its way, and is in the place already.
      if (at && document.seq - cursor.seq > MOST_EVENTS) held = anchor(document, at.id, at.attr, at.index, "left");
      return at;
    },
    release: () => held?.release(),
  };
}

/** The cursors in what another tells, who may tell anything. */
function cursorsIn(data: Json): Cursor[] {
  const { cursor, anchor: other } = fieldsOf(data);
  const [head, anchored] = [cursorIn(cursor), cursorIn(other)];
  return head ? [head, ...(anchored ? [anchored] : [])] : [];
}

function cursorIn(data: unknown): Cursor | null {
  const { node, attr, index, seq, client } = fieldsOf(data);
  if (typeof node !== "string" || typeof attr !== "string" || !isCount(index) || !isCount(seq)) return null;
  return { node, attr, index, seq, client: typeof client === "string" ? client : null };
}

function labelOf({ user, data }: Other): string {
  const { name } = fieldsOf(data);
  return user?.name ?? (typeof name === "string" ? name : "");
}

function fieldsOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? { ...data } : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
