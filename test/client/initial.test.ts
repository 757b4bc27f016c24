import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createScene } from "./scene.ts";

const listOf = (text: string, rows = 1): NodeData => ({
  id: "top",
  type: "list",
  attrs: { text },
  children: Array.from({ length: rows }, (_, n) => ({ id: `row${n}`, type: "item" })),
});

describe("[R27] initial content", () => {
  test("is that of one of those who come at the same time, and nobody is refused", async () => {
    const { open, settle, truth } = createScene({ tree: null });
    const people = ["ann", "bob", "cyd"].map((name) => open({ initial: listOf(name) }));
    await settle();
    const [first] = people;
    expect(truth()).toEqual(listOf("ann"));
    for (const { doc, heard } of people) {
      expect(doc.toData()).toEqual(truth());
      expect([heard.rejected, heard.errors, doc.seq]).toEqual([[], [], 0]);
    }
    await first?.doc.close();
  });

  test("is nothing where there is a document, whatever it has in it", async () => {
    const { open, settle, truth } = createScene();
    const before = truth();
    // None of it is looked at: a thousand nodes would cost everybody a turn of their time at each join.
    const late = [open({ initial: listOf("late") }), open({ initial: listOf("too large", 2 * LIMITS.initialNodes) })];
    await settle();
    expect(truth()).toEqual(before);
    for (const { doc } of late) expect([doc.status.state, doc.toData()]).toEqual(["live", before]);
  });

  test("is made by nobody who may not", async () => {
    const { open, settle } = createScene({ tree: null });
    const ann = open({ initial: listOf("ann"), principal: { user: null, role: "read" } });
    await settle();
    expect(ann.doc.status).toMatchObject({ state: "closed", reason: { code: "notFound" } });
  });

  test("has a bound, and is a tree", async () => {
    const at = createScene({ tree: null });
    at.open({ initial: listOf("large", LIMITS.initialNodes - 1) });
    await at.settle();
    expect(at.truth().children?.length).toBe(LIMITS.initialNodes - 1);
    for (const [initial, why] of [
      [listOf("larger", LIMITS.initialNodes), `tree: at most ${LIMITS.initialNodes} nodes`],
      [
        {
          type: "list",
          children: [
            { id: "a", type: "item" },
            { id: "a", type: "item" },
          ],
        },
        "tree: an id stands in it twice",
      ],
    ] as const) {
      const past = createScene({ tree: null });
      const { doc } = past.open({ initial });
      await past.settle();
      expect(doc.status).toMatchObject({ state: "closed", reason: { code: "protocol", message: why } });
    }
  });
});
