import type { Changes } from "../text/index.ts";
import { edited } from "./apply.ts";
import { type ChangesOf, editsOf, valueIn } from "./diff-content.ts";
import { createOrder, type Sides } from "./diff-order.ts";
import { isEmpty } from "./inverse.ts";
import { sameJson } from "./json.ts";
import type { Attrs, Json, NodeId, NodeRecord } from "./node.ts";
import { textIn } from "./texts.ts";

type Node = Readonly<NodeRecord>;

/** A place in a tree as it is told: behind a sibling, or with null first. */
export interface Stand {
  readonly parent: NodeId | null;
  readonly after: NodeId | null;
}

/** What of a node differs between two states. */
export type NodeDiff =
  | ({ readonly id: NodeId; readonly is: "inserted" | "removed"; readonly type: string; readonly attrs: Attrs } & Stand)
  | ({ readonly id: NodeId; readonly is: "moved"; readonly from: Stand } & Stand & ContentDiff)
  | ({ readonly id: NodeId; readonly is: "changed" } & ContentDiff);

export interface ContentDiff {
  readonly type?: { readonly from: string; readonly to: string };
  /** Texts that were edited: what each was, and the changes that make what it is. Marks that only moved with it are not told. */
  readonly texts?: Readonly<Record<string, { readonly from: string; readonly changes: Changes }>>;
  /** By attribute; one that is missing has no `from`, or no `to`. */
  readonly attrs?: Readonly<Record<string, { readonly from?: Json; readonly to?: Json }>>;
}

/** Says what of a node differs, or null; it is asked of those that are named. Yields after each look. */
export function createNodeDiff(sides: Sides, changesOf: ChangesOf): (id: NodeId) => Generator<null, NodeDiff | null> {
  const { before, after, isPlaced } = sides;
  const order = createOrder(sides);
  return function* diffOf(id) {
    const [was, is] = [before(id), after(id)];
    if (!was || !is) {
      const node = was ?? is;
      // What nobody has put anywhere has come, or gone, with something else.
      if (!node || !isPlaced(id)) return null;
      const { type, attrs } = node;
      return { id, is: was ? "removed" : "inserted", type, attrs, ...standOf(node) };
    }
    const isElsewhere = was.parent !== is.parent || (isPlaced(id) && !(yield* order.stays(id)));
    const content = contentDiff(was, is, changesOf);
    if (isElsewhere) return { id, is: "moved", ...standOf(is), from: standOf(was), ...content };
    return content && { id, is: "changed", ...content };
  };
}

function standOf({ parent, prev }: Node): Stand {
  return { parent, after: prev };
}

function contentDiff(was: Node, is: Node, changesOf: ChangesOf): ContentDiff | null {
  const edits = editsOf(was.id, was.attrs, is.attrs, changesOf);
  const texts: Record<string, { from: string; changes: Changes }> = {};
  for (const { attr, changes } of edits) texts[attr] = { from: textIn(was.attrs, attr) ?? "", changes };
  const before = edits.reduce(edited, was.attrs);
  const attrs: Record<string, { from?: Json; to?: Json }> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(is.attrs)])) {
    const [from, to] = [valueIn(before, key), valueIn(is.attrs, key)];
    if (!sameJson(from, to)) attrs[key] = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  }
  const isOther = was.type !== is.type;
  if (!isOther && isEmpty(attrs) && isEmpty(texts)) return null;
  return {
    ...(isOther && { type: { from: was.type, to: is.type } }),
    ...(!isEmpty(texts) && { texts }),
    ...(!isEmpty(attrs) && { attrs }),
  };
}
