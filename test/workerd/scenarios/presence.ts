import { insert } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

/** Who is there, and where. */
export const presence: readonly Scenario[] = [
  {
    title: "S12 presence set by a join and by a message, changed, and taken back",
    async play(people) {
      const ann = await people.join("ann", { presence: "here" });
      await people.see({ ann: "here" });
      const bob = await people.join("bob");
      await bob.present({ at: "root", caret: 2 });
      await people.see({ ann: "here", bob: { at: "root", caret: 2 } });
      await ann.present({ at: "root" });
      await people.join("cat", { presence: false });
      await people.see({ ann: { at: "root" }, bob: { at: "root", caret: 2 }, cat: false });
      await bob.present(null);
      await ann.write(insert("a", "root"));
    },
    outcome: {
      tree: "root\n  a",
      events: ["ann#1"],
      answers: { ann: ["1"] },
      here: ["ann", "bob", "cat"],
      presence: { ann: { at: "root" }, cat: false },
    },
  },
  {
    title: "S12 presence goes with the connection: by a leave, by a close, by a frame that is not understood (W3)",
    async play(people) {
      const ann = await people.join("ann", { presence: "ann" });
      const bob = await people.join("bob", { presence: "bob" });
      const carl = await people.join("carl", { presence: "carl" });
      await people.join("dora", { presence: "dora" });
      await ann.leave();
      await people.see({ bob: "bob", carl: "carl", dora: "dora" });
      await bob.go();
      await people.see({ carl: "carl", dora: "dora" });
      await carl.say("?");
      await carl.closedWith(4010);
      await people.see({ dora: "dora" });
      await bob.comeBack();
    },
    outcome: {
      tree: "root",
      events: [],
      answers: {},
      here: ["bob", "dora"],
      presence: { bob: "bob", dora: "dora" },
    },
  },
];
