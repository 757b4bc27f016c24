import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PROTOCOL, topic } from "../../../src/protocol/index.ts";
import type { Authorize } from "../../../src/worker/authorize.ts";
import { createWorker } from "../../../src/worker/create-worker.ts";
import { insert } from "../../tree/document.ts";
import { openDocument, stubOf } from "../http-client.ts";
import { listen } from "../socket-client.ts";
import { deploy, type Env, expectRefused } from "./deployment.ts";
import { accessClaims, SECRET, secretToken } from "./provider.ts";

const deployWith = (authorize: Authorize<Env>, settings: Readonly<Record<string, string>> = {}) =>
  deploy(settings, { authorize });

let log: { readonly mock: { readonly calls: readonly unknown[][] }; mockRestore(): void };
beforeEach(() => {
  log = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => log.mockRestore());

describe("W22 authorize", () => {
  test("decides alone, by anything that a request has, with nothing else configured", async () => {
    const id = await openDocument("session", "root");
    const asked: string[] = [];
    const deployment = deployWith(async (request, documentId, context) => {
      await Promise.resolve();
      expect(context.env.DOCUMENTS).toBeDefined();
      asked.push(`${request.method} ${documentId} ${request.body === null}`);
      const cookie = request.headers.get("cookie");
      if (cookie === null) return { code: "unauthorised", message: "log in first" };
      return { user: { id: cookie, name: "Ann" }, role: "write" };
    });
    expect(await deployment.read(id)).toMatchObject({ status: 401, body: { detail: "log in first" } });
    await expectRefused(await deployment.connect(topic(id)), "unauthorised", 4001, "log in first");
    const body = JSON.stringify({ ops: [insert("n", "root")] });
    const written = await deployment.fetch(`${topic(id)}/mutations`, {
      method: "POST",
      body,
      headers: { cookie: "ann" },
    });
    expect([written.status, (await written.json<{ seq: number }>()).seq]).toEqual([200, 1]);
    const socket = await deployment.connect(topic(id), { cookie: "ann" });
    socket.send({ type: "join", protocol: PROTOCOL, client: "c1" });
    expect(await socket.take("welcome")).toMatchObject({ user: { id: "ann", name: "Ann" }, role: "write" });
    socket.close(1000);
    expect(asked).toEqual([`GET ${id} true`, `GET ${id} true`, `POST ${id} true`, `GET ${id} true`]);
  });

  test("is asked for a ticket, and who it let in is who comes with that", async () => {
    const id = await openDocument("own-ticket", "root");
    let asked = 0;
    const deployment = deployWith((_, documentId) => {
      asked++;
      expect(documentId).toBe(id);
      return { user: { id: "ann" }, role: "read" };
    });
    const answer = await deployment.fetch("/tickets", { method: "POST", body: JSON.stringify({ document: id }) });
    const { ticket } = await answer.json<{ ticket: string }>();
    const socket = await deployment.connect(`${topic(id)}?ticket=${ticket}`);
    socket.send({ type: "join", protocol: PROTOCOL, client: "c1" });
    expect(await socket.take("welcome")).toMatchObject({ user: { id: "ann" }, role: "read" });
    expect(asked).toBe(1);
    socket.close(1000);
  });

  test("stands on top of tokens: who it is they say, what he may it decides", async () => {
    const id = await openDocument("members", "root");
    const deployment = deployWith(
      async (_, documentId, { claims }) => {
        const said = await claims();
        if ("code" in said) return said;
        const roles = said.payload.roles;
        if (!Array.isArray(roles) || documentId !== id) return { code: "forbidden", message: "you are no member" };
        return { user: said.user, role: roles.includes("editor") ? "write" : "read", expires: said.expires };
      },
      { AUTH_SECRET: SECRET },
    );
    const token = (changes: object) => secretToken(accessClaims({ documents: undefined, ...changes }));
    expect((await deployment.read(id, token({ roles: [] }))).status).toBe(200);
    expect(await deployment.read(id, token({}))).toMatchObject({ status: 403, body: { detail: "you are no member" } });
    expect(await deployment.read(id, token({ exp: 1, roles: [] }))).toMatchObject({ status: 401 });
    expect(await deployment.read(id)).toMatchObject({ status: 401 });
    const socket = await deployment.connectWith(id, token({ roles: ["editor"] }));
    socket.send({ type: "join", protocol: PROTOCOL, client: "c1" });
    expect(await socket.take("welcome")).toMatchObject({ role: "write" });
    socket.close(1000);
  });

  test("W40 has the last word on a connection, however it comes: no token that is sent later says more", async () => {
    const id = await openDocument("last-word", "root");
    const deployment = deployWith(
      async (_, __, { byDefault }) => {
        const said = await byDefault();
        return "code" in said ? said : { ...said, role: "read" };
      },
      { AUTH_SECRET: SECRET },
    );
    const token = secretToken(accessClaims({ documents: [{ id, role: "admin" }] }));
    const issued = await deployment.fetch("/tickets", {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ document: id }),
    });
    const { ticket } = await issued.json<{ ticket: string }>();
    const sockets = [
      await deployment.connectWith(id, token),
      await deployment.connect(`${topic(id)}?ticket=${ticket}`),
    ];
    for (const [index, socket] of sockets.entries()) {
      socket.send({ type: "join", protocol: PROTOCOL, client: `c${index}` });
      expect(await socket.take("welcome")).not.toHaveProperty("expires");
      await evictDurableObject(stubOf(id));
      socket.send({ type: "auth", token });
      expect(await socket.take("auth")).toMatchObject({ role: "read", expires: null });
      socket.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("n", "root")] }] });
      expect(await socket.take("reject")).toMatchObject({ code: "forbidden" });
      socket.close(1000);
    }
  });

  test("can leave it to the settings", async () => {
    const id = await openDocument("default", "root");
    const deployment = deployWith((_, __, { byDefault }) => byDefault(), { AUTH_SECRET: SECRET });
    const token = secretToken(accessClaims({ documents: [{ id, role: "read" }] }));
    expect((await deployment.read(id, token)).status).toBe(200);
    expect((await deployment.read("other", token)).status).toBe(403);
    const closed = deployWith((_, __, { byDefault }) => byDefault());
    expect(await closed.read(id)).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("AUTH_SECRET") },
    });
  });

  test.each<[string, Authorize<Env>]>([
    ["throws", () => Promise.reject(new Error("no such table: users"))],
    ["throws what it should not say", () => Promise.reject("the session of owner")],
    ["answers with a text", () => JSON.parse('"the session of owner"')],
    ["answers with a role that is none", () => JSON.parse('{"user":null,"role":"owner"}')],
    ["answers with a user that is too long", () => ({ user: { id: "u".repeat(129) }, role: "admin" })],
    ["answers with half a user", () => JSON.parse('{"user":{"name":"Ann"},"role":"admin"}')],
    ["answers with nobody by mistake", () => JSON.parse('{"role":"admin"}')],
    ["answers with nothing", () => JSON.parse("null")],
    ["answers with a name for a code", () => JSON.parse('{"code":"nope","message":"no"}')],
  ])("lets nobody in where it %s", async (_, authorize) => {
    const id = await openDocument("broken", "root");
    const deployment = deployWith(authorize, { ALLOW_ANONYMOUS: "admin" });
    const answer = await deployment.read(id);
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(JSON.stringify(answer)).not.toMatch(/users|owner/);
    await expectRefused(await deployment.connect(topic(id)), "unavailable", 1011, "try again");
    expect(log.mock.calls.length).toBe(2);
    for (const said of log.mock.calls) {
      const line = said.join(" ");
      // Its name, or what is wrong with its answer; never what it says, and not where.
      expect(line).toMatch(
        /^authorize has (thrown: (Error|string)|answered with no principal: (role: .*|user.*|a principal is .*))$/,
      );
      expect(line).not.toMatch(/users|owner|\n/);
    }
  });
});

