import { walk } from "./links.ts";
import { type NestedNode, nestedText, openText } from "./nested-text.ts";
import type { NodeId } from "./node.ts";
import type { NodeText } from "./node-text.ts";

/** A tree as JSON text from nodes that come in any order. The text of all of them is held. */
export interface Assembly {
  add(node: NodeText): void;
  /** What is held, in characters. */
  readonly characters: number;
  /** What `toText` gives for the whole tree. What hangs below nothing that was added is left out. */
  text(root: NodeId): Generator<string>;
}

export function createAssembly(): Assembly {
  // By numbers in lists: a record for each of a hundred thousand nodes takes three times as much memory.
  const numbers = new Map<NodeId, number>();
  const added: (NodeText | null)[] = [];
  const firsts: (number | null)[] = [];
  const nexts: (number | null)[] = [];
  let characters = 0;

  const numberOf = (id: NodeId): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, added.length);
    firsts.push(null);
    nexts.push(null);
    return added.push(null) - 1;
  };
  const linked = (number: number) => {
    const text = added[number];
    if (!text) throw new Error("a node that others stand behind or below was not added");
    return { text, first: firsts[number] ?? null, next: nexts[number] ?? null };
  };

  function* inOrder(root: NodeId): Generator<NestedNode> {
    for (const { node, level } of walk(linked, numberOf(root))) {
      yield { open: openText(node.text), level, truncated: false };
    }
  }

  return {
    add(node) {
      const number = numberOf(node.id);
      added[number] = node;
      characters += node.id.length + node.type.length + node.attrs.length;
      if (node.prev !== null) nexts[numberOf(node.prev)] = number;
      else if (node.parent !== null) firsts[numberOf(node.parent)] = number;
    },
    get characters() {
      return characters;
    },
    text: (root) => nestedText(inOrder(root)),
  };
}
