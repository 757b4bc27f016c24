import type { Changes } from "../text/index.ts";
import { edited } from "./apply.ts";
import { isEmpty } from "./inverse.ts";
import { sameJson } from "./json.ts";
import type { Attrs, Json, NodeId, NodeRecord } from "./node.ts";
import type { Edit, Operation } from "./operations.ts";
import { weighAttrs } from "./weight.ts";

export type Content = Pick<Readonly<NodeRecord>, "type" | "attrs">;

/** The changes that lead from one text of a node to another; undefined where it is no text, but a value that is replaced. */
export type ChangesOf = (id: NodeId, attr: string, from: string, to: string) => Changes | undefined;

/** In between a node must not become larger than it may be: only while it is small is there room for that. */
const SMALL = 256 * 1024;

/** The operations that lead from one content of a node to another: edits of texts, and an update of the rest. */
export function contentOperations(id: NodeId, was: Content, next: Content, changesOf: ChangesOf): Operation[] {
  const edits = editsOf(id, was.attrs, next.attrs, changesOf);
  const after = edits.reduce(edited, was.attrs);
  const isTooMuch = weighAttrs(after) > Math.max(SMALL, weighAttrs(was.attrs), weighAttrs(next.attrs));
  const update = updateOf(id, isTooMuch ? was : { type: was.type, attrs: after }, next);
  return [...(isTooMuch ? [] : edits), ...(update ? [update] : [])];
}

/** The edits of texts among what differs. */
export function editsOf(id: NodeId, was: Attrs, next: Attrs, changesOf: ChangesOf): Edit[] {
  return Object.entries(next).flatMap(([attr, to]): Edit[] => {
    const from = valueIn(was, attr);
    if (typeof from !== "string" || typeof to !== "string" || from === to) return [];
    const changes = changesOf(id, attr, from, to);
    return changes ? [{ op: "edit", id, attr, changes }] : [];
  });
}

/** The update that makes the one of the other; null where they are the same. */
function updateOf(id: NodeId, was: Content, next: Content): Operation | null {
  const attrs = Object.fromEntries(
    Object.entries(next.attrs).filter(([key, value]) => !sameJson(valueIn(was.attrs, key), value)),
  );
  const unset = Object.keys(was.attrs).filter((key) => !Object.hasOwn(next.attrs, key));
  const type = next.type === was.type ? undefined : next.type;
  if (isEmpty(attrs) && unset.length === 0 && type === undefined) return null;
  return {
    ...{ op: "update", id },
    ...(!isEmpty(attrs) && { attrs }),
    ...(unset.length > 0 && { unset }),
    ...(type !== undefined && { type }),
  };
}

/** An attribute may be called like what every object has. */
export function valueIn(attrs: Attrs, key: string): Json | undefined {
  return Object.hasOwn(attrs, key) ? attrs[key] : undefined;
}
