import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { answer, insert, item, move, openDocument, remove, type Stance, update } from "./document.ts";
import { inline, outline } from "./outline.ts";

const THREE: Stance = { maxDepth: 3 };
const TOO_DEEP = { code: "tooDeep", op: 0 };

/** What a document that is at most three levels deep below its root answers to the last of these operations. */
function told(start: string, ...operations: Operation[]): object {
  const document = openDocument(start);
  const last = operations.pop();
  for (const operation of operations) expect(document.by("ann", operation, THREE).ok).toBe(true);
  const before = document.text();
  const verdict = document.by("bob", last ?? [], THREE);
  if (!verdict.ok) expect(document.text(), "T4").toBe(before);
  return answer(verdict);
}

describe("T11: how deep a node may stand", () => {
  const chain = "root\n  a\n    b\n      c\n  x\n    y\n      z";

  it("T11 an insert at exactly the limit, and one past it", () => {
    expect(told(chain, insert("n", "b"))).toEqual({});
    expect(told(chain, insert("n", "c"))).toEqual(TOO_DEEP);
    expect(told(chain, insert("n", "c", { after: null }))).toEqual(TOO_DEEP);
  });

  it("T11 a nested insert counts with its deepest node", () => {
    expect(told(chain, insert("n", "a", {}, [item("m")]))).toEqual({});
    expect(told(chain, insert("n", "root", {}, [item("m"), item("l", item("k"))]))).toEqual({});
    expect(told(chain, insert("n", "b", {}, [item("m")]))).toEqual(TOO_DEEP);
    expect(told(chain, insert("n", "a", {}, [item("m"), item("l", item("k"))]))).toEqual(TOO_DEEP);
    // Many nodes are not many levels.
    expect(told(chain, insert("n", "a", {}, [item("m"), item("l"), item("k"), item("j"), item("i")]))).toEqual({});
  });

  it("T11 a move counts with the branch", () => {
    expect(told(chain, move("y", "a"))).toEqual({});
    expect(told(chain, move("z", "b"))).toEqual({});
    expect(told(chain, move("x", "a"))).toEqual(TOO_DEEP);
    expect(told(chain, move("y", "b"))).toEqual(TOO_DEEP);
    expect(told(chain, move("z", "c"))).toEqual(TOO_DEEP);
    expect(told(chain, move("z", "x"), move("x", "a"))).toEqual({});
  });

  it("T11, C4 what is redirected counts where it lands", () => {
    expect(told(chain, remove("b"), insert("n", "c", {}, [item("m")]))).toEqual({ redirected: ["n"] });
    expect(told(chain, remove("b"), insert("n", "c", {}, [item("m", item("l"))]))).toEqual(TOO_DEEP);
    expect(told(chain, remove("b"), move("y", "c"))).toEqual({ redirected: ["y"] });
    expect(told(chain, remove("b"), move("x", "c"))).toEqual(TOO_DEEP);
    expect(told(chain, remove("a"), move("x", "c"))).toEqual({ redirected: ["x"] });
  });

  it("T11, T7 what is restored counts with what comes back with it, not with what was removed from it before", () => {
    expect(told(chain, remove("x"), move("x", "root"))).toEqual({});
    expect(told(chain, remove("x"), move("x", "a"))).toEqual(TOO_DEEP);
    expect(told(chain, remove("x"), move("y", "a"))).toEqual({});
    expect(told(chain, remove("x"), move("y", "b"))).toEqual(TOO_DEEP);
    expect(told(chain, remove("z"), remove("x"), move("x", "a"))).toEqual({});
    expect(told(chain, remove("z"), move("x", "a"))).toEqual({});
    expect(told(chain, remove("z"), move("x", "a"), move("z", "y", { after: "z" }))).toEqual(TOO_DEEP);
  });

  it("T11 names the operation, and those before it leave no trace", () => {
    const document = openDocument(chain);
    const before = document.text();
    const verdict = document.by("ann", [update("a", { x: 1 }), insert("n", "b"), insert("m", "n")], THREE);
    expect(answer(verdict)).toEqual({ code: "tooDeep", op: 2 });
    expect(document.text()).toBe(before);
    expect(document.by("ann", [remove("c"), move("b", "root"), insert("n", "b", {}, [item("m")])], THREE).ok).toBe(
      true,
    );
    expect(inline(outline(document.store))).toBe("root(a x(y(z)) b(n(m)))");
  });

  it("T11 what is refused for another reason is told that: cycle, notFound, exists", () => {
    expect(told(chain, move("a", "c"))).toEqual({ code: "cycle", op: 0 });
    expect(told(chain, insert("n", "unheard"))).toEqual({ code: "notFound", op: 0 });
    expect(told(chain, insert("z", "c"))).toEqual({ code: "exists", op: 0 });
  });

  it("T11 without a limit there is none", () => {
    const document = openDocument(chain);
    for (let parent = 0; parent < 100; parent++) {
      expect(document.by("ann", insert(`n${parent + 1}`, parent === 0 ? "c" : `n${parent}`)).ok).toBe(true);
    }
  });

  it("T11 what was deeper before there was a limit is kept: read, changed, removed, and moved up", () => {
    const document = openDocument(`${chain}\n        d\n          e\n            f`);
    expect(answer(document.by("ann", update("f", { x: 1 }), THREE))).toEqual({});
    expect(answer(document.by("ann", insert("n", "f"), THREE))).toEqual(TOO_DEEP);
    expect(answer(document.by("ann", move("f", "c"), THREE))).toEqual(TOO_DEEP);
    expect(answer(document.by("ann", move("e", "d", { after: "e" }), THREE))).toEqual({});
    expect(document.events).toHaveLength(1);
    expect(answer(document.by("ann", move("f", "a"), THREE))).toEqual({});
    expect(answer(document.by("ann", remove("e"), THREE))).toEqual({});
    expect(inline(outline(document.store))).toBe("root(a(b(c) f x=1) x(y(z(d))))");
  });

  it("T11, T12 down there siblings change places, and a move that changes nothing is no event", () => {
    const document = openDocument(`${chain}\n        d\n          e\n            f\n            g`);
    expect(answer(document.by("ann", move("g", "e"), THREE))).toEqual({});
    expect(answer(document.by("ann", move("e", "d", { before: "e" }), THREE))).toEqual({});
    expect(document.events).toEqual([]);
    expect(answer(document.by("ann", move("g", "e", { after: null }), THREE))).toEqual({});
    expect(inline(outline(document.store))).toBe("root(a(b(c)) x(y(z(d(e(g f))))))");
    // What is removed is not there: it would come to stand too deep.
    expect(answer(document.by("ann", remove("g"), THREE))).toEqual({});
    expect(answer(document.by("ann", move("g", "e", { after: "g" }), THREE))).toEqual(TOO_DEEP);
  });
});
