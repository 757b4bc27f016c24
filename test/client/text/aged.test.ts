import { describe, expect, test } from "vitest";
import { memory, mergeTexts } from "../../../src/client/index.ts";
import type { Person, Scene } from "../scene.ts";
import { openPair, type Pair, row, said, saidBy, text } from "./writing.ts";

/** The history begins here, and nothing of it is in mind any more; whoever is connected stays so. */
async function forget({ server, settle }: Scene): Promise<void> {
  server.call("plan").configure({ options: { historyRetention: 0 } });
  await settle();
  await server.advance(1_000);
  server.evict();
}

/** What Ann sends waits on its way. */
async function openHeld(rows: Parameters<typeof openPair>[0], open?: Parameters<typeof openPair>[1]): Promise<Pair> {
  const pair = await openPair(rows, open);
  pair.ann.machine.hold("up");
  return pair;
}

async function typeBefore({ scene }: Pair, bob: Person, id = "a"): Promise<void> {
  for (let key = 0; key < 3; key++) {
    text(bob, id).insert(0, "_");
    await scene.settle();
  }
}

async function arrive({ scene, ann }: Pair): Promise<void> {
  ann.machine.release();
  await scene.server.advance(60_000);
  expect(ann.doc.status.state).toBe("live");
  expect(ann.heard).toMatchObject({ rejected: [], errors: [] });
}

function same({ scene, ann, bob }: Pair, expected: string): void {
  expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill(expected));
}

