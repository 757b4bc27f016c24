import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { withPrincipal } from "../../src/access/principal.ts";
import { type Principal, type Role, topic } from "../../src/protocol/index.ts";
import { type Deed, RIGHTS } from "../../src/protocol/rights.ts";
import { insert, update } from "../tree/document.ts";
import { openDocument, stubOf, treeOf } from "./http-client.ts";
import { ask, join } from "./socket-client.ts";

const roles: readonly Role[] = ["read", "write", "admin"];
const of = (role: Role, more: Partial<Principal> = {}): Principal => ({ user: { id: "ray" }, role, ...more });

/** A body that does what its route is for. */
const bodies: Partial<Record<Deed, unknown>> = {
  configure: { options: { gracePeriod: 5 } },
  mutate: { ops: [update("root", { x: 1 })] },
  revoke: { user: "nobody" },
};

async function request(
  id: string,
  deed: Deed,
  principal: Principal,
  body = bodies[deed],
): Promise<{ status: number; code?: string }> {
  const right = RIGHTS[deed];
  if (!("route" in right)) throw new Error(`${deed} has no route`);
  const [method = "", path = ""] = right.route.replace("/documents/:id", topic(id)).split(" ");
  const text = deed === "import" ? '{"type":"root"}\n' : JSON.stringify(body);
  const request = new Request(`http://localhost${path}`, { method, ...(method !== "GET" && { body: text ?? "" }) });
  const answer = await stubOf(id).fetch(withPrincipal(request, principal));
  const told = await answer.text();
  return { status: answer.status, ...(answer.status >= 400 && { code: JSON.parse(told).code }) };
}

const routed = Object.entries(RIGHTS).flatMap(([deed, right]) => ("route" in right ? [deed as Deed] : []));

test.each(routed)(
  "W30 %s over HTTP is for the roles that its row says, and what is refused has done nothing",
  async (deed) => {
    for (const role of roles) {
      const id = await openDocument(`http-${deed}-${role}`, "root");
      const may = roles.indexOf(role) >= roles.indexOf(RIGHTS[deed].role);
      const { status, code } = await request(id, deed, of(role));
      if (!may) expect([role, status, code]).toEqual([role, 403, "forbidden"]);
      // There is a document already, which is what an import is told.
      else expect([role, code], `${status}`).toEqual([role, deed === "import" ? "exists" : undefined]);
      if (!may) expect(await treeOf(id)).toBe("root");
    }
  },
);

const called = Object.entries(RIGHTS).flatMap(([deed, right]) =>
  "call" in right && right.call !== "join" ? [[deed as Deed, right.call] as const] : [],
);

test.each(called)(
  "W30 %s by RPC is for the roles that its row says, where a principal is named",
  async (deed, method) => {
    for (const role of roles) {
      const id = await openDocument(`rpc-${deed}-${role}`, "root");
      const input = deed === "import" ? new Blob(['{"type":"root"}\n']).stream() : (bodies[deed] ?? {});
      const takes = ["info", "stop", "destroy", "export", "issueTicket"].includes(method) ? [] : [input];
      const stub: unknown = stubOf(id);
      const call = (
        stub as Record<string, (...given: unknown[]) => Promise<{ ok: boolean; problem?: { code: string } }>>
      )[method];
      const may = roles.indexOf(role) >= roles.indexOf(RIGHTS[deed].role);
      const answer = await call?.(...takes, of(role));
      const code = answer?.ok ? "ok" : answer?.problem?.code;
      expect([role, code]).toEqual([role, may ? (deed === "import" ? "exists" : "ok") : "forbidden"]);
    }
  },
);

test("W30 every method of the object that another Worker may call has a row", async () => {
  const rows: string[] = Object.values(RIGHTS).flatMap((right) => ("call" in right ? right.call : []));
  const { DocumentObject } = await import("../../src/document-object.ts");
  // Who comes with a ticket is whoever it names: there is nobody yet who may or may not.
  const ticket = ["redeemTicket"];
  const platform = ["constructor", "fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"];
  const methods = Object.getOwnPropertyNames(DocumentObject.prototype).filter(
    (name) => ![...platform, ...ticket].includes(name),
  );
  expect(methods.sort()).toEqual([...new Set(rows)].sort());
});

