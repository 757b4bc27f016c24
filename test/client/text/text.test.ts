import { describe, expect, test } from "vitest";
import { createUndo, mergeTexts, openDocument, type TextChange, textOf } from "../../../src/client/index.ts";
import { applyChanges } from "../../../src/text/index.ts";
import { openPair, row, said, saidBy, text } from "./writing.ts";

/** Writes down how a text changes, and whether the changes lead to what it is. */
function follow(person: Parameters<typeof text>[0], id = "a") {
  const followed = text(person, id);
  let value = followed.value;
  const changes: TextChange[] = [];
  followed.on((change) => {
    value = applyChanges(value, change.changes);
    expect(value).toBe(followed.value);
    changes.push(change);
  });
  return changes;
}

describe("a text of a document", () => {
  test("X50: is seen at once as it is edited, and by the others when it arrives", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    const own = text(ann);
    const { committed } = own.insert(5, " world");
    expect([own.value, text(bob).value]).toEqual(["hello world", "hello"]);
    await scene.settle();
    expect(text(bob).value).toBe("hello world");
    expect((await committed).ops).toEqual([{ op: "edit", id: "a", attr: "text", changes: [5, " world"] }]);
    own.delete(0, 6);
    own.replace("words");
    await scene.settle();
    expect([own.value, text(bob).value]).toEqual(["words", "words"]);
  });

  test("X50: is empty where there is no such attribute or node, and made by the first edit", async () => {
    const { scene, ann, bob } = await openPair([{ id: "a", type: "row" }]);
    expect([text(ann).value, text(ann, "none").value]).toEqual(["", ""]);
    text(ann).insert(0, "new");
    await scene.settle();
    expect(saidBy(bob)).toBe("new");
  });

  test("X50: what goes past the end, or is no text, is refused here and changes nothing", async () => {
    const { ann } = await openPair([{ id: "a", type: "row", attrs: { text: "ab", n: 1 } }]);
    text(ann).insert(3, "X");
    textOf(ann.doc, "a", "n").insert(0, "X");
    textOf(ann.doc, "none", "text").insert(0, "X");
    ann.doc.mutate((tx) => tx.join("a", "a", "text"));
    expect(ann.heard.rejected).toEqual(["invalid", "invalid", "notFound", "invalid"]);
    expect(ann.doc.get("a")?.attrs).toEqual({ text: "ab", n: 1 });
    expect(ann.doc.pending).toBe(0);
  });

  test("X50: a transaction edits texts only where they are merged", async () => {
    const { scene } = await openPair([row("a", "x")]);
    const { doc } = scene.open();
    await scene.settle();
    expect(() => doc.mutate((tx) => tx.edit("a", "text", ["y"]))).toThrow("mergeTexts");
    mergeTexts(doc);
    doc.mutate((tx) => tx.edit("a", "text", ["y"]));
    expect(doc.get("a")?.attrs.text).toBe("yx");
  });

  test("X50: what does not edit texts sees them edited all the same", async () => {
    const { scene, ann } = await openPair([row("a", "helloworld")]);
    const { doc } = scene.open();
    await scene.settle();
    ann.doc.mutate((tx) => tx.split("a", "text", 5, { id: "n", type: "row" }));
    text(ann).insert(5, "!");
    await scene.settle();
    expect(said(doc.toData())).toBe("hello! / world");
    ann.doc.mutate((tx) => tx.join("n", "a", "text"));
    await scene.settle();
    expect(said(doc.toData())).toBe("hello!world");
  });

  test("X51: no surrogate pair is cut, by whomever", async () => {
    const { scene, ann, bob } = await openPair([row("a", "a😀b")]);
    text(ann).delete(2, 1);
    expect(text(ann).value).toBe("ab");
    text(bob).insert(2, "X");
    expect(text(bob).value).toBe("a😀Xb");
    await scene.settle();
    expect([saidBy(ann), saidBy(bob)]).toEqual(["aXb", "aXb"]);
    text(ann).replace("a😁b");
    text(ann).replace("a😂b");
    await scene.settle();
    bob.doc.mutate((tx) => tx.split("a", "text", 2, { id: "n", type: "row" }));
    await scene.settle();
    expect([saidBy(ann), said(scene.truth())]).toEqual(["a😂 / b", "a😂 / b"]);
  });

  test("X52: tells exactly how it comes from what was seen to what is", async () => {
    const { scene, ann, bob } = await openPair([row("a", "aaaa"), row("b", "bb")]);
    const seen = follow(ann);
    ann.machine.hold("up");
    text(ann).insert(2, "a");
    text(bob).insert(4, "a");
    text(bob).insert(0, "X");
    await scene.settle();
    // The smallest edit between the texts would say another place.
    expect(seen).toEqual([
      { changes: [2, "a"], source: "local" },
      { changes: ["X", 5, "a"], source: "remote" },
    ]);
    bob.doc.mutate((tx) => tx.split("a", "text", 3, { id: "n", type: "row" }));
    bob.doc.mutate((tx) => tx.join("b", "a", "text"));
    await scene.settle();
    expect(seen.at(-1)).toEqual({ changes: [4, "bb", -3], source: "remote" });
    ann.machine.release();
    await scene.settle();
    expect(said(scene.truth())).toBe("Xaaabb / aaa");
    expect([saidBy(ann), saidBy(bob)]).toEqual(Array(2).fill(said(scene.truth())));
    expect(seen).toHaveLength(3);
  });

  test("X52: what is refused is taken back, and told as a rollback", async () => {
    const { scene, ann, bob } = await openPair([row("a", "ab")], { principal: { user: null, role: "read" } });
    const seen = follow(ann);
    text(ann).insert(1, "X");
    text(bob).insert(0, "Y");
    await scene.settle();
    expect(ann.heard.rejected).toEqual(["forbidden"]);
    expect(saidBy(ann)).toBe("Yab");
    expect(seen.map(({ source }) => source)).toContain("rollback");
    expect(seen.reduce((value, { changes }) => applyChanges(value, changes), "ab")).toBe("Yab");
  });

  test("X53: what one types on, a mutation a key, is cut by nobody", async () => {
    const { scene, ann, bob } = await openPair([row("a", "[]")]);
    for (const machine of [ann.machine, bob.machine]) machine.hold("up");
    for (const [index, key] of [..."alpha"].entries()) {
      text(ann).insert(1 + index, key);
      await scene.server.advance(50);
      text(bob).insert(1 + index, key.toUpperCase());
      await scene.server.advance(50);
    }
    for (let key = 0; key < 5; key++) {
      ann.machine.deliver("up", 1);
      await scene.settle();
      bob.machine.deliver("up", 1);
      await scene.settle();
    }
    for (const machine of [ann.machine, bob.machine]) machine.release();
    await scene.settle();
    expect(["[alphaALPHA]", "[ALPHAalpha]"]).toContain(said(scene.truth()));
    expect([saidBy(ann), saidBy(bob)]).toEqual(Array(2).fill(said(scene.truth())));
  });

  test("X40: a text that is replaced by who had not seen it edited keeps both", async () => {
    const { scene, ann, bob } = await openPair([row("a", "one two three")]);
    ann.machine.hold("up");
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "one 2 three", color: "red" } }));
    text(bob).insert(13, " four");
    await scene.settle();
    const ahead = saidBy(ann);
    ann.machine.release();
    await scene.settle();
    expect([ahead, said(scene.truth()), saidBy(bob)]).toEqual(Array(3).fill("one 2 three four"));
    expect(bob.doc.get("a")?.attrs.color).toBe("red");
  });

  test("X50: a document that has not arrived refuses, and keeps nothing", async () => {
    const { scene } = await openPair([row("a", "x")]);
    const doc = openDocument(scene.server.url("plan"), { platform: scene.server.machine(), connect: false });
    const { committed } = textOf(doc, "a", "text").insert(0, "X");
    await expect(committed).rejects.toThrow();
  });
});

test("R12: what an undo of one's own comes to is told as done here, others' edits that come with it are not", async () => {
  const { scene, ann, bob } = await openPair([row("a", "one")]);
  const undo = createUndo(ann.doc);
  text(ann).insert(3, " two");
  await scene.settle();
  const told: string[] = [];
  text(ann).on(({ changes, source }) => told.push(`${source} ${JSON.stringify(changes)}`));
  undo.undo();
  text(bob).insert(0, "> ");
  await scene.settle();
  undo.redo();
  await scene.settle();
  expect([saidBy(ann), saidBy(bob)]).toEqual(["> one two", "> one two"]);
  expect(told.sort()).toEqual(["local [3,-4]", 'local [5," two"]', 'remote ["> "]'].sort());
});
