import type { Attrs, NodeId } from "./node.ts";

/** One node of a flattened tree. The top's `parent` is "" and means nothing. */
export interface FlatNode {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs?: Attrs | undefined;
  readonly parent: NodeId;
  readonly after: NodeId | null;
}
