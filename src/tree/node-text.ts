import type { NodeId, NodeRecord } from "./node.ts";

/** A node whose attributes are JSON text: who only passes them on need not parse them. */
export interface NodeText {
  readonly id: NodeId;
  readonly parent: NodeId | null;
  /** The sibling in front of it. */
  readonly prev: NodeId | null;
  readonly type: string;
  readonly attrs: string;
}

export function nodeText({ id, parent, prev, type, attrs }: Readonly<NodeRecord>): NodeText {
  return { id, parent, prev, type, attrs: JSON.stringify(attrs) };
}

/** The text of its snapshot row. */
export function rowText({ id, parent, prev, type, attrs }: NodeText): string {
  return `${JSON.stringify([id, parent, prev, type]).slice(0, -1)},${attrs}]`;
}
