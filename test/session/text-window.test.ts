import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

const ROWS = 200;
const MISSED = 50_000;

const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });

/** A document of rows, in each of which somebody else has typed for long. */
function typedIn(missed: number): Room {
  const children = Array.from({ length: ROWS }, (_, index) => ({ id: `r${index}`, type: "row", attrs: { text: "|" } }));
  const room = openRoom({ id: "root", type: "list", children });
  const bob = room.enter("bob");
  for (let mutation = 0; mutation < missed; ) {
    const mutations = Array.from({ length: Math.min(256, missed - mutation) }, () => {
      const at = Math.floor(mutation / ROWS);
      return { mutation: ++mutation, ops: [edit(`r${(mutation - 1) % ROWS}`, ...(at > 0 ? [at] : []), "b")] };
    });
    bob.send({ type: "mutate", mutations });
    bob.hear();
  }
  room.settle();
  bob.drop();
  return room;
}

function textOf(room: Room, id: string): unknown {
  const tree = dataOf(room.server, { node: id });
  return tree && typeof tree === "object" && "attrs" in tree ? tree.attrs : tree;
}

describe("the window is the whole log", () => {
  it("X32 who missed 50 000 keystrokes is merged, in turns, after a crash, too", () => {
    const room = typedIn(MISSED);
    const many = "b".repeat(MISSED / ROWS);
    expect(textOf(room, "r0")).toEqual({ text: `${many}|` });
    room.server.crash();
    const ann = room.enter("ann");
    const type = (by: Visitor, mutation: number, id: string) =>
      by.send({ type: "mutate", mutations: [{ mutation, base: 0, ops: [edit(id, 1, "a")] }] });
    const began = performance.now();
    type(ann, 1, "r0");
    for (let turn = 0; turn < 2_000 && ann.hearShort().every((heard) => !heard.startsWith("delta")); turn++)
      room.wait(1);
    console.info(`merged after ${Math.round(performance.now() - began)} ms`);
    expect(textOf(room, "r0")).toEqual({ text: `${many}|a` });
    const next = performance.now();
    for (let mutation = 2; mutation <= 200; mutation++) type(ann, mutation, `r${mutation % ROWS}`);
    room.settle();
    console.info(`199 more after ${Math.round(performance.now() - next)} ms`);
    expect(textOf(room, "r7")).toEqual({ text: `${many}|a` });
  });
});
