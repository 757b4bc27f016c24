import { expect } from "vitest";
import type { Principal } from "../../../src/protocol/index.ts";
import { insert, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

const eve: Principal = { user: { id: "eve", name: "Ève 🌳" }, role: "write" };
const max: Principal = { user: { id: "max" }, role: "write" };
const ray: Principal = { user: { id: "ray" }, role: "read" };

/** Who one is, and what one may. */
export const identity: readonly Scenario[] = [
  {
    title: "S10 a client that joins again replaces its first connection (4009), whose late close changes nothing",
    async play(people) {
      const first = await people.join("ann", { presence: 1 });
      const bob = await people.join("bob");
      await first.write(insert("a", "root"));
      const second = await people.join("ann", { name: "ann again", presence: 2 });
      await first.closedWith(4009);
      await people.see({ ann: 2 });
      await second.write(insert("b", "a"));
      await bob.write(insert("c", "b"));
      await second.write(update("c", { x: 1 }));
    },
    outcome: {
      tree: "root\n  a\n    b\n      c x=1",
      events: ["ann#1", "ann#2", "bob#1", "ann#3"],
      // The second goes on with the counters of the first.
      answers: { ann: ["1"], "ann again": ["2", "4"], bob: ["3"] },
      here: ["bob", "ann again"],
      presence: { ann: 2 },
    },
  },
  {
    title: "S11 a client id belongs to the user who first used it; anyone else is refused (4003)",
    async play(people) {
      const first = await people.join("c1", { principal: eve });
      expect(await people.refused("c1", { principal: max })).toBe("forbidden 4003");
      await first.write(insert("a", "root"));
      await first.leave();
      expect(await people.refused("c1", { principal: max })).toBe("forbidden 4003");
      expect(await people.refused("c1")).toBe("forbidden 4003");
      expect(await people.post(insert("b", "root"), { client: "c1", mutation: 2 })).toBe("no: forbidden");
      await first.comeBack();
      await first.write(insert("c", "a"));
      const other = await people.join("c2", { principal: max });
      await other.write(insert("d", "a"));
    },
    outcome: {
      tree: "root\n  a\n    c\n    d",
      events: ["c1#1 (eve)", "c1#2 (eve)", "c2#1 (max)"],
      answers: { c1: ["1", "2"], c2: ["3"] },
      here: ["c1", "c2"],
    },
  },
  {
    title: "S13 a role that may only read is refused, and reads and is seen",
    async play(people) {
      const ann = await people.join("ann");
      const reader = await people.join("ray", { principal: ray });
      await reader.write(insert("n", "root"));
      await ann.write(insert("m", "root"));
      await reader.writeAll([update("m", { x: 1 }), insert("o", "m")]);
      await reader.present("reading");
      await ann.write(update("m", { y: 1 }));
    },
    outcome: {
      tree: "root\n  m y=1",
      events: ["ann#1", "ann#2"],
      answers: { ann: ["1", "2"], ray: ["no: forbidden", "no: forbidden", "no: forbidden"] },
      here: ["ann", "ray"],
      presence: { ray: "reading" },
    },
  },
];
