import { describe, expect, test } from "vitest";
import { memory, mergeTexts, openDocument } from "../../../src/client/index.ts";
import type { Scene } from "../scene.ts";
import { openPair, row, said, saidBy, text } from "./writing.ts";

const rows = (count: number) => Array.from({ length: count }, (_, index) => row(`r${index}`, ""));

/** Pages of one profile, one after the other or side by side: what one keeps the next one finds. */
function keptPages({ server }: Scene) {
  const machine = server.machine();
  const persist = memory();
  const open = () => {
    const doc = openDocument(server.url("plan"), { platform: machine, persist });
    mergeTexts(doc);
    return doc;
  };
  return { machine, open };
}

describe("keys that are pressed while nobody can be told of them", () => {
  test("X56: are one mutation, with one answer for all", async () => {
    const { scene, ann, bob } = await openPair([row("a", "[]")]);
    ann.machine.online = false;
    const answers = [..."words"].map((key, index) => text(ann).insert(1 + index, key).committed);
    answers.push(text(ann).delete(5, 1).committed);
    expect(ann.doc.outbox.map(({ ops }) => ops)).toEqual([
      [{ op: "edit", id: "a", attr: "text", changes: [1, "word"] }],
    ]);
    ann.machine.online = true;
    await scene.server.advance(20_000);
    expect([saidBy(ann), saidBy(bob)]).toEqual(["[word]", "[word]"]);
    expect(new Set((await Promise.all(answers)).map(({ seq }) => seq))).toEqual(new Set([1]));
  });

  test("X56: go behind what was heard in between, over edits of other texts, and not over anything else", async () => {
    const { scene, ann, bob } = await openPair([row("a", "one"), row("b", "two")]);
    ann.machine.hold("up");
    // What is on its way takes in nothing more.
    text(ann).insert(3, "!");
    await scene.settle();
    text(ann, "b").insert(3, "1");
    text(bob, "b").insert(0, "__");
    text(bob).insert(0, "--");
    await scene.settle();
    expect(saidBy(ann)).toBe("--one! / __two1");
    ann.machine.online = false;
    text(ann, "b").insert(6, "2");
    text(ann).insert(6, "?");
    text(ann, "b").insert(7, "3");
    const before = ann.doc.pending;
    ann.doc.mutate((tx) => tx.update("a", { attrs: { color: "red" } }));
    text(ann, "b").insert(8, "4");
    expect(ann.doc.pending).toBe(before + 2);
    ann.machine.release();
    ann.machine.online = true;
    await scene.server.advance(20_000);
    expect(said(scene.truth())).toBe("--one!? / __two1234");
    expect([saidBy(ann), saidBy(bob)]).toEqual(Array(2).fill(said(scene.truth())));
  });

  test("X56: are not one with those of another group, and refused together", async () => {
    const { scene, ann } = await openPair([row("a", "")], { principal: { user: null, role: "read" } });
    ann.machine.online = false;
    const answers = [
      text(ann).insert(0, "a", { group: "one" }),
      text(ann).insert(1, "b", { group: "one" }),
      text(ann).insert(2, "c", { group: "two" }),
    ].map(({ committed }) => committed.catch((error: Error) => error.name));
    expect(ann.doc.pending).toBe(2);
    ann.machine.online = true;
    await scene.server.advance(20_000);
    expect(await Promise.all(answers)).toEqual(Array(3).fill("MutationError"));
    expect(ann.heard.rejected).toEqual(["forbidden", "forbidden"]);
  });

  test("X56: 10 000 in 200 rows are few mutations, of at most 4 096 characters each", async () => {
    const { scene, ann, bob } = await openPair(rows(200));
    ann.machine.online = false;
    let sent = 0;
    const began = performance.now();
    for (let key = 0; key < 10_000; key++) text(ann, `r${Math.floor(key / 50) % 200}`).insert(0, "x");
    const made = performance.now() - began;
    for (const { ops } of ann.doc.outbox) {
      sent++;
      expect(JSON.stringify(ops[0]).length).toBeLessThan(4_200);
    }
    expect(sent).toBeLessThan(1_000);
    for (let key = 0; key < 1_000; key++) text(bob, `r${key % 200}`).insert(0, "y");
    await scene.settle();
    const before = performance.now();
    ann.machine.online = true;
    await scene.server.advance(20_000);
    console.info(
      `10 000 keys: made in ${made.toFixed(0)} ms, merged in ${(performance.now() - before).toFixed(0)} ms, ${sent} mutations`,
    );
    expect(saidBy(ann)).toBe(saidBy(bob));
    expect(saidBy(ann).replaceAll(/[^x]/g, "").length).toBe(10_000);
  });
});

