import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { makeToken } from "../../scripts/token.ts";
import { roleIn } from "../../src/access/claims.ts";
import { readSettings } from "../../src/access/settings.ts";
import { createVerify } from "../../src/access/tokens.ts";

const AUTH_SECRET = "a secret of forty characters, or of more";

async function claimsOf(token: string, env: object) {
  const settings = readSettings(env);
  if (!settings.ok) throw new Error(settings.problem.message);
  return createVerify(settings.value)(token);
}

test("W16, W17 npm run token makes one that a deployment takes", async () => {
  const env = { AUTH_SECRET, AUTH_ISSUER: "https://us.example", AUTH_AUDIENCE: "grove, other" };
  const request = { sub: "u1", name: "Ève", documents: ["team-a:*", "plan"], role: "write", hours: 1 };
  const claims = await claimsOf(makeToken(request, env), env);
  expect(claims).toMatchObject({ ok: true, value: { user: { id: "u1", name: "Ève" } } });
  if (!claims.ok) return;
  const { documents, expires } = claims.value;
  expect([roleIn(documents, "team-a:x"), roleIn(documents, "plan"), roleIn(documents, "team-b:x")]).toEqual([
    "write",
    "write",
    null,
  ]);
  expect(Math.abs(expires - Date.now() - 3_630_000)).toBeLessThan(2_000);
  expect(await claimsOf(makeToken(request, env), { AUTH_SECRET: `${AUTH_SECRET}!` })).toMatchObject({ ok: false });
});

test("a secret has 32 characters at least, without the space around it, as a deployment reads it", () => {
  const request = { sub: "u1", documents: ["a"], role: "read", hours: 1 };
  const secret = "x".repeat(32);
  expect(makeToken(request, { AUTH_SECRET: ` ${secret}\n` })).toMatch(/^ey/);
  expect(() => makeToken(request, { AUTH_SECRET: ` ${secret.slice(1)}\n` })).toThrow("32 characters at least");
});

function run(...given: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/token.ts", ...given], {
    env: { ...process.env, AUTH_SECRET },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("npm run token prints it, and nothing else", async () => {
  const { status, stdout } = run("--sub", "u1", "--document", "team-a:*", "--role", "read");
  expect(status).toBe(0);
  expect(await claimsOf(stdout.trim(), { AUTH_SECRET })).toMatchObject({
    value: { documents: [{ id: "team-a:*", role: "read" }] },
  });
});

test.each([
  ["a document that can be none", ["--sub", "u1", "--document", "team-a/*"], "team-a/*: is an id of 1 to 128 of"],
  ["a role that is none", ["--sub", "u1", "--document", "a", "--role", "owner"], "--role is read, write or admin"],
  ["no document", ["--sub", "u1"], "npm run token -- --sub USER"],
  ["a word too much", ["--sub", "u1", "--documents", "a"], "--documents"],
])("npm run token says what is wrong: %s", (_, given, said) => {
  const { status, stdout, stderr } = run(...given);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(said);
});
