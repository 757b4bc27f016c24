import { expect, test } from "vitest";
import { topic, type Version, type VersionsPage } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import { call, openDocument, problem, stubOf } from "./http-client.ts";

test("V60, V61, V62 versions are named, listed, renamed and deleted, and asked for, over HTTP and RPC", async () => {
  const id = await openDocument("versions", "root\n  a");
  for (const x of [1, 2]) await call("POST", `${topic(id)}/mutations`, { ops: [update("a", { x })] });
  const path = `${topic(id)}/versions`;
  const first = await call<Version>("POST", path, { name: "the first", at: 1 }, 201);
  expect(first).toEqual({ id: expect.any(String), name: "the first", seq: 1, time: expect.any(Number), userId: null });
  const second = await stubOf(id).nameVersion({ name: "the second" });
  expect(second).toMatchObject({ ok: true, value: { seq: 2 } });
  const page = await call<VersionsPage>("GET", `${path}?order=newest&limit=1`);
  expect(page).toMatchObject({ entries: [{ name: "the second" }], more: true });
  const rest = await call<VersionsPage>("GET", `${path}?order=newest&after=${page.next}`);
  expect(rest).toMatchObject({ entries: [first], more: false });
  expect(await stubOf(id).versions({ order: "newest", after: page.next ?? "" })).toEqual({ ok: true, value: rest });
  const tree = await call("GET", `${topic(id)}/tree?node=a&at=version:the%20first`);
  expect(tree).toMatchObject({ seq: 1, tree: { attrs: { x: 1 } } });
  expect(await call("PATCH", `${path}/${first.id}`, { name: "another" })).toEqual({ ...first, name: "another" });
  expect(await problem("POST", path, { name: "another" })).toMatchObject({ status: 409, code: "exists" });
  expect(await call("DELETE", `${path}/${first.id}`)).toBe(null);
  expect(await problem("DELETE", `${path}/${first.id}`)).toMatchObject({ status: 404 });
  expect(await problem("PATCH", `${path}/none`, { name: "x" })).toMatchObject({ status: 404 });
});

test("V62 what a query or a body of versions may be, and what it may not", async () => {
  const id = await openDocument("versions", "root");
  const path = `${topic(id)}/versions`;
  for (const query of ["limit=0", "limit=1001", "after=x", "after=1", "order=up", "before=1"])
    expect([query, (await problem("GET", `${path}?${query}`)).status]).toEqual([query, 400]);
  expect(await call("GET", `${path}?limit=1000&after=5:x`)).toEqual({ entries: [], more: false, next: "5:x" });
  const longest = "x".repeat(128);
  expect(await call("POST", path, { name: longest }, 201)).toMatchObject({ name: longest });
  for (const body of [
    {},
    { name: "" },
    { name: `${longest}x` },
    { name: "\ud800" },
    { name: "x", at: -1 },
    { name: 1 },
  ])
    expect([body, (await problem("POST", path, body)).status]).toEqual([body, 400]);
  for (const body of [{}, { name: "" }, [], { name: "x", at: 0 }])
    expect([body, (await problem("PATCH", `${path}/v`, body)).status]).toEqual([body, 400]);
});

test("V65, V68 a history is bounded by bytes, but for what a version keeps, in workerd as well", async () => {
  const id = await openDocument("versions", "root\n  a");
  for (const x of [1, 2, 3]) await call("POST", `${topic(id)}/mutations`, { ops: [update("a", { x })] });
  const { id: kept } = await call<Version>("POST", `${topic(id)}/versions`, { name: "kept", at: 1 }, 201);
  const from = async (options: object) => {
    await call("PATCH", topic(id), { options });
    await call("POST", `${topic(id)}/stop`);
    return (await call<{ historyFrom: number }>("GET", topic(id))).historyFrom;
  };
  expect(await from({ historyMaxBytes: 0 })).toBe(2);
  const expired = await problem("GET", `${topic(id)}/tree?at=0`);
  expect(expired).toMatchObject({ status: 410, code: "expired", detail: expect.stringContaining("begins at seq 2") });
  expect(await call("GET", `${topic(id)}/diff?from=version:kept`)).toMatchObject({ from: 1, to: 3 });
  expect(await call("POST", `${topic(id)}/restore`, { to: "version:kept" })).toMatchObject({ seq: 4, to: 1 });
  expect(await call("GET", `${topic(id)}/tree?node=a`)).toMatchObject({ tree: { attrs: { x: 1 } } });
  await call("DELETE", `${topic(id)}/versions/${kept}`);
  expect(await from({ gracePeriod: 1 })).toBe(5);
});
