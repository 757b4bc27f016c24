import { type Attrs, Fragment, type Mark, type Node, type NodeType, type Schema } from "prosemirror-model";
import type { Transform } from "prosemirror-transform";
import type { Json, NodeId, TreeNode } from "../client/index.ts";
import { marksAttr, marksOf } from "../text/index.ts";
import { createMarks, type MarkKeys, type Marks } from "./marks.ts";

/** What a row is beside its text. Of the attributes those that are not what the schema has for them anyway. */
export interface Shape {
  readonly type: string;
  readonly attrs: Readonly<Record<string, Json>>;
}

/** How the rows of a tree and the blocks of an editor stand for each other, one for one, unit by unit. */
export interface Blocks {
  /** One unit for each position inside; empty for a block that has no text. */
  textOf(block: Node): string;
  shapeOf(block: Node): Shape;
  /** The type and the attributes that a row has in the editor; of what the schema does not know or refuses, a plain textblock. */
  look(row: TreeNode): { readonly type: NodeType; readonly attrs: Attrs };
  blockOf(row: TreeNode): Node;
  /** A block for where there is no row. */
  blank(): Node;
  inline(text: string, type: NodeType, marks: readonly Mark[]): Fragment;
  readonly marks: Marks;
  /** The id that a block says it has; null also where its type has no such attribute. */
  idIn(block: Node): NodeId | null;
  hasId(type: NodeType): boolean;
  /** Makes the block at a position say that it has this id. */
  name(transaction: Transform, position: number, id: NodeId | null): void;
  /** Whether there is a text for all that is in a fragment that stands among blocks, or in one. */
  fits(content: Fragment): boolean;
}

export interface BlocksSetup {
  readonly schema: Schema;
  /** The attribute of a row that has its text. */
  readonly attr: string;
  /** The attribute of a block that has the id of its row. */
  readonly idAttr: string;
  readonly marks?: MarkKeys | undefined;
}

/** Throws a RangeError where the document of the schema can't be rows. */
export function createBlocks({ schema, attr, idAttr, marks: keys }: BlocksSetup): Blocks {
  const plain = schema.topNodeType.contentMatch.defaultType;
  if (!plain?.isTextblock) throw new RangeError("a document of rows begins with a textblock where it is empty");
  const lineBreak = schema.linebreakReplacement ?? schema.nodes.hard_break ?? schema.nodes.hardBreak;
  const isRow = (type: NodeType) => type.isTextblock || (type.isBlock && type.isLeaf);
  const takesBreaks = (type: NodeType) => lineBreak !== undefined && type.contentMatch.matchType(lineBreak) !== null;
  const marks = createMarks(schema, keys);
  const contentOf = ({ attrs }: TreeNode, type: NodeType): Fragment => {
    const text = textOfAttr(attrs[attr]);
    const parts = marks.dress(text, marksOf(attrs[marksAttr(attr)], text.length) ?? []);
    return Fragment.from(parts.flatMap((part) => inlineNodes(part.text, type, part.marks)));
  };
  const inlineNodes = (text: string, type: NodeType, given: readonly Mark[]): readonly Node[] => {
    if (text === "") return [];
    const worn = type.allowedMarks(given);
    if (!takesBreaks(type)) return [schema.text(text, worn)];
    const parts = text.split(/(\n)/).filter((part) => part !== "");
    return parts.map((part) =>
      part === "\n" && lineBreak ? lineBreak.create(null, null, worn) : schema.text(part, worn),
    );
  };

  const blocks: Blocks = {
    textOf: (block) => block.textBetween(0, block.content.size, undefined, "\n"),
    shapeOf(block) {
      const attrs: Record<string, Json> = {};
      for (const [name, { default: usual }] of Object.entries(block.type.spec.attrs ?? {})) {
        if (name !== idAttr && block.attrs[name] !== usual) attrs[name] = block.attrs[name];
      }
      return { type: block.type.name, attrs };
    },
    look(row) {
      const known = schema.nodes[row.type];
      const type = known && isRow(known) && known !== schema.topNodeType ? known : plain;
      const attrs = attrsOf(type, row);
      return attrs ? { type, attrs } : { type: plain, attrs: attrsOf(plain, { ...row, attrs: {} }) ?? {} };
    },
    blockOf(row) {
      const { type, attrs } = blocks.look(row);
      return type.create(attrs, type.isTextblock ? contentOf(row, type) : null);
    },
    blank: () => plain.create(),
    inline: (text, type, worn) => Fragment.from(inlineNodes(text, type, worn)),
    marks,
    idIn(block) {
      const id: unknown = block.attrs[idAttr];
      return typeof id === "string" ? id : null;
    },
    name: (transaction, position, id) => void transaction.setNodeAttribute(position, idAttr, id),
    hasId: (type) => Object.hasOwn(type.spec.attrs ?? {}, idAttr),
    fits(content) {
      let fitting = true;
      content.forEach((node) => {
        if (node.isInline) fitting &&= node.isText || node.type === lineBreak;
        else fitting &&= isRow(node.type) && (node.isLeaf || blocks.fits(node.content));
      });
      return fitting;
    },
  };

  /** Null where the schema does not take them. */
  function attrsOf(type: NodeType, row: TreeNode): Attrs | null {
    const attrs: Record<string, unknown> = {};
    for (const [name, spec] of Object.entries(type.spec.attrs ?? {})) {
      const value = name === idAttr ? row.id : Object.hasOwn(row.attrs, name) ? row.attrs[name] : spec.default;
      if (value === undefined) return null;
      attrs[name] = value;
    }
    try {
      type.create(attrs).check();
    } catch {
      // What others write is not always what the schema takes. It has no other way to say so, and throws what it likes.
      return null;
    }
    return attrs;
  }
  return blocks;
}

export function textOfAttr(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Looks at the text: a block may have what is no JSON, and keys in another order only cost an update that changes nothing. */
export function isSameAttr(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
