import type { NodeText } from "./node-text.ts";

/** A node of a tree on its way to JSON. */
export interface NestedNode {
  /** What `openText` made of it. */
  readonly open: string;
  /** How far below the top it stands. */
  readonly level: number;
  /** Whether it has children that are left out. */
  readonly truncated: boolean;
}

/** A node as JSON, open for its children. */
export function openText({ id, type, attrs }: Pick<NodeText, "id" | "type" | "attrs">): string {
  const own = JSON.stringify({ id, type }).slice(0, -1);
  return attrs === "{}" ? own : `${own},"attrs":${attrs}`;
}

/**
 * A tree as JSON text from its nodes in document order, a piece a node and without recursion: JSON.stringify overflows the
 * stack on a deep tree.
 */
export function* nestedText(nodes: Iterable<NestedNode>): Generator<string> {
  let above = -1;
  let before = "";
  for (const { open, level, truncated } of nodes) {
    // Closed is what is not above this one.
    if (level > above) before += above < 0 ? "" : ',"children":[';
    else before += `${"}]".repeat(above - level)}},`;
    yield before + open;
    before = truncated ? ',"truncated":true' : "";
    above = level;
  }
  yield `${before}}${"]}".repeat(above)}`;
}
