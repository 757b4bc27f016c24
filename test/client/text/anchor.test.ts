import { describe, expect, test } from "vitest";
import { anchor, carryCursor, cursorAt } from "../../../src/client/index.ts";
import { openPair, row, saidBy, text } from "./writing.ts";

const at = (id: string, index: number) => ({ id, attr: "text", index });

describe("an anchor", () => {
  test("X54: goes with the text, whoever edits it, and stays on its side of what is put there", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    const [left, right] = [anchor(ann.doc, "a", "text", 2), anchor(ann.doc, "a", "text", 2, "right")];
    text(bob).insert(2, "XY");
    await scene.settle();
    expect([left.at, right.at]).toEqual([at("a", 2), at("a", 4)]);
    text(ann).insert(0, "Z");
    expect([left.at, right.at]).toEqual([at("a", 3), at("a", 5)]);
    text(bob).delete(1, 4);
    await scene.settle();
    expect([left.at, right.at]).toEqual(
      [at("a", 2), at("a", 2)].map(({ id }, index) => at(id, [left, right][index]?.at?.index ?? -1)),
    );
    right.release();
    const { index = 0 } = right.at ?? {};
    text(ann).insert(0, "12");
    expect(right.at).toEqual(at("a", index));
  });

  test("X54: goes into the other row with a split or a join, before it is sent and after", async () => {
    const { scene, ann, bob } = await openPair([row("a", "helloworld"), row("b", "!")]);
    const caret = anchor(ann.doc, "a", "text", 8);
    const first = anchor(ann.doc, "b", "text", 0);
    ann.machine.hold("up");
    text(ann).insert(0, "_");
    bob.doc.mutate((tx) => tx.split("a", "text", 5, { id: "n", type: "row" }));
    await scene.settle();
    expect([saidBy(ann), caret.at]).toEqual(["_hello / world / !", at("n", 3)]);
    ann.doc.mutate((tx) => tx.join("b", "n", "text"));
    expect(first.at).toEqual(at("n", 5));
    ann.machine.release();
    await scene.settle();
    expect([saidBy(bob), caret.at, first.at]).toEqual(["_hello / world!", at("n", 3), at("n", 5)]);
  });

  test("X54: is nowhere while its row is removed, and where it was when that is restored", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    const caret = anchor(ann.doc, "a", "text", 3);
    bob.doc.mutate((tx) => tx.remove("a"));
    await scene.settle();
    expect(caret.at).toBeNull();
    bob.undo.undo();
    await scene.settle();
    expect(caret.at).toEqual(at("a", 3));
  });
});

describe("a cursor of somebody else", () => {
  test("X55: is where its text is, whatever has happened since it was told", async () => {
    const { scene, ann, bob } = await openPair([row("a", "helloworld")]);
    const told = cursorAt(ann.doc, "a", "text", 8);
    expect(told).toEqual({ node: "a", attr: "text", index: 8, seq: 0, client: ann.doc.client });
    bob.doc.mutate((tx) => tx.split("a", "text", 5, { id: "n", type: "row" }));
    expect(carryCursor(bob.doc, told)).toEqual(at("n", 3));
    await scene.settle();
    text(bob, "n").insert(0, "__");
    await scene.settle();
    expect(carryCursor(bob.doc, told)).toEqual(at("n", 5));
    bob.doc.mutate((tx) => tx.remove("n"));
    expect(carryCursor(bob.doc, told)).toBeNull();
  });

  test("X55: has what its owner typed before it was told in it already", async () => {
    const { scene, ann, bob } = await openPair([row("a", "xyz")]);
    ann.machine.hold("up");
    text(ann).insert(1, "A");
    const told = cursorAt(ann.doc, "a", "text", 2);
    text(bob).insert(0, "__");
    await scene.settle();
    ann.machine.release();
    await scene.settle();
    expect(saidBy(bob)).toBe("__xAyz");
    expect(carryCursor(bob.doc, told)).toEqual(at("a", 4));
  });
});
