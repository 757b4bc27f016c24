import { Mark, type MarkType, type Node, type Schema } from "prosemirror-model";
import type { Transform } from "prosemirror-transform";
import type { Json } from "../client/index.ts";
import { joinMarks, type Marking, type MarkList, sameJson, type TextMark } from "../text/index.ts";

/** A part of a text, and what all of it wears in the editor. */
export interface Dressed {
  readonly text: string;
  readonly marks: readonly Mark[];
}

/** How the marks of texts and the marks in an editor stand for each other: a type of the schema is a key. */
export interface Marks {
  /** Those that a block shows. */
  of(block: Node): MarkList;
  /** What the schema does not know or refuses is not worn. */
  dress(text: string, marks: MarkList): readonly Dressed[];
  /** Sets what blocks show: `start` is where the text begins. */
  put(transaction: Transform, start: number, markings: readonly Marking[]): void;
}

/** Types of marks by name, and the keys that they have in texts. */
export type MarkKeys = Readonly<Record<string, string>>;

export function createMarks(schema: Schema, keys: MarkKeys = {}): Marks {
  const keyOf = ({ name }: MarkType) => (Object.hasOwn(keys, name) ? (keys[name] ?? name) : name);
  // By rank, which is the order of the schema.
  const types = new Map(Object.values(schema.marks).map((type) => [keyOf(type), type]));

  /** A block never changes. */
  const read = new WeakMap<Node, MarkList>();

  const markOf = (type: MarkType, value: Json): Mark | null => {
    try {
      const mark = type.create(isObject(value) ? value : null);
      schema.text(" ", [mark]).check();
      return mark;
    } catch {
      // What others write is not always what the schema takes. It has no other way to say so, and throws what it likes.
      return null;
    }
  };
  const together = (worn: ReadonlyMap<MarkType, Mark>) => {
    let marks: readonly Mark[] = Mark.none;
    for (const type of types.values()) marks = worn.get(type)?.addToSet(marks) ?? marks;
    return marks;
  };

  return {
    of(block) {
      const known = read.get(block);
      if (known) return known;
      const found: TextMark[] = [];
      block.forEach((node, at) => {
        // Of a type that may be there several times one is kept: a key has one value.
        for (const [key, value] of new Map(node.marks.map((mark) => [keyOf(mark.type), told(mark)])))
          found.push([at, at + node.nodeSize, key, value]);
      });
      const marks = joinMarks([], 0, found);
      read.set(block, marks);
      return marks;
    },
    dress(text, marks) {
      const turns = marks.flatMap(([from, to, key, value]) => {
        const type = types.get(key);
        const mark = type && markOf(type, value);
        if (!mark) return [];
        return [
          { at: from, type, mark },
          { at: to, type, mark: null },
        ];
      });
      // They come by where they begin, and what is equal stays as it is: of two neighbours the one ends before the other begins.
      turns.sort((one, other) => one.at - other.at);
      const parts: Dressed[] = [];
      const worn = new Map<MarkType, Mark>();
      let done = 0;
      const dressTo = (end: number) => {
        if (end > done) parts.push({ text: text.slice(done, end), marks: together(worn) });
        done = end;
      };
      for (const { at, type, mark } of turns) {
        dressTo(at);
        if (mark) worn.set(type, mark);
        else worn.delete(type);
      }
      dressTo(text.length);
      return parts;
    },
    put(transaction, start, markings) {
      // What goes goes first: it may exclude what comes.
      const known = markings.flatMap(({ from, to, key, value }) => {
        const type = types.get(key);
        return type ? [{ from: start + from, to: start + to, type, value }] : [];
      });
      for (const { from, to, type } of known) transaction.removeMark(from, to, type);
      for (const { from, to, type, value } of known) {
        const mark = value === null ? null : markOf(type, value);
        if (mark) transaction.addMark(from, to, mark);
      }
    },
  };
}

function isObject(value: Json): value is Extract<Json, { readonly [key: string]: Json }> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A mark without attributes is there or not. */
function told({ type, attrs }: Mark): Json {
  return Object.keys(type.spec.attrs ?? {}).length > 0 ? { ...attrs } : true;
}

/** What makes the one of the other, and touches nothing that is the same in both. */
export function markingsBetween(old: MarkList, next: MarkList): readonly Marking[] {
  let start = 0;
  while (start < old.length && isSame(old[start], next[start])) start++;
  let end = 0;
  while (end < old.length - start && end < next.length - start && isSame(old.at(-1 - end), next.at(-1 - end))) end++;
  const [gone, come] = [old.slice(start, old.length - end), next.slice(start, next.length - end)];
  const result: Marking[] = [];
  for (const key of new Set([...gone, ...come].map(([, , each]) => each))) {
    const [before, after] = [ofKey(gone, key), ofKey(come, key)];
    const both = [...before, ...after];
    const cuts = [...both.map(([from]) => from), ...both.map(([, to]) => to)].sort((a, b) => a - b);
    for (const [index, from] of cuts.entries()) {
      const to = cuts[index + 1] ?? from;
      const value = valueAt(after, from);
      if (to === from || sameJson(valueAt(before, from), value)) continue;
      const last = result.at(-1);
      if (last?.key === key && last.to === from && sameJson(last.value, value)) result.splice(-1, 1, { ...last, to });
      else result.push({ from, to, key, value });
    }
  }
  return result;
}

function isSame(one: TextMark | undefined, other: TextMark | undefined): boolean {
  if (!one || !other) return false;
  return one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && sameJson(one[3], other[3]);
}

const ofKey = (marks: MarkList, key: string): MarkList => marks.filter(([, , each]) => each === key);

function valueAt(marks: MarkList, at: number): Json {
  return marks.find(([from, to]) => from <= at && at < to)?.[3] ?? null;
}
