import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Transaction, TreeDocument } from "../../src/client/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { createScene, text, write } from "./scene.ts";

// What renders, in an application that renders when it is told of a change and finds another object.

describe("what is read", () => {
  test("[R3] a list of children stays the same object when its node has other content", async () => {
    const { open, settle } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    const list = ann.doc.children("root");
    write(bob.doc, "root", "Title");
    await settle();
    expect(text(ann.doc, "root")).toBe("Title");
    expect(ann.doc.children("root")).toBe(list);
    ann.doc.mutate((tx) => tx.remove("a"));
    expect(ann.doc.children("root")).toEqual(["b"]);
  });

  test("[R13] presence is told, and another list, only when others have changed", async () => {
    const { open, settle, server } = createScene();
    const [ann, bob] = [open(), open()];
    const heard: unknown[] = [];
    ann.doc.on("presence", (others) => heard.push(others.map(({ data }) => data)));
    await settle();
    ann.doc.presence.set("Ann");
    await settle();
    expect(heard).toEqual([]);
    bob.doc.presence.set("Bob");
    await settle();
    const { others } = ann.doc.presence;
    ann.doc.presence.set("Ann, again");
    await server.advance(1_000);
    expect(ann.doc.presence.others).toBe(others);
    await bob.doc.close();
    await settle();
    expect(heard).toEqual([["Bob"], []]);
  });

  test("[R4] what was done right before it was closed is sent", async () => {
    const { open, settle, truth } = createScene();
    const ann = open();
    await settle();
    write(ann.doc, "a", "A");
    // The first is on its way, and the next frame not due yet.
    await Promise.resolve();
    write(ann.doc, "b", "B");
    void ann.doc.close();
    await settle();
    expect(truth().children).toMatchObject([{ attrs: { text: "A" } }, { attrs: { text: "B" } }]);
  });

  test("[R3] a list of children is what the tree has, whenever it was read before, and in a transaction", async () => {
    const step = fc.record({
      ann: fc.boolean(),
      at: fc.nat(200),
      to: fc.nat(200),
      what: fc.constantFrom(
        "insert",
        "insert",
        "move",
        "move",
        "move",
        "remove",
        "restore",
        "look",
        "look",
        "cut",
        "meet",
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        const { open, settle } = createScene({ tree: FAMILY });
        const people = [open(), open()];
        await settle();
        const ids = idsIn(FAMILY);
        const removed: string[] = [];
        for (const { ann, at, to, what } of steps) {
          const who = people[ann ? 0 : 1];
          if (!who) continue;
          const { doc, machine } = who;
          const [id = "", parent = ""] = [ids[at % ids.length], ids[to % ids.length]];
          if (what === "cut") machine.online = false;
          if (what === "meet") {
            for (const each of people) each.machine.online = true;
            await settle();
          }
          if (what === "look") compare(doc, id);
          if (!doc.get(parent)) continue;
          const next = doc.children(parent).at(at % 3) ?? null;
          const after = next === id ? null : next;
          if (what === "insert") doc.mutate((tx) => void ids.push(tx.insert({ type: "item" }, { parent, after })));
          if (what === "move" && doc.get(id))
            twice(doc, (tx) => tx.move(id, { parent, after }), [parent, doc.parent(id) ?? id]);
          if (what === "remove" && doc.get(id) && id !== "root") {
            removed.push(id);
            twice(doc, (tx) => tx.remove(id), [doc.parent(id) ?? id, id]);
          }
          const gone = removed.at(-1);
          if (what === "restore" && gone !== undefined && gone !== parent)
            twice(doc, (tx) => tx.move(gone, { parent, after: null }), [gone, parent]);
        }
        for (const { doc } of people) for (const id of ids) compare(doc, id);
      }),
      runs(60),
    );
  });
});

const row = (id: string): NodeData => ({ id, type: "item" });
/** Lists long enough to be patched. */
const FAMILY: NodeData = {
  id: "root",
  type: "list",
  children: Array.from({ length: 4 }, (_, n) => ({
    ...row(`p${n}`),
    children: Array.from({ length: 12 }, (_, m) => row(`p${n}-${m}`)),
  })),
};

function idsIn({ id = "", children = [] }: NodeData): string[] {
  return [id, ...children.flatMap(idsIn)];
}

function childrenIn(doc: TreeDocument, id: string): readonly (string | undefined)[] {
  return doc.get(id) ? (doc.toData(id, 1).children ?? []).map((child) => child.id) : [];
}

function compare(doc: TreeDocument, id: string) {
  expect(doc.children(id)).toEqual(childrenIn(doc, id));
}

/** What is read in a transaction is what is there after it. */
function twice(doc: TreeDocument, change: (tx: Transaction) => void, parents: readonly string[]) {
  let read: (readonly string[])[] = [];
  const refusals: unknown[] = [];
  const stop = doc.on("rejected", (error) => refusals.push(error));
  doc.mutate((tx) => {
    change(tx);
    read = parents.map((id) => tx.children(id));
  });
  stop();
  if (refusals.length === 0) expect(read).toEqual(parents.map((id) => childrenIn(doc, id)));
}