test("W30 W31 a creation takes write, and admin where it names options", async () => {
  const put = (id: string, role: Role, body: unknown) => request(id, "create", of(role), body);
  expect(await put("made-1", "read", {})).toMatchObject({ code: "forbidden" });
  expect(await put("made-1", "write", { options: { gracePeriod: 1 } })).toMatchObject({ code: "forbidden" });
  expect(await request("made-1", "info", of("read"))).toMatchObject({ code: "notFound" });
  expect(await put("made-1", "write", { options: {} })).toEqual({ status: 201 });
  expect(await put("made-2", "admin", { options: { gracePeriod: 1 } })).toEqual({ status: 201 });
  const refused = await stubOf("made-3").getOrStart({ options: { gracePeriod: 1 } }, of("write"));
  expect(refused).toMatchObject({ ok: false, problem: { code: "forbidden" } });
  const socket = await ask("made-3", "ray", { principal: of("read") });
  expect(await socket.take("error")).toMatchObject({ code: "notFound" });
  expect(await stubOf("made-3").info()).toMatchObject({ ok: false, problem: { code: "notFound" } });
});

test("W30 a principal of another Worker that is none is refused", async () => {
  const id = await openDocument("half", "root");
  const half: unknown = { user: null, role: "owner" };
  expect(await stubOf(id).info(half as Principal)).toMatchObject({ ok: false, problem: { code: "unauthorised" } });
});

test("W33 what has expired is refused by any way, and a silent connection is closed by the alarm after a hibernation", async () => {
  const id = await openDocument("over", "root");
  const over = of("admin", { expires: Date.now() - 1 });
  expect(await request(id, "info", over)).toEqual({ status: 401, code: "unauthorised" });
  expect(await stubOf(id).info(over)).toMatchObject({ ok: false, problem: { code: "unauthorised" } });
  const late = await ask(id, "late", { principal: over });
  expect(await late.take("error")).toMatchObject({ code: "unauthorised", message: "token expired" });
  const ann = await join(id, "ann", { principal: of("write", { expires: Date.now() + 700, renewable: true }) });
  const bob = await join(id, "bob");
  await evictDurableObject(stubOf(id));
  await new Promise((resolve) => setTimeout(resolve, 750));
  await runDurableObjectAlarm(stubOf(id));
  expect(await ann.ended()).toEqual({ code: 4001, reason: "token expired" });
  expect(await bob.write(insert("a", "root"))).toMatchObject({ seq: 1 });
});

test("W34 an auth with a token that is none closes with the reason", async () => {
  const id = await openDocument("auth", "root");
  const ann = await join(id, "ann", { principal: of("write", { renewable: true }) });
  ann.send({ type: "auth", token: "a.b.c" });
  expect(await ann.take("error")).toMatchObject({ code: "unauthorised" });
  expect(await ann.ended()).toMatchObject({ code: 4001 });
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
  expect(await request(id, "mutate", token)).toMatchObject({ code: "forbidden" });
  expect(await request(id, "revoke", admin, { user: "ray" })).toEqual({ status: 200 });
  expect(await ann.ended()).toMatchObject({ code: 4003, reason: "access was revoked" });
  await evictDurableObject(stubOf(id));
  expect(await request(id, "info", token)).toMatchObject({ status: 403, code: "forbidden" });
  expect(await request(id, "revoke", { user: null, role: "admin" }, { subscriber: bob.welcome.subscriber })).toEqual({
    status: 200,
  });
  expect(await bob.ended()).toMatchObject({ code: 4003 });
  expect(await request(id, "revoke", admin, { user: "ray", subscriber: "x" })).toMatchObject({ code: "invalid" });
  expect(await request(id, "revoke", admin, {})).toMatchObject({ code: "invalid" });
  expect(await request(id, "revoke", admin, { user: "x".repeat(129) })).toMatchObject({ code: "invalid" });
  expect(await request(id, "revoke", admin, { user: "x".repeat(128) })).toEqual({ status: 200 });
});
