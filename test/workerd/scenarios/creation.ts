import { expect } from "vitest";
import { insert } from "../../tree/document.ts";
import { fromOutline } from "../../tree/outline.ts";
import type { Scenario } from "./scenario.ts";

/** How a document comes to be. */
export const creation: readonly Scenario[] = [
  {
    title: "W7 a document is created by the first join: a root and nothing else",
    start: null,
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(insert("a", "root"));
      await bob.write(insert("b", "a"));
    },
    outcome: {
      tree: "root:root\n  a\n    b",
      events: ["ann#1", "bob#1"],
      answers: { ann: ["1"], bob: ["2"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "H1, D6 a document is created by PUT, once: reading did not create it, a second PUT does not change it",
    start: null,
    async play(people) {
      for (const rest of ["", "/tree", "/history"]) {
        expect(await people.request("GET", rest)).toMatchObject({ status: 404 });
      }
      expect(await people.post(insert("a", "root"))).toBe("no: notFound");
      const tree = fromOutline("top\n  a\n    b");
      expect(await people.request("PUT", "", { tree })).toMatchObject({ status: 201 });
      const ann = await people.join("ann");
      expect(await people.request("PUT", "", { tree: fromOutline("other") })).toMatchObject({ status: 200 });
      await ann.write(insert("c", "top", { after: "a" }));
    },
    outcome: { tree: "top\n  a\n    b\n  c", events: ["ann#1"], answers: { ann: ["1"] }, here: ["ann"] },
  },
];
