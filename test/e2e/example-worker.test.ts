import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerProcess, startServer } from "./server-process.ts";
import { connect } from "./sockets.ts";

// examples/worker as a reader of docs/embedding.md runs it: an application's own users, viewers, rights for each document, and an own
// route.

const config = "examples/worker/wrangler.toml";
let server: ServerProcess;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "durable-grove-"));
  const { status, stderr } = spawnSync(process.execPath, [
    "node_modules/wrangler/bin/wrangler.js",
    ...["d1", "execute", "outlines", "--local", "--persist-to", directory, "--config", config],
    ...["--file", "examples/worker/schema.sql", "--yes"],
  ]);
  expect([status, String(stderr)]).toEqual([0, expect.anything()]);
  server = await startServer({ directory, config, vars: {} });
});
afterAll(() => server?.kill());

/** A person who has logged in. */
async function logIn(user: string) {
  const answer = await fetch(`${server.url}/login`, { method: "POST", body: `${user}-key` });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(server.url + path, {
      method,
      headers: { cookie },
      ...(text !== undefined && { body: text }),
    });
    return { status: response.status, text: await response.text() };
  };
  return { ask, join: (outline: string) => connect(`${server.url}/documents/${outline}`, [], { cookie }) };
}

const insert = { op: "insert", parent: "root", node: { id: "n", type: "item" } };

test("W22 an application's own users, roles and route decide who comes in and what he may", async () => {
  const [ann, bob, eve] = [await logIn("ann"), await logIn("bob"), await logIn("eve")];
  expect((await (await logIn("nobody")).ask("PUT", "/outlines/plan")).status).toBe(401);
  expect((await ann.ask("PUT", "/outlines/plan")).status).toBe(201);
  expect((await bob.ask("PUT", "/outlines/plan")).status).toBe(409);

  expect((await bob.ask("PUT", "/outlines/plan/members/bob", "admin")).status).toBe(403);
  expect((await ann.ask("PUT", "/outlines/plan/members/bob", "read")).status).toBe(200);

  const writer = await ann.join("plan");
  const viewer = await bob.join("plan");
  expect([writer.welcome, viewer.welcome]).toMatchObject([
    { user: { id: "ann", name: "Ann" }, role: "admin" },
    { user: { id: "bob", name: "Bob" }, role: "read" },
  ]);

  viewer.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert] }] });
  expect(await viewer.take("reject")).toMatchObject({ code: "forbidden" });
  for (const [method, path, body] of [
    ["POST", "/mutations", { ops: [insert] }],
    ["PUT", "", {}],
    ["PATCH", "", { options: { historyRetention: 0 } }],
    ["POST", "/import", { type: "root" }],
    ["POST", "/revoke", { user: "ann" }],
    ["POST", "/stop", {}],
    ["DELETE", "", {}],
  ] as const) {
    const refused = await bob.ask(method, `/documents/plan${path}`, body);
    expect([path, refused.status, JSON.parse(refused.text).code]).toEqual([path, 403, "forbidden"]);
  }
  expect((await bob.ask("GET", "/documents/plan/tree")).status).toBe(200);

  // It ends with the session; as no token could be sent for it, nobody is told of that (W40).
  expect(viewer.welcome?.expires).toBe(undefined);

  writer.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert] }] });
  expect(await viewer.take("delta")).toMatchObject({ events: [{ seq: 1, userId: "ann" }] });

  // More is for the next connection; less reaches one that is open.
  expect((await ann.ask("PUT", "/outlines/plan/members/bob", "write")).status).toBe(200);
  const helper = await bob.join("plan");
  expect(helper.welcome).toMatchObject({ role: "write" });
  expect((await ann.ask("PUT", "/outlines/plan/members/bob", "read")).status).toBe(200);
  expect(await helper.take("auth")).toMatchObject({ role: "read" });
  helper.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert] }] });
  expect(await helper.take("reject")).toMatchObject({ code: "forbidden" });
  helper.close();

  const stranger = await eve.join("plan");
  expect(stranger.first).toMatchObject({
    type: "error",
    code: "forbidden",
    message: "this outline is not shared with you",
  });
  expect((await eve.ask("GET", "/documents/plan")).status).toBe(403);

  expect((await bob.ask("DELETE", "/outlines/plan/members/ann")).status).toBe(403);
  expect((await ann.ask("DELETE", "/outlines/plan/members/bob")).status).toBe(200);
  expect(await viewer.take("error")).toMatchObject({ code: "forbidden" });
  expect(await viewer.ended()).toBe(4003);
  expect((await bob.join("plan")).first).toMatchObject({ code: "forbidden" });
  await ann.ask("PUT", "/outlines/plan/members/bob", "write");
  const again = await bob.join("plan");
  expect(again.welcome).toMatchObject({ role: "write" });
  for (const { close } of [writer, again]) close();
});