test("W22 it composes with a Hono app: that has routes of its own, and hands over requests and upgrades", async () => {
  const id = await openDocument("composed", "root");
  const documents = createWorker<Env>({ authorize: () => ({ user: { id: "ann" }, role: "write" }) });
  const app = new Hono<{ Bindings: Env }>();
  app.get("/hello", (c) => c.text("hello"));
  app.all("/documents/*", (c) => documents.fetch(c.req.raw, c.env));
  app.all("/tickets", (c) => documents.fetch(c.req.raw, c.env));
  const bound = { DOCUMENTS: env.DOCUMENTS };
  const fetch = (path: string, init?: RequestInit) =>
    app.fetch(new Request(`https://grove.example${path}`, init), bound);
  expect(await (await fetch("/hello")).text()).toBe("hello");
  const body = JSON.stringify({ ops: [insert("n", "root")] });
  expect((await fetch(`${topic(id)}/mutations`, { method: "POST", body })).status).toBe(200);
  expect((await fetch("/tickets", { method: "POST", body: JSON.stringify({ document: id }) })).status).toBe(201);
  const headers = { upgrade: "websocket", "sec-websocket-protocol": "durable-grove.v1" };
  const socket = listen(await fetch(topic(id), { headers }));
  socket.send({ type: "join", protocol: PROTOCOL, client: "c1" });
  expect(await socket.take("welcome")).toMatchObject({ user: { id: "ann" }, seq: 1 });
  socket.close(1000);
});

