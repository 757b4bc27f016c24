import { describe, expect, test } from "vitest";
import { createUndo, memory, openDocument, textOf, undoTexts } from "../../../src/client/index.ts";
import type { Person, Scene } from "../scene.ts";
import { openPair, row, said, saidBy, text } from "./writing.ts";

/** Types as fingers do, a mutation a key. */
function type(person: Pick<Person, "doc">, at: number, keys: string, group?: string): void {
  for (const [index, key] of [...keys].entries())
    text(person).insert(at + index, key, group ? { meta: { group } } : {});
}

async function backOnline(scene: Scene, ...people: readonly Pick<Person, "machine">[]): Promise<void> {
  for (const { machine } of people) machine.online = true;
  await scene.server.advance(20_000);
}

/** What everybody sees in the end. */
function all(scene: Scene, ...people: readonly Pick<Person, "doc">[]): string {
  const texts = new Set([said(scene.truth()), ...people.map(saidBy)]);
  return [...texts].join(" | ");
}

/** One page of somebody after the other, who keeps what is pending. */
function keptPages(scene: Scene) {
  const machine = scene.server.machine();
  const persist = memory();
  const open = () => {
    const doc = openDocument(scene.server.url("plan"), { platform: machine, persist });
    undoTexts(doc);
    return { doc, machine, undo: createUndo(doc) };
  };
  return { machine, open };
}

