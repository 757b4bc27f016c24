import { describe, expect, test } from "vitest";
import type { Platform } from "../../src/client/connection/platform.ts";
import { synced } from "../../src/client/index.ts";
import { memory } from "../../src/client/keep/persistence.ts";
import type { Principal } from "../../src/protocol/index.ts";
import { createScene, write } from "./scene.ts";

const named = (id: string): Principal => ({ user: { id }, role: "write" });

describe("closing", () => {
  test("R7: is for good where an error is heard", async () => {
    const { open, settle, server } = createScene();
    const refusal = new Error("no token today");
    const tokens = [() => Promise.reject(refusal), () => "token"];
    let asked = 0;
    const ann = open({ token: () => tokens[asked++]?.() ?? "token" });
    ann.doc.on("error", () => void ann.doc.close());
    await settle();
    await server.advance(60_000);
    expect([ann.doc.status, asked]).toEqual([{ state: "closed", reason: null }, 1]);
    expect(ann.heard.errors).toEqual([refusal]);
  });

  test("R7: is for good where others are seen to go", async () => {
    const { open, settle, server } = createScene();
    const [ann, bob] = [open(), open()];
    bob.doc.presence.set({ here: 1 });
    await settle();
    const states: string[] = [];
    ann.doc.on("status", ({ state }) => states.push(state));
    ann.doc.on("presence", (others) => {
      if (others.length === 0) void ann.doc.close();
    });
    ann.machine.cut();
    await server.advance(60_000);
    expect([states, ann.doc.status.reason]).toEqual([["closed"], null]);
  });

  test("R7: is for good as it becomes live: what others left is not sent any more", async () => {
    const { open, settle, server, truth } = createScene();
    const persist = memory();
    const before = [open({ persist }), open({ persist })];
    await settle();
    for (const { machine, doc } of before) {
      machine.online = false;
      write(doc, "a", "left");
    }
    for (const { doc } of before) await doc.close();
    const machine = server.machine();
    let asked = 0;
    const request: Platform["request"] = (...args) => {
      asked++;
      return machine.request(...args);
    };
    const next = open({ persist, platform: { ...machine, request } });
    const states: string[] = [];
    next.doc.on("status", ({ state }) => {
      states.push(state);
      if (state === "live") void next.doc.close();
    });
    await settle();
    await server.advance(60_000);
    expect([states, asked, next.doc.pending]).toEqual([["live", "closed"], 0, 2]);
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "a" } }, {}] });
  });

  test("R7: by the server before there is a tree, it ends `loaded`", async () => {
    const { open, settle } = createScene();
    open({ client: "shared", principal: named("ann") });
    await settle();
    const bob = open({ client: "shared", principal: named("bob") });
    await settle();
    expect(bob.doc.status).toMatchObject({
      state: "closed",
      reason: { code: "forbidden", message: "client shared belongs to another user" },
    });
    await expect(bob.doc.loaded).rejects.toThrow(bob.doc.status.reason?.message);
  });

  test("R7: `synced` waits for what was kept to be read, and sent", async () => {
    const { open, settle, server, truth } = createScene();
    const persist = memory();
    const one = open({ persist });
    await settle();
    one.machine.online = false;
    write(one.doc, "a", "kept");
    await one.doc.close();
    const machine = server.machine();
    machine.online = false;
    const next = open({ persist, machine });
    let done = false;
    const all = synced(next.doc).then(() => {
      done = true;
    });
    await settle();
    expect([done, next.doc.pending]).toEqual([false, 1]);
    machine.online = true;
    await settle();
    await all;
    expect(next.doc.pending).toBe(0);
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "kept" } }, {}] });
  });

  test.each([memory(), undefined])("R14: sends what was made right before it, kept or not", async (persist) => {
    const { open, settle, truth } = createScene();
    const { doc } = open({ persist });
    await settle();
    write(doc, "a", "the last word");
    void doc.close();
    await settle();
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "the last word" } }, {}] });
  });
});