describe("W19 what a request has proved itself with", () => {
  test("stays in the Worker: the object gets no token, no cookie, and one subprotocol", async () => {
    const seen: Headers[] = [];
    const deployment = deploy(
      { ALLOW_ANONYMOUS: "admin", AUTH_SECRET: SECRET },
      {
        documents: () => ({
          getByName: () => ({
            fetch: async ({ headers }) => {
              seen.push(headers);
              return new Response("{}");
            },
            issueTicket: () => Promise.reject(new Error("nobody asks")),
            redeemTicket: () => Promise.reject(new Error("nobody asks")),
            fork: () => Promise.reject(new Error("nobody asks")),
          }),
        }),
      },
    );
    const token = secretToken(accessClaims());
    await deployment.fetch(topic("plan"), {
      headers: { authorization: `bearer ${token}`, cookie: "session=1", "x-own": "1" },
    });
    await deployment.fetch(topic("plan"), {
      headers: { upgrade: "websocket", "sec-websocket-protocol": `token.${token},durable-grove.v1` },
    });
    const [plain, upgrade] = seen;
    expect([plain?.get("authorization"), plain?.get("cookie"), plain?.get("x-own")]).toEqual([null, null, "1"]);
    expect(upgrade?.get("sec-websocket-protocol")).toBe("durable-grove.v1");
  });

  test("is not looked for in a URL; a token beside another scheme is none", async () => {
    const deployment = deploy({ AUTH_SECRET: SECRET });
    const token = secretToken(accessClaims());
    await expectRefused(await deployment.connect(`${topic("plan")}?token=${token}`), "unauthorised", 4001, "no token");
    const answer = await deployment.fetch(topic("plan"), { headers: { authorization: `Basic ${token}` } });
    expect([answer.status, (await answer.json<{ detail: string }>()).detail]).toEqual([
      401,
      expect.stringMatching(/^no token/),
    ]);
  });

  test("one of the two subprotocols is taken, in whatever order they are offered", async () => {
    const deployment = deploy({ AUTH_SECRET: SECRET });
    const token = secretToken(accessClaims());
    const takes = async (offered: string) => {
      const headers = { upgrade: "websocket", "sec-websocket-protocol": offered };
      const answer = await deployment.fetch(topic("plan"), { headers });
      answer.webSocket?.accept();
      answer.webSocket?.close(1000);
      return answer.headers.get("sec-websocket-protocol");
    };
    expect(await takes(`durable-grove.v1, token.${token}`)).toBe("durable-grove.v1");
    expect(await takes(`token.${token},durable-grove.v1`)).toBe("durable-grove.v1");
    expect(await takes(`token.${token}`)).toBeNull();
    expect(await takes("durable-grove.v1, token.nonsense")).toBe("durable-grove.v1");
  });
});
