import { describe, expect, test } from "vitest";
import type { Transaction } from "../../../src/client/index.ts";
import type { NodeData } from "../../../src/tree/index.ts";
import { openPair, row, said, saidBy } from "./writing.ts";

type Deed = (tx: Transaction) => void;

const put =
  (id: string, at: number, text: string): Deed =>
  (tx) =>
    tx.edit(id, "text", [at, text]);
const cut =
  (id: string, at: number, length: number): Deed =>
  (tx) =>
    tx.edit(id, "text", [at, -length]);
const split = (id: string, at: number, node: string, head = false): Deed => {
  return (tx) => void tx.split(id, "text", at, { id: node, type: "row" }, { head });
};
const join =
  (id: string, into: string): Deed =>
  (tx) =>
    tx.join(id, into, "text");

const hello = [row("a", "helloworld")];
const two = [row("a", "hello"), row("b", "world")];

interface Meeting {
  readonly meets: string;
  readonly rows: readonly NodeData[];
  readonly one: Deed;
  readonly other: Deed;
  readonly result: string;
  /** Where the order of arrival matters. */
  readonly reversed?: string;
}

const MEETINGS: readonly Meeting[] = [
  {
    meets: "insert, insert at one place",
    rows: hello,
    ...{ one: put("a", 5, "X"), other: put("a", 5, "Y"), result: "helloXYworld", reversed: "helloYXworld" },
  },
  {
    meets: "insert inside what is deleted",
    rows: hello,
    one: put("a", 5, "X"),
    other: cut("a", 3, 5),
    result: "helXld",
  },
  { meets: "delete, delete", rows: hello, one: cut("a", 2, 4), other: cut("a", 4, 4), result: "held" },
  {
    meets: "split at 5, X typed at 8",
    rows: hello,
    one: split("a", 5, "n"),
    other: put("a", 8, "X"),
    result: "hello / worXld",
  },
  {
    meets: "split at 5, X typed at 5",
    rows: hello,
    one: split("a", 5, "n"),
    other: put("a", 5, "X"),
    result: "helloX / world",
  },
  {
    meets: "split at 5, split at 5",
    rows: hello,
    one: split("a", 5, "n"),
    other: split("a", 5, "m"),
    result: "hello /  / world",
  },
  {
    meets: "split at 5, split at 7",
    rows: hello,
    one: split("a", 5, "n"),
    other: split("a", 7, "m"),
    result: "hello / wo / rld",
  },
  { meets: "split at 5, delete 3–8", rows: hello, one: split("a", 5, "n"), other: cut("a", 3, 5), result: "hel / ld" },
  {
    meets: "split at 5, split of the head at 5",
    rows: hello,
    ...{ one: split("a", 5, "n"), other: split("a", 5, "m", true), result: "hello /  / world" },
  },
  {
    meets: "join, X typed in the second row",
    rows: two,
    one: join("b", "a"),
    other: put("b", 3, "X"),
    result: "helloworXld",
  },
  { meets: "join, join", rows: two, one: join("b", "a"), other: join("b", "a"), result: "helloworld" },
  {
    meets: "join, split of the second at 2",
    rows: two,
    one: join("b", "a"),
    other: split("b", 2, "n"),
    result: "hellowo / rld",
  },
  {
    meets: "split of the first at 2, join",
    rows: two,
    one: split("a", 2, "n"),
    other: join("b", "a"),
    result: "he / lloworld",
  },
];

describe("X51: two clients, and what one does meets what the other does", () => {
  for (const { meets, rows, one, other, result, reversed = result } of MEETINGS) {
    test.each([
      ["in this order", false],
      ["in the other", true],
    ])(`${meets}, ${"%s"}`, async (_, isReversed) => {
      const { scene, ann, bob } = await openPair(rows);
      const [first, second] = isReversed ? [bob, ann] : [ann, bob];
      ann.machine.hold("up");
      bob.machine.hold("up");
      ann.doc.mutate(one);
      bob.doc.mutate(other);
      await scene.settle();
      first.machine.release();
      await scene.settle();
      // Where the other is ahead of what it hears it sees already what there will be.
      const ahead = saidBy(second);
      second.machine.release();
      await scene.settle();
      expect(said(scene.truth())).toBe(isReversed ? reversed : result);
      expect([ahead, saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill(said(scene.truth())));
      expect([...ann.heard.rejected, ...bob.heard.rejected]).toEqual([]);
    });
  }
});
