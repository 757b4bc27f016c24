import { insert, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

const count = 200;
const numbers = (from: number) => Array.from({ length: count }, (_, index) => from + index);

/** Many mutations in one frame. */
export const groupCommit: readonly Scenario[] = [
  {
    title: "S5, W8 many mutations in one frame, by two people in turn: all answered, in order",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.writeAll(numbers(1).map((x) => update("a", { x })));
      await bob.writeAll(numbers(1).map((y) => update("a", { y })));
      await ann.write(insert("b", "a"));
      await ann.writeAll([update("b", { x: 1 }), update("ghost", {}), update("b", { y: 1 })]);
    },
    outcome: {
      tree: `root\n  a x=${count} y=${count}\n    b x=1 y=1`,
      events: [
        ...numbers(1).map((each) => `ann#${each}`),
        ...numbers(1).map((each) => `bob#${each}`),
        "ann#201",
        "ann#202",
        "ann#204",
      ],
      answers: {
        ann: [...numbers(1).map(String), "401", "402", "no: notFound @0", "403"],
        bob: numbers(count + 1).map(String),
      },
      here: ["ann", "bob"],
    },
  },
];
