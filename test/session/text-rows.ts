import { expect } from "vitest";
import type { ServerMessage } from "../../src/protocol/index.ts";
import { type NodeData, type Operation, toData } from "../../src/tree/index.ts";
import { find } from "./look.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

// Documents whose rows have texts, and what is asked of these.

export function edit(id: string, ...changes: (number | string)[]): Operation {
  return { op: "edit", id, attr: "text", changes };
}

export const split = (id: string, at: number, node: string, head?: true): Operation => ({
  ...{ op: "split", id, attr: "text", at, node: { id: node, type: "row" } },
  ...(head && { head }),
});

export const join = (id: string, into: string): Operation => ({ op: "join", id, into, attr: "text" });

export const open = (...rows: NodeData[]): Room => openRoom({ id: "root", type: "list", children: rows });

export function rowsOf(room: Room): readonly NodeData[] {
  const found = find(room.server);
  if (!found?.ok) throw new Error("there is no tree");
  return toData(found.value.view, found.value.node).children ?? [];
}

/** Sends one mutation with a base and hears everything. */
export function send(room: Room, by: Visitor, mutation: number, base: number, ...ops: Operation[]): ServerMessage[] {
  by.send({ type: "mutate", mutations: [{ mutation, base, ops }] });
  room.settle();
  return by.hear().filter(({ type }) => type !== "sync");
}

/** Ann does the one and Bob the other, who has not seen that; then the other way round. */
export function inBothOrders(
  start: readonly NodeData[],
  [one, other]: readonly [Operation, Operation],
  show: (room: Room) => string,
  [expected, reversed]: readonly [string, string],
): void {
  for (const [first, second, result] of [
    [one, other, expected],
    [other, one, reversed],
  ] as const) {
    const room = open(...start);
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, first);
    send(room, bob, 1, 0, second);
    expect(show(room)).toBe(result);
  }
}
