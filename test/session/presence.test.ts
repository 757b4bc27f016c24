import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { item, update } from "../tree/document.ts";
import { openRoom, type Visitor, writerOf } from "./room.ts";
import { commit } from "./traffic.ts";

function present(visitor: Visitor, data: unknown): void {
  visitor.sendText(JSON.stringify({ type: "presence", data }));
}

/** What a subscriber knows of the others, from its welcome on. */
function follow(visitor: Visitor): () => Record<string, unknown> {
  let known: Record<string, unknown> = {};
  return () => {
    for (const message of visitor.hear()) {
      if (message.type === "welcome") known = { ...message.presence };
      if (message.type !== "presence") continue;
      if (message.reset) known = {};
      for (const [id, entry] of Object.entries(message.changes)) {
        if (entry) known[id] = entry;
        else delete known[id];
      }
    }
    return known;
  };
}

describe("presence", () => {
  it("S12 is told to all, with who it is, and only the last of a window", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann", writerOf("u1"));
    const bob = room.enter("bob");
    present(ann, { x: 1 });
    const entry = (data: unknown) => ({ user: { id: "u1", name: "U1" }, data });
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: entry({ x: 1 }) } }]);
    expect(ann.hear()).toEqual([{ type: "presence", changes: { [ann.id]: entry({ x: 1 }) } }]);
    present(ann, { x: 2 });
    present(bob, "b");
    present(ann, { x: 3 });
    room.settle();
    expect(bob.hear()).toEqual([
      { type: "presence", changes: { [ann.id]: entry({ x: 3 }), [bob.id]: { user: null, data: "b" } } },
    ]);
  });

  it("S12 is kept for joiners, and null takes it back", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    present(ann, [1]);
    present(bob, { deep: [] });
    room.settle();
    const cy = room.join("cy");
    expect(cy.hear()[0]).toMatchObject({
      presence: { [ann.id]: { user: null, data: [1] }, [bob.id]: { user: null, data: { deep: [] } } },
    });
    present(ann, null);
    room.settle();
    expect(cy.hear()).toEqual([{ type: "presence", changes: { [ann.id]: null } }]);
    expect(room.join("dan").hear()[0]).toMatchObject({ presence: { [bob.id]: { user: null } } });
  });

  it("S12 of who joins with it is told to the others", () => {
    const room = openRoom(item("root"));
    const bob = room.enter("bob");
    const ann = room.join("ann", { presence: 7 });
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: { user: null, data: 7 } } }]);
  });

  it("S12 survives hibernation", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    present(ann, { x: 1 });
    room.settle();
    room.server.evict();
    expect(room.join("cy").hear()[0]).toMatchObject({ presence: { [ann.id]: { data: { x: 1 } } } });
    bob.hear();
    ann.drop();
    room.settle();
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: null } }]);
  });

  it.each<[string, (ann: Visitor) => void]>([
    ["a drop", (ann) => ann.drop()],
    ["leaving", (ann) => ann.send({ type: "leave" })],
    ["a frame that cannot be read", (ann) => ann.sendText("nonsense")],
    ["a frame that is not text", (ann) => ann.sendText(null)],
    ["a frame that is too large", (ann) => ann.sendText("x".repeat(LIMITS.frameBytes + 1))],
    ["a second join", (ann) => ann.send({ type: "join", protocol: 2, client: "ann" })],
    ["a sync that was never sent", (ann) => ann.send({ type: "sync", n: 99 })],
  ])("S12 goes with the connection, and all are told soon: %s", (_, go) => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    present(ann, 1);
    room.settle();
    bob.hear();
    go(ann);
    // The close event of a socket that the session has closed itself.
    ann.drop();
    room.settle();
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: null } }]);
    expect(room.server.due).toBe(null);
  });

  it("S12 goes with a connection that was closed for being slow, and all are told soon", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    present(ann, 1);
    room.settle();
    for (let each = 0; each < 5; each++) {
      commit(room, 300_000);
      for (const message of bob.hear()) if (message.type === "sync") bob.send(message);
    }
    room.wait(LIMITS.syncTimeout + 1);
    room.call(update("a", { text: "" }));
    expect(ann.closed?.code).toBe(4008);
    room.settle();
    expect(bob.hear()).toContainEqual({ type: "presence", changes: { [ann.id]: null } });
  });

  it("S12 S9 B21 after being behind what has changed is told, and nothing else", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob, cy] = [room.enter("ann"), room.join("bob"), room.enter("cy")];
    const known = follow(bob);
    present(ann, "before");
    present(cy, "cy");
    room.settle();
    known();
    const answer = (visitor: Visitor) => {
      for (const message of visitor.hear()) if (message.type === "sync") visitor.send(message);
    };
    for (let each = 0; each < 5; each++) {
      commit(room, 300_000);
      answer(ann);
      answer(cy);
    }
    const dan = room.join("dan", { presence: "dan" });
    present(ann, "after");
    cy.drop();
    room.settle();
    expect(known(), "nothing is sent to it").toEqual({
      [ann.id]: { user: null, data: "before" },
      [cy.id]: { user: null, data: "cy" },
    });
    bob.send({ type: "sync", n: 4 });
    const heard = bob.hear();
    expect(heard.filter(({ type }) => type === "presence")).toEqual([
      {
        type: "presence",
        changes: { [ann.id]: { user: null, data: "after" }, [dan.id]: { user: null, data: "dan" }, [cy.id]: null },
      },
    ]);
    present(ann, "later");
    room.settle();
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: { user: null, data: "later" } } }]);
  });

  it("S12 S9 being behind is remembered over a hibernation", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    for (let each = 0; each < 5; each++) {
      commit(room, 300_000);
      for (const message of ann.hear()) if (message.type === "sync") ann.send(message);
    }
    bob.hear();
    present(ann, 1);
    room.settle();
    room.server.evict();
    bob.send({ type: "sync", n: 4 });
    expect(bob.hear().filter(({ type }) => type === "presence")).toEqual([
      { type: "presence", changes: { [ann.id]: { user: null, data: 1 } } },
    ]);
  });

  it("S12 takes at most 4 KiB, and the largest fits into an attachment", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann", writerOf("u".repeat(128)));
    present(ann, "x".repeat(LIMITS.presenceBytes - 2));
    expect(ann.closed).toBe(null);
    present(ann, "\u0001".repeat((LIMITS.presenceBytes - 2) / 6));
    expect(ann.closed).toBe(null);
    present(ann, "x".repeat(LIMITS.presenceBytes - 1));
    expect(ann.closed?.code).toBe(4010);
  });

  it("S12 of who has not joined there is none", () => {
    const room = openRoom(item("root"));
    const bob = room.enter("bob");
    const ann = room.connect();
    present(ann, 1);
    ann.drop();
    room.settle();
    expect(bob.hear()).toEqual([]);
  });
});
