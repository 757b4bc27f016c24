import { applyUpdate, Doc, encodeStateAsUpdate, Map as YMap } from "yjs";
import type { BenchNode, BenchTree, TreeSystem } from "../../tree/system.ts";
import { createPlacing, inOrder, keyOf, type Placed } from "./flat.ts";

// Yjs has no tree. What its users write: a Y.Map of one Y.Map a node, with the parent's id and a key to order siblings
// by; one transaction an action. Nothing watches for cycles or orphans. Saved in Yjs's default encoding, V1, which
// providers store; V2 is smaller and slower.

export const system: TreeSystem = {
  create: () => open(new Doc()),
  load: (snapshot) => {
    const doc = new Doc();
    applyUpdate(doc, snapshot);
    return open(doc);
  },
};

type YNode = YMap<string | number | boolean>;

function open(doc: Doc): BenchTree {
  const nodes: YMap<YNode> = doc.getMap("nodes");
  const get = (key: string) => nodes.get(key) ?? missing(key);
  const perform = (step: Placed) => {
    if (step.op === "insert") {
      const { key, parent, order, text } = step;
      const node: YNode = new YMap([
        ["parent", parent],
        ["order", order],
        ["text", text],
      ]);
      nodes.set(key, node);
    } else if (step.op === "move") {
      const node = get(step.key);
      node.set("parent", step.parent);
      node.set("order", step.order);
    } else get(step.key).set("done", step.done);
  };
  const place = createPlacing();
  return {
    prepare(steps, commits) {
      const placed = steps.map(place);
      const all = () => {
        for (const step of placed) perform(step);
      };
      if (commits === "once") return () => doc.transact(all);
      return () => {
        for (const step of placed) doc.transact(() => perform(step));
      };
    },
    key: keyOf,
    touch(key, parent) {
      doc.transact(() => perform({ op: "move", key, parent, order: Number.MIN_SAFE_INTEGER }));
      doc.transact(() => get(key).set("touched", true));
    },
    save: () => encodeStateAsUpdate(doc),
    nodes: () => nodesOf(nodes),
    free: () => doc.destroy(),
  };
}

function nodesOf(nodes: YMap<YNode>): BenchNode[] {
  return inOrder(
    [...nodes.entries()].map(([key, node]) => ({
      key,
      parent: node.get("parent"),
      order: node.get("order"),
      text: node.get("text"),
      done: node.get("done"),
    })),
  );
}

function missing(key: string): never {
  throw new Error(`there is no node ${key}`);
}
