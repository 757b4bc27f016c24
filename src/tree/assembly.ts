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

const NONE = -1;

export function createAssembly(): Assembly {
  // By numbers in lists: a record for each of a hundred thousand nodes takes three times as much memory.
  const numbers = new Map<NodeId, number>();
  const added: (NodeText | null)[] = [];
  const firsts: number[] = [];
  const nexts: number[] = [];
  let characters = 0;

  const numberOf = (id: NodeId): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, added.length);
    firsts.push(NONE);
    nexts.push(NONE);
    return added.push(null) - 1;
  };

  function* inOrder(root: NodeId): Generator<NestedNode> {
    const pending = [{ number: numberOf(root), level: 0 }];
    for (let place = pending.pop(); place; place = pending.pop()) {
      const { number, level } = place;
      const node = added[number];
      if (!node) throw new Error("a node that others stand behind or below was not added");
      const next = nexts[number] ?? NONE;
      const first = firsts[number] ?? NONE;
      if (next !== NONE) pending.push({ number: next, level });
      if (first !== NONE) pending.push({ number: first, level: level + 1 });
      yield { open: openText(node), level, truncated: false };
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
