import { change, type Doc, free, from, load, save } from "@automerge/automerge";
import type { BenchNode, BenchTree, TreeSystem } from "../../tree/system.ts";
import { createPlacing, inOrder, keyOf, type Placed } from "./flat.ts";

// Automerge has no tree and no move. What its users write: an object a node, in a map by id, with the parent's id and
// a key to order siblings by; one change an action. Nothing watches for cycles or orphans.

interface Node {
  parent: string;
  order: number;
  text: string;
  done?: number;
  touched?: boolean;
}
type Nodes = { nodes: Record<string, Node> };

export const system: TreeSystem = {
  create: () => open(from<Nodes>({ nodes: {} })),
  load: (snapshot) => open(load<Nodes>(snapshot)),
};

function open(first: Doc<Nodes>): BenchTree {
  let doc = first;
  const place = createPlacing();
  const perform = (draft: Nodes, step: Placed) => {
    if (step.op === "insert") {
      const { key, parent, order, text } = step;
      draft.nodes[key] = { parent, order, text };
    } else if (step.op === "move") {
      Object.assign(get(draft, step.key), { parent: step.parent, order: step.order });
    } else get(draft, step.key).done = step.done;
  };
  return {
    prepare(steps, commits) {
      const placed = steps.map(place);
      const groups = commits === "each" ? placed.map((step) => [step]) : [placed];
      return () => {
        for (const group of groups) {
          doc = change(doc, (draft) => {
            for (const step of group) perform(draft, step);
          });
        }
      };
    },
    key: keyOf,
    touch(key, parent) {
      doc = change(doc, (draft) => perform(draft, { op: "move", key, parent, order: Number.MIN_SAFE_INTEGER }));
      doc = change(doc, (draft) => {
        get(draft, key).touched = true;
      });
    },
    save: () => save(doc),
    nodes: () => nodesOf(doc),
    free: () => free(doc),
  };
}

function nodesOf({ nodes }: Nodes): BenchNode[] {
  const flat = Object.entries(nodes).map(([key, { parent, order, text, done }]) => ({
    key,
    parent,
    order,
    text,
    done,
  }));
  return inOrder(flat);
}

function get({ nodes }: Nodes, key: string): Node {
  const node = nodes[key];
  if (!node) throw new Error(`there is no node ${key}`);
  return node;
}
