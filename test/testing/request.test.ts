import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/client/connection/platform.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { insert, item } from "../tree/document.ts";

const read = ({ status, text }: Answer): { status: number; body: unknown } => ({ status, body: JSON.parse(text) });

function begin() {
  const server = createTestServer();
  server.call("plan").getOrStart({ tree: item("root", item("a")) });
  const machine = server.machine({ principal: { user: { id: "ann" }, role: "admin" } });
  /** Asks, and lets the answer come. */
  const ask = async (method: "GET" | "POST", path: string, body?: object) => {
    const answer = machine.request(method, `http://test/documents/${path}`, { body: body && JSON.stringify(body) });
    await server.settle();
    return read(await answer);
  };
  return { server, machine, ask };
}

describe("a machine's requests", () => {
  test("describe a document, and read its tree", async () => {
    const { ask } = begin();
    expect(await ask("GET", "plan")).toMatchObject({ status: 200, body: { documentId: "plan", seq: 0 } });
    expect(await ask("GET", "plan/tree?node=root&depth=0")).toEqual({
      status: 200,
      body: {
        documentId: "plan",
        incarnation: expect.any(String),
        seq: 0,
        tree: { id: "root", type: "item", truncated: true },
      },
    });
    expect(await ask("GET", "plan/tree?depth=x")).toMatchObject({ status: 400, body: { code: "invalid" } });
  });

  test("V20 V30 tell what differs, and restore", async () => {
    const { server, ask } = begin();
    await ask("POST", "plan/mutations", { ops: [insert("n", "a")] });
    expect(await ask("GET", "plan/diff?from=0")).toMatchObject({ body: { nodes: [{ id: "n", is: "inserted" }] } });
    const body = { to: 0, others: "remove" };
    expect(await ask("POST", "plan/restore", { ...body, dryRun: true })).toMatchObject({
      body: { seq: 1, ops: [{ op: "remove", id: "n" }] },
    });
    expect(await ask("POST", "plan/restore", body)).toMatchObject({ status: 200, body: { seq: 2, more: false } });
    expect(server.call("plan").diff()).toMatchObject({ value: { from: 0, to: 2, nodes: [] } });
    expect(server.call("plan").restore({ to: 1 })).toMatchObject({ value: { seq: 3, to: 1 } });
  });

  test("V60 V62 name states, and list them", async () => {
    const { server, ask } = begin();
    await ask("POST", "plan/mutations", { ops: [insert("n", "a")] });
    const first = { name: "first", seq: 0, userId: "ann" };
    expect(await ask("POST", "plan/versions", { name: "first", at: 0 })).toMatchObject({ status: 201, body: first });
    expect(server.call("plan").nameVersion({ name: "second" })).toMatchObject({ value: { seq: 1, userId: null } });
    const page = { entries: [{ name: "second" }], more: true };
    expect(await ask("GET", "plan/versions?order=newest&limit=1")).toMatchObject({ status: 200, body: page });
    const calls = server.call("plan");
    const [id = ""] = [calls.versions()].flatMap((all) => (all.ok ? all.value.entries.map((each) => each.id) : []));
    expect(calls.renameVersion({ id, name: "other" })).toMatchObject({ value: { name: "other" } });
    expect(calls.getState({ at: "version:other" })).toMatchObject({ value: { seq: 0 } });
    expect(calls.deleteVersion({ id })).toEqual({ ok: true, value: null });
  });

  test("R19 W30 are refused where the role does not reach", async () => {
    const { server } = begin();
    const reader = server.machine({ principal: { user: null, role: "read" } });
    const status = async (path: string) => {
      const answer = reader.request("POST", `http://test/documents/plan/${path}`, { body: '{"ops":[]}' });
      await server.settle();
      return (await answer).status;
    };
    expect([await status("mutations"), await status("stop")]).toEqual([403, 403]);
  });

  test("commit mutations by who asks, and read the history", async () => {
    const { ask } = begin();
    const call = { client: "c", mutation: 1, ops: [insert("b", "root")], meta: { why: "it rains & pours" } };
    const answer = await ask("POST", "plan/mutations", call);
    expect(answer).toMatchObject({ status: 200, body: { seq: 1 } });
    expect(await ask("POST", "plan/mutations", call)).toEqual(answer);
    const entry = { seq: 1, userId: "ann", inverse: [{ op: "remove", id: "b" }] };
    const page = { entries: [entry], more: false };
    expect(await ask("GET", "plan/history?after=0&where[userId]=ann&inverse=true")).toMatchObject({
      status: 200,
      body: page,
    });
    const query = `inverse=true&where%5Bmeta.why%5D=${encodeURIComponent("it rains & pours")}&limit=5`;
    expect(await ask("GET", `plan/history?${query}`)).toMatchObject({ body: page });
    expect(await ask("GET", "plan/history?where[meta.why]=it+shines")).toMatchObject({ body: { entries: [] } });
    expect(await ask("POST", "plan/stop")).toMatchObject({ body: { state: "asleep" } });
  });

  test("say who wrote what and what was removed, and take it back", async () => {
    const { ask } = begin();
    await ask("POST", "plan/mutations", { ops: [{ op: "remove", id: "a" }] });
    const removed = { seq: 1, userId: "ann" };
    expect(await ask("GET", "plan/blame?node=a")).toMatchObject({ status: 200, body: { removed, more: false } });
    expect(await ask("GET", "plan/bin?limit=1&text=")).toMatchObject({ body: { entries: [{ id: "a", ...removed }] } });
    expect(await ask("POST", "plan/undo")).toMatchObject({ status: 200, body: { seq: 2 } });
    expect(await ask("GET", "plan/bin")).toMatchObject({ body: { entries: [] } });
    expect(await ask("GET", "plan/blame")).toMatchObject({ status: 400, body: { code: "invalid" } });
  });

  test("are refused with a problem", async () => {
    const { server, machine, ask } = begin();
    expect(await ask("GET", "nothing")).toEqual({
      status: 404,
      body: {
        title: expect.any(String),
        status: 404,
        code: "notFound",
        detail: "there is no document nothing",
      },
    });
    expect(await ask("POST", "plan/mutations", { ops: [{ op: "remove", id: "ghost" }] })).toMatchObject({
      status: 404,
      body: { code: "notFound", op: 0 },
    });
    expect(await ask("GET", "plan/nothing")).toMatchObject({ status: 404 });
    const odd = [
      machine.request("POST", "http://test/documents/plan/mutations", { body: "{" }),
      machine.request("GET", "http://test/documents/plan%20b", {}),
    ];
    await server.settle();
    for (const answer of odd) expect(read(await answer)).toMatchObject({ status: 400, body: { code: "invalid" } });
  });

  test("remember their token", async () => {
    const { machine, server } = begin();
    const answer = machine.request("GET", "http://test/documents/plan", { token: "secret" });
    expect([machine.lastUrl, machine.lastToken]).toEqual(["http://test/documents/plan", "secret"]);
    await server.settle();
    await answer;
  });

  test("fail while the machine is offline, and when it goes offline under way", async () => {
    const { server, machine } = begin();
    const underWay = machine.request("GET", "http://test/documents/plan", {});
    machine.online = false;
    await expect(underWay).rejects.toThrow("the connection broke");
    await expect(machine.request("GET", "http://test/documents/plan", {})).rejects.toThrow("offline");
    await server.settle();
  });

  test("may have had their effect although their answer was lost", async () => {
    const { server, machine, ask } = begin();
    const body = { client: "c", mutation: 1, ops: [insert("b", "root")] };
    machine.hold("down");
    const lost = machine.request("POST", "http://test/documents/plan/mutations", { body: JSON.stringify(body) });
    await server.settle();
    machine.cut();
    await expect(lost).rejects.toThrow();
    machine.release();
    expect(await ask("POST", "plan/mutations", body)).toMatchObject({ status: 200, body: { seq: 1 } });
    expect(server.call("plan").info()).toMatchObject({ value: { seq: 1 } });
  });

  test("fail when the object is killed before the answer arrives", async () => {
    const { server, machine } = begin();
    const lost = machine.request("GET", "http://test/documents/plan", {});
    machine.deliver("up");
    server.crash();
    const failed = expect(lost).rejects.toThrow("the connection broke");
    await server.settle();
    await failed;
  });
});
