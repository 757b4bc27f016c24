import { describe, expect, it } from "vitest";
import type { Counters } from "../../src/storage.ts";
import { insert, item, remove, update } from "../tree/document.ts";
import { openRoom, type Room } from "./room.ts";

const countersOf = ({ server }: Room): Counters => {
  const info = server.call((calls, now) => calls.info(now));
  if (!info?.ok) throw new Error("there is no document");
  return info.value.counters;
};

describe("L11 what is counted", () => {
  it("commits, mutations and rejections, through checkpoints and crashes", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    ann.mutate(insert("a", "root"));
    for (let x = 0; x < 3; x++) ann.mutate(update("a", { x }));
    ann.mutate(remove("ghost"));
    room.settle();
    expect(countersOf(room)).toMatchObject({ commits: 2, mutations: 4, rejections: 1 });
    room.server.evict();
    expect(countersOf(room)).toMatchObject({ commits: 2, mutations: 4 });
    room.server.ring();
    room.server.crash();
    expect(countersOf(room)).toMatchObject({ commits: 2, mutations: 4 });
    room.enter("ann");
    room.call(update("a", { x: 4 }));
    room.server.crash();
    expect(countersOf(room)).toMatchObject({ commits: 3, mutations: 5 });
  });

  it("rows written, from the creation on", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    const born = countersOf(room).rowsWritten;
    expect(born).toBeGreaterThanOrEqual(3 + 4);
    room.enter("ann");
    const joined = countersOf(room).rowsWritten;
    room.call(update("a", { x: 1 }));
    // The event, and that a checkpoint is due.
    expect(countersOf(room).rowsWritten - joined).toBe(1 + 1);
    room.call(update("a", { x: 2 }));
    expect(countersOf(room).rowsWritten - joined).toBe(1 + 1 + 1);
  });

  it("wake-ups, by what caused them, although nothing is written for most: sockets carry them", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const wake = (work: () => void, times: number) => {
      for (let count = 0; count < times; count++) {
        room.settle();
        room.server.evict();
        work();
      }
    };
    wake(() => ann.send({ type: "presence", data: 1 }), 4);
    wake(() => bob.mutate(update("root", { x: 1 })), 3);
    wake(() => room.server.ring(), 1);
    wake(() => countersOf(room), 2);
    wake(() => bob.send({ type: "presence", data: 2 }), 1);
    wake(() => room.join("cyd"), 1);
    wake(() => ann.drop(), 1);
    // The document was created by a call.
    const { wakeUps } = countersOf(room);
    expect(wakeUps).toEqual({ message: 8, connect: 1, close: 1, alarm: 1, call: 3 });
    expect(wakeUps).toEqual(room.server.wakeUps);
  });
});
