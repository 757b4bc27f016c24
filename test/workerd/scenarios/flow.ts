import { expect } from "vitest";
import { LIMITS } from "../../../src/protocol/index.ts";
import { insert, remove, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

const large = "x".repeat(64 * 1024);
const many = Array.from({ length: 24 }, (_, index) => `n${index}`);

/** More than may be sent at once. */
export const flow: readonly Scenario[] = [
  {
    title: "S8, S9 a tree of more than may be sent at once, edited while it is on the way",
    start: { id: "root", type: "item", children: many.map((id) => ({ id, type: "item", attrs: { large } })) },
    async play(people) {
      expect(many.length * large.length).toBeGreaterThan(LIMITS.syncBytes * LIMITS.syncsUnanswered);
      const ann = await people.join("ann");
      // Two who come late: one who answers at once, one whom the edits overtake.
      const slow = await people.join("slow", { stalled: true });
      await ann.write([remove("n23"), insert("new", "n0")]);
      await ann.write(update("n1", { large: 1 }));
      await slow.goOn();
      await people.until("the present for all", () => slow.client.caughtUp && slow.client.replica.seq === 2);
      await people.join("late");
      await slow.write(update("new", { by: "slow" }));
    },
    outcome: {
      tree: [
        "root",
        '  n0 large="x…"',
        '    new by="slow"',
        "  n1 large=1",
        ...many.slice(2, 23).map((id) => `  ${id} large="x…"`),
      ].join("\n"),
      events: ["ann#1", "ann#2", "slow#1"],
      answers: { ann: ["1", "2"], slow: ["3"] },
      here: ["ann", "slow", "late"],
    },
  },
  {
    title: "S9 a reader who stalls is sent no more, and is caught up when it goes on",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const stalled = await people.join("stalled", { presence: "slow" });
      stalled.stall();
      for (let x = 1; x <= 24; x++) await ann.write(update("a", { large, x }));
      await ann.present("waiting");
      await ann.write(insert("n", "a"));
      // Unless it was sent the rest on connections of later.
      expect(people.reconnections > 0 || stalled.client.replica.seq < 24).toBe(true);
      await stalled.begin([insert("n", "root"), remove("root")]);
      await stalled.goOn();
      await people.until("the present", () => stalled.client.replica.seq === 25);
      await stalled.write(update("n", { caught: "up" }));
      await ann.write(update("a", { large: 0 }));
    },
    outcome: {
      tree: 'root\n  a large=0 x=24\n    n caught="up"',
      events: [...Array.from({ length: 25 }, (_, index) => `ann#${index + 1}`), "stalled#3", "ann#26"],
      answers: {
        ann: [...Array.from({ length: 25 }, (_, index) => `${index + 1}`), "27"],
        stalled: ["no: exists @0", "no: root @0", "26"],
      },
      here: ["ann", "stalled"],
      presence: { ann: "waiting", stalled: "slow" },
    },
  },
];
