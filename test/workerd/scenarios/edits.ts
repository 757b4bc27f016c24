import { expect } from "vitest";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

/** More attributes than a node may have. */
const many = Array.from({ length: 257 }, (_, index): [string, number] => [`k${index}`, index]);

/** What one can do to a tree. */
export const edits: readonly Scenario[] = [
  {
    title: "T3, T5 insert at every place, nested nodes included",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(insert("last", "root"));
      await bob.write(insert("first", "root", { after: null }));
      await ann.write(insert("second", "root", { after: "first" }, [item("x", item("y")), item("z")]));
      await bob.write(insert("third", "root", { after: "nobody", before: "a" }));
    },
    outcome: {
      tree: "root\n  first\n  second\n    x\n      y\n    z\n  third\n  a\n  last",
      events: ["ann#1", "bob#1", "ann#2", "bob#2"],
      answers: { ann: ["1", "3"], bob: ["2", "4"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "T1, T3 move, with what is below; the root stays and is updated",
    start: "root\n  a\n    b\n      c\n  d",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(move("b", "root", { after: null }));
      await bob.write(move("a", "c"));
      await ann.write(move("d", "a"));
      await bob.write({ op: "update", id: "root", type: "list", attrs: { title: "all" } });
    },
    outcome: {
      tree: 'root:list title="all"\n  b\n    c\n      a\n        d',
      events: ["ann#1", "bob#1", "ann#2", "bob#2"],
      answers: { ann: ["1", "3"], bob: ["2", "4"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "T4, T6 update, remove, and several operations in one mutation",
    start: "root\n  a\n    b\n  c",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(update("c", { x: 1, y: { deep: [1, null] } }));
      await bob.write(update("c", { x: 2 }, ["y"]), { meta: { by: "keyboard" } });
      await ann.write(remove("a"));
      await bob.write([insert("n", "c"), update("n", { new: true }), move("n", "root", { after: null }), remove("c")]);
    },
    outcome: {
      tree: "root\n  n new=true",
      events: ["ann#1", 'bob#1 {"by":"keyboard"}', "ann#2", "bob#2"],
      answers: { ann: ["1", "3"], bob: ["2", "4"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "H3, S1 edits by HTTP and by socket take one row of numbers",
    start: "root",
    async play(people) {
      const ann = await people.join("ann");
      expect(await people.post(insert("a", "root"))).toBe("1");
      await ann.write(insert("b", "a"));
      expect(await people.post(update("b", { x: 1 }), { client: "agent", mutation: 7 })).toBe("3");
      expect(await people.post(remove("ghost"), { client: "agent", mutation: 8 })).toBe("no: notFound @0");
      await ann.write(update("b", { y: 1 }));
      // Exactly once, whoever asks again.
      expect(await people.post(update("b", { x: 1 }), { client: "agent", mutation: 7 })).toBe("3");
      expect(await people.post(insert("c", "root"), { client: "agent", mutation: 8 })).toBe("no: notFound @0");
    },
    outcome: {
      tree: "root\n  a\n    b x=1 y=1",
      events: ["http", "ann#1", "agent#7", "ann#2"],
      answers: { ann: ["2", "4"] },
      here: ["ann"],
    },
  },
  {
    title: "W5 mutations are refused, each with the operation at fault, and the rest goes on",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write([update("a", { x: 1 }), insert("a", "root")]);
      await ann.write({ op: "insert", node: { id: "not an id", type: "item" }, parent: "root" });
      await bob.writeAll([remove("ghost"), insert("b", "a"), move("a", "b"), update("b", Object.fromEntries(many))]);
      await ann.write(update("b", { y: 1 }));
    },
    outcome: {
      tree: "root\n  a\n    b y=1",
      events: ["bob#2", "ann#3"],
      answers: {
        ann: ["no: exists @1", "no: invalid @0", "2"],
        bob: ["no: notFound @0", "1", "no: cycle @0 by bob at 1", "no: tooLarge @0"],
      },
      here: ["ann", "bob"],
    },
  },
];
