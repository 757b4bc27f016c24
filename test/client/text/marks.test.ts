import { describe, expect, test } from "vitest";
import type { TextChange } from "../../../src/client/index.ts";
import { openPair, row, text } from "./writing.ts";

describe("marks of a text", () => {
  test("X110: are seen at once where they are set, and by the others when they arrive", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    const heard: TextChange[] = [];
    text(bob).on((change) => heard.push(change));
    const { committed } = text(ann).mark(1, 3, "bold", true);
    expect([text(ann).marks, text(bob).marks]).toEqual([[[1, 3, "bold", true]], []]);
    await scene.settle();
    expect(text(bob).marks).toEqual([[1, 3, "bold", true]]);
    expect(heard).toEqual([{ changes: [], source: "remote" }]);
    expect((await committed).ops).toMatchObject([{ op: "update", id: "a", mark: { from: 1, to: 3, key: "bold" } }]);
    text(bob).mark(0, 5, "bold", null);
    await scene.settle();
    expect([text(ann).marks, ann.doc.get("a")?.attrs]).toEqual([[], { text: "hello" }]);
  });

  test("X110: what both do at the same time comes to the same, in each order", async () => {
    for (const isFirst of [true, false]) {
      const { scene, ann, bob } = await openPair([row("a", "helloworld")]);
      const mark = () => {
        text(ann).mark(0, 5, "bold", true);
        text(ann).mark(3, 8, "link", { to: "x" });
      };
      if (isFirst) mark();
      text(bob).insert(2, "BOB");
      text(bob).mark(6, 11, "bold", true);
      bob.doc.mutate((tx) => void tx.split("a", "text", 9, { id: "n", type: "row" }));
      if (!isFirst) mark();
      await scene.settle();
      for (const person of [ann, bob]) {
        expect(text(person).value).toBe("heBOBllow");
        expect(text(person).marks).toEqual([
          [0, 9, "bold", true],
          [6, 9, "link", { to: "x" }],
        ]);
        expect(text(person, "n").marks).toEqual([
          [0, 2, "bold", true],
          [0, 2, "link", { to: "x" }],
        ]);
      }
    }
  });

  test("X110: a surrogate pair is marked whole; what can't be marked is refused here", async () => {
    const { scene, ann, bob } = await openPair([row("a", "a\ud83d\ude00b")]);
    text(ann).mark(2, 4, "bold", true);
    text(ann).mark(1, 1, "bold", true);
    text(ann).mark(1, 9, "bold", true);
    await scene.settle();
    expect(ann.heard.rejected).toEqual(["invalid", "invalid"]);
    expect([text(ann).marks, text(bob).marks]).toEqual([[[1, 4, "bold", true]], [[1, 4, "bold", true]]]);
  });

  test("X110 X102: what is typed at the edge is marked by who types it, in one mutation", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    text(ann).mark(0, 5, "bold", true);
    ann.doc.mutate((tx) => {
      tx.edit("a", "text", [5, "!"]);
      tx.mark("a", "text", 5, 6, "bold", true);
    });
    text(bob).insert(5, "?");
    await scene.settle();
    expect([text(ann).value, text(ann).marks]).toEqual([text(bob).value, text(bob).marks]);
    expect(
      text(bob)
        .marks.flatMap(([from, to]) => text(bob).value.slice(from, to))
        .join(""),
    ).not.toContain("?");
  });
});
