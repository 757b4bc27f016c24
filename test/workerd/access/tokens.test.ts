import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decodeClaims } from "../../../src/access/claims.ts";
import { PROTOCOL, topic } from "../../../src/protocol/index.ts";
import { call, request } from "../http-client.ts";
import { deploy, expectRefused } from "./deployment.ts";
import {
  AUDIENCE,
  accessClaims,
  ecKey,
  edKey,
  forgedToken,
  ISSUER,
  JWKS_URL,
  rsaKey,
  SECRET,
  seconds,
  secretToken,
} from "./provider.ts";

const rsa = rsaKey("rsa-1");
const ec = ecKey("ec-1");
const ed = edKey("ed-1", "Ed25519");
const named = edKey("ed-2", "EdDSA");
const stranger = { rsa: rsaKey("rsa-1"), ec: ecKey("ec-1"), ed: edKey("ed-1", "Ed25519") };

const checked = { AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
const bySecret = () => deploy({ ...checked, AUTH_SECRET: SECRET });
const byKeys = () => deploy({ ...checked, AUTH_JWKS_URL: JWKS_URL });

/** What the provider publishes, and how often it was asked. */
let published: readonly object[] = [];
let asked = 0;
beforeEach(async () => {
  published = [rsa, ec, ed, named].map(({ jwk }) => jwk);
  asked = 0;
  vi.stubGlobal("fetch", async (url: string) => {
    expect(url).toBe(JWKS_URL);
    asked++;
    return Response.json({ keys: published });
  });
  await request("PUT", topic("plan"));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const past = () => ({ iat: seconds() - 7_200, exp: seconds() - 3_600 });

describe("W16 a token that is refused, over HTTP and at an upgrade, and why", () => {
  const cases: readonly (readonly [string, () => ReturnType<typeof deploy>, () => string, string])[] = [
    ["expired, by a secret", bySecret, () => secretToken(accessClaims(past())), "has expired"],
    ["expired, by RS256", byKeys, () => rsa.sign(accessClaims(past())), "has expired"],
    [
      "not valid yet, by a secret",
      bySecret,
      () => secretToken(accessClaims({ nbf: seconds() + 600 })),
      "not valid yet",
    ],
    ["not valid yet, by ES256", byKeys, () => ec.sign(accessClaims({ nbf: seconds() + 600 })), "not valid yet"],
    ["another secret", bySecret, () => secretToken(accessClaims(), `${SECRET}!`), "none of this deployment's keys"],
    ["another RSA key of the same id", byKeys, () => stranger.rsa.sign(accessClaims()), "none of this"],
    ["another EC key of the same id", byKeys, () => stranger.ec.sign(accessClaims()), "none of this"],
    ["another Ed25519 key of the same id", byKeys, () => stranger.ed.sign(accessClaims()), "none of this"],
    ["HS512", bySecret, () => secretToken(accessClaims(), SECRET, "HS512"), "algorithm is not one of HS256"],
    [
      "RS512 with an RS256 key",
      byKeys,
      () => rsa.sign(accessClaims(), { alg: "RS512" }),
      "algorithm is not one of ES256",
    ],
    ["alg none", bySecret, () => secretToken(accessClaims(), "", "none"), "algorithm is not one of"],
    ["alg none, with keys", byKeys, () => secretToken(accessClaims(), "", "none"), "algorithm is not one of"],
    [
      "HS256 by the text of the public key",
      byKeys,
      () => forgedToken(accessClaims(), JSON.stringify(rsa.jwk), { kid: "rsa-1" }),
      "algorithm is not one of",
    ],
    [
      "HS256 by the public key where there is a secret, too",
      () => deploy({ ...checked, AUTH_SECRET: SECRET, AUTH_JWKS_URL: JWKS_URL }),
      () => forgedToken(accessClaims(), JSON.stringify(rsa.jwk), { kid: "rsa-1" }),
      "none of this deployment's keys",
    ],
    ["ES256 where only a secret is", bySecret, () => ec.sign(accessClaims()), "algorithm is not one of HS256"],
    [
      "another audience",
      bySecret,
      () => secretToken(accessClaims({ aud: "https://other.example" })),
      "another audience",
    ],
    ["another audience, RS256", byKeys, () => rsa.sign(accessClaims({ aud: ["a", "b"] })), "another audience"],
    ["no audience", byKeys, () => rsa.sign(accessClaims({ aud: undefined })), "no aud"],
    ["another issuer", byKeys, () => rsa.sign(accessClaims({ iss: "https://evil.example/" })), "another issuer"],
    ["no exp", bySecret, () => secretToken(accessClaims({ exp: undefined })), "no exp"],
    ["no sub", byKeys, () => ec.sign(accessClaims({ sub: undefined })), "no sub"],
    ["a sub that is too long", bySecret, () => secretToken(accessClaims({ sub: "u".repeat(129) })), "128 characters"],
    ["a name that is too long", bySecret, () => secretToken(accessClaims({ name: "n".repeat(257) })), "256 characters"],
    ["documents that are no list", bySecret, () => secretToken(accessClaims({ documents: "plan" })), "must be a list"],
    [
      "a role that is none",
      bySecret,
      () => secretToken(accessClaims({ documents: [{ id: "plan", role: "owner" }] })),
      "documents[0]: must be { id, role }",
    ],
    ["a signature cut off", bySecret, () => secretToken(accessClaims()).slice(0, -5), "none of this deployment's keys"],
    ["no token at all", bySecret, () => "not.a.token", "not a signed JSON Web Token"],
    ["more than 8 192 characters", bySecret, () => secretToken(accessClaims({ more: "x".repeat(8_192) })), "8192"],
  ];
  test.each(cases)("%s", async (_, deployed, make, reason) => {
    const deployment = deployed();
    const token = make();
    const answer = await deployment.read("plan", token);
    expect(answer).toMatchObject({
      status: 401,
      body: { code: "unauthorised", detail: expect.stringContaining(reason) },
    });
    expect(JSON.stringify(answer)).not.toContain(token);
    if (token.length > 4_096) return;
    await expectRefused(await deployment.connectWith("plan", token), "unauthorised", 4001, reason);
  });

  test("a token of another document: forbidden, and nobody hears whether that document is there", async () => {
    const token = secretToken(accessClaims());
    const answers = [await bySecret().read("other", token), await bySecret().read("no-such", token)];
    const body = { code: "forbidden", detail: "the token does not open this document" };
    expect(answers).toMatchObject([
      { status: 403, body },
      { status: 403, body },
    ]);
    await expectRefused(await bySecret().connectWith("other", token), "forbidden", 4003, "does not open");
  });

  test("without a token: unauthorised, with the ways to send one", async () => {
    expect(await bySecret().read("plan")).toMatchObject({ status: 401, body: { code: "unauthorised" } });
    await expectRefused(await bySecret().connect(topic("plan")), "unauthorised", 4001, "no token");
  });
});

describe("W16 a token that is taken", () => {
  test.each([
    ["HS256", () => bySecret(), () => secretToken(accessClaims())],
    ["RS256", () => byKeys(), () => rsa.sign(accessClaims())],
    ["ES256", () => byKeys(), () => ec.sign(accessClaims())],
    ["EdDSA by a key that says Ed25519", () => byKeys(), () => ed.sign(accessClaims())],
    ["Ed25519 by a key that says Ed25519", () => byKeys(), () => ed.sign(accessClaims(), { alg: "Ed25519" })],
    ["EdDSA by a key that says EdDSA", () => byKeys(), () => named.sign(accessClaims())],
    ["Ed25519 by a key that says EdDSA", () => byKeys(), () => named.sign(accessClaims(), { alg: "Ed25519" })],
    ["one without a key id", () => byKeys(), () => ec.sign(accessClaims(), { kid: undefined })],
    [
      "one that expired within the tolerance",
      () => bySecret(),
      () => secretToken(accessClaims({ exp: seconds() - 20 })),
    ],
    ["one that is valid in a moment", () => bySecret(), () => secretToken(accessClaims({ nbf: seconds() + 20 }))],
    [
      "HS256 beside a key set",
      () => deploy({ ...checked, AUTH_SECRET: SECRET, AUTH_JWKS_URL: JWKS_URL }),
      () => secretToken(accessClaims()),
    ],
  ])("%s", async (_, deployed, make) => {
    const deployment = deployed();
    const token = make();
    expect((await deployment.read("plan", token)).status).toBe(200);
    const socket = await deployment.connectWith("plan", token);
    socket.send({ type: "join", protocol: PROTOCOL, client: crypto.randomUUID() });
    expect(await socket.take("welcome")).toMatchObject({
      user: { id: "auth0|5f7c8ec7c33c6c004bbafe82", name: "Ève 🌳" },
      role: "write",
    });
    socket.close(1000);
  });

  test("W17 gives the most of what its documents give: by an id, by its beginning, by all", async () => {
    const documents = [
      { id: "*", role: "read" },
      { id: "team-a:*", role: "write" },
      { id: "team-a:plan", role: "read" },
      { id: "team-a:own", role: "admin" },
    ];
    const token = secretToken(accessClaims({ documents }));
    const roleIn = async (document: string) => {
      const socket = await bySecret().connectWith(document, token);
      socket.send({ type: "join", protocol: PROTOCOL, client: crypto.randomUUID() });
      const { role } = await socket.take("welcome");
      socket.close(1000);
      return role;
    };
    await call("PUT", topic("team-b:x"), undefined, 201);
    expect(await roleIn("team-a:plan")).toBe("write");
    expect(await roleIn("team-a:own")).toBe("admin");
    expect(await roleIn("team-b:x")).toBe("read");
  });
});

const GRANT = { id: "plan", role: "read" };

describe("limits of a token", () => {
  test("256 grants are taken, one more is not", () => {
    const claims = (count: number) => decodeClaims(accessClaims({ documents: Array(count).fill(GRANT) }), 0);
    expect(claims(256)).toMatchObject({ ok: true, value: { documents: { length: 256 } } });
    expect(claims(257)).toMatchObject({
      problem: { code: "unauthorised", message: "the token's documents: must be a list of at most 256" },
    });
  });

  test("8 192 characters are taken, one more is not", async () => {
    let longest = "";
    for (let filler = 5_500; longest.length < 8_192; filler++) {
      longest = secretToken(accessClaims({ more: "x".repeat(filler) }));
    }
    expect(longest.length).toBe(8_192);
    expect((await bySecret().read("plan", longest)).status).toBe(200);
    const socket = await bySecret().connectWith("plan", longest);
    socket.send({ type: "join", protocol: PROTOCOL, client: crypto.randomUUID() });
    expect(await socket.take("welcome")).toMatchObject({ role: "write" });
    socket.close(1000);
    const tooLong = `${longest}A`;
    const reason = "the token has more than 8192 characters";
    expect(await bySecret().read("plan", tooLong)).toMatchObject({ status: 401, body: { detail: reason } });
    await expectRefused(await bySecret().connectWith("plan", tooLong), "unauthorised", 4001, reason);
  });

  test("262 144 characters of a key set are taken, one more is not", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const publish = (length: number) => {
      const text = JSON.stringify({ keys: published, filler: "" });
      return text.replace('"filler":"', `"filler":"${"x".repeat(length - text.length)}`);
    };
    for (const [length, status] of [
      [262_144, 200],
      [262_145, 503],
    ] as const) {
      const deployment = byKeys();
      vi.stubGlobal("fetch", async () => new Response(publish(length)));
      expect((await deployment.read("plan", rsa.sign(accessClaims()))).status).toBe(status);
    }
    log.mockRestore();
  });
});

describe("W18 keys", () => {
  test("two secrets are taken while they are rotated, and no third", async () => {
    const old = secretToken(accessClaims(), `${SECRET} of last year`);
    const rotating = deploy({ AUTH_SECRET: SECRET, AUTH_SECRET_OLD: `${SECRET} of last year` });
    expect((await rotating.read("plan", old)).status).toBe(200);
    expect((await rotating.read("plan", secretToken(accessClaims()))).status).toBe(200);
    expect((await rotating.read("plan", secretToken(accessClaims(), `${SECRET} of another`))).status).toBe(401);
    expect((await deploy({ AUTH_SECRET: SECRET }).read("plan", old)).status).toBe(401);
  });

  test("are fetched once, and again after ten minutes", async () => {
    const deployment = byKeys();
    for (let n = 0; n < 5; n++) expect((await deployment.read("plan", rsa.sign(accessClaims()))).status).toBe(200);
    expect(asked).toBe(1);
    published = [ec.jwk];
    vi.useFakeTimers({ now: Date.now() + 600_000, toFake: ["Date"] });
    expect((await deployment.read("plan", rsa.sign(accessClaims()))).status).toBe(401);
    expect(asked).toBe(2);
  });

  test("a new one is fetched when a token names it; for ids that nobody has once in 30 s", async () => {
    const deployment = byKeys();
    const next = rsaKey("rsa-2");
    expect((await deployment.read("plan", rsa.sign(accessClaims()))).status).toBe(200);
    published = [...published, next.jwk];
    // Just asked: the next time is in 30 s.
    expect((await deployment.read("plan", next.sign(accessClaims()))).status).toBe(401);
    vi.useFakeTimers({ now: Date.now() + 30_000, toFake: ["Date"] });
    expect((await deployment.read("plan", next.sign(accessClaims()))).status).toBe(200);
    expect(asked).toBe(2);
    for (let n = 0; n < 20; n++) await deployment.read("plan", next.sign(accessClaims(), { kid: `made up ${n}` }));
    expect(asked).toBe(2);
    vi.setSystemTime(Date.now() + 30_000);
    for (let n = 0; n < 20; n++) await deployment.read("plan", next.sign(accessClaims(), { kid: `made up ${n}` }));
    expect(asked).toBe(3);
  });

  test("requests that come while they are fetched wait for that, and ask for nothing themselves", async () => {
    const deployment = byKeys();
    vi.stubGlobal("fetch", async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return Response.json({ keys: published });
    });
    const answers = Array.from({ length: 10 }, () => deployment.read("plan", ec.sign(accessClaims())));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(asked).toBe(1);
  });

  test.each([
    ["no answer", () => Promise.reject(new Error("connection refused: 10.0.0.1"))],
    ["an error", async () => new Response("no", { status: 500 })],
    ["no key set", async () => Response.json({ error: "no" })],
    ["one that is too large", async () => Response.json({ keys: ["x".repeat(256 * 1024)] })],
  ])("that cannot be fetched (%s) are unavailable, and asked for again after 5 s", async (_, fetched) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const deployment = byKeys();
    vi.stubGlobal("fetch", () => {
      asked++;
      return fetched();
    });
    for (let n = 0; n < 3; n++) {
      const answer = await deployment.read("plan", rsa.sign(accessClaims()));
      expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    }
    await expectRefused(await deployment.connectWith("plan", rsa.sign(accessClaims())), "unavailable", 1011, "keys");
    expect(asked).toBe(1);
    expect(log.mock.calls.flat().join(" ")).not.toMatch(/10\.0\.0\.1|login\.example/);
    log.mockRestore();
    vi.stubGlobal("fetch", async () => Response.json({ keys: published }));
    vi.useFakeTimers({ now: Date.now() + 5_000, toFake: ["Date"] });
    expect((await deployment.read("plan", rsa.sign(accessClaims()))).status).toBe(200);
  });

  test("one that is broken or for something else does not keep the others from being used", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    published = [
      { kty: "EC", crv: "P-256", kid: "ec-1", x: "AA", y: "AA" },
      { ...rsa.jwk, use: "enc" },
      { kty: "oct", k: "AAAA", kid: "ec-1" },
      ec.jwk,
    ];
    expect((await byKeys().read("plan", ec.sign(accessClaims()))).status).toBe(200);
    expect((await byKeys().read("plan", rsa.sign(accessClaims()))).status).toBe(401);
    log.mockRestore();
  });
});
