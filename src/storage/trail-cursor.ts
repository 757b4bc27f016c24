import { type BlameCursor, LIMITS, type Pieces } from "../protocol/index.ts";
import type { Piece } from "../text/index.ts";
import type { NodeId } from "../tree/index.ts";

/** A text that units are in, and the event that wrote it last: null where that is not known, 0 where it is as it was inserted. */
export interface FollowedText {
  readonly id: NodeId;
  readonly attr: string;
  last: number | null;
  pieces: readonly Piece[];
}

/** Units that an event had deleted and another one brought back: they stood there before the first, and before its part of this number. */
export interface Asleep {
  readonly seq: number;
  readonly part: number;
  readonly id: NodeId;
  readonly attr: string;
  readonly pieces: readonly Piece[];
}

/** What a trail still has to find. */
export type Rest = Pick<BlameCursor, "at" | "wanted" | "nodes" | "texts" | "asleep">;

export function piecesOf(pieces: Pieces): Piece[] {
  return pieces.map(([at, length, to]) => ({ at, length, to }));
}

interface Open {
  readonly at: number;
  readonly wanted: boolean;
  readonly placed: ReadonlyMap<NodeId, number | null>;
  readonly texts: readonly FollowedText[];
  readonly asleep: readonly Asleep[];
}

/** As much of what is to be found as a cursor takes: the units that come first. */
export function restOf({ at, wanted, placed, texts, asleep }: Open): Rest {
  let pieces: number = LIMITS.blamePieces;
  let characters = LIMITS.blameCursor * TRAIL_SHARE;
  const kept = new Set<NodeId>();
  const some = (id: NodeId, attr: string, all: readonly Piece[]): Pieces => {
    const taken: (readonly [number, number, number])[] = [];
    characters -= BESIDE + 2 * id.length + 2 * attr.length;
    for (const { at: start, length, to } of all) {
      const piece = [start, length, to] as const;
      characters -= JSON.stringify(piece).length + 1;
      if (pieces-- <= 0 || characters < 0) break;
      taken.push(piece);
      kept.add(id);
    }
    return taken;
  };
  const open = texts.map(({ id, attr, last, pieces: all }) => [id, attr, last, some(id, attr, all)] as const);
  const slept = asleep.map(({ seq, part, id, attr, pieces: all }) => {
    return [seq, part, id, attr, some(id, attr, all)] as const;
  });
  return {
    ...{ at, wanted },
    nodes: [...placed].filter(([id], index) => index === 0 || kept.has(id)),
    texts: open.filter(([, , , all]) => all.length > 0),
    asleep: slept.filter(([, , , , all]) => all.length > 0),
  };
}

/** Of a cursor. */
const TRAIL_SHARE = 3 / 4;
/** Characters beside the names: numbers, quotes, and the second time that the node is named. */
const BESIDE = 128;
