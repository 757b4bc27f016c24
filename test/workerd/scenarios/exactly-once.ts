import { expect } from "vitest";
import { insert, remove, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

/** Answers that get lost. */
export const exactlyOnce: readonly Scenario[] = [
  {
    title: "S4 a lost yes: sent again, it is answered again and not applied again",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.loseAnswers([insert("a", "root")]);
      await bob.write(remove("a"));
      await ann.comeBack();
      await ann.write(insert("b", "root"));
    },
    // Applied again it would be a refusal: the id is taken.
    outcome: {
      tree: "root\n  b",
      events: ["ann#1", "bob#1", "ann#2"],
      answers: { ann: ["1", "3"], bob: ["2"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "S4 a lost no: sent again, it is the same no, although it would do by now",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.loseAnswers([insert("n", "later"), remove("root")]);
      await bob.write(insert("later", "root"));
      await ann.comeBack();
      await ann.write(insert("m", "later"));
    },
    outcome: {
      tree: "root\n  a\n  later\n    m",
      events: ["bob#1", "ann#3"],
      answers: { ann: ["no: notFound @0", "no: root @0", "2"], bob: ["1"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "S4 lost answers of both kinds, twice over, with receipts",
    start: "root\n  a\n  p\n    c",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await bob.write(remove("p"));
      await ann.loseAnswers([insert("n", "p"), insert("n", "a"), update("c", { x: 1 })], { base: 0 });
      await bob.write(remove("n"));
      await ann.comeBack();
      await ann.loseAnswers([insert("m", "p", {}), insert("a", "root")], { base: 0 });
      await ann.comeBack();
    },
    outcome: {
      tree: "root\n  a\n  m",
      events: ["bob#1", "ann#1 redirected=n", "ann#3 removed=c", "bob#2", "ann#4 redirected=m"],
      answers: {
        ann: ["2 redirected=n", "no: exists @0", "3 removed=c", "5 redirected=m", "no: exists @0"],
        bob: ["1", "4"],
      },
      here: ["ann", "bob"],
    },
  },
  {
    title: "S4 what was answered is answered again to whoever asks for it out of turn",
    async play(people) {
      const ann = await people.join("ann");
      await ann.writeAll([insert("a", "root"), insert("a", "root"), insert("b", "a")]);
      // The driver compares every answer with the first to its counter.
      await ann.say('{"type":"mutate","mutations":[{"mutation":2,"ops":[]},{"mutation":1,"ops":[]}]}');
      await ann.say('{"type":"mutate","mutations":[{"mutation":3,"ops":[]}]}');
      await ann.write(update("b", { x: 1 }));
      expect(ann.client.pending).toEqual([]);
    },
    outcome: {
      tree: "root\n  a\n    b x=1",
      events: ["ann#1", "ann#3", "ann#4"],
      answers: { ann: ["1", "no: exists @0", "2", "3"] },
      here: ["ann"],
    },
  },
];
