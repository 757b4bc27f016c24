import { describe, expect, test } from "vitest";
import { memory, mergeTexts } from "../../../src/client/index.ts";
import { openPair, type Pair, row, said, saidBy, text } from "./writing.ts";

/** What was on its way is lost, and the history goes up to here; then Ann comes back, and catches up by events. */
async function comeBackLate({ scene, ann, bob }: Pair): Promise<void> {
  const plan = scene.server.call("plan");
  plan.configure({ options: { historyRetention: 0 } });
  await scene.settle();
  ann.machine.online = false;
  bob.machine.online = false;
  await scene.server.advance(120_000);
  plan.stop();
  const info = plan.info();
  expect(info.ok && info.value.historyFrom).toBe(ann.doc.seq + 1);
  for (const { machine } of [ann, bob]) {
    machine.online = true;
    machine.release();
  }
  await scene.server.advance(120_000);
}

describe("what is pending when the history does not reach back to it any more", () => {
  for (const persist of [undefined, memory()]) {
    test(`X60: is asked for as it comes to behind what was heard${persist ? ", kept" : ""}`, async () => {
      const pair = await openPair([row("a", "hello"), row("b", "")], { persist });
      const { scene, ann, bob } = pair;
      ann.machine.hold("up");
      const answers = [text(ann).insert(5, " from").committed];
      await scene.settle();
      for (let key = 0; key < 5; key++) {
        text(bob).insert(0, "_");
        await scene.settle();
      }
      answers.push(text(ann).insert(15, " ann").committed);
      answers.push(ann.doc.mutate((tx) => void tx.split("a", "text", 10, { id: "n", type: "row" })).committed);
      answers.push(text(ann, "b").insert(0, "!").committed);
      await comeBackLate(pair);
      expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill("_____hello /  from ann / !"));
      expect((await Promise.all(answers)).map(({ mutation }) => mutation)).toEqual([1, 2, 3, 4]);
      expect(ann.heard).toMatchObject({ rejected: [], errors: [] });
    });
  }

  test("X60: a split in what others have joined meanwhile makes of it the part that it is there", async () => {
    const pair = await openPair([row("a", "ab"), row("b", "cd")]);
    const { scene, ann, bob } = pair;
    ann.machine.hold("up");
    const { committed } = ann.doc.mutate((tx) => {
      tx.split("b", "text", 0, { id: "n", type: "row" }, { head: true });
      tx.edit("b", "text", ["!"]);
    });
    await scene.settle();
    bob.doc.mutate((tx) => void tx.join("b", "a", "text"));
    await scene.settle();
    const seen = saidBy(ann);
    await comeBackLate(pair);
    expect((await committed).mutation).toBe(1);
    expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill(seen));
  });

  test("X59, X60: what another page had on its way is heard as the event that it became", async () => {
    const persist = memory();
    const pair = await openPair([row("a", "hello")], { persist });
    const { scene, ann, bob } = pair;
    const second = scene.open({ persist });
    mergeTexts(second.doc);
    await scene.settle();
    // The next page goes on as the first of them.
    const [one, other] = `${ann.doc.client}` < `${second.doc.client}` ? [ann, second] : [second, ann];
    for (const { machine } of [one, other]) machine.hold("up");
    text(one).insert(1, "!");
    other.doc.mutate((tx) => {
      tx.edit("a", "text", [2, "?"]);
      tx.insert(row("m", "more"), { parent: tx.root });
    });
    await scene.settle();
    one.machine.cut();
    text(bob).insert(0, "___");
    await scene.settle();
    other.machine.hold("down");
    other.machine.deliver("up");
    await scene.settle();
    for (const { doc } of [one, other]) await doc.close();
    const next = scene.open({ persist });
    mergeTexts(next.doc);
    await scene.server.advance(60_000);
    expect([said(scene.truth()), saidBy(next), saidBy(bob)]).toEqual(Array(3).fill("___h!e?llo / more"));
  });

  test("X60, X126: not behind what stays as it is, but when the object says so", async () => {
    const pair = await openPair([row("a", "hello")]);
    const { scene, ann, bob } = pair;
    ann.machine.hold("up");
    text(ann).insert(5, "!");
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "bye" } }));
    await scene.settle();
    text(bob).insert(0, "_");
    await scene.settle();
    await comeBackLate(pair);
    expect(ann.heard.rejected).toEqual([]);
    expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill("_bye"));
  });

  test("X60: none of them behind one that marks what here has no marks, beside what is no text", async () => {
    const pair = await openPair([row("a", "hello world")]);
    const { scene, ann, bob } = pair;
    const answers: Promise<unknown>[] = [];
    ann.machine.hold("up");
    answers.push(text(ann).insert(0, "!").committed);
    text(bob).insert(0, "?");
    await scene.settle();
    const unmark = ann.doc.mutate((tx) => {
      tx.insert(row("n", ""), { parent: tx.root });
      tx.mark("a", "text", 9, 12, "bold", null);
    });
    answers.push(unmark.committed);
    ann.machine.hold("down");
    bob.doc.mutate((tx) => void tx.split("a", "text", 6, { id: "m", type: "row" }));
    await scene.settle();
    ann.machine.cut();
    ann.machine.release();
    await scene.server.advance(60_000);
    expect([said(scene.truth()), saidBy(ann)]).toEqual(Array(2).fill("?!hello /  world / "));
    await Promise.all(answers);
    expect(ann.heard).toMatchObject({ rejected: [], errors: [] });
  });
});