describe("what is kept", () => {
  test("X57: is seen at once at the next visit, and what is written then stands behind it", async () => {
    const { scene, ann, bob } = await openPair([row("a", "hello")], { persist: memory() });
    const { machine, open } = keptPages(scene);
    let doc = open();
    await scene.settle();
    machine.online = false;
    text({ doc }).insert(5, " world");
    await doc.close();
    doc = open();
    await doc.loaded;
    expect(said(doc.toData())).toBe("hello world");
    text({ doc }).insert(11, "!");
    text(ann).insert(0, "_");
    bob.doc.mutate((tx) => tx.split("a", "text", 3, { id: "n", type: "row" }));
    await scene.settle();
    machine.online = true;
    await scene.server.advance(20_000);
    expect([said(scene.truth()), said(doc.toData())]).toEqual(Array(2).fill(saidBy(ann)));
    expect(said(scene.truth()).replace(" / ", "")).toBe("_hello world!");
  });

  test("X57: is seen right where the tree that is kept has what its author had not heard", async () => {
    const { scene } = await openPair([row("a", "hello")]);
    const { machine, open } = keptPages(scene);
    let doc = open();
    await scene.settle();
    // It does not arrive: the page hears of others, and is closed.
    machine.hold("up");
    text({ doc }).insert(5, "!");
    await scene.settle();
    // More than the log of what is kept takes: the tree is written anew.
    for (let key = 0; key < 1_100; key++) {
      scene.server.call("plan").mutate({ ops: [{ op: "edit", id: "a", attr: "text", changes: ["_"] }] });
    }
    await scene.settle();
    expect(said(doc.toData())).toBe(`${"_".repeat(1_100)}hello!`);
    await doc.close();
    machine.online = false;
    machine.release();
    doc = open();
    await doc.loaded;
    expect([said(doc.toData()), doc.pending]).toEqual([`${"_".repeat(1_100)}hello!`, 1]);
    text({ doc }).insert(1_106, "?");
    machine.online = true;
    await scene.server.advance(20_000);
    expect([said(scene.truth()), said(doc.toData())]).toEqual(Array(2).fill(`${"_".repeat(1_100)}hello!?`));
  });

  test("X58: past the history, the smallest edit between the two texts stands for what was missed", async () => {
    const { scene, bob } = await openPair([row("a", "hello world")]);
    const { machine, open } = keptPages(scene);
    const doc = open();
    await scene.settle();
    machine.online = false;
    text({ doc }).insert(11, "!");
    const joining = doc.mutate((tx) => void tx.split("a", "text", 6, { id: "n", type: "row" }));
    // More events than the tree has nodes: a snapshot.
    for (const at of [0, 0, 0, 5]) {
      text(bob).insert(at, "_");
      await scene.settle();
    }
    machine.online = true;
    await scene.server.advance(20_000);
    expect(said(scene.truth())).toBe("___he_llo  / world!");
    expect([said(doc.toData()), saidBy(bob)]).toEqual(Array(2).fill(said(scene.truth())));
    expect((await joining.committed).seq).toBe(6);
  });

  test("X58: what the snapshot has already is not there twice", async () => {
    const { scene, bob } = await openPair([row("a", "hello")]);
    const machine = scene.server.machine();
    const doc = openDocument(scene.server.url("plan"), { platform: machine });
    mergeTexts(doc);
    const seen: string[] = [];
    doc.on("change", () => void seen.push(said(doc.toData())));
    await scene.settle();
    machine.hold("down");
    text({ doc }).insert(5, "!");
    await scene.settle();
    machine.online = false;
    text({ doc }).insert(6, "?");
    machine.release();
    for (let key = 0; key < 4; key++) {
      text(bob).insert(0, "_");
      await scene.settle();
    }
    machine.online = true;
    await scene.server.advance(20_000);
    expect([said(scene.truth()), said(doc.toData())]).toEqual(["____hello!?", "____hello!?"]);
    expect(seen.filter((each) => each.split("!").length > 2)).toEqual([]);
  });

  test("X59: of several pages that are closed one is shown, and all of them arrive", async () => {
    const { scene, ann } = await openPair([row("a", "hello")]);
    const { machine, open } = keptPages(scene);
    const [one, other] = [open(), open()];
    await scene.settle();
    machine.online = false;
    text({ doc: one }).insert(5, "1");
    text({ doc: other }).insert(0, "2");
    await one.close();
    await other.close();
    const doc = open();
    await doc.loaded;
    expect([said(doc.toData()), doc.pending]).toEqual([expect.stringMatching(/^(hello1|2hello)$/), 2]);
    text({ doc }).insert(3, "_");
    machine.online = true;
    await scene.server.advance(20_000);
    expect([said(scene.truth()), said(doc.toData())]).toEqual(Array(2).fill(saidBy(ann)));
    expect(saidBy(ann)).toMatch(/^2he(l_lo|_llo)1$/);
  });

  test("X59: an undo of typing is seen when the object has taken it back, where nobody shows it, and what is typed meanwhile stays right", async () => {
    const { scene, bob } = await openPair([row("a", "hello")]);
    const ann = scene.open();
    mergeTexts(ann.doc);
    await scene.settle();
    text(ann).insert(5, " world");
    await scene.settle();
    text(bob).insert(0, "__");
    ann.undo.undo();
    text(ann).insert(11, "!");
    expect(saidBy(ann)).toBe("hello world!");
    await scene.settle();
    expect([said(scene.truth()), saidBy(ann), saidBy(bob)]).toEqual(Array(3).fill("__hello!"));
  });
});
