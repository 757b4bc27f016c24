import { describe, expect, test } from "vitest";
import { createUndo, type TreeEvent, type Undone } from "../../src/client/index.ts";
import { memory } from "../../src/client/keep/persistence.ts";
import { createScene, DEEP, type Person, type Scene, text, write } from "./scene.ts";

function goOffline({ machine }: Person): void {
  machine.online = false;
}

/** What the server has made of it. */
async function settled(scene: Scene, { mutation }: Undone): Promise<TreeEvent | undefined> {
  await scene.settle();
  return mutation?.committed;
}

describe("undo and redo after a reload", () => {
  test("R12: survives a reload, done and undone", async () => {
    const scene = createScene({ tree: DEEP });
    const options = { persist: memory() };
    const first = scene.open(options);
    const bob = scene.open();
    await scene.settle();
    write(first.doc, "a", "1");
    first.doc.mutate((tx) => tx.remove("a"));
    first.doc.mutate((tx) => tx.move("b", { parent: "z" }));
    write(first.doc, "z", "2");
    createUndo(first.doc).undo();
    await scene.settle();
    await first.doc.close();
    write(bob.doc, "z", "theirs");
    await scene.settle();
    const second = scene.open(options);
    await scene.settle();
    expect([createUndo(second.doc).canUndo, createUndo(second.doc).canRedo]).toEqual([true, true]);
    // What it was is known to the server alone.
    const redone = await settled(scene, createUndo(second.doc).redo());
    expect(redone?.skipped).toMatchObject([{ id: "z", why: "changed" }]);
    expect((await settled(scene, createUndo(second.doc).undo()))?.skipped).toMatchObject([{ id: "z" }]);
    for (let times = 0; times < 2; times++)
      expect((await settled(scene, createUndo(second.doc).undo()))?.skipped).toBeUndefined();

    expect(scene.truth()).toMatchObject({
      children: [{ id: "a", attrs: { text: "1" }, children: DEEP.children?.[0]?.children }, { id: "z" }],
    });
    await second.doc.close();
    const third = scene.open(options);
    await scene.settle();
    expect((await settled(scene, createUndo(third.doc).undo()))?.skipped).toBeUndefined();
    expect(text(third.doc, "a")).toBe("a");
    expect(createUndo(third.doc).canUndo).toBe(false);
    expect(third.heard.errors).toEqual([]);
  });

  test("R12: made offline, and kept by a page that was closed, ends with what someone wrote meanwhile", async () => {
    const scene = createScene();
    const persist = memory();
    const first = scene.open({ persist });
    const bob = scene.open();
    await scene.settle();
    write(first.doc, "a", "A");
    await scene.settle();
    goOffline(first);
    createUndo(first.doc).undo();
    await scene.settle();
    await first.doc.close();
    write(bob.doc, "a", "B");
    await scene.settle();
    const second = scene.open({ persist });
    await scene.settle();
    expect([text(second.doc, "a"), text(bob.doc, "a")]).toEqual(["B", "B"]);
  });
});
