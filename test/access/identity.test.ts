import { expect, test } from "vitest";
import { decodePrincipal } from "../../src/access/identity.ts";

const READER = { user: null, role: "read" };
const withUser = (user: unknown) => decodePrincipal({ user, role: "read" });
const refused = (message: string) => ({ ok: false, problem: { code: "unauthorised", message } });

test("W14 a user's id has 1 to 128 characters, a name 256 at most, and neither is half of something", () => {
  const id = "u".repeat(128);
  const name = "é".repeat(256);
  expect(withUser({ id, name })).toEqual({ ok: true, value: { user: { id, name }, role: "read" } });
  expect(withUser({ id: `${id}u` })).toEqual(refused("user.id: must be 1 to 128 characters, none for control"));
  expect(withUser({ id: "" })).toEqual(refused("user.id: must be 1 to 128 characters, none for control"));
  expect(withUser({ id, name: `${name}x` })).toEqual(
    refused("user.name: must be at most 256 characters, none for control"),
  );
  expect(withUser({ id: "\ud83c" })).toMatchObject({ ok: false });
  expect(withUser({ id: "u\u0000" })).toMatchObject({ ok: false });
  expect(withUser({ id: "u", name: "\u001f" })).toMatchObject({ ok: false });
  expect(withUser({ id: "u", name: "\udf33" })).toMatchObject({ ok: false });
});

test("W13 what is no principal is none", () => {
  const inputs = [undefined, null, [], "admin", {}, { role: "admin" }, { user: null }, { user: null, role: "owner" }];
  for (const input of [...inputs, { user: "eve", role: "read" }, { user: null, role: "read", expires: Number.NaN }]) {
    expect(decodePrincipal(input), JSON.stringify(input)).toMatchObject({ problem: { code: "unauthorised" } });
  }
  const expires = 1_900_000_000_000;
  expect(decodePrincipal({ user: null, role: "admin", expires, more: 1 })).toEqual({
    ok: true,
    value: { user: null, role: "admin", expires },
  });
  const renewable = (said: unknown) => decodePrincipal({ user: null, role: "read", renewable: said });
  expect(renewable(true)).toMatchObject({ value: { renewable: true } });
  for (const said of [false, "true", 1, null]) expect(renewable(said)).toEqual({ ok: true, value: READER });
});
