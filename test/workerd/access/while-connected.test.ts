import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { withPrincipal } from "../../../src/access/principal.ts";
import { type Principal, type Role, topic } from "../../../src/protocol/index.ts";
import { insert, update } from "../../tree/document.ts";
import { openDocument, stubOf } from "../http-client.ts";
import { join } from "../socket-client.ts";

// What changes while somebody is connected, in real objects that sleep; who may do what at all is the matrix's.

const of = (role: Role, more: Partial<Principal> = {}): Principal => ({ user: { id: "ray" }, role, ...more });

async function request(
  id: string,
  method: string,
  path: string,
  principal: Principal,
  body?: unknown,
): Promise<{ readonly status: number; readonly code?: string }> {
  const request = new Request(`http://localhost${topic(id)}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await stubOf(id).fetch(withPrincipal(request, principal));
  const told = await answer.text();
  return { status: answer.status, ...(answer.status >= 400 && { code: JSON.parse(told).code }) };
}

test("W30 W31 options that name nothing take no more than a creation", async () => {
  expect(await request("made", "PUT", "", of("write"), { options: {} })).toEqual({ status: 201 });
});

test("W33 a silent connection is closed by the alarm after a hibernation", async () => {
  const id = await openDocument("over", "root");
  const ann = await join(id, "ann", { principal: of("write", { expires: Date.now() + 700, renewable: true }) });
  const bob = await join(id, "bob");
  await evictDurableObject(stubOf(id));
  await new Promise((resolve) => setTimeout(resolve, 750));
  await runDurableObjectAlarm(stubOf(id));
  expect(await ann.ended()).toEqual({ code: 4001, reason: "token expired" });
  expect(await bob.write(insert("a", "root"))).toMatchObject({ seq: 1 });
});

test("W35 W36 revoked over HTTP and by RPC, through hibernations", async () => {
  const id = await openDocument("revoked", "root");
  const admin = { user: null, role: "admin" } as const;
  const issued = Date.now() - 60_000;
  const token = of("write", { issued });
  const [ann, bob] = [await join(id, "ann", { principal: token }), await join(id, "bob")];
  await evictDurableObject(stubOf(id));
  expect(await stubOf(id).revoke({ user: "ray", role: "read" })).toEqual({ ok: true, value: { subscribers: 1 } });
  expect(await ann.take("auth")).toEqual({ type: "auth", role: "read", expires: null, time: expect.any(Number) });
  await evictDurableObject(stubOf(id));
  expect(await ann.write(insert("a", "root"))).toMatchObject({ type: "reject", code: "forbidden" });
  expect(await request(id, "POST", "/mutations", token, { ops: [update("root", { x: 1 })] })).toMatchObject({
    code: "forbidden",
  });
  expect(await request(id, "POST", "/revoke", admin, { user: "ray" })).toEqual({ status: 200 });
  expect(await ann.ended()).toMatchObject({ code: 4003, reason: "access was revoked" });
  await evictDurableObject(stubOf(id));
  expect(await request(id, "GET", "", token)).toMatchObject({ status: 403, code: "forbidden" });
  expect(
    await request(id, "POST", "/revoke", { user: null, role: "admin" }, { subscriber: bob.welcome.subscriber }),
  ).toEqual({
    status: 200,
  });
  expect(await bob.ended()).toMatchObject({ code: 4003 });
  expect(await request(id, "POST", "/revoke", admin, { user: "ray", subscriber: "x" })).toMatchObject({
    code: "invalid",
  });
  expect(await request(id, "POST", "/revoke", admin, {})).toMatchObject({ code: "invalid" });
  expect(await request(id, "POST", "/revoke", admin, { user: "x".repeat(129) })).toMatchObject({ code: "invalid" });
  expect(await request(id, "POST", "/revoke", admin, { user: "x".repeat(128) })).toEqual({ status: 200 });
});
