import { DASH, formatCell } from "./format.ts";
import type { Cell, Table } from "./section.ts";

/** A table as texts, and which of its columns are figures and stand on the right. */
export interface TableText {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly figures: readonly boolean[];
}

/** A row that is shorter than the head is filled with nothing: a table has to stay one. */
export function tableText({ head, rows }: Pick<Table, "head" | "rows">): TableText {
  return {
    head,
    rows: rows.map((row) => head.map((_, column) => textOf(row[column]))),
    figures: head.map((_, column) => column > 0 && rows.every((row) => isFigure(row[column]))),
  };
}

/** In one line, as a row is. */
function textOf(cell: Cell | undefined): string {
  return cell === undefined ? "" : formatCell(cell).replace(/\s*\n\s*/g, " ");
}

/** Some figures come as texts, with a unit or a sign that is theirs alone. */
function isFigure(cell: Cell | undefined): boolean {
  return typeof cell !== "string" || cell === "" || cell === DASH || /^[-+−~≈≤≥<>$]* ?\d/.test(cell);
}
