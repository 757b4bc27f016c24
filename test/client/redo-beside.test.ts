import { expect, test } from "vitest";
import { createScene } from "./scene.ts";

test("U7, R16 a removal made again here keeps what somebody has put inside, where the mutation wrote in that besides", async () => {
  const item = (id: string, ...children: { id: string; type: string }[]) => ({ id, type: "item", children });
  const scene = createScene({
    tree: { id: "root", type: "list", children: [item("a"), item("b", item("f")), item("c")] },
  });
  const [ann, bob] = [scene.open(), scene.open()];
  await scene.settle();
  ann.machine.hold("up");
  ann.doc.mutate((tx) => {
    tx.remove("b");
    tx.update("c", { attrs: { v: 1 } });
  });
  ann.undo.undo();
  ann.undo.redo();
  bob.doc.mutate((tx) => tx.move("c", { parent: "b" }));
  await scene.settle();
  const seen = () => ann.doc.children().map((id) => [id, ann.doc.parent(id), ann.doc.get(id)?.attrs]);
  const expected = [
    ["a", "root", {}],
    ["c", "root", { v: 1 }],
  ];
  expect([ann.doc.pending, seen()]).toEqual([3, expected]);
  ann.machine.release();
  await scene.settle();
  expect([ann.doc.pending, seen()]).toEqual([0, expected]);
  expect(ann.doc.toData()).toEqual(scene.truth());
});
