import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerProcess, startServer } from "./server-process.ts";
import { connect } from "./sockets.ts";

// The Worker as it would be deployed, in a process of its own: what strangers hear who come through a real port.

const AUTH_SECRET = "a secret of forty characters, or of more";
let guarded: ServerProcess;
let closed: ServerProcess;
beforeAll(async () => {
  guarded = await startServer({ vars: { AUTH_SECRET } });
  closed = await startServer({ vars: {} });
});
afterAll(async () => {
  await guarded?.kill();
  await closed?.kill();
});

/** What a client hears first, and how it ends; one that is welcomed leaves. */
async function dial(url: string, protocols: string[], headers: Record<string, string> = {}) {
  const began = Date.now();
  const connection = await connect(url, protocols, headers);
  if (connection.welcome) connection.close();
  const { first, protocol } = connection;
  return { first, close: await connection.ended(), took: Date.now() - began, protocol };
}

const token = (...given: string[]) =>
  spawnSync(process.execPath, ["scripts/token.ts", "--sub", "u1", ...given], {
    env: { ...process.env, AUTH_SECRET },
    encoding: "utf8",
  }).stdout.trim();

test("W21 a deployment that nobody has configured lets nobody in, and says why", async () => {
  const answer = await fetch(`${closed.url}/documents/plan`);
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("AUTH_SECRET")]);
  expect(await dial(`${closed.url}/documents/plan`, ["durable-grove.v1"])).toMatchObject({
    first: { type: "error", code: "unavailable" },
    close: 1011,
  });
});

test("W15, W19 a token by the subprotocol opens its documents; without one a client hears why, within a second", async () => {
  const url = `${guarded.url}/documents/team-a:plan`;
  const own = token("--document", "team-a:*", "--role", "write");
  expect(await dial(url, ["durable-grove.v1", `token.${own}`])).toMatchObject({
    first: { type: "welcome", role: "write", user: { id: "u1" } },
    protocol: "durable-grove.v1",
  });
  const other = token("--document", "team-b:*");
  for (const [protocols, code, close] of [
    [["durable-grove.v1"], "unauthorised", 4001],
    [["durable-grove.v1", `token.${own}x`], "unauthorised", 4001],
    [["durable-grove.v1", `token.${other}`], "forbidden", 4003],
  ] as const) {
    const refused = await dial(url, [...protocols]);
    expect(refused).toMatchObject({ first: { type: "error", code }, close });
    expect(refused.took).toBeLessThan(1_000);
  }
  const nowhere = await dial(`${guarded.url}/nowhere`, []);
  expect(nowhere).toMatchObject({ first: { type: "error", code: "notFound" }, close: 4004 });
});

test("W20 a ticket opens one connection", async () => {
  const headers = { authorization: `Bearer ${token("--document", "ticket")}` };
  await fetch(`${guarded.url}/documents/ticket`, { method: "PUT", headers });
  const issued = await fetch(`${guarded.url}/tickets`, { method: "POST", headers, body: '{"document":"ticket"}' });
  const { ticket }: { ticket: string } = JSON.parse(await issued.text());
  const url = `${guarded.url}/documents/ticket?ticket=${ticket}`;
  expect(await dial(url, [])).toMatchObject({ first: { type: "welcome", user: { id: "u1" } } });
  expect(await dial(url, [])).toMatchObject({ first: { type: "error", code: "unauthorised" }, close: 4001 });
});

test("W13 no header of a client names a principal, not even those that the local server has for itself", async () => {
  const principal = JSON.stringify({ durableGrove: { user: { id: "eve" }, role: "admin" } });
  const headers = { "MF-CF-Blob": principal, "CF-Blob": principal, "x-grove-principal": principal };
  const answer = await fetch(`${guarded.url}/documents/team-a:plan`, { headers });
  expect(answer.status).toBe(401);
  const own = token("--document", "team-a:*", "--role", "read");
  const joined = await dial(`${guarded.url}/documents/team-a:plan`, ["durable-grove.v1", `token.${own}`], headers);
  expect(joined.first).toMatchObject({ type: "welcome", role: "read", user: { id: "u1" } });
});

test("W23 a page of another origin does not come in, one of the own host does", async () => {
  const url = `${guarded.url}/documents/team-a:plan`;
  const own = ["durable-grove.v1", `token.${token("--document", "team-a:*")}`];
  expect(await dial(url, own, { origin: "https://evil.example" })).toMatchObject({
    first: { type: "error", code: "forbidden" },
    close: 4003,
  });
  expect(await dial(url, own, { origin: guarded.url })).toMatchObject({ first: { type: "welcome" } });
});
