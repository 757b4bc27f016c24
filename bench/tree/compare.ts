import { createHash } from "node:crypto";
import type { BenchTree } from "./system.ts";

/**
 * A tree in words that are the same for every system: a line a node, in the order of the numbers, with parent, position
 * among its siblings and attributes. `key` may be that of another tree with the same ids.
 */
export function describe(tree: BenchTree, size: number, key: (node: number) => string): string {
  const numbers = new Map<string, number>();
  for (let node = 0; node < size; node++) numbers.set(key(node), node);
  const lines: string[] = [];
  const children = new Map<string | null, number>();
  for (const { key: own, parent, text, done } of tree.nodes()) {
    const number = numbers.get(own);
    const above = parent === null ? "root" : numbers.get(parent);
    if (number === undefined || above === undefined || lines[number]) throw new Error(`what is node ${own} here?`);
    const position = children.get(parent) ?? 0;
    children.set(parent, position + 1);
    lines[number] = `${number} below ${above} at ${position}: ${JSON.stringify([text, done ?? null])}`;
  }
  for (let node = 0; node < size; node++) if (!lines[node]) throw new Error(`node ${node} is missing`);
  return lines.join("\n");
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Throws at the first line that differs. */
export function assertSame(name: string, text: string, otherName: string, other: string): void {
  if (text === other) return;
  const lines = other.split("\n");
  for (const [index, line] of text.split("\n").entries()) {
    if (line !== lines[index]) throw new Error(`${name} has "${line}", ${otherName} has "${lines[index]}"`);
  }
  throw new Error(`${name} and ${otherName} have different trees`);
}
