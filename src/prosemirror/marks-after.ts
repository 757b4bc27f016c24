import type { NodeId } from "../client/index.ts";
import { clipped, editMarks, growth, joinMarks, type MarkList } from "../text/index.ts";
import type { RowOperation } from "./operations.ts";

/** The marks of a text of this length. */
export interface Marked {
  readonly marks: MarkList;
  readonly length: number;
}

const NOTHING: Marked = { marks: [], length: 0 };

/** What rows have of marks when all of this is done to them, and nothing is marked yet. */
export function marksAfter(
  operations: readonly RowOperation[],
  before: (id: NodeId) => Marked | undefined,
): (id: NodeId) => MarkList {
  const rows = new Map<NodeId, Marked>();
  const read = (id: NodeId) => rows.get(id) ?? before(id) ?? NOTHING;
  for (const operation of operations) {
    switch (operation.op) {
      case "insert": {
        const { id, text, marks } = operation.row;
        rows.set(id, { marks, length: text?.length ?? 0 });
        break;
      }
      case "edit": {
        const { marks, length } = read(operation.id);
        const { changes } = operation;
        rows.set(operation.id, { marks: editMarks(marks, changes), length: length + growth(changes) });
        break;
      }
      case "split": {
        const { id, at, node, head } = operation;
        const { marks, length } = read(id);
        const front = { marks: clipped(marks, 0, at), length: at };
        const rest = { marks: clipped(marks, at, length), length: length - at };
        rows.set(id, head ? rest : front).set(node.id, head ? front : rest);
        break;
      }
      case "join": {
        const [into, { marks, length }] = [read(operation.into), read(operation.id)];
        const together = { marks: joinMarks(into.marks, into.length, marks), length: into.length + length };
        rows.set(operation.into, together).set(operation.id, NOTHING);
        break;
      }
      case "mark":
      case "move":
      case "remove":
      case "update":
        break;
      default:
        assertNever(operation);
    }
  }
  return (id) => read(id).marks;
}

function assertNever(operation: never): never {
  throw new Error(`unknown operation ${JSON.stringify(operation)}`);
}
