import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, problem, request, stubOf, treeOf } from "./http-client.ts";

describe("GET …/tree", () => {
  test("H2 gives the tree as nested data with its seq and incarnation; nothing empty stands in it (T10)", async () => {
    const tree = {
      id: "root",
      type: "page",
      attrs: { title: 'quote " and ünïcödé 🌳', list: [1, { deep: [null, true, 1.5e-7] }] },
      children: [
        { id: "a", type: "item", children: [{ id: "b", type: "item" }] },
        { id: "c", type: "item" },
      ],
    };
    const { incarnation } = await call<{ incarnation: string }>("PUT", topic("data"), { tree }, 201);
    const expected = { documentId: "data", incarnation, seq: 0, tree };
    expect(await call("GET", `${topic("data")}/tree`)).toEqual(expected);
    await evictDurableObject(stubOf("data"));
    expect(await call("GET", `${topic("data")}/tree`)).toEqual(expected);
  });

  test("H2 node and depth give a part of it, and say where it is cut", async () => {
    const id = await openDocument("part", "root\n  a\n    b\n      c\n  d");
    const at = async (query: string) => (await call<{ tree: object }>("GET", `${topic(id)}/tree${query}`)).tree;
    expect(await treeOf(id, "?node=a")).toBe("a\n  b\n    c");
    expect(await at("?node=c")).toEqual({ id: "c", type: "item" });
    expect(await at("?depth=0")).toEqual({ id: "root", type: "item", truncated: true });
    expect(await at("?depth=1")).toEqual({
      id: "root",
      type: "item",
      children: [
        { id: "a", type: "item", truncated: true },
        { id: "d", type: "item" },
      ],
    });
    expect(await treeOf(id, "?node=a&depth=1")).toBe("a\n  b");
    expect(await treeOf(id, "?depth=3")).toBe(await treeOf(id));
  });

  test("H2, D8 at gives the tree as it was, in memory, after an eviction and after a checkpoint", async () => {
    const id = await openDocument("time", "root\n  a\n  b");
    const mutations = [
      [insert("n", "a"), update("n", { x: 1 })],
      [move("a", "b")],
      [remove("b")],
      [move("n", "root", { after: null })],
    ];
    const was = [await treeOf(id)];
    for (const ops of mutations) {
      await call("POST", `${topic(id)}/mutations`, { ops });
      was.push(await treeOf(id));
    }
    expect(was.at(-1)).toBe("root\n  n x=1");
    const asItWas = async () => {
      for (const [seq, tree] of was.entries()) expect(await treeOf(id, `?at=${seq}`)).toBe(tree);
      expect(await treeOf(id, "?at=2&node=b")).toBe("b\n  a\n    n x=1");
      expect(await problem("GET", `${topic(id)}/tree?at=3&node=b`)).toMatchObject({ code: "notFound" });
      expect(await call("GET", `${topic(id)}/tree?at=2&depth=0`)).toMatchObject({ seq: 2 });
    };
    await asItWas();
    await evictDurableObject(stubOf(id));
    await asItWas();
    await call("POST", `${topic(id)}/stop`);
    await asItWas();
    await evictDurableObject(stubOf(id));
    await asItWas();
  });
});

describe("large trees", () => {
  test("T11 a tree 1 000 levels deep goes in by PUT and comes out by GET as the same text; one level more is tooDeep", async () => {
    const levels = 1_000;
    const open = (count: number) =>
      Array.from({ length: count }, (_, level) => `{"id":"n${level}","type":"item"`).join(',"children":[');
    const tree = `${open(levels + 1)}${"}]".repeat(levels)}}`;
    const deeper = `${open(levels + 2)}${"}]".repeat(levels + 1)}}`;
    expect(await problem("PUT", topic("deep"), `{"tree":${deeper}}`)).toMatchObject({ code: "tooDeep", status: 409 });
    await call("PUT", topic("deep"), `{"tree":${tree}}`, 201);
    const read = async () => {
      const { status, text } = await request("GET", `${topic("deep")}/tree`);
      expect(status).toBe(200);
      return text.endsWith(`"seq":0,"tree":${tree}}`);
    };
    expect(await read()).toBe(true);
    await evictDurableObject(stubOf("deep"));
    expect(await read()).toBe(true);
    expect(await treeOf("deep", "?node=n999")).toBe("n999\n  n1000");
    const to = `${topic("deep")}/mutations`;
    expect(await problem("POST", to, { ops: [insert("leaf", "n1000")] })).toMatchObject({ code: "tooDeep", op: 0 });
    await call("POST", to, { ops: [insert("leaf", "n999")] });
    expect(await call("GET", topic("deep"))).toMatchObject({ treeSize: levels + 2 });
  }, 60_000);

  test("H11 a tree that takes many turns is that of one moment, over HTTP and RPC, while others write", async () => {
    const children = Array.from({ length: 20_000 }, (_, index) => ({
      id: `c${index}`,
      type: "item",
      attrs: { index },
    }));
    const tree = { id: "root", type: "root", children };
    await call("PUT", topic("busy"), { tree }, 201);
    await evictDurableObject(stubOf("busy"));
    const [read, state, ...writes] = await Promise.all([
      request("GET", `${topic("busy")}/tree`),
      stubOf("busy").getState(),
      ...Array.from({ length: 20 }, (_, index) =>
        call<{ seq: number }>("POST", `${topic("busy")}/mutations`, { ops: [update("c19999", { x: index })] }),
      ),
    ]);
    const { seq, tree: found } = JSON.parse(read.text);
    expect(writes.map((each) => each.seq).toSorted((a, b) => a - b)).toEqual(writes.map((_, index) => index + 1));
    const { tree: then } = await call<{ tree: object }>("GET", `${topic("busy")}/tree?at=${seq}`);
    expect(found).toEqual(then);
    expect(state.ok && state.value.tree).toEqual(
      (await call<{ tree: object }>("GET", `${topic("busy")}/tree?at=${state.ok ? state.value.seq : 0}`)).tree,
    );
  }, 60_000);

  test("H7 a tree of 20 MiB is accepted and given out again", async () => {
    const text = "x".repeat(64 * 1024);
    const children = Array.from({ length: 320 }, (_, index) => ({ id: `c${index}`, type: "item", attrs: { text } }));
    const tree = { id: "root", type: "root", children };
    expect(await call("PUT", topic("large"), { tree }, 201)).toMatchObject({ treeSize: 321 });
    await evictDurableObject(stubOf("large"));
    const answer = await request("GET", `${topic("large")}/tree`);
    expect(answer.text.endsWith(`"tree":${JSON.stringify(tree)}}`)).toBe(true);
  }, 60_000);

  test("H2 a tree over 32 MiB is given out in parts only", async () => {
    const attrs = { text: "x".repeat(1_000_000) };
    const id = await openDocument("larger", "root\n  a");
    for (let index = 0; index < 34; index++) {
      const ops = [{ op: "insert", node: { id: `c${index}`, type: "item", attrs }, parent: "a" }];
      await call("POST", `${topic(id)}/mutations`, { ops });
    }
    expect(await problem("GET", `${topic(id)}/tree`)).toMatchObject({ code: "tooLarge" });
    expect(await call("GET", `${topic(id)}/tree?depth=1`)).toMatchObject({
      tree: { children: [{ id: "a", truncated: true }] },
    });
    expect(await call("GET", `${topic(id)}/tree?node=c33`)).toMatchObject({ tree: { attrs } });
  }, 60_000);
});