describe("an undo of texts", () => {
  test("X116: of what was answered is seen at once, offline, and stays when others have typed meanwhile", async () => {
    const { scene, ann, bob } = await openPair([row("a", "<>")]);
    type(ann, 1, "word", "one");
    await scene.settle();
    text(bob).insert(3, "BOB");
    await scene.settle();
    expect(saidBy(ann)).toBe("<woBOBrd>");
    ann.machine.online = false;
    ann.undo.undo();
    expect(saidBy(ann)).toBe("<BOB>");
    text(bob).insert(0, "__");
    await scene.settle();
    text(ann).insert(4, "!");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("__<BOB!>");
    ann.undo.undo();
    ann.undo.redo();
    ann.undo.redo();
    expect(saidBy(ann)).toBe("__<BOB!>");
  });

  test("X116, X118: redo, and undo again, in one go, brings back each word whole", async () => {
    const { scene, ann, bob } = await openPair([row("a", "")]);
    ann.machine.online = false;
    text(ann).insert(0, "abcdef");
    ann.doc.mutate((tx) => tx.update("root", { attrs: { n: 1 } }));
    text(ann).delete(2, 2);
    const seen = [saidBy(ann)];
    const steps = ["undo", "undo", "undo", "redo", "redo", "redo", "undo", "undo", "undo", "redo", "redo"] as const;
    for (const step of steps) {
      ann.undo[step]();
      seen.push(saidBy(ann));
    }
    expect(seen).toEqual([
      "abef",
      "abcdef",
      "abcdef",
      "",
      "abcdef",
      "abcdef",
      "abef",
      "abcdef",
      "abcdef",
      "",
      "abcdef",
      "abcdef",
    ]);
    text(ann).insert(6, "!");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("abcdef!");
  });

  test("X116: of typing of which half is on its way", async () => {
    const { scene, ann, bob } = await openPair([row("a", "<>")]);
    ann.machine.hold("up");
    type(ann, 1, "ab", "one");
    await scene.settle();
    ann.machine.online = false;
    type(ann, 3, "cd", "one");
    ann.undo.undo();
    expect(saidBy(ann)).toBe("<>");
    type(ann, 1, "new");
    text(bob).insert(1, "BOB");
    await scene.settle();
    ann.machine.release();
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toMatch(/^<(BOBnew|newBOB)>$/);
  });

  test("X116: of a split, a join and a mark, offline on both sides", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello world"), row("b", "!")]);
    const steps = [
      () => ann.doc.mutate((tx) => void tx.split("a", "text", 5, { id: "n", type: "row" })),
      () => ann.doc.mutate((tx) => tx.join("b", "n", "text")),
      () => text(ann).mark(0, 3, "bold", true),
    ];
    const seen = steps.map((step) => {
      step();
      return saidBy(ann);
    });
    expect(seen).toEqual(["hello /  world / !", "hello /  world!", "hello /  world!"]);
    await scene.settle();
    for (const { machine } of [ann, bob]) machine.online = false;
    ann.undo.undo();
    expect(text(ann).marks).toEqual([]);
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello /  world / !");
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello world / !");
    textOf(bob.doc, "n", "text").insert(5, "BOB");
    expect(saidBy(bob)).toBe("hello /  worlBOBd!");
    ann.undo.redo();
    expect(saidBy(ann)).toBe("hello /  world / !");
    ann.undo.undo();
    text(ann).insert(11, "?");
    await backOnline(scene, ann, bob);
    expect(all(scene, ann, bob)).toBe("hello worlBOBd? / !");
  });

  test("X116: of an insert of a row and of what was typed into it; both come back", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    ann.machine.online = false;
    ann.doc.mutate((tx) => void tx.insert({ id: "n", type: "row", attrs: { text: "" } }, { parent: "root" }));
    textOf(ann.doc, "n", "text").insert(0, "new");
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello / ");
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello");
    ann.undo.redo();
    ann.undo.redo();
    expect(saidBy(ann)).toBe("hello / new");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("hello / new");
  });

  test("X116: of a text that was replaced, and what is typed right behind it", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "hi" } }));
    await scene.settle();
    text(bob, "a").insert(0, "_");
    ann.undo.undo();
    text(ann).insert(5, "!");
    expect(saidBy(ann)).toBe("hello!");
    await scene.settle();
    expect(all(scene, ann, bob)).toMatch(/^_?h(ello|i)!$/);
  });

  test("X117: a split that somebody has taken apart stays: what was typed behind its undo is there, once", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello world"), row("z", "")]);
    ann.doc.mutate((tx) => void tx.split("a", "text", 5, { id: "n", type: "row" }));
    await scene.settle();
    ann.machine.online = false;
    bob.doc.mutate((tx) => tx.move("n", { parent: "z" }));
    await scene.settle();
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello world / ");
    text(ann).insert(11, "!");
    text(ann).insert(0, "?");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("?hello /  [ world!]");
  });

  test("X117, X121: what somebody else has undone as well is not there twice, and what is typed behind it is where it was typed", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")]);
    text(ann).delete(1, 3);
    await scene.settle();
    ann.machine.online = false;
    scene.server.call("plan").mutate({ ops: [{ op: "undo", seqs: [1] }] });
    await scene.settle();
    expect(saidBy(bob)).toBe("hello");
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello");
    text(ann).insert(5, "!");
    text(ann).insert(3, "-");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("hell-o!");
  });

  test("X120: is there again after a reload, with what was typed behind it", async () => {
    const { scene, bob } = await openPair([row("a", "<>")]);
    const { machine, open } = keptPages(scene);
    let ann = open();
    await scene.settle();
    type(ann, 1, "one ", "1");
    await scene.settle();
    machine.online = false;
    type(ann, 5, "two ", "2");
    ann.undo.undo();
    ann.undo.undo();
    type(ann, 1, "three");
    expect(saidBy(ann)).toBe("<three>");
    text(bob).insert(1, "BOB ");
    await scene.settle();
    await ann.doc.close();
    ann = open();
    await ann.doc.loaded;
    expect(saidBy(ann)).toBe("<three>");
    text(ann).insert(6, "!");
    ann.undo.undo();
    expect(saidBy(ann)).toBe("<three>");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("<threeBOB >");
  });

  test("X60, X116: one that is pending goes behind what was heard, and what has come since is seen around it", async () => {
    const { scene, ann, bob } = await openPair([row("a", "<>")]);
    type(ann, 1, "one ", "1");
    type(ann, 5, "two ", "2");
    await scene.settle();
    ann.machine.online = false;
    ann.undo.undo();
    ann.undo.undo();
    text(ann).insert(1, "!");
    text(bob).insert(0, "__");
    await scene.settle();
    ann.machine.hold("up");
    ann.machine.online = true;
    for (let round = 0; round < 10 && ann.doc.status.state !== "live"; round++) {
      await scene.server.advance(2_000);
      ann.machine.deliver("up", 1);
      await scene.settle();
    }
    text(bob).insert(2, "__");
    await scene.settle();
    expect([ann.doc.status.state, ann.doc.pending, saidBy(ann)]).toEqual(["live", 3, "____<!>"]);
    ann.machine.release();
    await scene.server.advance(20_000);
    expect(all(scene, ann, bob)).toBe("____<!>");
  });

  test("X120: of what was answered before a reload is seen when the object has decided it", async () => {
    const { scene, bob } = await openPair([row("a", "<>")]);
    const { machine, open } = keptPages(scene);
    let ann = open();
    await scene.settle();
    type(ann, 1, "one", "1");
    await scene.settle();
    await ann.doc.close();
    machine.online = false;
    ann = open();
    await ann.doc.loaded;
    ann.undo.undo();
    type(ann, 4, "two");
    expect(saidBy(ann)).toBe("<onetwo>");
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("<two>");
  });

  test("X120: where nobody tells what was missed, what is pending goes behind the snapshot, the undo as well", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello world")]);
    text(ann).insert(11, "!!");
    await scene.settle();
    ann.machine.online = false;
    ann.undo.undo();
    text(ann).insert(11, "?");
    expect(saidBy(ann)).toBe("hello world?");
    for (const at of [0, 0, 0, 5, 0, 0]) {
      text(bob).insert(at, "_");
      await scene.settle();
    }
    await backOnline(scene, ann);
    expect(all(scene, ann, bob)).toBe("_____he_llo world?");
  });
});
