import {
  checkTree,
  eachInSubtree,
  fromData,
  fromRows,
  type MapStore,
  mutate,
  type NodeRow,
  type Operation,
  toRows,
} from "../../src/tree/index.ts";
import type { BenchNode, BenchTree, TreeSystem } from "./system.ts";
import { ROOT, type Step } from "./workload.ts";

/**
 * Ours: a Map of nodes, `mutate` with one operation each, every time with its inverse and its receipts. Decoding, log
 * and network are not in it, as they are not in what is measured of the others.
 */
export const system: TreeSystem = {
  create: () => open(fromData({ id: key(ROOT), type: "document" }, unused)),
  load: (snapshot) => {
    const rows: readonly NodeRow[] = JSON.parse(decoder.decode(snapshot));
    return open(fromRows(rows));
  },
};

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function open(store: MapStore): BenchTree {
  let seq = 0;
  const perform = (operations: readonly Operation[]) => {
    const verdict = mutate(store, operations, { newId: unused, seq: ++seq });
    if (!verdict.ok) throw new Error(verdict.message);
  };
  return {
    prepare(steps, commits) {
      const operations = steps.map(operationOf);
      const mutations = commits === "each" ? operations.map((operation) => [operation]) : [operations];
      return () => {
        for (const mutation of mutations) perform(mutation);
      };
    },
    key,
    touch(id, parent) {
      perform([{ op: "move", id, parent, after: null }]);
      perform([{ op: "update", id, attrs: { touched: true } }]);
    },
    save: () => encoder.encode(JSON.stringify([...toRows(store)])),
    nodes: () => nodesOf(store),
    free: () => {},
  };
}

function nodesOf(store: MapStore): BenchNode[] {
  const problems = checkTree(store, store.records());
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const nodes: BenchNode[] = [];
  eachInSubtree(store, store.root, ({ id, parent, attrs }) => {
    if (parent === null) return;
    nodes.push({ key: id, parent: parent === store.root ? null : parent, text: attrs.text, done: attrs.done });
  });
  return nodes;
}

function operationOf(step: Step): Operation {
  switch (step.op) {
    case "insert": {
      const node = { id: key(step.node), type: "item", attrs: { text: step.text } };
      return { op: "insert", node, parent: key(step.parent) };
    }
    case "move":
      return { op: "move", id: key(step.node), parent: key(step.parent), after: null };
    case "update":
      return { op: "update", id: key(step.node), attrs: { done: step.done } };
  }
}

function key(node: number): string {
  return node === ROOT ? "root" : `n${node}`;
}

function unused(): string {
  return "unused";
}
