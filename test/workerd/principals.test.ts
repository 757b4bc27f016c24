import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { type Principal, topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, stubOf } from "./http-client.ts";
import { ask, join, listen } from "./socket-client.ts";

const eve: Principal = { user: { id: "eve", name: "Ève 🌳" }, role: "write" };
const max: Principal = { user: { id: "max" }, role: "write" };
const reader: Principal = { user: { id: "ray" }, role: "read" };

test("welcome and events say who one is (W7); presence too", async () => {
  const id = await openDocument("who", "root");
  const ann = await join(id, "ann");
  const member = await join(id, "c1", { principal: eve, presence: 1 });
  expect(member.welcome).toMatchObject({ user: eve.user, role: "write", client: "c1", document: id });
  expect(await ann.take("presence")).toMatchObject({
    changes: { [member.welcome.subscriber]: { user: eve.user, data: 1 } },
  });
  await evictDurableObject(stubOf(id));
  expect(await member.write(update("root", { x: 1 }))).toMatchObject({ userId: "eve", client: "c1" });
});

test("S11 a client id belongs to the user who first used it; anyone else is refused (4003)", async () => {
  const id = await openDocument("owner", "root");
  const first = await join(id, "c1", { principal: eve });
  const refused = async (principal?: Principal) => {
    const intruder = await ask(id, "c1", { ...(principal && { principal }) });
    expect(await intruder.take("error")).toMatchObject({ code: "forbidden" });
    expect(await intruder.ended()).toMatchObject({ code: 4003 });
  };
  await refused(max); // while the owner is connected and has written nothing
  await first.write(update("root", { x: 1 }));
  first.send({ type: "leave" });
  await first.ended();
  await refused(max);
  await refused();
  await evictDurableObject(stubOf(id));
  await refused(max);
  await call("POST", `${topic(id)}/stop`);
  await refused(max);
  expect((await join(id, "c1", { principal: eve })).welcome).toMatchObject({ mutation: 1 });
  expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 1 });
});

test("S13 a role that may only read: mutate is rejected with forbidden, and nothing is counted", async () => {
  const id = await openDocument("reader", "root");
  const [ann, ray] = [await join(id, "ann"), await join(id, "ray", { principal: reader })];
  expect(ray.welcome.role).toBe("read");
  await evictDurableObject(stubOf(id));
  expect(await ray.write(insert("n", "root"))).toMatchObject({ type: "reject", code: "forbidden" });
  await ann.write(insert("m", "root"));
  await ray.until("ann's event", () => ray.replica.seq === 1);
  expect(ray.replica.outline()).toBe("root\n  m");
  // Presence is no mutation.
  ray.send({ type: "presence", data: 1 });
  expect(await ann.take("presence")).toMatchObject({ changes: { [ray.welcome.subscriber]: { user: { id: "ray" } } } });
});

test("W13 nothing that a client sends names anybody: not a header, whatever it is called, and no field of a body", async () => {
  const id = await openDocument("forged", "root");
  const named = JSON.stringify({ durableGrove: eve });
  const names = ["x-grove-principal", "durablegrove", "cf", "cf-blob", "mf-cf-blob"];
  const headers = Object.fromEntries(names.map((name) => [name, encodeURIComponent(named)]));
  const forger = await join(id, "c1", { headers, ...{ cf: { durableGrove: eve } } });
  expect(forger.welcome).toMatchObject({ user: null });
  expect(await forger.write(update("root", { x: 1 }))).toMatchObject({ userId: null });
});

test("W13 what reaches an object without a principal, or with half of one, is refused; an upgrade hears why", async () => {
  const id = await openDocument("nobody", "root");
  const refused = async (cf?: Record<string, unknown>) => {
    const bare = (headers: Record<string, string>) =>
      stubOf(id).fetch(new Request(`http://localhost${topic(id)}`, { headers, ...(cf && { cf }) }));
    const socket = listen(await bare({ upgrade: "websocket" }));
    expect(await socket.take("error")).toMatchObject({ code: "unauthorised" });
    expect(await socket.ended()).toMatchObject({ code: 4001 });
    const body = '{"ops":[]}';
    const url = `http://localhost${topic(id)}/mutations`;
    const answer = await stubOf(id).fetch(new Request(url, { method: "POST", body, ...(cf && { cf }) }));
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: "unauthorised" }]);
  };
  await refused();
  await refused({ durableGrove: null });
  await refused({ durableGrove: { user: null, role: "owner" } });
  await refused({ durableGrove: { role: "admin" } });
  await refused({ durableGrove: { user: null, role: "admin", expires: "never" } });
  expect(await call("GET", topic(id))).toMatchObject({ seq: 0, subscriberCount: 0 });
});
