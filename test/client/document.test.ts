import { describe, expect, test } from "vitest";
import { createScene, LIST, text, write } from "./scene.ts";

describe("a document", () => {
  test("arrives, is edited, and is the same for everyone", async () => {
    const { open, settle, truth } = createScene();
    const [ann, bob] = [open(), open()];
    expect(ann.doc.status.state).toBe("connecting");
    expect([ann.doc.root, ann.doc.get("a"), ann.doc.children()]).toEqual([undefined, undefined, []]);
    await settle();
    await ann.doc.loaded;
    expect(ann.doc.status).toEqual({ state: "live", reason: null });
    expect(ann.doc.toData()).toEqual(LIST);
    const { committed } = ann.doc.mutate((tx) => {
      const id = tx.insert({ type: "item", attrs: { text: "c" } }, { parent: "root", after: "a" });
      tx.move("b", { parent: id });
      tx.update("a", { attrs: { text: "A" } });
      expect([tx.children(), tx.children(id), tx.get("a")?.attrs.text]).toEqual([["a", id], ["b"], "A"]);
    });
    expect([text(ann.doc, "a"), ann.doc.pending, ann.doc.size]).toEqual(["A", 1, 4]);
    expect(text(bob.doc, "a")).toBe("a");
    await settle();
    expect(await committed).toMatchObject({ seq: 1, mutation: 1 });
    expect(ann.doc.pending).toBe(0);
    expect(bob.doc.toData()).toEqual(ann.doc.toData());
    expect(truth()).toEqual(ann.doc.toData());
    expect(ann.heard.sources).toEqual(["remote", "local"]);
    expect(bob.heard.sources).toEqual(["remote", "remote"]);
  });

  test("keeps nodes and lists the same objects until they change", async () => {
    const { open, settle } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    const [a, b, list] = [ann.doc.get("a"), ann.doc.get("b"), ann.doc.children()];
    write(ann.doc, "a", "A");
    const changed = ann.doc.get("a");
    expect(changed).not.toBe(a);
    write(bob.doc, "b", "B");
    await settle();
    expect(ann.doc.get("a")).toBe(changed);
    expect(ann.doc.get("b")).not.toBe(b);
    expect(ann.doc.children()).toBe(list);
    ann.doc.mutate((tx) => tx.move("b", { parent: "root", after: null }));
    expect(ann.doc.children()).toEqual(["b", "a"]);
    const moved = ann.doc.children();
    await settle();
    expect(ann.doc.children()).toBe(moved);
  });

  test("offline edits stay, and go out in order; a refused one is rolled back and offered", async () => {
    const { open, settle, truth } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    ann.machine.online = false;
    await settle();
    expect(ann.doc.status.state).toBe("offline");
    const insert = ann.doc.mutate((tx) => void tx.insert({ id: "new", type: "item" }, { parent: "a" }));
    const move = ann.doc.mutate((tx) => tx.move("a", { parent: "b" }));
    bob.doc.mutate((tx) => tx.move("b", { parent: "a" }));
    await settle();
    ann.machine.online = true;
    await settle();
    expect(await insert.committed).toMatchObject({ mutation: 1 });
    await expect(move.committed).rejects.toMatchObject({
      problem: { code: "cycle" },
      mutation: { ops: [{ op: "move", id: "a", parent: "b" }] },
    });
    expect(ann.heard.rejected).toEqual(["cycle"]);
    expect(ann.doc.toData()).toEqual(truth());
    expect(bob.doc.toData()).toEqual(truth());
  });

  test("what the tree refuses at once is offered, too, as far as it came", async () => {
    const { open, settle } = createScene();
    const { doc } = open();
    await settle();
    const { committed } = doc.mutate((tx) => {
      tx.update("b", { type: "other" });
      tx.move("a", { parent: "a" });
      tx.remove("b");
    });
    await expect(committed).rejects.toMatchObject({
      problem: { code: "cycle", op: 1 },
      mutation: {
        ops: [
          { op: "update", id: "b", type: "other" },
          { op: "move", id: "a", parent: "a" },
        ],
      },
    });
    expect(doc.get("b")?.type).toBe("item");
  });

  test("undo and redo", async () => {
    const { open, settle, truth } = createScene();
    const ann = open();
    await settle();
    write(ann.doc, "a", "A");
    ann.doc.mutate((tx) => tx.remove("b"));
    expect(ann.undo.canUndo).toBe(true);
    await settle();
    expect(ann.undo.undo()).toMatchObject({ skipped: [] });
    expect(ann.doc.toData()).toMatchObject({ children: [{ id: "a" }, { id: "b", attrs: { text: "b" } }] });
    ann.undo.undo();
    expect(ann.doc.toData()).toEqual(LIST);
    await settle();
    expect(truth()).toEqual(LIST);
    ann.undo.redo();
    ann.undo.redo();
    expect(ann.doc.children()).toEqual(["a"]);
    expect(text(ann.doc, "a")).toBe("A");
    await settle();
    expect(truth()).toEqual(ann.doc.toData());
  });

  test("B36 says when there is little room, and none, and when there is more again", async () => {
    const { open, settle, server } = createScene({ defaults: { maxBytes: 1_000_000 } });
    const { doc } = open();
    await settle();
    const spaces: string[] = [doc.space];
    doc.on("space", (space) => spaces.push(space));
    const large = "x".repeat(50_000);
    for (let each = 0; doc.space !== "full" && each < 60; each++) {
      doc.mutate((tx) => tx.insert({ id: `n${each}`, type: "item", attrs: { large } }, { parent: "root" }));
      await settle();
    }
    const { committed } = doc.mutate((tx) => tx.insert({ type: "item" }, { parent: "root" }));
    await settle();
    await expect(committed).rejects.toMatchObject({ problem: { code: "full" } });
    doc.mutate((tx) => tx.remove("n0"));
    await settle();
    expect([doc.get("n0"), doc.status.state, spaces]).toEqual([undefined, "live", ["enough", "low", "full"]]);
    server.call("plan").configure({ options: { maxBytes: 5_000_000 } });
    doc.mutate((tx) => tx.insert({ id: "more", type: "item" }, { parent: "root" }));
    await settle();
    expect(spaces).toEqual(["enough", "low", "full", "enough"]);
  });
});
