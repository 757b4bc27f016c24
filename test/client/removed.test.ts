import { describe, expect, test } from "vitest";
import type { TreeDocument } from "../../src/client/index.ts";
import { memory } from "../../src/client/keep/persistence.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createScene, DEEP, text, write } from "./scene.ts";

/** A branch with so many nodes inside. */
const branchOf = (nodes: number): NodeData => ({
  id: "top",
  type: "list",
  children: Array.from({ length: nodes }, (_, n) => ({ id: `n${n}`, type: "item", attrs: { text: `${n}` } })),
});
const withBranch = (nodes: number): NodeData => ({
  id: "root",
  type: "list",
  children: [{ id: "a", type: "item", attrs: { text: "a" } }, branchOf(nodes), { id: "z", type: "item" }],
});
/** More than what is brought back with its content. */
const LARGE = 100;

function watch(doc: TreeDocument, ...ids: readonly string[]): string[] {
  const told: string[] = [];
  for (const id of ids) doc.watch(id, () => told.push(id));
  return told;
}

describe("what is removed", () => {
  test("R3: is not there, with all that is below it, and comes back as it was", async () => {
    const { open, settle, truth } = createScene({ tree: DEEP });
    const [ann, bob] = [open(), open()];
    await settle();
    const told = watch(ann.doc, "root", "a", "b", "c", "d", "z");
    const changes: string[][] = [];
    ann.doc.on("change", ({ ids }) => changes.push([...ids].sort()));
    expect([ann.doc.get("c")?.type, ann.doc.children("b"), ann.doc.size]).toEqual(["item", ["c"], 6]);
    for (const who of [ann, bob]) {
      who.doc.mutate((tx) => {
        tx.remove("a");
        expect([tx.get("c"), tx.children("b"), tx.parent("c")]).toEqual([undefined, [], undefined]);
      });
      expect(who.doc.size).toBe(2);
      await settle();
      for (const id of ["a", "b", "c", "d"]) {
        expect([ann.doc.get(id), ann.doc.children(id), ann.doc.parent(id)]).toEqual([undefined, [], undefined]);
        expect(() => ann.doc.toData(id)).toThrow("there is no node");
      }
      expect(ann.doc.find(({ id }) => id === "c")).toBe(undefined);
      expect([...told].sort()).toEqual(["a", "b", "c", "d", "root", "z"].filter((id) => id !== "z"));
      told.length = 0;
      who.doc.mutate((tx) => tx.move("a", { parent: "root", before: "z" }));
      await settle();
      expect([ann.doc.get("c")?.type, ann.doc.children("b"), ann.doc.parent("c")]).toEqual(["item", ["c"], "b"]);
      expect([...told].sort()).toEqual(["a", "b", "c", "d", "root"]);
      told.length = 0;
      expect(truth()).toEqual(DEEP);
      expect(ann.doc.toData()).toEqual(DEEP);
      expect([ann.doc.size, bob.doc.size]).toEqual([6, 6]);
    }
    expect(changes).toEqual(Array.from({ length: 4 }, () => ["a", "b", "c", "d", "root"]));
  });

  test("R3: a part of it that was removed before stays removed", async () => {
    const { open, settle, truth } = createScene({ tree: DEEP });
    const [ann, bob] = [open(), open()];
    await settle();
    ann.doc.mutate((tx) => tx.remove("b"));
    await settle();
    const told = watch(bob.doc, "a", "b", "c", "d");
    ann.doc.mutate((tx) => tx.remove("a"));
    await settle();
    expect(told.sort()).toEqual(["a", "d"]);
    ann.doc.mutate((tx) => tx.move("a", { parent: "root", after: null }));
    await settle();
    expect([bob.doc.get("b"), bob.doc.get("c"), bob.doc.children("a")]).toEqual([undefined, undefined, ["d"]]);
    expect([ann.doc.toData(), bob.doc.toData()]).toEqual([truth(), truth()]);
    expect(told.sort()).toEqual(["a", "a", "d", "d"]);
  });

  test("R3: what was read before is not stale where it has changed while it was removed", async () => {
    const { open, settle, truth, server } = createScene({ tree: withBranch(LARGE) });
    const ann = open();
    await settle();
    expect([text(ann.doc, "n5"), ann.doc.children("top").length]).toEqual(["5", LARGE]);
    const call = server.call("plan");
    call.mutate({ ops: [{ op: "remove", id: "top" }] });
    call.mutate({ ops: [{ op: "update", id: "n5", attrs: { text: "five" } }] });
    await settle();
    expect([ann.doc.get("n5"), ann.doc.children("top"), ann.doc.size]).toEqual([undefined, [], 3]);
    call.mutate({ ops: [{ op: "move", id: "n7", parent: "root", after: null }] });
    call.mutate({ ops: [{ op: "move", id: "top", parent: "root", before: "z" }] });
    await settle();
    expect([text(ann.doc, "n5"), ann.doc.children("top").length, ann.doc.size]).toEqual(["five", LARGE - 1, LARGE + 4]);
    expect(ann.doc.toData()).toEqual(truth());
    expect(ann.heard.errors).toEqual([]);
  });

  test("R3: one's own, shown at once, is rolled back with all that is below it", async () => {
    const { open, settle } = createScene({ tree: DEEP });
    const reader = open({ principal: { user: null, role: "read" } });
    await settle();
    const told = watch(reader.doc, "c");
    const node = reader.doc.get("c");
    reader.doc.mutate((tx) => tx.remove("a"));
    expect([reader.doc.get("c"), reader.doc.size, told.length]).toEqual([undefined, 2, 1]);
    await settle();
    expect([reader.doc.get("c"), reader.doc.size, told.length]).toEqual([node, 6, 2]);
    expect(reader.heard.sources.at(-1)).toBe("rollback");
  });

  test.each([3, LARGE])("R12: undo and redo of a removal, with %d nodes below it", async (nodes) => {
    const { open, settle, truth } = createScene({ tree: withBranch(nodes) });
    const [ann, bob] = [open(), open()];
    await settle();
    ann.doc.mutate((tx) => tx.remove("top"));
    write(bob.doc, "a", "theirs");
    await settle();
    ann.undo.undo();
    expect([ann.doc.children(), ann.doc.size]).toEqual([["a", "top", "z"], nodes + 4]);
    await settle();
    expect([ann.doc.toData(), bob.doc.toData()]).toEqual([truth(), truth()]);
    expect(truth().children?.[1]).toEqual(branchOf(nodes));
    ann.undo.redo();
    await settle();
    expect([ann.doc.size, bob.doc.size, truth().children?.length]).toEqual([3, 3, 2]);
  });

  test("R12: undo of a removal of nearly everything is shown at once, offline as well", async () => {
    const { open, settle, truth } = createScene({ tree: withBranch(10_100) });
    const ann = open();
    await settle();
    ann.doc.mutate((tx) => tx.remove("top"));
    await settle();
    ann.machine.online = false;
    ann.undo.undo();
    expect([ann.doc.size, ann.doc.children()]).toEqual([10_104, ["a", "top", "z"]]);
    ann.machine.online = true;
    await settle();
    expect(truth().children?.[1]).toEqual(branchOf(10_100));
    expect(ann.doc.toData()).toEqual(truth());
  });

  test("R2: what was removed before this visit is not kept here, and cannot be moved", async () => {
    const { open, settle } = createScene({ tree: withBranch(LARGE) });
    const ann = open({ client: "ann" });
    await settle();
    ann.doc.mutate((tx) => tx.remove("top"));
    await settle();
    await ann.doc.close();
    const again = open({ client: "ann" });
    await settle();
    again.doc.mutate((tx) => tx.move("top", { parent: "root" }));
    expect(again.heard.rejected).toEqual(["notFound"]);
  });

  test("R12: undone after a reload it is shown at once, as what was kept of that visit tells it", async () => {
    const { open, settle, truth } = createScene({ tree: withBranch(LARGE) });
    const persist = memory();
    const ann = open({ persist });
    await settle();
    ann.doc.mutate((tx) => tx.remove("top"));
    await settle();
    await ann.doc.close();
    const again = open({ persist });
    await settle();
    again.undo.undo();
    expect(again.doc.size).toBe(LARGE + 4);
    await settle();
    expect(again.doc.size).toBe(LARGE + 4);
    expect(again.doc.toData()).toEqual(truth());
  });

  test("R16: a client that came after the removal has what is restored, and loses nothing", async () => {
    const { open, settle, truth } = createScene({ tree: withBranch(LARGE) });
    const [ann, bob] = [open(), open()];
    await settle();
    ann.doc.mutate((tx) => tx.remove("top"));
    await settle();
    const late = open();
    await settle();
    write(late.doc, "a", "1");
    await settle();
    late.machine.hold("up");
    const { committed } = write(late.doc, "a", "2");
    ann.undo.undo();
    await settle();
    late.machine.release();
    await settle();
    expect(truth().children?.[1]).toEqual(branchOf(LARGE));
    for (const { doc, heard } of [ann, bob, late]) {
      expect(doc.toData()).toEqual(truth());
      expect([doc.status, heard.errors, doc.pending]).toEqual([{ state: "live", reason: null }, [], 0]);
    }
    expect((await committed).ops).toMatchObject([{ op: "update", id: "a" }]);
    expect(text(ann.doc, "a")).toBe("2");
    late.undo.undo();
    late.undo.undo();
    await settle();
    expect(text(ann.doc, "a")).toBe("a");
  });

  test.each([
    ["as many as were alive at once are kept", 3, false],
    ["with one more all of it is let go", 4, true],
  ])(
    "R8, R16: of a document that is removed nearly whole %s, and what is restored is there",
    async (_, more, letsGo) => {
      const { open, settle, truth, server } = createScene({ tree: withBranch(10_100) });
      const ann = open();
      await settle();
      expect(ann.doc.size).toBe(10_104);
      ann.doc.mutate((tx) => tx.remove("top"));
      await settle();
      // With these 10 104 or 10 105 are removed, of which 10 000 would be kept in any document.
      const late = { id: "late", type: "list", children: Array.from({ length: more - 1 }, () => ({ type: "item" })) };
      ann.doc.mutate((tx) => void tx.insert(late, { parent: "a" }));
      ann.doc.mutate((tx) => tx.remove("late"));
      await settle();
      const states: string[] = [];
      ann.doc.on("status", ({ state, reason }) => states.push(`${state} ${reason?.message ?? ""}`));
      ann.machine.hold("up");
      const { committed } = write(ann.doc, "a", "2");
      const bob = open();
      await settle();
      server.call("plan").mutate({ ops: [{ op: "move", id: "top", parent: "root", after: null }] });
      await settle();
      ann.machine.release();
      await settle();
      expect(ann.doc.toData()).toEqual(truth());
      expect(ann.doc.toData().children?.[0]).toEqual(branchOf(10_100));
      expect(states).toEqual(letsGo ? ["connecting ", "live "] : []);
      expect([ann.heard.errors, ann.doc.pending]).toEqual([[], 0]);
      expect((await committed).seq).toBeGreaterThan(1);
      ann.undo.undo();
      await settle();
      expect(text(bob.doc, "a")).toBe("a");
    },
  );
});
