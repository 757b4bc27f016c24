import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { item } from "../tree/document.ts";
import { call, problem, stubOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });
const row = (id: string, text: string) => ({ id, type: "row", attrs: { text } });
const textsOf = async (id: string) => {
  const { tree } = await call<{ tree: { children: { attrs: { text: string } }[] } }>("GET", `${topic(id)}/tree`);
  return tree.children.map(({ attrs }) => attrs.text).join(" / ");
};

test("X21 X25 X35 edits, splits and joins over the socket, HTTP and RPC, over an eviction, in history and back in time", async () => {
  const id = "texts";
  await stubOf(id).getOrStart({ tree: { ...item("root"), children: [row("a", "helloworld")] } });
  const post = (body: object) => call<{ ops: object[] }>("POST", `${topic(id)}/mutations`, body);
  const ann = await join(id, "ann");
  await ann.write(edit("a", 5, "ANN"));
  await evictDurableObject(stubOf(id));
  const split = { op: "split", id: "a", attr: "text", at: 7, node: { id: "b", type: "row" } };
  expect(await post({ base: 0, ops: [split] })).toMatchObject({
    ops: [
      { op: "edit", id: "a", changes: [10, -3], split: { at: 10, length: 13, node: "b" } },
      { op: "insert", node: { id: "b", type: "row", attrs: { text: "rld" } }, parent: "root", after: "a" },
    ],
  });
  expect(await textsOf(id)).toBe("helloANNwo / rld");
  const answer = await Reflect.apply(Reflect.get(stubOf(id), "mutate"), stubOf(id), [
    { client: "bob", mutation: 1, base: 1, ops: [edit("a", 13, "RPC")] },
  ]);
  expect(answer).toMatchObject({ ok: true, value: { ops: [{ op: "edit", id: "b", changes: [3, "RPC"] }] } });
  await post({ ops: [{ op: "join", id: "b", into: "a", attr: "text" }] });
  expect(await textsOf(id)).toBe("helloANNworldRPC");
  expect(ann.replica.outline()).toBe('root\n  a:row text="helloANNworldRPC"');
  const { entries } = await call<{ entries: { ops: object[]; inverse: object[] }[] }>(
    "GET",
    `${topic(id)}/history?inverse=true`,
  );
  expect(entries[0]).toMatchObject({
    ops: [edit("a", 5, "ANN")],
    inverse: [{ op: "edit", id: "a", changes: [5, -3] }],
  });
  expect(JSON.stringify(entries)).not.toContain("asked");
  const { tree } = await call<{ tree: object }>("GET", `${topic(id)}/tree?at=2`);
  expect(tree).toMatchObject({ children: [{ attrs: { text: "helloANNwo" } }, { attrs: { text: "rld" } }] });
  await post({ ops: [{ op: "undo", seqs: [1] }] });
  expect(await textsOf(id)).toBe("helloworldRPC");
  expect(await problem("POST", `${topic(id)}/mutations`, { ops: [edit("a", 99, "x")] })).toMatchObject({
    ...{ code: "invalid", status: 400, op: 0 },
    detail: "attribute text of node a: it ends at 99, the text at 13",
  });
});
