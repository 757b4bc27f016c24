import { describe, expect, test, vi } from "vitest";
import { PROTOCOL, topic } from "../../../src/protocol/index.ts";
import { deploy, expectRefused } from "./deployment.ts";
import { accessClaims, SECRET, secretToken } from "./provider.ts";

const plan = topic("closed-plan");

describe("W21 a deployment that nobody has configured", () => {
  test.each([
    ["nothing", {}],
    ["variables that are empty", { AUTH_SECRET: "", AUTH_JWKS_URL: " ", ALLOW_ANONYMOUS: "" }],
    ["origins alone", { ALLOWED_ORIGINS: "*", AUTH_ISSUER: "https://login.example/" }],
  ])("with %s answers 503 and says how, to requests and to upgrades, and touches no document", async (_, settings) => {
    const deployment = deploy(settings);
    for (const method of ["PUT", "GET", "DELETE"]) {
      const answer = await deployment.fetch(plan, { method });
      const { code, detail } = await answer.json<{ code: string; detail: string }>();
      expect([answer.status, code]).toEqual([503, "unavailable"]);
      for (const said of ["wrangler secret put AUTH_SECRET", "AUTH_JWKS_URL", "ALLOW_ANONYMOUS"])
        expect(detail).toContain(said);
    }
    const ticket = await deployment.fetch("/tickets", { method: "POST", body: '{"document":"closed-plan"}' });
    expect([ticket.status, (await ticket.json<{ code: string }>()).code]).toEqual([503, "unavailable"]);
    await expectRefused(await deployment.connect(plan), "unavailable", 1011, "AUTH_SECRET");
    expect((await deployment.fetch("/healthz")).status).toBe(200);
  });

  test.each([
    ["AUTH_SECRET", { AUTH_SECRET: "x".repeat(31) }],
    ["AUTH_SECRET_OLD", { AUTH_SECRET: SECRET, AUTH_SECRET_OLD: "short" }],
    ["AUTH_JWKS_URL", { AUTH_JWKS_URL: "http://login.example/keys", AUTH_AUDIENCE: "a" }],
    ["AUTH_AUDIENCE", { AUTH_JWKS_URL: "https://login.example/keys" }],
    ["AUTH_CLOCK_TOLERANCE", { AUTH_SECRET: SECRET, AUTH_CLOCK_TOLERANCE: "301" }],
    ["AUTH_CLOCK_TOLERANCE", { AUTH_SECRET: SECRET, AUTH_CLOCK_TOLERANCE: "a while" }],
    ["ALLOW_ANONYMOUS", { ALLOW_ANONYMOUS: "yes" }],
  ])("or where %s is wrong answers 503 and names it, and not its value", async (name, settings) => {
    const answer = await deploy(settings).read("closed-plan");
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable", detail: expect.stringContaining(name) } });
    for (const value of Object.values(settings)) if (value.length > 1) expect(answer.body.detail).not.toContain(value);
    await expectRefused(await deploy(settings).connect(plan), "unavailable", 1011, name);
  });

  test("31 characters are too few for a secret and 32 are not, 300 seconds are a tolerance", async () => {
    const secret = "x".repeat(32);
    const settings = { AUTH_SECRET: secret, AUTH_CLOCK_TOLERANCE: "300" };
    const token = secretToken(accessClaims({ documents: [{ id: "closed-*", role: "admin" }] }), secret);
    expect((await deploy(settings).read("closed-plan", token)).status).toBe(404);
  });
});

test("W74 what a Worker fails at is logged with its name and message, and not where", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const documents = () => {
    throw new TypeError("no binding");
  };
  const broken = deploy({ ALLOW_ANONYMOUS: "read" }, { documents });
  expect(await broken.read("closed-plan")).toMatchObject({ status: 503, body: { code: "unavailable" } });
  await expectRefused(await broken.connect(plan), "unavailable", 1011, "could not be reached");
  expect(log.mock.calls).toEqual([
    ["a request failed: TypeError: no binding"],
    ["a connection failed: TypeError: no binding"],
  ]);
  log.mockRestore();
});

describe("W21 ALLOW_ANONYMOUS", () => {
  test.each(["read", "write", "admin"] as const)("gives those who come without a token the role %s", async (role) => {
    const admin = deploy({ ALLOW_ANONYMOUS: "admin" });
    await (await admin.fetch(topic(`open-${role}`), { method: "PUT" })).text();
    const socket = await deploy({ ALLOW_ANONYMOUS: role }).connect(topic(`open-${role}`));
    socket.send({ type: "join", protocol: PROTOCOL, client: "anybody" });
    expect(await socket.take("welcome")).toMatchObject({ role, user: null });
    socket.close(1000);
  });

  test("is nothing for a token that is not valid: who proves himself wrongly does not come in as nobody", async () => {
    const open = deploy({ ALLOW_ANONYMOUS: "admin", AUTH_SECRET: SECRET });
    expect(await open.read("plan", secretToken(accessClaims({ exp: 1 })))).toMatchObject({ status: 401 });
    expect(await open.read("other", secretToken(accessClaims()))).toMatchObject({ status: 403 });
    const keyless = deploy({ ALLOW_ANONYMOUS: "admin" });
    expect(await keyless.read("plan", secretToken(accessClaims()))).toMatchObject({
      status: 401,
      body: { detail: "this deployment has no key to verify a token with" },
    });
  });
});

describe("W15 an upgrade that cannot be", () => {
  const open = () => deploy({ ALLOW_ANONYMOUS: "admin" });
  test.each([
    ["/documents/not%20an%20id", "invalid", 4022, "1 to 128"],
    [`/documents/${"x".repeat(129)}`, "invalid", 4022, "1 to 128"],
    ["/", "notFound", 4004, "no WebSocket here"],
    ["/healthz", "notFound", 4004, "no WebSocket here"],
    ["/tickets", "notFound", 4004, "no WebSocket here"],
    ["/documents/", "notFound", 4004, "no WebSocket here"],
    ["/documents/plan/tree", "notFound", 4004, "no WebSocket here"],
  ])("%s: is accepted, told and closed", async (path, code, close, message) => {
    await expectRefused(await open().connect(path), code, close, message);
  });

  test.each([
    ["plan", 404],
    ["team%3Ax", 404],
    ["team:%78", 404],
    ["t%C3%A9am", 400],
    ["team%253Ax", 400],
    ["team%2Fx", 400],
    ["team%", 400],
    ["team%3", 400],
    ["team%E9", 400],
    ["%2Bx", 400],
  ])("the id %s is the same by a request and by a socket", async (segment, status) => {
    const deployment = deploy({ ALLOW_ANONYMOUS: "read" });
    const path = `/documents/closed-${segment}`;
    const answer = await deployment.fetch(path);
    expect([answer.status, await answer.json()]).toMatchObject([
      status,
      { code: status === 400 ? "invalid" : "notFound" },
    ]);
    const socket = await deployment.connect(path);
    if (status === 400) return expectRefused(socket, "invalid", 4022, "1 to 128");
    socket.send({ type: "join", protocol: PROTOCOL, client: "anybody" });
    expect(await socket.take("error")).toMatchObject({ code: "notFound" });
  });

  test("takes our subprotocol all the same: without it the client would hear nothing", async () => {
    const answer = await open().fetch("/nowhere", {
      headers: { upgrade: "websocket", "sec-websocket-protocol": "durable-grove.v1, token.abc" },
    });
    expect([answer.status, answer.headers.get("sec-websocket-protocol")]).toEqual([101, "durable-grove.v1"]);
    answer.webSocket?.accept();
  });
});
