import type { Attrs, Json, NodeData, NodeId } from "../../src/tree/index.ts";

/** A node in a picture. */
export interface Drawn {
  readonly parent: NodeId | null;
  readonly children: readonly NodeId[];
  readonly type: string;
  readonly attrs: Attrs;
}

/** A tree at one moment, to be compared with others. */
export type Picture = ReadonlyMap<NodeId, Drawn>;

export function pictureOf(data: NodeData): Picture {
  const picture = new Map<NodeId, Drawn>();
  draw(picture, data, null);
  return picture;
}

function draw(picture: Map<NodeId, Drawn>, data: NodeData, parent: NodeId | null): NodeId {
  const { id = "", type, attrs = {}, children = [] } = data;
  picture.set(id, { parent, type, attrs, children: children.map((child) => child.id ?? "") });
  for (const child of children) draw(picture, child, id);
  return id;
}

/** Whether a node is another, or stands in it. */
export function isWithin(picture: Picture, id: NodeId, top: NodeId): boolean {
  for (let at: NodeId | null = id; at !== null; at = picture.get(at)?.parent ?? null) if (at === top) return true;
  return false;
}

/** A node and what stands in it. */
export function branchOf(picture: Picture, top: NodeId): NodeId[] {
  if (!picture.has(top)) return [];
  const ids = [top];
  for (const id of ids) ids.push(...(picture.get(id)?.children ?? []));
  return ids;
}

export function siblingsOf(picture: Picture, id: NodeId): readonly NodeId[] {
  const parent = picture.get(id)?.parent;
  return (parent && picture.get(parent)?.children) || [];
}

export function attrOf(picture: Picture, id: NodeId, key: string): Json | undefined {
  return picture.get(id)?.attrs[key];
}

/** One line: `root(p(x{v:0} y) a)`. */
export function lineOf(picture: Picture, id: NodeId = "root"): string {
  const drawn = picture.get(id);
  if (!drawn) return "nothing";
  const attrs = Object.entries(drawn.attrs)
    .sort()
    .map(([key, value]) => `${key}:${JSON.stringify(value)}`);
  const children = drawn.children.map((child) => lineOf(picture, child));
  return `${id}${attrs.length > 0 ? `{${attrs.join(" ")}}` : ""}${children.length > 0 ? `(${children.join(" ")})` : ""}`;
}
