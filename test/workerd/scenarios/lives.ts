import { expect } from "vitest";
import { insert, move, remove, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

/** A document that is stopped or deleted in the middle. */
export const lives: readonly Scenario[] = [
  {
    title: "H5 stop in the middle closes everyone (4000), and all goes on",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann", { presence: 1 });
      const bob = await people.join("bob");
      await ann.writeAll([insert("n", "a"), insert("a", "root")]);
      expect(await people.request("POST", "/stop")).toMatchObject({ status: 200 });
      await ann.closedWith(4000);
      await bob.closedWith(4000);
      await bob.comeBack();
      await bob.write(remove("a"), { base: 0 });
      await ann.comeBack();
      await ann.write(move("a", "n"));
    },
    outcome: {
      tree: "root\n  n\n    a",
      events: ["ann#1", "bob#1 rescued=n", "ann#3"],
      answers: { ann: ["1", "no: exists @0", "3"], bob: ["2 rescued=n"] },
      here: ["ann", "bob"],
      presence: { ann: 1 },
    },
  },
  {
    title: "S4, H5 answers that were lost before a stop are given after it",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.loseAnswers([insert("a", "root"), insert("a", "root")]);
      // A client is stored with its rejections; one that has none, with the checkpoint.
      await bob.loseAnswers([insert("b", "a")]);
      expect(await people.request("POST", "/stop")).toMatchObject({ status: 200 });
      await ann.comeBack();
      await bob.comeBack();
      // His answer was among the events that he had missed; asked for by its counter it is the same.
      await bob.say('{"type":"mutate","mutations":[{"mutation":1,"ops":[]}]}');
    },
    outcome: {
      tree: "root\n  a\n    b",
      events: ["ann#1", "bob#1"],
      answers: { ann: ["1", "no: exists @0"], bob: ["2"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "H6, S15 DELETE in the middle closes everyone (4004); a later join begins a new incarnation",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann", { presence: 1 });
      const bob = await people.join("bob");
      await ann.write(insert("n", "a"));
      await bob.write(update("n", { x: 1 }));
      const { incarnation } = ann.client.replica;
      expect(await people.request("DELETE")).toMatchObject({ status: 200 });
      await ann.closedWith(4004);
      await bob.closedWith(4004);
      expect(await people.request("GET", "/tree")).toMatchObject({ status: 404 });
      const cat = await people.join("cat");
      await cat.writeAll([insert("b", "root"), insert("c", "root"), update("b", { x: 1 }), update("c", { x: 1 })]);
      // The seq that they hold is one of this life too, but of other events.
      await ann.comeBack();
      expect(ann.client.replica.incarnation).not.toBe(incarnation);
      await bob.comeBack();
      await ann.write(insert("a", "root"));
      await bob.write(update("n", { x: 2 }));
    },
    outcome: {
      tree: "root:root\n  b x=1\n  c x=1\n  a",
      events: ["cat#1", "cat#2", "cat#3", "cat#4", "ann#2"],
      // Counters go on; what the old life answered stays answered as it was.
      answers: { cat: ["1", "2", "3", "4"], ann: ["1", "5"], bob: ["2", "no: notFound @0"] },
      here: ["ann", "bob", "cat"],
      presence: { ann: 1 },
    },
  },
  {
    title: "T7 a removed subtree is restored, without what was removed from it before",
    start: "root\n  a\n    b\n      c\n    d\n  e",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(remove("d"));
      await bob.write([update("c", { x: 1 }), remove("a")]);
      await ann.write(insert("n", "e"));
      await bob.write(move("a", "n"));
      await ann.write(move("d", "root", { after: null }));
    },
    outcome: {
      tree: "root\n  d\n  e\n    n\n      a\n        b\n          c x=1",
      events: ["ann#1", "bob#1", "ann#2", "bob#2", "ann#3"],
      answers: { ann: ["1", "3", "5"], bob: ["2", "4"] },
      here: ["ann", "bob"],
    },
  },
];
