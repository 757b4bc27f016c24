import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";
import { edit } from "./text-rows.ts";

const ROWS = 200;
const MISSED = 50_000;

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

  it("X32 X37 who has meanwhile seen a part of what was put together is merged behind the rest of it", () => {
    const room = typedIn(10_000);
    const ann = room.enter("ann");
    const type = (mutation: number, base: number, at: number) =>
      ann.send({ type: "mutate", mutations: [{ mutation, base, ops: [edit("r0", at, String(mutation))] }] });
    // The bar was at 0, then at 25, 26 and 50 when so much was seen, and her own behind it.
    type(1, 0, 1);
    type(2, 5_000, 27);
    type(3, 5_001, 29);
    type(4, 10_001, 54);
    room.settle();
    expect(textOf(room, "r0")).toEqual({ text: `${"b".repeat(50)}|1234` });
    const all = ann.hear().join();
    expect(all).not.toContain("reject");
  });

  it("X40 an update of a text that others have typed in two thousand times since knows what its author saw", () => {
    const room = openRoom({ id: "root", type: "list", children: [{ id: "r0", type: "row", attrs: { text: "|" } }] });
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    for (let mutation = 1; mutation <= 2_000; mutation++) {
      bob.send({
        type: "mutate",
        mutations: [{ mutation, ops: [edit("r0", ...(mutation > 1 ? [mutation - 1] : []), "b")] }],
      });
      bob.hear();
    }
    const update: Operation = { op: "update", id: "r0", attrs: { text: "a|" } };
    ann.send({ type: "mutate", mutations: [{ mutation: 1, base: 0, ops: [update] }] });
    room.settle();
    expect(textOf(room, "r0")).toEqual({ text: `${"b".repeat(2_000)}a|` });
  });

  it("X32 X36 whoever has missed little does not wait for those who have missed much, and these do not keep each other from an end", () => {
    const room = typedIn(1_000);
    room.server.crash();
    const [ann, carl] = [room.enter("ann"), room.enter("carl")];
    const late = Array.from({ length: 66 }, (_, index) => room.enter(`late${index}`));
    const { server } = room;
    const begin = (by: Visitor, mutation: number, ops: Operation[], base?: number) =>
      server.message(by.id, JSON.stringify({ type: "mutate", mutations: [{ mutation, base, ops }] }));
    ann.hear();
    const heard: (string | null)[] = [];
    /** Gives what was heard in so many turns. */
    const turn = (turns: number) => {
      const before = heard.length;
      for (let count = 0; count < turns; count++) {
        server.fire();
        for (const each of ann.hear())
          if (each.type === "delta") heard.push(...each.events.map(({ client }) => client));
      }
      return heard.slice(before);
    };
    for (const by of late) begin(by, 1, [edit("r0", 1, "l")], 0);
    turn(10);
    expect(heard.length).toBeLessThan(30);
    for (let mutation = 1; mutation <= 5; mutation++) {
      begin(ann, mutation, [edit("r1", "a")]);
      begin(carl, mutation, [edit("r2", "c")], 1_000);
      expect(turn(3)).toEqual(expect.arrayContaining(["ann", "carl"]));
    }
    turn(200);
    expect(heard).toHaveLength(76);
  });
});
