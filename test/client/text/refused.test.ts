import { describe, expect, test } from "vitest";
import { memory, mergeTexts } from "../../../src/client/index.ts";
import type { Transaction } from "../../../src/client/transaction.ts";
import { isUndo, type Operation } from "../../../src/tree/index.ts";
import { openPair, type Pair, row, said, saidBy, text } from "./writing.ts";

const ROWS = [row("a", "hello"), row("b", "bye"), row("x", "x"), row("y", "y")];

/** Ann does this together with a move that Bob has made impossible by then, unseen. */
async function refused({ scene, ann, bob }: Pair, change: (tx: Transaction) => void): Promise<void> {
  bob.doc.mutate((tx) => tx.move("y", { parent: "x" }));
  await scene.settle();
  ann.doc.mutate((tx) => {
    change(tx);
    tx.move("x", { parent: "y" });
  });
}

async function openHeld(open?: Parameters<typeof openPair>[1]): Promise<Pair> {
  const pair = await openPair(ROWS, open);
  pair.ann.machine.hold("both");
  return pair;
}

async function arrive(pair: Pair, expected: string, ann = pair.ann): Promise<void> {
  pair.ann.machine.release();
  await pair.scene.server.advance(1_000);
  expect(ann.heard).toMatchObject({ rejected: ["cycle"], errors: [] });
  expect(ann.doc.pending).toBe(0);
  const all = [said(pair.scene.truth()), saidBy(ann), saidBy(pair.bob)];
  expect(all).toEqual(Array(3).fill(`${expected} / x [y]`));
}

describe("what is in flight behind a mutation that is refused", () => {
  test("X129: comes to what its author saw around it, without what was refused", async () => {
    const pair = await openHeld();
    const { ann } = pair;
    text(ann).insert(5, " one");
    await refused(pair, (tx) => tx.edit("a", "text", [5, " BAD"]));
    text(ann).insert(13, " three");
    text(ann).insert(7, "in it");
    text(ann).delete(0, 1);
    ann.doc.mutate((tx) => tx.split("a", "text", 21, { id: "n", type: "row" }));
    expect(saidBy(ann)).toBe("ello Bin itAD one thr / ee / bye / x / y".replace("x / y", "y [x]"));
    await arrive(pair, "elloin it one thr / ee / bye");
  });

  test("X129: also where others have written in between, and it was heard", async () => {
    const isTheirs = (each: Operation) => each.op === "insert" && each.node.id === "theirs";
    const pair = await openPair(
      ROWS,
      {},
      {
        authorizeMutation: ({ operations }) => (operations.some(isTheirs) ? { message: "theirs" } : true),
      },
    );
    const { scene, ann, bob } = pair;
    ann.machine.hold("up");
    text(ann).insert(5, " one");
    ann.doc.mutate((tx) => {
      tx.edit("a", "text", [2, "BAD", -2]);
      tx.insert(row("theirs", ""), { parent: "x" });
    });
    await scene.settle();
    text(bob).insert(0, "___");
    bob.doc.mutate((tx) => void tx.split("a", "text", 6, { id: "n", type: "row" }));
    await scene.settle();
    expect(saidBy(ann)).toBe("___heBAD / o one / bye / x [] / y");
    text(ann).insert(6, "1");
    text(ann, "n").insert(1, "2");
    await scene.settle();
    text(bob).insert(0, "_");
    await scene.settle();
    text(ann).insert(9, "3");
    ann.machine.release();
    await scene.server.advance(1_000);
    expect(ann.heard).toMatchObject({ rejected: ["forbidden"], errors: [] });
    expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill("____he13l / lo2 one / bye / x / y"));
  });

  test("X129: a deletion, a split and a join that are refused are not there for who comes behind", async () => {
    for (const [change, behind, expected] of [
      [(tx) => tx.edit("a", "text", [1, -3]), (tx) => tx.edit("a", "text", [2, "!"]), "hello! / bye"],
      [
        (tx) => tx.split("a", "text", 2, { id: "n", type: "row" }),
        (tx) => {
          tx.edit("n", "text", [1, "!"]);
          tx.edit("a", "text", [2, "?"]);
        },
        "he?l!lo / bye",
      ],
      [(tx) => tx.join("b", "a", "text"), (tx) => tx.edit("a", "text", [1, "1", 5, "2"]), "h1ello / b2ye"],
      [
        (tx) => tx.update("a", { attrs: { text: "hello, BAD" } }),
        (tx) => {
          tx.edit("a", "text", [10, "!"]);
          tx.mark("a", "text", 0, 10, "bold", true);
        },
        "hello! / bye",
      ],
      [
        (tx) => tx.edit("a", "text", [5, " BAD"]),
        (tx) => tx.update("a", { attrs: { text: "well, hello BAD" } }),
        "well, hello / bye",
      ],
    ] satisfies [(tx: Transaction) => void, (tx: Transaction) => void, string][]) {
      const pair = await openHeld();
      await refused(pair, change);
      pair.ann.doc.mutate(behind);
      await arrive(pair, expected);
    }
  });

  test("X129: after a cut, and in the next visit", async () => {
    for (const reload of [false, true]) {
      const persist = memory();
      const pair = await openHeld({ persist });
      const { ann, scene } = pair;
      await refused(pair, (tx) => tx.edit("a", "text", [5, " BAD"]));
      text(ann).insert(9, " one");
      text(ann).insert(13, " two");
      await scene.settle();
      // The object has decided, and the answer is lost.
      ann.machine.deliver("up", 10);
      await scene.settle();
      ann.machine.online = false;
      if (reload) await ann.doc.close();
      const again = reload ? scene.open({ persist }) : ann;
      mergeTexts(again.doc);
      ann.machine.online = true;
      ann.machine.release();
      await scene.server.advance(60_000);
      await arrive(pair, "hello one two / bye", again);
    }
  });

  test("X129: a hundred that are refused", async () => {
    const pair = await openHeld();
    const { scene, ann, bob } = pair;
    bob.doc.mutate((tx) => tx.move("y", { parent: "x" }));
    for (let at = 0; at < 100; at++) {
      ann.doc.mutate((tx) => {
        tx.edit("a", "text", [5 + 4 * at, " BAD"]);
        tx.move("x", { parent: at % 2 ? "root" : "y" });
      });
    }
    text(ann).insert(405, "!");
    ann.machine.release();
    await scene.server.advance(60_000);
    expect(ann.doc.pending).toBe(0);
    expect([saidBy(ann), saidBy(bob)]).toEqual(Array(2).fill(said(scene.truth())));
    expect(said(scene.truth())).toMatch(/^hello( BAD)*! \/ bye/);
  });
});

