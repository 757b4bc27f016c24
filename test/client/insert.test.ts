import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutIds } from "../../src/client/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { createScene, DEEP } from "./scene.ts";

describe("[R25] what is cut and pasted", () => {
  test("is where it is put, with its ids, and undone as a whole", async () => {
    const { open, settle, truth } = createScene({ tree: DEEP });
    const [ann, bob] = [open(), open()];
    await settle();
    const cut = ann.doc.toData("a");
    ann.doc.mutate((tx) => tx.remove("a"));
    await settle();
    for (const { doc } of [ann, bob]) {
      doc.mutate((tx) => tx.insert(cut, { parent: "root" }));
      await settle();
      expect(truth().children).toEqual([{ id: "z", type: "item" }, cut]);
      doc.mutate((tx) => tx.remove("a"));
      await settle();
    }
    ann.undo.undo();
    ann.undo.undo();
    await settle();
    expect([truth(), bob.doc.toData()]).toEqual([ann.doc.toData(), ann.doc.toData()]);
    expect([ann.heard.rejected, bob.heard.rejected]).toEqual([[], []]);
  });

  test("has the content that is pasted, not what it had", async () => {
    const { open, settle, truth } = createScene({ tree: DEEP });
    const { doc } = open();
    await settle();
    doc.mutate((tx) => tx.remove("a"));
    const pasted: NodeData = {
      id: "a",
      type: "list",
      attrs: { text: "A" },
      children: [
        { id: "new", type: "item" },
        { id: "c", type: "item", attrs: { text: "c" } },
      ],
    };
    doc.mutate((tx) => tx.insert(pasted, { parent: "root", after: null }));
    await settle();
    expect(truth().children).toEqual([pasted, { id: "z", type: "item" }]);
    expect(doc.get("d")).toBe(undefined);
  });

  test("of what is there is refused, and without its ids a copy", async () => {
    const { open, settle, truth } = createScene({ tree: DEEP });
    const { doc, heard } = open();
    await settle();
    const copied = doc.toData("a");
    doc.mutate((tx) => tx.insert(copied, { parent: "root" }));
    expect(heard.rejected).toEqual(["exists"]);
    doc.mutate((tx) => tx.insert(withoutIds(copied), { parent: "root" }));
    await settle();
    const [, , copy] = truth().children ?? [];
    expect(copy && withoutIds(copy)).toEqual(withoutIds(copied));
    expect(truth().children?.[0]).toEqual(copied);
  });

  test("is what was pasted, whatever was there", async () => {
    const ids = ["a", "b", "c", "d", "z", "new"];
    const node = fc.letrec<{ node: NodeData }>((tie) => ({
      node: fc.record(
        {
          type: fc.constantFrom("item", "list"),
          attrs: fc.dictionary(fc.constantFrom("text", "n"), fc.nat(2), { minKeys: 1 }),
          children: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
        },
        { requiredKeys: ["type"] },
      ),
    })).node;
    const named = fc.tuple(node, fc.shuffledSubarray(ids)).map(([data, order]) => withNames(data, [...order]));
    await fc.assert(
      fc.asyncProperty(named, fc.subarray(["a", "b", "c", "z"]), async (pasted, removed) => {
        const { open, settle, truth } = createScene({ tree: DEEP });
        const { doc, heard } = open();
        await settle();
        for (const id of removed) if (doc.get(id)) doc.mutate((tx) => tx.remove(id));
        let top = "";
        doc.mutate((tx) => {
          top = tx.insert(pasted, { parent: "root" });
        });
        const isThere = heard.rejected.length > 0;
        await settle();
        expect(truth()).toEqual(doc.toData());
        if (isThere) expect(heard.rejected).toEqual(["exists"]);
        else expect(withoutIds(doc.toData(top))).toEqual(withoutIds(pasted));
      }),
      runs(150),
    );
  });
});

/** Gives some of the nodes ids. */
function withNames({ children, ...node }: NodeData, ids: string[]): NodeData {
  const id = ids.pop();
  return {
    ...(id !== undefined && { id }),
    ...node,
    ...(children && { children: children.map((child) => withNames(child, ids)) }),
  };
}
