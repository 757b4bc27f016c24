import { expect } from "vitest";
import type { HistoryEntry } from "../../../src/protocol/index.ts";
import { insert, move, remove, update } from "../../tree/document.ts";
import type { People } from "./people.ts";
import type { Scenario } from "./scenario.ts";

async function seqs(people: People, query: string): Promise<number[]> {
  const { entries } = await people.get<{ entries: HistoryEntry[] }>(`/history${query}`);
  return entries.map(({ seq }) => seq);
}

/** Reading the past while the present goes on. */
export const history: readonly Scenario[] = [
  {
    title: "D7, D8 history and earlier trees are read in between",
    start: "root\n  a\n  b",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write(insert("n", "a"), { meta: { tool: "editor" } });
      expect(await people.outline("?at=0")).toBe("root\n  a\n  b");
      await bob.write(move("b", "n"), { meta: { tool: "mouse" } });
      await ann.write(remove("a"));
      expect(await people.outline("")).toBe("root");
      expect(await people.outline("?at=2")).toBe("root\n  a\n    n\n      b");
      expect(await people.outline("?at=2&node=n&depth=0")).toBe("n");
      expect(await seqs(people, "?where[client]=ann")).toEqual([1, 3]);
      await bob.write(move("n", "root"));
      expect(await people.outline("?at=3")).toBe("root");
      expect(await seqs(people, "?where[meta.tool]=mouse")).toEqual([2]);
      expect(await seqs(people, "?after=1&limit=2")).toEqual([2, 3]);
      expect(await seqs(people, "?node=b")).toEqual([2, 4]);
    },
    outcome: {
      tree: "root\n  n\n    b",
      events: ['ann#1 {"tool":"editor"}', 'bob#1 {"tool":"mouse"}', "ann#2", "bob#2"],
      answers: { ann: ["1", "3"], bob: ["2", "4"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "T9 everything is undone by the inverses of the history, newest first",
    start: "root\n  a\n    c\n  b",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write([update("a", { x: 1 }), insert("n", "c")]);
      await bob.write(move("b", "n"));
      await ann.write(remove("c"));
      const { entries } = await people.get<{ entries: HistoryEntry[] }>("/history?inverse=true");
      for (const { inverse = [] } of entries.toReversed()) {
        expect(await people.post(inverse)).toMatch(/^\d+$/);
      }
    },
    outcome: {
      tree: "root\n  a\n    c\n  b",
      events: ["ann#1", "bob#1", "ann#2", "http", "http", "http"],
      answers: { ann: ["1", "3"], bob: ["2"] },
      here: ["ann", "bob"],
    },
  },
];