describe("an undo that is seen at once, and a refusal", () => {
  test("X119, X129: one that is refused holds what was made behind it, which stands where its author saw it", async () => {
    const pair = await openPair(
      ROWS,
      {},
      { authorizeMutation: ({ operations }) => (operations.some(isUndo) ? { message: "no undo" } : true) },
    );
    const { scene, ann, bob } = pair;
    text(ann).insert(0, "one ");
    await scene.settle();
    ann.machine.hold("both");
    ann.undo.undo();
    text(ann).insert(0, "?");
    text(ann).insert(4, "!");
    text(bob).insert(2, "BOB");
    await scene.settle();
    expect(saidBy(ann)).toBe("?hel!lo / bye / x / y");
    ann.machine.release();
    await scene.server.advance(1_000);
    expect(ann.heard).toMatchObject({ rejected: ["forbidden"], errors: [] });
    expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill("onBOBe ?hel!lo / bye / x / y"));
  });

  test("X129: behind a refused edit it tells what it does without that", async () => {
    const pair = await openHeld();
    const { ann } = pair;
    text(ann).insert(5, " one");
    await refused(pair, (tx) => tx.edit("a", "text", [2, "BAD", 7, "BAD"]));
    text(ann).insert(9, " two");
    ann.undo.undo();
    text(ann).insert(6, "!");
    ann.undo.undo();
    ann.undo.redo();
    text(ann).insert(7, "?");
    expect(saidBy(ann)).toBe("heBADl!?lo oneBAD / bye / y [x]");
    await arrive(pair, "hel!?lo one / bye");
    // What was known here had the refused edit in it.
    ann.undo.undo();
    expect(saidBy(ann)).toMatch(/^hel!\??lo one /);
    await pair.scene.settle();
    expect(saidBy(ann)).toMatch(/^hel!lo one /);
  });

  test("X116: where what is going to be refused is not seen any more, what was known with it is not, either", async () => {
    const pair = await openPair(ROWS);
    const { ann, scene } = pair;
    text(ann).insert(5, " one");
    await scene.settle();
    ann.machine.hold("up");
    ann.doc.mutate((tx) => {
      tx.edit("a", "text", [2, "BAD"]);
      tx.move("x", { parent: "y" });
    });
    expect(saidBy(ann)).toBe("heBADllo one / bye / y [x]");
    pair.bob.doc.mutate((tx) => tx.move("y", { parent: "x" }));
    await scene.settle();
    expect(saidBy(ann)).toBe("hello one / bye / x [y]");
    ann.undo.undo();
    ann.undo.undo();
    expect(saidBy(ann)).toMatch(/^hello( one)? /);
    await arrive(pair, "hello / bye");
  });

  test("X129: one of the refused edit itself, and of what came before, and again", async () => {
    const pair = await openPair(ROWS);
    const { ann, scene } = pair;
    text(ann).insert(5, " one");
    await scene.settle();
    ann.machine.hold("both");
    await refused(pair, (tx) => tx.edit("a", "text", [2, "BAD", 5, -2]));
    ann.undo.undo();
    text(ann).insert(5, "!");
    expect(saidBy(ann)).toBe("hello! one / bye / x / y");
    ann.undo.undo();
    ann.undo.undo();
    expect(saidBy(ann)).toBe("hello / bye / x / y");
    ann.undo.redo();
    text(ann).insert(7, "?");
    expect(saidBy(ann)).toBe("hello o?ne / bye / x / y");
    await arrive(pair, "hello o?ne / bye");
  });
});
