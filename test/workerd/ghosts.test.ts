import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { call, openDocument, stubOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

// The object's clock is this one; pings are stamped by the real one.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test.each([
  ["", async () => {}],
  [", whatever the object forgets", (id: string) => evictDurableObject(stubOf(id))],
])("B24 L5 a sweep asks who never pings, and closes who does not answer for 3 minutes%s", async (_, forget) => {
  const id = await openDocument("ghosts", "root");
  const alive = await join(id, "alive");
  const dead = await join(id, "dead", { answersSyncs: false, presence: "dead" });
  const pinged = await join(id, "pinged", { answersSyncs: false });
  pinged.sendRaw("ping");
  await pinged.until("pong", () => pinged.pongs === 1);
  const sweep = async (seconds: number) => {
    vi.setSystemTime(Date.now() + seconds * 1_000);
    await forget(id);
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
  };
  const rows = () =>
    runInDurableObject(stubOf(id), (_, { storage }) => storage.sql.exec("SELECT * FROM meta").toArray());

  await sweep(60);
  expect((await alive.take("sync")).n).toBe(1);
  expect((await dead.take("sync")).n).toBe(1);
  expect(pinged.heard.filter(({ type }) => type === "sync")).toEqual([]);
  const before = await rows();
  await forget(id);
  expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 3 });
  expect(await rows(), "a sign of life is no row").toEqual(before);
  await sweep(120);
  expect(await dead.ended()).toMatchObject({ code: 4008 });
  expect(await pinged.ended()).toMatchObject({ code: 4008 });
  await alive.take("presence", ({ changes }) => changes[dead.welcome.subscriber] === null);
  expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 1, state: "active" });
});
