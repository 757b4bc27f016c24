import type { NodeId } from "durable-grove/react";

const PAUSE = 1_000;
let last = 0;
let burst = 0;

/** What is typed into a row without a longer pause is one group, and undone together. */
export function typingIn(id: NodeId): string {
  const now = Date.now();
  if (now - last > PAUSE) burst = now;
  last = now;
  return `typing ${id} ${burst}`;
}
