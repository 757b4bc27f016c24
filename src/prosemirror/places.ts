import type { Node, ResolvedPos } from "prosemirror-model";
import type { Position } from "../client/index.ts";
import type { Rows } from "./plan.ts";
import { offsetOf } from "./ranges.ts";

/** The place in the text of a row that a position in the editor is; null where it is in none. */
export function placeOf(position: ResolvedPos, rows: Rows, attr: string): Position | null {
  const id = position.depth > 0 ? rows[position.index(0)] : null;
  return id ? { id, attr, index: position.parentOffset } : null;
}

/** Where a place in a text is in the editor; null where its row is not shown. */
export function positionOf(place: Position | null, rows: Rows, doc: Node): number | null {
  const row = place ? rows.indexOf(place.id) : -1;
  if (!place || row < 0) return null;
  return offsetOf(doc, row) + 1 + Math.min(place.index, doc.child(row).content.size);
}
