import type { Changes, Step } from "../../src/text/index.ts";

const attr = "text";

export const edit = (id: string, ...changes: Changes): Step => ({ op: "edit", id, attr, changes });

/** The text of `id` has `length` units. */
export const split = (id: string, at: number, length: number, node: string): Step => ({
  op: "split",
  id,
  attr,
  at,
  length,
  node,
});

export const head = (id: string, at: number, length: number, node: string): Step => ({
  op: "split",
  id,
  attr,
  at,
  length,
  node,
  head: true,
});

/** `into` has `at` units, `id` `length`. */
export const join = (id: string, into: string, at: number, length: number): Step => ({
  op: "join",
  id,
  into,
  attr,
  at,
  length,
});
