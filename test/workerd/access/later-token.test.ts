import { expect, test } from "vitest";
import { authenticator } from "../../../src/access/authenticate.ts";
import { accessClaims, SECRET, seconds, secretToken } from "./provider.ts";

// A token that comes over a connection is verified in the object, as the Worker verifies those that open one.

test("W16, W34 the object verifies by the settings of the Worker, and says when a token was issued", async () => {
  const authenticate = authenticator({ AUTH_SECRET: SECRET });
  const [iat, exp] = [seconds() - 10, seconds() + 60];
  expect(await authenticate(secretToken(accessClaims({ iat, exp })), "plan")).toEqual({
    ok: true,
    value: {
      user: { id: "auth0|5f7c8ec7c33c6c004bbafe82", name: "Ève 🌳" },
      role: "write",
      expires: (exp + 30) * 1_000,
      issued: iat * 1_000,
      renewable: true,
    },
  });
  const codeOf = async (token: string, env: object, documentId = "plan") => {
    const result = await authenticator(env)(token, documentId);
    return result.ok ? "ok" : result.problem.code;
  };
  expect(await codeOf(secretToken(accessClaims()), { AUTH_SECRET: SECRET }, "other")).toBe("forbidden");
  expect(await codeOf(secretToken(accessClaims({ exp: 1 })), { AUTH_SECRET: SECRET })).toBe("unauthorised");
  expect(await codeOf(secretToken(accessClaims()), {})).toBe("unauthorised");
  expect(await codeOf(secretToken(accessClaims()), { AUTH_SECRET: "short" })).toBe("unavailable");
});
