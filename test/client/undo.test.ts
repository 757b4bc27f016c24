import { describe, expect, test } from "vitest";
import { createUndo } from "../../src/client/index.ts";
import { createUndoStacks } from "../../src/client/undo/stacks.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createScene, DEEP, LIST, type Person, type Scene, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

/** Two people who see the document, and nothing is under way. */
async function two(tree: NodeData = DEEP): Promise<Scene & { ann: Person; bob: Person }> {
  const scene = createScene({ tree });
  const [ann, bob] = [scene.open(), scene.open()];
  await scene.settle();
  return { ...scene, ann, bob };
}

function goOffline({ machine }: Person): void {
  machine.online = false;
}

describe("undo and redo", () => {
  test.each<[string, (person: Person) => void]>([
    [
      "an insert",
      ({ doc }) =>
        void doc.mutate((tx) => void tx.insert({ type: "item", children: [{ type: "x" }] }, { parent: "a" })),
    ],
    [
      "attributes",
      ({ doc }) => void doc.mutate((tx) => tx.update("a", { attrs: { text: "A", more: [1] }, unset: ["n"] })),
    ],
    ["a type", ({ doc }) => void doc.mutate((tx) => tx.update("a", { type: "heading" }))],
    ["a move", ({ doc }) => void doc.mutate((tx) => tx.move("b", { parent: "root", after: null }))],
    ["a move among siblings", ({ doc }) => void doc.mutate((tx) => tx.move("d", { parent: "a", before: "b" }))],
    ["a removal", ({ doc }) => void doc.mutate((tx) => tx.remove("a"))],
    [
      "many at once",
      ({ doc }) =>
        void doc.mutate((tx) => {
          const id = tx.insert({ type: "item" }, { parent: "z" });
          tx.move("a", { parent: id });
          tx.update("a", { attrs: { text: "A" } });
          tx.remove("d");
          tx.move("b", { parent: "root" });
          tx.remove("b");
        }),
    ],
    [
      "what was moved out of what is removed",
      ({ doc }) =>
        void doc.mutate((tx) => {
          tx.move("c", { parent: "z" });
          tx.remove("a");
        }),
    ],
  ])("R12: takes back %s, and makes it again, confirmed and not", async (_name, change) => {
    for (const offline of [false, true]) {
      const { ann, bob, settle, truth } = await two();
      if (offline) goOffline(ann);
      change(ann);
      if (!offline) await settle();
      const after = ann.doc.toData();
      expect(after).not.toEqual(DEEP);
      expect(createUndo(ann.doc).undo()).toMatchObject({ skipped: [] });
      expect(ann.doc.toData()).toEqual(DEEP);
      if (!offline) await settle();
      expect([createUndo(ann.doc).canUndo, createUndo(ann.doc).canRedo]).toEqual([false, true]);
      expect(createUndo(ann.doc).redo().skipped).toEqual([]);
      expect(ann.doc.toData()).toEqual(after);
      expect(createUndo(ann.doc).undo().skipped).toEqual([]);
      ann.machine.online = true;
      await settle();
      expect(truth()).toEqual(DEEP);
      expect(bob.doc.toData()).toEqual(DEEP);
      expect(ann.heard).toMatchObject({ rejected: [], errors: [] });
    }
  });

  test("R12: a group is undone at once, and ends with another mutation", async () => {
    const { ann } = await two();
    for (const value of ["1", "2"])
      ann.doc.mutate((tx) => tx.update("a", { attrs: { text: value } }), { group: "typing" });
    write(ann.doc, "z", "between");
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: "3" } }), { group: "typing" });
    createUndo(ann.doc).undo();
    expect(text(ann.doc, "a")).toBe("2");
    createUndo(ann.doc).undo();
    expect([text(ann.doc, "z"), text(ann.doc, "a")]).toEqual([undefined, "2"]);
    createUndo(ann.doc).undo();
    expect(ann.doc.toData()).toEqual(DEEP);
    expect(createUndo(ann.doc).undo()).toEqual({ mutation: null, skipped: [] });
    for (let times = 0; times < 3; times++) createUndo(ann.doc).redo();
    expect([text(ann.doc, "z"), text(ann.doc, "a")]).toEqual(["between", "3"]);
  });

  test("R12: neither a mutation that is refused nor its undo leaves a step", () => {
    const stacks = createUndoStacks();
    stacks.made(1, [{ op: "remove", id: "a" }], undefined);
    const group = stacks.take("undo");
    if (group) stacks.taken("undo", group, 2);
    stacks.dropped(1, false);
    stacks.dropped(2, true);
    expect(stacks.saved).toEqual({ undo: [], redo: [] });
  });

  test("R12: a step is at most so many characters", async () => {
    const { ann, settle } = await two();
    const long = "n".repeat(300_000);
    for (let at = 0; at < 8; at++)
      ann.doc.mutate((tx) => tx.update("a", { attrs: { text: `${long}${at}` } }), { group: "typing" });
    createUndo(ann.doc).undo();
    expect(text(ann.doc, "a")).toBe(`${long}5`);
    await settle();
    expect(ann.heard).toMatchObject({ rejected: [], errors: [] });
  });

  test("R12: what is made after an undo is a group of its own, whatever it is called", async () => {
    const { ann } = await two();
    const type = (value: string) =>
      ann.doc.mutate((tx) => tx.update("a", { attrs: { text: value } }), { group: "typing" });
    type("1");
    write(ann.doc, "z", "between");
    createUndo(ann.doc).undo();
    type("2");
    createUndo(ann.doc).undo();
    expect(text(ann.doc, "a")).toBe("1");
  });

  test.each<
    [string, (person: Person) => void, (person: Person) => void, { id: string; why: string }, Partial<NodeData>]
  >([
    [
      "an attribute that was changed",
      (p) => write(p.doc, "a", "A"),
      (p) => write(p.doc, "a", "B"),
      { id: "a", why: "changed" },
      { attrs: { text: "B", n: 1 } },
    ],
    [
      "a type",
      (p) => p.doc.mutate((tx) => tx.update("a", { type: "A" })),
      (p) => p.doc.mutate((tx) => tx.update("a", { type: "B" })),
      { id: "a", why: "changed" },
      { type: "B" },
    ],
  ])("R12: leaves %s later", async (_name, mine, theirs, skipped, left) => {
    const { ann, bob, settle } = await two();
    mine(ann);
    await settle();
    theirs(bob);
    await settle();
    const { mutation, skipped: told } = createUndo(ann.doc).undo();
    expect(told).toEqual([{ ...skipped, seq: 2 }]);
    expect(ann.doc.get("a")).toMatchObject(left);
    await settle();
    expect((await mutation?.committed)?.skipped).toEqual([
      { ...skipped, seq: 2, client: bob.doc.client, userId: null },
    ]);
    expect(ann.doc.get("a")).toMatchObject(left);
  });

  test("R12: takes back what nobody touched of a mutation, and leaves the rest", async () => {
    const { ann, bob, settle, truth } = await two();
    ann.doc.mutate((tx) => {
      tx.update("a", { attrs: { text: "A", n: 2 }, type: "heading" });
      tx.move("d", { parent: "z" });
    });
    await settle();
    bob.doc.mutate((tx) => tx.update("a", { attrs: { n: 3 } }));
    bob.doc.mutate((tx) => tx.move("d", { parent: "root" }));
    await settle();
    const { skipped } = createUndo(ann.doc).undo();
    expect(skipped).toEqual(
      expect.arrayContaining([
        { id: "a", why: "changed", seq: 2 },
        { id: "d", why: "changed", seq: 3 },
      ]),
    );
    expect(ann.doc.get("a")).toMatchObject({ type: "item", attrs: { text: "a", n: 3 } });
    await settle();
    expect(truth()).toEqual(ann.doc.toData());
    expect(bob.doc.parent("d")).toBe("root");
  });

  test("R12: an inserted node stays when someone has typed into it or put something there", async () => {
    const { ann, bob, settle } = await two();
    const insert = (id: string) => ann.doc.mutate((tx) => void tx.insert({ id, type: "item" }, { parent: "z" }));
    insert("typed");
    insert("used");
    insert("free");
    await settle();
    write(bob.doc, "typed", "words");
    bob.doc.mutate((tx) => void tx.insert({ type: "item" }, { parent: "used" }));
    await settle();
    expect(createUndo(ann.doc).undo().skipped).toEqual([]);
    expect(createUndo(ann.doc).undo()).toMatchObject({ skipped: [{ id: "used", why: "used", seq: 5 }] });
    expect(createUndo(ann.doc).undo()).toMatchObject({ skipped: [{ id: "typed", why: "changed", seq: 4 }] });
    expect(ann.doc.children("z")).toEqual(["typed", "used"]);
  });

  test("R12: what someone restored is not restored again, and stays where they put it", async () => {
    const { ann, bob, settle } = await two();
    ann.doc.mutate((tx) => tx.remove("a"));
    await settle();
    bob.doc.mutate((tx) => tx.move("a", { parent: "z" }));
    await settle();
    expect(createUndo(ann.doc).undo()).toMatchObject({ skipped: [{ id: "a", why: "changed" }] });
    expect(ann.doc.parent("a")).toBe("z");
  });

  test("R12: offline, before someone else's write arrives that came first, ends with theirs", async () => {
    const { ann, bob, settle, truth } = await two();
    goOffline(ann);
    write(ann.doc, "a", "A");
    createUndo(ann.doc).undo();
    write(bob.doc, "a", "B");
    await settle();
    ann.machine.online = true;
    await settle();
    expect([text(ann.doc, "a"), text(bob.doc, "a")]).toEqual(["B", "B"]);
    expect(truth()).toEqual(ann.doc.toData());
  });

  test.each(["delta", "snapshot"])(
    "R12: offline, of what was confirmed, ends with what someone wrote meanwhile (%s)",
    async (resume) => {
      const scene = createScene({ tree: DEEP });
      const machine = scene.server.machine();
      let spoil = false;
      const platform = tap(machine, {
        down: (frame) => (spoil && frame.startsWith('{"type":"delta"') ? frame.replaceAll('"seq":', '"seq":9') : frame),
      });
      const [ann, bob] = [scene.open({ machine, platform }), scene.open()];
      await scene.settle();
      write(ann.doc, "a", "A");
      await scene.settle();
      goOffline(ann);
      createUndo(ann.doc).undo();
      write(ann.doc, "z", "after that");
      expect(text(ann.doc, "a")).toBe("a");
      write(bob.doc, "a", "B");
      await scene.settle();
      spoil = resume === "snapshot";
      machine.online = true;
      await scene.server.advance(0);
      spoil = false;
      await scene.server.advance(30_000);
      expect(ann.heard.errors.length).toBe(resume === "snapshot" ? 1 : 0);
      expect([text(ann.doc, "a"), text(bob.doc, "a"), text(bob.doc, "z")]).toEqual(["B", "B", "after that"]);
      expect([ann.doc.pending, scene.truth()]).toEqual([0, ann.doc.toData()]);
    },
  );

  test("R12: a new mutation clears what could be made again; at most 100 groups are kept", async () => {
    const { ann, settle } = await two();
    write(ann.doc, "a", "first");
    createUndo(ann.doc).undo();
    expect(createUndo(ann.doc).canRedo).toBe(true);
    for (let n = 0; n < 105; n++) write(ann.doc, "a", `${n}`);
    expect(createUndo(ann.doc).canRedo).toBe(false);
    await settle();
    let undone = 0;
    while (createUndo(ann.doc).undo().mutation) undone++;
    expect([undone, text(ann.doc, "a")]).toEqual([100, "4"]);
    await settle();
  });

  test("R12: everything is as it was after moving something out of what was removed, and undoing both", async () => {
    const { ann, settle, truth } = await two();
    ann.doc.mutate((tx) => tx.remove("a"));
    ann.doc.mutate((tx) => tx.move("b", { parent: "z" }));
    await settle();
    createUndo(ann.doc).undo();
    createUndo(ann.doc).undo();
    expect(ann.doc.toData()).toEqual(DEEP);
    await settle();
    expect(truth()).toEqual(DEEP);
  });

  test("R12: that the server refuses can be done once more", async () => {
    const { ann, settle, server } = await two();
    ann.doc.mutate((tx) => tx.move("b", { parent: "z" }));
    await settle();
    goOffline(ann);
    const { mutation } = createUndo(ann.doc).undo();
    server.call("plan").mutate({ ops: [{ op: "move", id: "a", parent: "b" }] });
    ann.machine.online = true;
    await settle();
    // The server's move came first: nothing can be undone as things are, so either nothing was sent or it was refused.
    if (mutation) await mutation.committed.catch(() => {});
    expect(createUndo(ann.doc).canUndo || createUndo(ann.doc).canRedo).toBe(true);
    expect(ann.doc.parent("a")).toBe("b");
  });

  test("R12: two people take back their own beside each other", async () => {
    const { ann, bob, settle, truth } = await two(LIST);
    write(ann.doc, "a", "A");
    write(bob.doc, "b", "B");
    ann.doc.mutate((tx) => void tx.insert({ id: "x", type: "item" }, { parent: "root", after: "a" }));
    bob.doc.mutate((tx) => void tx.insert({ id: "y", type: "item" }, { parent: "root", after: "a" }));
    await settle();
    for (const { doc } of [ann, bob]) {
      expect(createUndo(doc).undo().skipped).toEqual([]);
      expect(createUndo(doc).undo().skipped).toEqual([]);
    }
    await settle();
    expect(truth()).toEqual(LIST);
    expect([ann.doc.toData(), bob.doc.toData()]).toEqual([LIST, LIST]);
    for (const { doc } of [bob, ann]) createUndo(doc).redo();
    await settle();
    expect([text(ann.doc, "a"), text(ann.doc, "b")]).toEqual(["A", "B"]);
  });

  test("R12: does nothing after close", async () => {
    const { ann, settle } = await two();
    write(ann.doc, "a", "A");
    await settle();
    await ann.doc.close();
    expect(createUndo(ann.doc).undo()).toEqual({ mutation: null, skipped: [] });
    expect(text(ann.doc, "a")).toBe("A");
  });
});