describe("what waits on an open connection until the history does not reach back to it any more", () => {
  test("X126: is asked for as it comes to behind what was heard, with all that was made behind it", async () => {
    const pair = await openHeld([row("a", "hello"), row("b", "")]);
    const { scene, ann, bob } = pair;
    const answers = [text(ann).insert(5, " from").committed];
    await scene.settle();
    await typeBefore(pair, bob);
    answers.push(text(ann).insert(13, " ann").committed);
    answers.push(ann.doc.mutate((tx) => void tx.split("a", "text", 8, { id: "n", type: "row" })).committed);
    answers.push(text(ann, "b").insert(0, "!").committed);
    answers.push(text(ann, "b").mark(0, 1, "bold", true).committed);
    await forget(scene);
    await typeBefore(pair, bob);
    await arrive(pair);
    same(pair, "______hello /  from ann / !");
    expect((await Promise.all(answers)).map(({ mutation }) => mutation)).toEqual([1, 2, 3, 4, 5]);
    expect(text(bob, "b").marks).toEqual([[0, 1, "bold", true]]);
  });

  test("X126: also an update, an undo, and operations on nodes in the same mutation", async () => {
    const pair = await openHeld([row("a", "hello"), row("b", "bye")]);
    const { scene, ann, bob } = pair;
    text(ann, "b").insert(3, "!");
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "hello world", done: true } }));
    ann.undo.undo();
    ann.doc.mutate((tx) => {
      tx.split("b", "text", 2, { id: "n", type: "row" });
      tx.insert(row("m", "more"), { parent: "root" });
      tx.edit("b", "text", [2, "?"]);
    });
    await scene.settle();
    await typeBefore(pair, bob);
    await typeBefore(pair, bob, "b");
    await forget(scene);
    await arrive(pair);
    same(pair, "___hello / ___by? / e! / more");
    expect(bob.doc.get("a")?.attrs.done).toBe(undefined);
  });

  test("X116, X126: an undo that is seen at once tells what its author sees of it in the tree that there is", async () => {
    const pair = await openHeld([row("a", "<>"), row("b", "bye")]);
    const { scene, ann, bob } = pair;
    text(ann).insert(1, "one ");
    ann.doc.mutate((tx) => void tx.split("b", "text", 2, { id: "n", type: "row" }));
    text(ann).insert(5, "two");
    ann.undo.undo();
    ann.undo.undo();
    text(ann).insert(5, "!");
    await scene.settle();
    await typeBefore(pair, bob);
    text(ann).insert(8, "?");
    text(ann, "b").insert(3, ".");
    expect(saidBy(ann)).toBe("___<one ?!> / bye.");
    await forget(scene);
    await arrive(pair);
    same(pair, "___<one ?!> / bye.");
  });

  test("X126: also what changes nothing of a text, beside other operations", async () => {
    const pair = await openHeld([row("a", "hello"), row("b", "")]);
    const { scene, ann, bob } = pair;
    ann.doc.mutate((tx) => {
      tx.edit("b", "text", []);
      tx.mark("a", "text", 0, 5, "bold", null);
      tx.insert(row("m", "more"), { parent: "root" });
    });
    text(ann).insert(5, "!");
    await scene.settle();
    await typeBefore(pair, bob);
    await forget(scene);
    await arrive(pair);
    same(pair, "___hello! /  / more");
  });

  test("X126: what others have edited survives an update that was made before", async () => {
    const pair = await openHeld([row("a", "hello")]);
    const { scene, ann, bob } = pair;
    text(ann).insert(5, "!");
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "hello, world!", done: true } }));
    await scene.settle();
    await typeBefore(pair, bob);
    await forget(scene);
    await arrive(pair);
    same(pair, "___hello, world!");
    expect(bob.doc.get("a")?.attrs.done).toBe(true);
  });

  test("X126: of an earlier visit, too, which has not heard everything since", async () => {
    const persist = memory();
    const pair = await openHeld([row("a", "hello"), row("b", "bye")], { persist });
    const { scene, ann, bob } = pair;
    text(ann).insert(5, "?");
    await scene.settle();
    // Heard, and kept with the tree.
    await typeBefore(pair, bob);
    ann.machine.online = false;
    text(ann).insert(9, " ann");
    text(ann).delete(9, 1);
    text(ann, "b").insert(3, "!");
    await scene.settle();
    await typeBefore(pair, bob);
    await ann.doc.close();
    const again = scene.open({ persist });
    mergeTexts(again.doc);
    again.machine.hold("up");
    await forget(scene);
    await arrive({ ...pair, ann: again });
    same({ ...pair, ann: again }, "______hello?ann / bye!");
  });

  test("X126: what a page has left that is gone is asked for as far as there is text", async () => {
    const persist = memory();
    const pair = await openHeld([row("a", "hello"), row("b", "bye")], { persist });
    const { scene, ann, bob } = pair;
    const second = scene.open({ persist });
    mergeTexts(second.doc);
    await scene.settle();
    for (const { machine } of [ann, second]) machine.online = false;
    text(ann).insert(5, " ann");
    text(second).insert(5, " second");
    text(second, "b").delete(1, 2);
    await typeBefore(pair, bob);
    bob.doc.mutate((tx) => tx.update("b", { attrs: { text: "b" } }));
    await scene.settle();
    for (const { doc } of [ann, second]) await doc.close();
    await forget(scene);
    const again = scene.open({ persist });
    mergeTexts(again.doc);
    await arrive({ ...pair, ann: again });
    const { children: [a, b] = [] } = scene.truth();
    expect([a?.attrs?.text, b?.attrs?.text]).toEqual([expect.stringMatching(/ ann/), "b"]);
    expect(a?.attrs?.text).toMatch(/ second/);
    same({ ...pair, ann: again }, said(scene.truth()));
  });

  test("X126: over HTTP it is told what to do about it, and its counter is not used up", async () => {
    const pair = await openPair([row("a", "hello")]);
    const { scene, bob } = pair;
    await typeBefore(pair, bob);
    await forget(scene);
    const send = async (base: number) => {
      const ops = [{ op: "edit", id: "a", attr: "text", changes: [base + 5, "!"] }];
      const body = JSON.stringify({ client: "cyd", mutation: 1, base, ops });
      const url = `${scene.server.url("plan").replace(/^ws/, "http")}/mutations`;
      const asked = bob.machine.request("POST", url, { body });
      await scene.settle();
      const { status, text: answer } = await asked;
      return { status, ...JSON.parse(answer) };
    };
    expect(await send(0)).toMatchObject({
      status: 410,
      code: "expired",
      base: 3,
      title: expect.stringMatching(/read the tree anew; with base, send it again/),
      detail:
        "the history does not reach back any more to seq 0: read the tree, and send it as it is in that, with its seq as base",
    });
    expect(await send(3)).toMatchObject({ status: 200, seq: 4 });
    await scene.settle();
    expect(said(scene.truth())).toBe("___hello!");
  });

  test("X126: who merges no texts is told that it is refused, and goes on", async () => {
    const persist = memory();
    const pair = await openHeld([row("a", "hello"), row("b", "bye")], { persist });
    const { scene, ann, bob } = pair;
    ann.machine.online = false;
    text(ann).insert(5, " ann");
    await typeBefore(pair, bob);
    await ann.doc.close();
    await forget(scene);
    const again = scene.open({ persist });
    await scene.settle();
    again.doc.mutate((tx) => tx.update("b", { attrs: { text: "goes on" } }));
    await scene.server.advance(60_000);
    expect([again.heard.rejected, again.doc.pending]).toEqual([["expired"], 0]);
    same({ ...pair, ann: again }, "___hello / goes on");
  });
});
