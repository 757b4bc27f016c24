import { describe, expect, test } from "vitest";
import { createTestServer } from "../../src/testing/index.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";

const item = (id: string, ...children: NodeData[]): NodeData => ({ id, type: "item", children });

/** What one does who has seen as much as is said, and what others do; `tree` in one line. */
function open(...children: NodeData[]) {
  const calls = createTestServer().call("plan");
  calls.getOrStart({ tree: { id: "root", type: "list", children } });
  let mutation = 0;
  const lineOf = ({ id, children: below = [] }: NodeData): string =>
    `${id}${below.length > 0 ? `(${below.map(lineOf).join(" ")})` : ""}`;
  return {
    ann: (base: number, ...ops: Operation[]) => calls.mutate({ client: "ann", mutation: ++mutation, base, ops }),
    bob: (...ops: Operation[]) => calls.mutate({ ops }),
    tree() {
      const state = calls.getState();
      return state.ok ? lineOf(state.value.tree) : null;
    },
  };
}

describe("U7 what was kept from a removal, when that is done again", () => {
  test.each([
    ["nothing besides", []],
    ["writing in it besides", [{ op: "update", id: "c", attrs: { v: 1 } }]],
  ] as const)("stays where somebody has moved it since, %s", (_name, more) => {
    const { ann, bob, tree } = open(item("a"), item("b", item("f")), item("c"), item("k"));
    bob({ op: "move", id: "c", parent: "b" });
    expect(ann(0, { op: "remove", id: "b" }, ...more)).toMatchObject({ ok: true, value: { rescued: ["c"] } });
    bob({ op: "move", id: "c", parent: "k" });
    ann(3, { op: "undo", seqs: [2] });
    expect(tree()).toBe("root(a b(f) k(c))");
    ann(4, { op: "redo", seqs: [2] });
    expect(tree()).toBe("root(a k(c))");
  });

  test("stays right in front of what goes, where that was moved behind it", () => {
    const { ann, bob, tree } = open(item("p", item("x"), item("y")), item("z"));
    bob({ op: "move", id: "z", parent: "y" });
    expect(ann(0, { op: "remove", id: "p" })).toMatchObject({ ok: true, value: { rescued: ["z"] } });
    bob({ op: "move", id: "y", parent: "root" });
    ann(3, { op: "undo", seqs: [2] });
    expect(tree()).toBe("root(p(x) y(z))");
    bob({ op: "move", id: "p", parent: "y" });
    expect(tree()).toBe("root(y(z p(x)))");
    ann(5, { op: "redo", seqs: [2] });
    expect(tree()).toBe("root(y(z))");
  });
});
