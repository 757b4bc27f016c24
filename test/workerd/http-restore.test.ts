import { expect, test } from "vitest";
import { type DiffPage, type RestorePlan, topic } from "../../src/protocol/index.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, problem, stubOf, treeOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

const post = (id: string, ...ops: readonly object[]) => call("POST", `${topic(id)}/mutations`, { ops });

test("V20 what differs between two moments, or the operations that lead from the one to the other", async () => {
  const id = await openDocument("diff", "root\n  a\n  b");
  await post(id, update("a", { x: 1 }), move("b", "a"));
  await post(id, insert("n", "root"));
  const page = await call<DiffPage>("GET", `${topic(id)}/diff?from=0`);
  expect(page).toMatchObject({ from: 0, to: 2, more: false, next: 3 });
  expect(page.nodes.map((node) => `${node.id} ${node.is} ${node.placed ?? node.written}`)).toEqual([
    ...["a changed 1", "b moved 1", "n inserted 2"],
  ]);
  expect(await call("GET", `${topic(id)}/diff?from=1&to=0&ops=true&limit=1`)).toEqual({
    ...{ from: 1, to: 0, more: true, next: 1 },
    ops: [{ op: "move", id: "b", parent: "root", after: "a" }],
  });
  expect(await stubOf(id).diff({ from: 0 })).toEqual({ ok: true, value: page });
  expect(await problem("GET", `${topic(id)}/diff?from=version:first`)).toMatchObject({ status: 404 });
  expect(await problem("GET", `${topic(id)}/diff?ops=true&node=nobody`)).toMatchObject({ status: 404 });
});

test("V30 a restore is told to everyone, and a dry run only says what it would be", async () => {
  const id = await openDocument("restore", "root\n  a\n  b");
  const before = await treeOf(id);
  await post(id, update("a", { x: 1 }), remove("b"));
  const watcher = await join(id, "watcher");
  const body = { to: 0, node: "root", others: "remove", client: "agent", mutation: 1 };
  const plan = await call<RestorePlan>("POST", `${topic(id)}/restore`, { ...body, dryRun: true });
  expect(plan).toEqual({
    ...{ seq: 1, to: 0, more: false },
    ops: [
      { op: "move", id: "b", parent: "root", after: "a" },
      { op: "update", id: "a", unset: ["x"] },
    ],
  });
  const answer = await call("POST", `${topic(id)}/restore`, body);
  expect(answer).toMatchObject({ seq: 2, to: 0, more: false });
  expect(await treeOf(id)).toBe(before);
  expect(await watcher.take("delta")).toMatchObject({ events: [{ seq: 2, client: "agent", meta: { restored: 0 } }] });
  expect(await call("POST", `${topic(id)}/restore`, body)).toEqual(answer);
  expect(await problem("POST", `${topic(id)}/restore`, { to: 0, node: "n" })).toMatchObject({ status: 404 });
  expect(await problem("POST", `${topic(id)}/restore`, { others: "keep" })).toMatchObject({ status: 400 });
  expect(await problem("POST", `${topic(id)}/restore`, { to: 0, client: "agent" })).toMatchObject({ status: 400 });
});
