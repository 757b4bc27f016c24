import type { Operation } from "../../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import type { Scenario } from "./scenario.ts";

type Ops = Operation | readonly Operation[];

/** Mutations by authors who have not seen each other's: each is sent with base 0, in this order. Cat only watches. */
interface Meeting {
  readonly title: string;
  readonly start: string;
  readonly conflicts?: "reject";
  readonly sent: readonly (readonly [author: "ann" | "bob" | "carl", ops: Ops])[];
  readonly tree: string;
  /** What each mutation is told, in the order sent. */
  readonly told: readonly string[];
}

const ab = "root\n  a\n  b";
const family = "root\n  a\n  p\n    c\n      d\n  z";
const gone = "root\n  a\n  z";

const meetings: readonly Meeting[] = [
  {
    title: "C1 the same attribute three times: the last wins, others are untouched",
    start: ab,
    sent: [
      ["ann", update("a", { x: 1, y: 1 })],
      ["bob", update("a", { x: 2, z: 2 })],
      ["carl", update("a", {}, ["x"])],
    ],
    tree: "root\n  a y=1 z=2\n  b",
    told: ["1", "2", "3"],
  },
  {
    title: "C2 the same node moved three times: the last wins",
    start: family,
    sent: [
      ["ann", move("c", "root", { after: null })],
      ["bob", move("c", "z")],
      ["carl", move("c", "a")],
    ],
    tree: "root\n  a\n    c\n      d\n  p\n  z",
    told: ["1", "2", "3"],
  },
  {
    title: "C3 A into B, then B into A",
    start: ab,
    sent: [
      ["ann", move("a", "b")],
      ["bob", move("b", "a")],
    ],
    tree: "root\n  b\n    a",
    told: ["1", "no: cycle @0 by ann at 1"],
  },
  {
    title: "C3 a circle of three",
    start: "root\n  a\n  b\n  c",
    sent: [
      ["ann", move("a", "b")],
      ["bob", move("b", "c")],
      ["carl", move("c", "a")],
    ],
    tree: "root\n  c\n    b\n      a",
    // The latest of the moves that stand in the way.
    told: ["1", "2", "no: cycle @0 by bob at 2"],
  },
  {
    title: "C4 insert into a removed node, and into what lay in it",
    start: family,
    sent: [
      ["ann", remove("p")],
      ["bob", insert("n", "p", {}, [item("m")])],
      ["carl", insert("o", "d")],
    ],
    tree: "root\n  a\n  n\n    m\n  o\n  z",
    told: ["1", "2 redirected=n", "3 redirected=o"],
  },
  {
    title: "C5 move into a removed node",
    start: family,
    sent: [
      ["ann", remove("p")],
      ["bob", move("z", "d")],
    ],
    // It stands where `p` stood.
    tree: "root\n  a\n  z",
    told: ["1", "unchanged at 1"],
  },
  {
    title: "C6 remove by somebody who has not seen what two others put inside",
    start: family,
    sent: [
      ["ann", insert("n", "d")],
      ["bob", move("a", "c", { after: null })],
      ["carl", remove("p")],
    ],
    tree: "root\n  a\n  n\n  z",
    told: ["1", "2", "3 rescued=a,n"],
  },
  {
    title: "C7 a child moved out of a removed node comes back alive, with what is below it",
    start: family,
    sent: [
      ["ann", remove("p")],
      ["bob", move("c", "root")],
      ["carl", insert("n", "d")],
    ],
    tree: "root\n  a\n  z\n  c\n    d\n      n",
    told: ["1", "2", "3"],
  },
  {
    title: "C8 update of a removed node is kept and seen again when it is restored",
    start: family,
    sent: [
      ["ann", remove("p")],
      ["bob", update("c", { x: 1 })],
      ["carl", move("p", "root", { after: null })],
    ],
    tree: "root\n  p\n    c x=1\n      d\n  a\n  z",
    told: ["1", "2 removed=c", "3"],
  },
  {
    title: "C9 remove twice, and what lay in it",
    start: family,
    sent: [
      ["ann", remove("p")],
      ["bob", remove("p")],
      ["carl", remove("d")],
    ],
    tree: gone,
    told: ["1", "2 removed=p", "3 removed=d"],
  },
  {
    title: "C10 the same id inserted twice, and again after its removal (T2)",
    start: ab,
    sent: [
      ["ann", insert("n", "a")],
      ["bob", insert("n", "b")],
      ["ann", remove("n")],
      ["carl", insert("n", "b")],
    ],
    tree: ab,
    told: ["1", "no: exists @0", "2", "no: exists @0"],
  },
  {
    title: "C11 a list built in a removed node keeps its order, where the node stood",
    start: family,
    sent: [
      ["ann", [remove("p"), remove("a")]],
      ["bob", [insert("l", "p"), insert("m", "p", { after: "l" }), insert("n", "p", { after: "m" })]],
    ],
    tree: "root\n  l\n  m\n  n\n  z",
    told: ["1", "2 redirected=l,m,n"],
  },
  {
    title: "C12 with conflicts: reject, into a removed node is refused",
    start: family,
    conflicts: "reject",
    sent: [
      ["ann", remove("p")],
      ["bob", insert("n", "d")],
      ["carl", move("a", "c")],
    ],
    tree: gone,
    told: ["1", "no: removed @0 by ann at 1", "no: removed @0 by ann at 1"],
  },
  {
    title: "C12 with conflicts: reject, a removal of what was not seen is refused",
    start: family,
    conflicts: "reject",
    sent: [
      ["ann", insert("n", "d")],
      ["bob", remove("p")],
      ["carl", remove("a")],
    ],
    tree: "root\n  p\n    c\n      d\n        n\n  z",
    told: ["1", "no: unseen @0", "2"],
  },
  {
    title: "C13 what never was, and the root",
    start: ab,
    sent: [
      ["ann", [update("a", { x: 1 }), move("ghost", "a")]],
      ["bob", insert("n", "ghost")],
      ["carl", remove("root")],
      ["ann", move("root", "a")],
    ],
    tree: ab,
    told: ["no: notFound @1", "no: notFound @0", "no: root @0", "no: root @0"],
  },
];

/** Every row of the table of conflicts. */
export const conflicts: readonly Scenario[] = meetings.map(({ title, start, conflicts, sent, tree, told }) => {
  const authors = [...new Set(sent.map(([author]) => author))];
  const answers = (name: string) => told.filter((_, index) => sent[index]?.[0] === name);
  const events = sent.flatMap(([author], index) => {
    const [, receipts] = /^\d+(.*)$/.exec(told[index] ?? "") ?? [];
    const mutation = sent.slice(0, index + 1).filter(([each]) => each === author).length;
    return receipts === undefined ? [] : [`${author}#${mutation}${receipts}`];
  });
  return {
    title,
    start,
    options: conflicts ? { conflicts } : {},
    async play(people) {
      for (const name of [...authors, "cat"]) await people.join(name);
      for (const [author, ops] of sent) await people.all.get(author)?.write(ops, { base: 0 });
    },
    outcome: {
      tree,
      events,
      answers: Object.fromEntries(authors.map((name) => [name, answers(name)])),
      here: [...authors, "cat"],
    },
  };
});
