import { describe, expect, it } from "vitest";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { openRoom } from "./room.ts";

describe("what the session tells the tree of who has seen what", () => {
  it("C4 C6 has seen: what the base covers, what the author did, and without a base everything", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    bob.mutate(insert("of-bob", "a"));
    ann.mutate(insert("of-ann", "a"));
    room.settle();
    ann.send({ type: "mutate", mutations: [{ mutation: 2, base: 0, ops: [remove("a")] }] });
    room.settle();
    bob.send({ type: "mutate", mutations: [{ mutation: 2, base: 2, ops: [insert("late", "a")] }] });
    room.settle();
    const events = bob.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(events).toMatchObject([{ seq: 1 }, { seq: 2 }, { rescued: ["of-bob"] }, { redirected: ["late"] }]);
  });

  it("C3 C6 what still waits for its commit counts like all else: who won, and what one has done oneself", () => {
    const room = openRoom(item("root", item("a"), item("b"), item("c"), item("d")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    // Opens a window; all that follows waits together.
    room.call(update("root", { x: 1 }));
    ann.mutate(update("root", { x: 2 }));
    bob.mutate(insert("x", "c"));
    bob.mutate(move("a", "b"));
    ann.mutate(insert("y", "d"));
    ann.send({
      type: "mutate",
      mutations: [
        { mutation: 3, base: 0, ops: [move("b", "a")] },
        { mutation: 4, base: 0, ops: [remove("d")] },
        { mutation: 5, base: 2, ops: [remove("c")] },
      ],
    });
    room.settle();
    const heard = ann.hear();
    expect(heard.find(({ type }) => type === "reject")).toMatchObject({
      mutation: 3,
      code: "cycle",
      seq: 4,
      client: "bob",
    });
    const events = heard.flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(events.slice(-2)).toMatchObject([
      { seq: 6, mutation: 4 },
      { seq: 7, mutation: 5, rescued: ["x"] },
    ]);
    expect(events.at(-2)).not.toHaveProperty("rescued");
  });

  it("C6 the base itself is seen, and what comes right after it is not", () => {
    for (const [base, rescued] of [
      [1, undefined],
      [0, ["x"]],
    ] as const) {
      const room = openRoom(item("root", item("a")));
      const [ann, bob] = [room.enter("ann"), room.enter("bob")];
      bob.mutate(insert("x", "a"));
      ann.send({ type: "mutate", mutations: [{ mutation: 1, base, ops: [remove("a")] }] });
      room.settle();
      const events = ann.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
      expect(events.at(-1)?.rescued).toEqual(rescued);
    }
  });
});
