import { describe, expect, it } from "vitest";
import type { Counters } from "../../src/storage.ts";
import { item, update } from "../tree/document.ts";
import { openRoom, type Room } from "./room.ts";

const countersOf = ({ server }: Room): Counters => {
  const info = server.ask((calls, now) => calls.info(now));
  if (!info?.ok) throw new Error("there is no document");
  return info.value.counters;
};

describe("L11 wake-ups", () => {
  it("are counted by what caused them, although nothing is written for most: sockets carry them", () => {
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
