import { LoroDoc, type LoroTree, type LoroTreeNode, type TreeID } from "loro-crdt";
import type { BenchNode, BenchTree, TreeSystem } from "../../tree/system.ts";
import { ROOT } from "../../tree/workload.ts";

// What Loro's authors would write: a LoroTree with fractional index (places among siblings need it; jitter 0, its
// default and the cheapest), attributes in the node's own map, and the nodes' handles kept, so that no id is parsed or
// looked up. Our node's id and type are not stored: Loro has ids of its own.

export const system: TreeSystem = systemWith("snapshot");

/** The same without the history before the snapshot, as Loro offers it for large documents. */
export const shallow: TreeSystem = systemWith("shallow-snapshot");

type Mode = "snapshot" | "shallow-snapshot";

function systemWith(mode: Mode): TreeSystem {
  return {
    create: () => open(new LoroDoc(), mode),
    load: (snapshot) => open(LoroDoc.fromSnapshot(snapshot), mode),
  };
}

function open(doc: LoroDoc, mode: Mode): BenchTree {
  const tree = doc.getTree("tree");
  tree.enableFractionalIndex(0);
  const handles: LoroTreeNode[] = [];
  const handle = (node: number) => handles[node] ?? missing(node);
  return {
    prepare(steps, commits) {
      const each = commits === "each";
      return () => {
        for (const step of steps) {
          if (step.op === "insert") {
            const node = step.parent === ROOT ? tree.createNode() : handle(step.parent).createNode();
            node.data.set("text", step.text);
            handles[step.node] = node;
          } else if (step.op === "move") handle(step.node).move(handle(step.parent), 0);
          else handle(step.node).data.set("done", step.done);
          if (each) doc.commit();
        }
        doc.commit();
      };
    },
    key: (node) => handle(node).id,
    touch(key, parent) {
      const node = tree.getNodeByID(idOf(key)) ?? missing(key);
      node.move(tree.getNodeByID(idOf(parent)) ?? missing(parent), 0);
      node.data.set("touched", true);
      doc.commit();
    },
    save() {
      if (mode === "snapshot") return doc.export({ mode });
      return doc.export({ mode, frontiers: doc.frontiers() });
    },
    nodes: () => nodesOf(tree),
    free() {
      for (const node of handles) node.free();
      tree.free();
      doc.free();
    },
  };
}

/** A node of LoroTree's `toJSON()`, which is untyped. */
interface JsonNode {
  readonly id: TreeID;
  readonly parent: TreeID | null;
  readonly meta: { readonly text?: unknown; readonly done?: unknown };
  readonly children: readonly JsonNode[];
}

function nodesOf(tree: LoroTree): BenchNode[] {
  const nodes: BenchNode[] = [];
  const roots: readonly JsonNode[] = tree.toJSON();
  const lists = [roots];
  for (const list of lists) {
    for (const { id, parent, meta, children } of list) {
      nodes.push({ key: id, parent, text: meta.text, done: meta.done });
      if (children.length > 0) lists.push(children);
    }
  }
  return nodes;
}

function idOf(key: string): TreeID {
  return isTreeId(key) ? key : missing(key);
}

function isTreeId(key: string): key is TreeID {
  return /^\d+@\d+$/.test(key);
}

function missing(node: number | string): never {
  throw new Error(`there is no node ${node}`);
}
