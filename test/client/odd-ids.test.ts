import { describe, expect, test } from "vitest";
import { memory } from "../../src/client/keep/persistence.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createScene, write } from "./scene.ts";

const odd = (id: string): NodeData => ({ id, type: "item" });

describe.each(["constructor", "valueOf", "__proto__"])("R3: a node called `%s`", (id) => {
  test("arrives like any other", async () => {
    const { open, settle, server, truth } = createScene();
    const ann = open();
    await settle();
    let [called, changed] = [0, false];
    const off = ann.doc.watch(id, () => called++);
    ann.doc.on("change", ({ ids }) => {
      changed ||= ids.has(id);
    });
    server.call("plan").mutate({ ops: [{ op: "insert", node: odd(id), parent: "root" }] });
    await settle();
    expect([ann.doc.get(id)?.type, called, changed]).toEqual(["item", 1, true]);
    off();
    server.call("plan").mutate({ ops: [{ op: "remove", id }] });
    await server.advance(60_000);
    expect([ann.doc.get(id), called, ann.doc.status.state]).toEqual([undefined, 1, "live"]);
    expect([ann.heard.errors, ann.machine.errors]).toEqual([[], []]);
    expect(ann.doc.toData()).toEqual(truth());
  });

  test("is made like any other", async () => {
    const { open, settle, truth } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    const { committed } = ann.doc.mutate((tx) => void tx.insert(odd(id), { parent: "root" }));
    expect(ann.doc.get(id)?.type).toBe("item");
    await settle();
    await expect(committed).resolves.toMatchObject({ ops: [{ op: "insert", node: { id } }] });
    expect([bob.doc.get(id)?.type, ann.doc.pending]).toEqual(["item", 0]);
    expect(ann.doc.toData()).toEqual(truth());
  });

  test("comes between no mutation and its answer", async () => {
    const { open, settle, server } = createScene();
    const ann = open();
    await settle();
    ann.machine.hold("up");
    const { committed } = write(ann.doc, "a", "mine");
    server.call("plan").mutate({ ops: [{ op: "insert", node: odd(id), parent: "root" }] });
    await settle();
    ann.machine.release();
    await settle();
    await expect(committed).resolves.toMatchObject({ seq: 2, mutation: 1 });
    expect([ann.doc.pending, ann.heard.errors]).toEqual([0, []]);
  });

  test("is kept like any other", async () => {
    const { open, settle, server } = createScene({ tree: { id: "root", type: "list", children: [odd(id)] } });
    const persist = memory();
    const one = open({ persist });
    await settle();
    await one.doc.close();
    const machine = server.machine();
    machine.online = false;
    const next = open({ persist, machine });
    await settle();
    expect(next.doc.get(id)?.type).toBe("item");
    machine.online = true;
    await settle();
    expect([next.doc.status.state, one.heard.errors, next.heard.errors]).toEqual(["live", [], []]);
  });
});
