import type { Operation } from "../../src/tree/index.ts";
import { type RowEdit, rowEdits, type TextTrace } from "../../test/support/text-traces.ts";
import type { Mutation } from "../load/protocol.ts";
import { ATTR } from "./grove.ts";

const FIRST = "first";

/** What one author has typed as mutations of one text: the first makes the row, and each transaction is one more. */
export function asText({ transactions }: TextTrace): Mutation[] {
  const typed = transactions.map(({ patches }) =>
    patches.map(([at, deleted, inserted]): Operation => {
      return { op: "edit", id: FIRST, attr: ATTR, changes: changesOf(at, deleted, inserted) };
    }),
  );
  return [[insertRow], ...typed];
}

/** The same as an outline of its lines. */
export function asRows({ transactions }: TextTrace): Mutation[] {
  const rows = [{ id: FIRST, length: 0 }];
  let made = 0;
  const typed = transactions.map(({ patches }) =>
    patches.flatMap((patch) => {
      return rowEdits(rows, patch, () => `row${made++}`).map((edit) => {
        follow(rows, edit);
        return operationOf(edit);
      });
    }),
  );
  return [[insertRow], ...typed];
}

const insertRow: Operation = {
  op: "insert",
  node: { id: FIRST, type: "row", attrs: { [ATTR]: "" } },
  parent: "root",
  after: null,
};

function follow(rows: { id: string; length: number }[], edit: RowEdit): void {
  const index = rows.findIndex(({ id }) => id === edit.id);
  const row = rows[index];
  if (!row) throw new Error(`there is no row ${edit.id}`);
  switch (edit.does) {
    case "insert":
      row.length += edit.text.length;
      break;
    case "delete":
      row.length -= edit.length;
      break;
    case "split":
      rows.splice(index + 1, 0, { id: edit.to, length: row.length - edit.at });
      row.length = edit.at;
      break;
    case "join": {
      const into = rows[index - 1];
      if (into?.id !== edit.into) throw new Error(`${edit.into} is not in front of ${edit.id}`);
      into.length += row.length;
      rows.splice(index, 1);
      break;
    }
  }
}

function operationOf(edit: RowEdit): Operation {
  switch (edit.does) {
    case "insert":
      return { op: "edit", id: edit.id, attr: ATTR, changes: changesOf(edit.at, 0, edit.text) };
    case "delete":
      return { op: "edit", id: edit.id, attr: ATTR, changes: changesOf(edit.at, edit.length, "") };
    case "split":
      return { op: "split", id: edit.id, attr: ATTR, at: edit.at, node: { id: edit.to, type: "row" } };
    case "join":
      return { op: "join", id: edit.id, into: edit.into, attr: ATTR };
  }
}

export function changesOf(at: number, deleted: number, inserted: string): (number | string)[] {
  return [...(at > 0 ? [at] : []), ...(deleted > 0 ? [-deleted] : []), ...(inserted === "" ? [] : [inserted])];
}
