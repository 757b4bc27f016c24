import { describe, expect, test } from "vitest";
import { createScene, DEEP, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

describe("a mutation that changes nothing", () => {
  test("T12: is answered at once, and neither sent, told of, nor to be undone", async () => {
    const { open, settle, server } = createScene({ tree: DEEP });
    const machine = server.machine();
    const frames: string[] = [];
    const ann = open({ platform: tap(machine, { up: (frame) => void frames.push(frame) }) });
    await settle();
    write(ann.doc, "z", "z");
    await settle();
    ann.undo.undo();
    await settle();
    expect([ann.undo.canUndo, ann.undo.canRedo]).toEqual([false, true]);
    frames.length = 0;
    ann.heard.sources.length = 0;
    let counted = 0;
    ann.doc.on("pending", () => counted++);
    const made = [
      ann.doc.mutate(() => {}),
      ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "a" }, unset: ["none"], type: "item" }), { group: "g" }),
      ann.doc.mutate((tx) => tx.move("d", { parent: "a", after: "b" })),
      ann.doc.mutate((tx) => {
        tx.move("b", { parent: "a", after: null });
        tx.move("c", { parent: "b" });
      }),
    ];
    expect([ann.doc.pending, counted, ann.heard.sources]).toEqual([0, 0, []]);
    expect([ann.undo.canUndo, ann.undo.canRedo]).toEqual([false, true]);
    const answer = { seq: 2, time: expect.any(Number), client: ann.doc.client, mutation: null, userId: null, ops: [] };
    for (const { committed } of made) expect(await committed).toEqual(answer);
    await settle();
    expect([frames, ann.doc.seq]).toEqual([[], 2]);
    ann.undo.redo();
    expect(text(ann.doc, "z")).toBe("z");
  });

  test("T12: for others were first: its answer settles it, and its undo step goes", async () => {
    const { open, settle, server } = createScene();
    const machine = server.machine();
    const platform = tap(machine, {});
    const ann = open({ platform });
    await settle();
    write(ann.doc, "b", "B");
    await settle();
    machine.hold("up");
    const first = write(ann.doc, "a", "A");
    write(ann.doc, "b", "BB");
    await settle();
    expect([ann.doc.pending, text(ann.doc, "a")]).toEqual([2, "A"]);
    const told: unknown[] = [];
    ann.doc.on("change", ({ ids, source }) => told.push([...ids, source]));
    ann.doc.on("pending", (count) => told.push(count));
    platform.connections.at(-1)?.received('{"type":"unchanged","mutation":2,"seq":1}');
    expect([ann.doc.pending, text(ann.doc, "a"), text(ann.doc, "b"), told]).toEqual([
      ...[1, "a", "BB"],
      [["a", "remote"], 1],
    ]);
    expect(await first.committed).toMatchObject({ seq: 1, client: ann.doc.client, mutation: 2, ops: [] });
    // Its answer may come twice.
    platform.connections.at(-1)?.received('{"type":"unchanged","mutation":2,"seq":1}');
    expect([ann.doc.pending, ann.heard.rejected, ann.heard.errors]).toEqual([1, [], []]);
    for (const expected of ["B", "b"]) {
      ann.undo.undo();
      expect(text(ann.doc, "b")).toBe(expected);
    }
    expect(ann.undo.canUndo).toBe(false);
  });

  test("T12, C5: a move into what others have removed ends where it began, and says so", async () => {
    const { open, settle } = createScene({ tree: DEEP });
    const [ann, bob] = [open(), open()];
    await settle();
    ann.machine.hold("up");
    const { committed } = ann.doc.mutate((tx) => tx.move("z", { parent: "a" }));
    bob.doc.mutate((tx) => tx.remove("a"));
    await settle();
    ann.machine.release();
    await settle();
    expect(await committed).toMatchObject({ seq: 1, mutation: 1, ops: [], redirected: ["z"] });
    expect([ann.doc.children(), ann.doc.pending]).toEqual([["z"], 0]);
  });

  test("T12: an undo that has come to nothing is gone, with what it was to take back: that would come to nothing again", async () => {
    const { open, settle, server } = createScene();
    const machine = server.machine();
    const platform = tap(machine, {});
    const ann = open({ platform });
    await settle();
    write(ann.doc, "a", "1");
    write(ann.doc, "a", "2");
    await settle();
    machine.hold("up");
    const { mutation } = ann.undo.undo();
    await settle();
    expect([ann.undo.canUndo, ann.undo.canRedo]).toEqual([true, true]);
    platform.connections.at(-1)?.received('{"type":"unchanged","mutation":3,"seq":2}');
    expect([ann.undo.canUndo, ann.undo.canRedo, ann.doc.pending]).toEqual([true, false, 0]);
    expect((await mutation?.committed)?.ops).toEqual([]);
    expect(text(ann.doc, "a")).toBe("2");
    expect(ann.undo.undo().skipped).toMatchObject([{ id: "a", why: "changed", seq: 2 }]);
    expect([ann.undo.canUndo, text(ann.doc, "a")]).toEqual([false, "2"]);
  });
});
