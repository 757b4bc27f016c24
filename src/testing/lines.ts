import { type Cut, createLine, type Direction, type Line, type Parcel } from "./line.ts";

/** All lines of one machine, the oldest first, and what a test does to them. */
export interface Lines {
  open(documentId: string, broken: () => void, ended?: () => void): Line;
  /** What arrives next by itself: neither held back nor on a line that was cut silently. */
  next(): Parcel | null;
  hold(directions: Iterable<Direction>): void;
  release(): void;
  /** Lets at most so much arrive on open lines, held back or not; returns how much that was. */
  deliver(direction: Direction, count: number): number;
  cut(cut: Cut): void;
  /** The same as `deliver`, upward on lines that were cut silently. */
  linger(count: number): number;
  /** The object of a document was killed; undefined: all were. */
  lose(documentId: string | undefined): void;
}

/** One direction of a line. */
type Way = readonly [Line, Direction];

export function createLines(nextOrder: () => number): Lines {
  let lines: Line[] = [];
  const held = new Set<Direction>();
  const inState = (state: Line["state"]) => lines.filter((line) => line.state === state);
  const ways = (state: Line["state"], direction: Direction): Way[] => inState(state).map((line) => [line, direction]);
  const unheld = (direction: Direction) => (held.has(direction) ? [] : ways("open", direction));

  return {
    open(documentId, broken, ended = () => {}) {
      lines = lines.filter((line) => line.state !== "over");
      const line = createLine(nextOrder, { documentId, broken, ended });
      lines.push(line);
      return line;
    },
    next: () => oldest([...ways("cut", "up"), ...unheld("up"), ...unheld("down")]),
    hold(directions) {
      for (const direction of directions) held.add(direction);
    },
    release: () => held.clear(),
    deliver: (direction, count) => repeat(count, () => oldest(ways("open", direction))),
    cut(cut) {
      for (const line of inState("open")) line.cut(cut);
    },
    linger: (count) => repeat(count, () => oldest(ways("silent", "up"))),
    lose(documentId) {
      for (const line of lines) if (documentId === undefined || line.documentId === documentId) line.lose();
    },
  };
}

/** What was sent first of all that is under way there. */
function oldest(ways: readonly Way[]): Parcel | null {
  let first: Parcel | null = null;
  for (const [line, direction] of ways) {
    const order = line.first(direction)?.order;
    if (order === undefined || (first && first.order < order)) continue;
    first = { order, arrive: () => void line.advance(direction) };
  }
  return first;
}

/** Lets at most `count` arrive, as long as there is a next one. */
function repeat(count: number, next: () => Parcel | null): number {
  for (let done = 0; done < count; done++) {
    const parcel = next();
    if (!parcel) return done;
    parcel.arrive();
  }
  return count;
}
