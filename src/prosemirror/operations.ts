import type { Json, NodeId, Transaction } from "../client/index.ts";
import { type Changes, type Marking, type MarkList, marksAttr } from "../text/index.ts";
import { isSameAttr, type Shape } from "./blocks.ts";

/** A row in the making. */
export interface NewRow extends Shape {
  readonly id: NodeId;
  readonly text: string | null;
  readonly marks: MarkList;
}

/** What is done to rows that stand under one parent. `after`: null is first. */
export type RowOperation =
  | { readonly op: "edit"; readonly id: NodeId; readonly changes: Changes }
  | {
      readonly op: "split";
      readonly id: NodeId;
      readonly at: number;
      readonly node: Shape & { readonly id: NodeId };
      readonly head: boolean;
    }
  | { readonly op: "join"; readonly id: NodeId; readonly into: NodeId }
  | ({ readonly op: "mark"; readonly id: NodeId } & Marking)
  | { readonly op: "insert"; readonly row: NewRow; readonly after: NodeId | null }
  | { readonly op: "move"; readonly id: NodeId; readonly after: NodeId | null }
  | { readonly op: "remove"; readonly id: NodeId }
  | {
      readonly op: "update";
      readonly id: NodeId;
      readonly type: string | undefined;
      readonly attrs: Readonly<Record<string, Json>>;
      readonly unset: readonly string[];
    };

export interface RowsPlace {
  /** Null where there is one row alone, which nobody may split or join; undefined: the root. */
  readonly parent: NodeId | null | undefined;
  /** The attribute that has the text. */
  readonly attr: string;
}

export function perform(tx: Transaction, operation: RowOperation, { parent, attr }: RowsPlace): void {
  const under = parent ?? tx.root;
  switch (operation.op) {
    case "edit":
      tx.edit(operation.id, attr, operation.changes);
      break;
    case "split":
      tx.split(operation.id, attr, operation.at, operation.node, { head: operation.head });
      break;
    case "join":
      tx.join(operation.id, operation.into, attr);
      break;
    case "mark": {
      const { id, from, to, key, value } = operation;
      tx.mark(id, attr, from, to, key, value);
      break;
    }
    case "insert": {
      const { id, type, attrs, text, marks } = operation.row;
      const own = text === null ? {} : { [attr]: text, ...(marks.length > 0 && { [marksAttr(attr)]: marks }) };
      tx.insert({ id, type, attrs: { ...attrs, ...own } }, { parent: under, after: operation.after });
      break;
    }
    case "move":
      tx.move(operation.id, { parent: under, after: operation.after });
      break;
    case "remove":
      tx.remove(operation.id);
      break;
    case "update":
      tx.update(operation.id, { type: operation.type, attrs: operation.attrs, unset: operation.unset });
      break;
    default:
      assertNever(operation);
  }
}

/** What was typed into a row, marked as it may be, or into an empty editor; null where something else was done. */
export function typedIn([first, ...others]: readonly RowOperation[]): {
  readonly id: NodeId;
  readonly changes: Changes;
} | null {
  if (!first || others.some(({ op }) => op !== "mark")) return null;
  if (first.op === "edit") return first;
  return first.op === "insert" && first.row.text ? { id: first.row.id, changes: [first.row.text] } : null;
}

/** The rows that it is about. */
export function idsOf(operation: RowOperation): readonly NodeId[] {
  switch (operation.op) {
    case "split":
      return [operation.id, operation.node.id];
    case "join":
      return [operation.id, operation.into];
    case "insert":
      return [operation.row.id];
    default:
      return [operation.id];
  }
}

/** What makes one shape of another; null where they are the same. */
export function updateOf(id: NodeId, old: Shape, next: Shape): RowOperation | null {
  const unset = Object.keys(old.attrs).filter((name) => !Object.hasOwn(next.attrs, name));
  const attrs = Object.fromEntries(
    Object.entries(next.attrs).filter(([name, value]) => !isSameAttr(value, old.attrs[name])),
  );
  const type = next.type === old.type ? undefined : next.type;
  if (type === undefined && unset.length === 0 && Object.keys(attrs).length === 0) return null;
  return { op: "update", id, type, attrs, unset };
}

function assertNever(operation: never): never {
  throw new Error(`unknown operation ${JSON.stringify(operation)}`);
}
