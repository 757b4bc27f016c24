import type { Attrs, NodeData } from "../../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { outlineLine } from "../../tree/outline.ts";
import type { Scenario } from "./scenario.ts";

/** With what is put above and below it, as deep as a tree may be. */
const depth = 997;
const levels = Array.from({ length: depth }, (_, level) => level);
const deep = levels.reduceRight<NodeData | null>((below, level) => item(`n${level}`, ...(below ? [below] : [])), null);

const oddAttrs: Attrs = {
  "": {},
  2: "b",
  1: "a",
  nul: "a\0b\0",
  half: "\ud800",
  "🌲": "𝕏🏳️‍🌈",
  lines: '\u0001\u2028\u2029\n\r\t"\\/',
  sql: "'; DROP TABLE nodes; --",
  constructor: 1,
  toString: null,
  numbers: [1e308, 5e-324, 2 ** 53, 0.1 + 0.2],
};

/** Trees and content that nobody expects. */
export const odd: readonly Scenario[] = [
  {
    title: "T11 a tree of a thousand levels, nearly, moved, removed and restored whole",
    start: "root\n  a",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      if (deep) await ann.write({ op: "insert", node: deep, parent: "root" });
      await bob.write(insert("bottom", `n${depth - 1}`));
      await ann.write(move("n0", "a"));
      await bob.write(remove("n0"));
      await ann.write(update("bottom", { x: 1 }));
      await bob.write(move("n0", "root", { after: null }));
      await ann.write(move("a", "bottom"));
    },
    outcome: {
      tree: [
        "root",
        ...levels.map((level) => outlineLine(level + 1, { id: `n${level}`, type: "item", attrs: {} })),
        outlineLine(depth + 1, { id: "bottom", type: "item", attrs: { x: 1 } }),
        outlineLine(depth + 2, { id: "a", type: "item", attrs: {} }),
      ].join("\n"),
      events: ["ann#1", "bob#1", "ann#2", "bob#2", "ann#3 removed=bottom", "bob#3", "ann#4"],
      answers: { ann: ["1", "3", "5 removed=bottom", "7"], bob: ["2", "4", "6"] },
      here: ["ann", "bob"],
    },
  },
  {
    title: "T10, W6 odd content arrives as it was sent, and the key __proto__ does not",
    async play(people) {
      const ann = await people.join("ann");
      const bob = await people.join("bob");
      await ann.write({ op: "insert", node: { id: "~odd:1.2-3_", type: "🌳\0", attrs: oddAttrs }, parent: "root" });
      await bob.write(update("~odd:1.2-3_", { more: ["\udc00"] }, ["sql"]));
      const nested = JSON.parse('{"x":{"__proto__":1}}');
      await bob.write(update("root", nested));
      await ann.present({ text: "\ud800\0🌳" });
    },
    outcome: {
      tree: `root\n${outlineLine(1, {
        id: "~odd:1.2-3_",
        type: "🌳\0",
        attrs: { ...Object.fromEntries(Object.entries(oddAttrs).filter(([key]) => key !== "sql")), more: ["\udc00"] },
      })}`,
      events: ["ann#1", "bob#1"],
      answers: { ann: ["1"], bob: ["2", "no: invalid @0"] },
      here: ["ann", "bob"],
      presence: { ann: { text: "\ud800\0🌳" } },
    },
  },
];
