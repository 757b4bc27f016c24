import type { BenchNode } from "../../tree/system.ts";
import { ROOT, type Step } from "../../tree/workload.ts";

// A tree written down in a document model that has none: nodes by id, each with its parent's id and an order key. The
// key is a number that is made before the clock runs, so the fractional index that users need costs nothing here.

export type Placed =
  | {
      readonly op: "insert";
      readonly key: string;
      readonly parent: string;
      readonly order: number;
      readonly text: string;
    }
  | { readonly op: "move"; readonly key: string; readonly parent: string; readonly order: number }
  | { readonly op: "update"; readonly key: string; readonly done: number };

/** Writes steps down one after the other: a new node goes behind all there are, a moved one before all there are. */
export function createPlacing(): (step: Step) => Placed {
  let moves = 0;
  return (step) => {
    const key = keyOf(step.node);
    switch (step.op) {
      case "insert":
        return { op: "insert", key, parent: keyOf(step.parent), order: step.node, text: step.text };
      case "move":
        moves++;
        return { op: "move", key, parent: keyOf(step.parent), order: -moves };
      case "update":
        return { op: "update", key, done: step.done };
    }
  };
}

export function keyOf(node: number): string {
  return node === ROOT ? "" : `n${node}`;
}

/** A node as it was read back. */
export interface FlatNode {
  readonly key: string;
  readonly parent: unknown;
  readonly order: unknown;
  readonly text: unknown;
  readonly done: unknown;
}

export function inOrder(nodes: FlatNode[]): BenchNode[] {
  nodes.sort((a, b) => Number(a.order) - Number(b.order));
  return nodes.map(({ key, parent, text, done }) => ({ key, parent: parent ? String(parent) : null, text, done }));
}
