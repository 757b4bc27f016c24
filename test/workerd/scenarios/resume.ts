import { expect } from "vitest";
import { insert, move, remove, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

/** Somebody who was away. */
export const resume: readonly Scenario[] = [
  {
    title: "S7 who was away for a while gets what was missed, and no more",
    start: "root\n  a\n  b",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(update("a", { x: 1 }));
      await ann.go();
      await bob.write([insert("n", "a"), move("b", "n")]);
      await bob.write(remove("b"));
      expect(await people.post(update("n", { x: 1 }))).toBe("4");
      await ann.comeBack();
      expect(ann.client.resumed).toBe("delta");
      await ann.write(move("b", "root", { after: null }));
    },
    outcome: {
      tree: "root\n  b\n  a x=1\n    n x=1",
      events: ["ann#1", "bob#1", "bob#2", "http", "ann#2"],
      answers: { ann: ["1", "5"], bob: ["2", "3"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "S7 who was away for long gets the tree, where that is less",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.go();
      await bob.writeAll(Array.from({ length: 150 }, (_, x) => update("a", { x })));
      await ann.comeBack();
      expect(ann.client.resumed).toBe("snapshot");
      await ann.write(insert("n", "a"));
    },
    outcome: {
      tree: "root\n  a x=149\n    n",
      events: [...Array.from({ length: 150 }, (_, index) => `bob#${index + 1}`), "ann#1"],
      answers: { ann: ["151"], bob: Array.from({ length: 150 }, (_, index) => `${index + 1}`) },
      here: ["ann", "bob"],
    },
  },
];