test("V144 a person's own undo and one of an agent that works for him take back, and do again, what each has done itself", async () => {
  const { server, open, settle, truth } = createScene();
  const principal = { user: { id: "ann" }, role: "write" } as const;
  const ann = open({ principal });
  await settle();
  const agent = server.call("plan");
  const values = () => truth().children?.map(({ attrs }) => attrs?.text);
  void write(ann.doc, "a", "by hand");
  await settle();
  agent.mutate(
    { client: "agent", mutation: 1, ops: [{ op: "update", id: "b", attrs: { text: "by the agent" } }] },
    principal,
  );
  await settle();
  // The agent's is the last, and yet not hers.
  ann.undo.undo();
  await settle();
  expect(values()).toEqual(["a", "by the agent"]);
  agent.undo({ client: "agent" }, principal);
  await settle();
  expect(values()).toEqual(["a", "b"]);
  agent.undo({ client: "agent" }, principal);
  expect(ann.undo.undo()).toEqual({ mutation: null, skipped: [] });
  await settle();
  expect(values()).toEqual(["a", "b"]);
  ann.undo.redo();
  await settle();
  expect(values()).toEqual(["by hand", "b"]);
  agent.undo({ client: "agent", redo: true }, principal);
  await settle();
  expect(values()).toEqual(["by hand", "by the agent"]);
});
