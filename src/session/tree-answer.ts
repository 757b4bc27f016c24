import { byteLength, failure, LIMITS, type Result, success } from "../protocol/index.ts";
import { type NodeData, type NodeId, type ReadStore, toData, toText } from "../tree/index.ts";

/** A tree to read synchronously, before anything else happens to the document. */
export interface TreeAnswer {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly node: NodeId;
  readonly view: ReadStore;
}

/** A tree and where it stands. */
export interface State {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly tree: NodeData;
}

/** The tree as nested data, all of it or so many levels. */
export function stateOf({ view, node, ...head }: TreeAnswer, depth?: number): State {
  return { ...head, tree: toData(view, node, depth) };
}

/** The same as JSON text, deeper than data can be turned into text; at most 32 MiB (`tooLarge`). */
export function stateText(answer: TreeAnswer, depth?: number): Result<string> {
  const parts: string[] = [];
  let bytes = 0;
  for (const piece of piecesOf(answer, depth)) {
    bytes += byteLength(piece);
    if (bytes > LIMITS.treeBytes) {
      return failure(
        "tooLarge",
        `the tree takes more than ${LIMITS.treeBytes} bytes; ask for parts with node and depth`,
      );
    }
    parts.push(piece);
  }
  return success(parts.join(""));
}

function* piecesOf({ view, node, ...head }: TreeAnswer, depth?: number): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"tree":`;
  yield* toText(view, node, depth);
  yield "}";
}
