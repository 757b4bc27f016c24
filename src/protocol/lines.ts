import * as v from "valibot";
import type { Attrs, NodeId } from "../tree/index.ts";
import { attrs, id, name, parse, parseJson, strictFields } from "./decode.ts";
import { failure, type Result, success } from "./errors.ts";
import { attrsProblem } from "./json.ts";

// What `import` takes and `export` gives: a node a line, as JSON; the root first, every parent before its children,
// siblings in their order.

/** A node as a line. The root, and it alone, has no parent. */
export interface NodeLine {
  readonly id?: NodeId | undefined;
  readonly parent?: NodeId | null | undefined;
  readonly type: string;
  readonly attrs?: Attrs | undefined;
}
// A field that is not known is content that would be lost: `children`, for one.
const nodeLine = strictFields({
  id: v.optional(id),
  parent: v.optional(v.nullable(id)),
  type: name,
  attrs: v.optional(attrs),
});

export function decodeNodeLine(line: string): Result<NodeLine> {
  const parsed = parseJson(line, "invalid");
  if (!parsed.ok) return parsed;
  const decoded = parse(nodeLine, parsed.value, "invalid", "node");
  if (!decoded.ok) return decoded;
  const problem = decoded.value.attrs ? attrsProblem(decoded.value.attrs) : null;
  return problem ? failure("tooLarge", problem) : success(decoded.value);
}

/** The same back, with its line break. */
export function nodeLineText(node: { id: NodeId; parent: NodeId | null; type: string; attrs: Attrs }): string {
  const { id: own, parent, type, attrs: values } = node;
  const text = JSON.stringify({
    id: own,
    ...(parent !== null && { parent }),
    type,
    ...(Object.keys(values).length > 0 && { attrs: values }),
  });
  return `${text}\n`;
}
