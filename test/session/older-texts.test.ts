import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { item } from "../tree/document.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room } from "./room.ts";

const ADMIN = { user: { id: "boss" }, role: "admin" } as const;
const [LARGE, EDITS] = [20_000, 120];

const types = (id: string, text: string): Operation => ({ op: "edit", id, attr: "text", changes: [text] });

/** So many edits of one row that are larger than what is kept in mind. */
function manyEdits(room: Room, id: string): void {
  for (let each = 0; each < EDITS; each++) {
    const text = String(each % 10).repeat(LARGE);
    room.call(each === 0 ? types(id, text) : { op: "edit", id, attr: "text", changes: [-LARGE, text] });
  }
}

/** Somebody has typed in a row, and so much has happened to another since that it is not in mind any more. */
function roomOfLongAgo(): Room {
  const room = openRoom(item("root", item("a"), item("b")));
  room.call(types("a", "old"));
  manyEdits(room, "b");
  room.call(types("a", "new "));
  return room;
}

function undo({ server }: Room, seq: number) {
  const call = { whose: { seqs: [seq] }, count: 1, redo: false, dryRun: false };
  const task = server.call((calls, now) => calls.undo(call, ADMIN, now));
  if (!task) throw new Error("storage failed");
  return task;
}

/** Lets turns pass until it is over; how many rows of the log the longest of them read, and how many turns there were. */
function follow({ server }: Room, task: ReturnType<typeof undo>): { readonly turns: number; readonly longest: number } {
  let [turns, longest] = [0, 0];
  for (; task.result === null; turns++) {
    const before = server.sql.statements;
    server.fire();
    longest = Math.max(longest, server.sql.statements - before);
  }
  return { turns, longest };
}

describe("an undo of an edit of long ago", () => {
  it("V121 reads in turns what has happened to texts since, and comes to the same", () => {
    const room = roomOfLongAgo();
    const honest = room.enter("honest");
    honest.hear();
    const task = undo(room, 1);
    expect(task.result).toBe(null);
    honest.mutate({ op: "update", id: "b", attrs: { done: true } });
    const { turns, longest } = follow(room, task);
    expect(honest.hearShort()[0]).toBe("delta 123");
    expect(turns).toBeGreaterThan(10);
    expect(longest).toBeLessThan(30);
    expect(task.result).toMatchObject({ ok: true, value: { ops: [{ op: "edit", id: "a", undo: 1 }] } });
    expect(dataOf(room.server, { node: "a" })).toMatchObject({ attrs: { text: "new " } });
  });

  it("V121 keeps that for who undoes next, counts it as memory, and lets it go when nobody does", () => {
    const room = roomOfLongAgo();
    const before = room.server.held;
    const first = follow(room, undo(room, 1));
    expect(room.server.held - before).toBeGreaterThan(LARGE * EDITS * 0.4);
    const next = follow(room, undo(room, 2));
    expect(next.turns).toBeLessThan(first.turns / 4);
    for (let each = 0; each < 70; each++) room.call({ op: "update", id: "a", attrs: { each } });
    expect(room.server.held - before).toBeLessThan(LARGE * EDITS * 0.1);
  });

  it("V121 of anything else reads nothing of it", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    room.call({ op: "move", id: "a", parent: "root", after: "b" });
    manyEdits(room, "b");
    expect(follow(room, undo(room, 1)).turns).toBeLessThan(3);
  });
});
