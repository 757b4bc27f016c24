import { describe, expect, test } from "vitest";
import type { Platform } from "../../src/client/connection/platform.ts";
import { memory, persistence } from "../../src/client/keep/persistence.ts";
import { memoryStore } from "../../src/client/keep/store.ts";
import { afterCrash } from "./saved-page.ts";
import { createScene, text, write } from "./scene.ts";

describe("what was left", () => {
  test("R16: committed long ago, it is not seen any more once that is known", async () => {
    const { open, settle, server, truth } = createScene();
    const store = memoryStore();
    const [one, two] = [open({ persist: persistence(store) }), open({ persist: persistence(store) })];
    await settle();
    for (const { machine } of [one, two]) machine.hold("down");
    write(one.doc, "b", "one");
    write(two.doc, "a", "two");
    await settle();
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "two" } }, { attrs: { text: "one" } }] });
    const crashed = await afterCrash(store);
    const ops = ["a", "b"].map((id) => ({ op: "update", id, attrs: { text: "newer" } }) as const);
    server.call("plan").mutate({ ops });
    // The tree is lost, what is pending is not.
    const tree = (await crashed.read("")).filter(([key]) => /\/(tree|rows|log)/.test(key));
    await crashed.write(new Map(tree.map(([key]) => [key, undefined])));
    const next = open({ persist: persistence(crashed) });
    // What is shown is read while the answers are under way.
    const shown: unknown[] = [];
    next.doc.on("status", () => shown.push([text(next.doc, "a"), text(next.doc, "b")]));
    await settle();
    expect(shown).toHaveLength(1);
    expect([text(next.doc, "a"), text(next.doc, "b")]).toEqual(["newer", "newer"]);
    expect([next.doc.pending, next.heard.rejected, next.heard.errors]).toEqual([0, [], []]);
    expect(next.doc.toData()).toEqual(truth());
  });

  test("R11: is tried again while live, and why it waits is told", async () => {
    const { open, settle, server, truth } = createScene();
    const persist = memory();
    const before = [open({ persist }), open({ persist })];
    await settle();
    for (const [index, { machine, doc }] of before.entries()) {
      machine.online = false;
      write(doc, index === 0 ? "a" : "b", "left");
    }
    for (const { doc } of before) await doc.close();
    const machine = server.machine();
    let asked = 0;
    const request: Platform["request"] = async (method, ...rest) => {
      if (method === "POST" && asked++ === 0) return { status: 503, text: "busy" };
      return machine.request(method, ...rest);
    };
    const next = open({ persist, platform: { ...machine, request } });
    await settle();
    expect([next.doc.status.state, next.doc.pending, asked]).toEqual(["live", 1, 1]);
    await server.advance(60_000);
    expect([next.doc.status.state, next.doc.pending, asked]).toEqual(["live", 0, 2]);
    expect(next.heard.errors).toEqual([new Error("left mutations wait: 503 busy")]);
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "left" } }, { attrs: { text: "left" } }] });
  });

  test("R12: an undo that was left overwrites nothing that came after", async () => {
    const { open, settle, truth } = createScene();
    const persist = memory();
    const one = open({ persist });
    await settle();
    one.machine.online = false;
    write(one.doc, "a", "red");
    one.undo.undo();
    await one.doc.close();
    const bob = open();
    await settle();
    write(bob.doc, "a", "green");
    await settle();
    const next = open({ persist });
    await settle();
    expect([next.doc.pending, text(next.doc, "a"), next.heard.rejected]).toEqual([0, "green", []]);
    expect(next.doc.toData()).toEqual(truth());
  });
});
