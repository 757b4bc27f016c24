import { describe, expect, it } from "vitest";
import { checkTree, commitLayer, createLayer, type MutationContext, mutate, type Store } from "../../src/tree/index.ts";
import { insert, move, openDocument, remove, update } from "./document.ts";
import { outline } from "./outline.ts";

const START = "root\n  a\n    b\n  c";
const context: MutationContext = { seq: 1, newId: () => "new" };

function change(store: Store): void {
  const verdict = mutate(
    store,
    [insert("n", "b"), move("c", "a", { after: null }), update("b", { x: 1 }), remove("c")],
    context,
  );
  expect(verdict.ok).toBe(true);
}

describe("a layer over a store", () => {
  it("holds what is written; the store below is untouched, and stays so when the layer is dropped", () => {
    const { store, text } = openDocument(START);
    const before = text();
    const layer = createLayer(store);
    change(layer);
    expect(outline(layer)).toBe("root\n  a\n    b x=1\n      n");
    expect(layer.size).toBe(4);
    expect([...layer.changed()].sort()).toEqual(["a", "b", "c", "n", "root"]);
    expect(text()).toBe(before);
    expect(outline(store)).toBe(START);
  });

  it("committed, it gives the store that the same writes would have made without it", () => {
    const layered = openDocument(START);
    const layer = createLayer(layered.store);
    change(layer);
    commitLayer(layer, layered.store);
    const plain = openDocument(START);
    change(plain.store);
    expect(layered.text()).toBe(plain.text());
    expect(checkTree(layered.store, layered.store.records())).toEqual([]);
  });

  it("stands on another layer, each committed into the one below", () => {
    const layered = openDocument(START);
    const lower = createLayer(layered.store);
    lower.put({ ...lower.edit("b"), id: "b" });
    const upper = createLayer(lower);
    change(upper);
    expect(outline(lower)).toBe(START);
    commitLayer(upper, lower);
    expect(outline(lower)).toBe("root\n  a\n    b x=1\n      n");
    expect(outline(layered.store)).toBe(START);
    commitLayer(lower, layered.store);
    const plain = openDocument(START);
    change(plain.store);
    expect(layered.text()).toBe(plain.text());
  });

  it("what it deletes is gone from it, and after the commit from the store", () => {
    const { store } = openDocument(START);
    const layer = createLayer(store);
    layer.delete("b");
    expect(layer.get("b")).toBeUndefined();
    expect(() => layer.edit("b")).toThrow("b");
    expect(store.get("b")).toBeDefined();
    commitLayer(layer, store);
    expect(store.get("b")).toBeUndefined();
  });

  it("what was deleted can be put again", () => {
    const { store } = openDocument(START);
    const layer = createLayer(store);
    const record = { ...layer.edit("b"), type: "heading" };
    layer.delete("b");
    layer.put(record);
    expect(layer.get("b")?.type).toBe("heading");
    commitLayer(layer, store);
    expect(store.get("b")?.type).toBe("heading");
  });

  it("there is nothing to edit where there is no node", () => {
    const { store } = openDocument(START);
    expect(() => store.edit("ghost")).toThrow("ghost");
    expect(() => createLayer(store).edit("ghost")).toThrow("ghost");
  });

  it("T4 a mutation of no operations is accepted and changes nothing", () => {
    const document = openDocument(START);
    const before = document.text();
    expect(document.by("ann", [])).toEqual({ ok: true, ops: [], inverse: [], receipts: {} });
    expect(document.text()).toBe(before);
  });
});
