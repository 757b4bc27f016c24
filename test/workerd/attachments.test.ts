import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import { call, openDocument, stubOf } from "./http-client.ts";
import { connect, join } from "./socket-client.ts";

// Across a deploy, old code may find an attachment that newer code wrote, and the other way round.

const foreign: readonly (readonly [title: string, attachment: unknown])[] = [
  ["of an unknown version", JSON.stringify({ version: 1000, subscriber: { of: "another shape" } })],
  ["of another type", { version: 2 }],
  ["that is text but not JSON", "v2:{}"],
  ["that is JSON but no object", "null"],
];

describe("S12 an attachment that this code cannot read", () => {
  test.each(foreign)("%s: its socket is closed with 1011, and nobody else notices", async (_, attachment) => {
    const id = await openDocument("foreign", "root");
    const [odd, ann] = [await join(id, "odd"), await join(id, "ann", { presence: 1 })];
    await runInDurableObject(stubOf(id), (_, state) => {
      const [socket] = state.getWebSockets(odd.welcome.subscriber);
      socket?.serializeAttachment(attachment);
    });
    await evictDurableObject(stubOf(id));
    expect(await ann.write(update("root", { x: 1 }))).toMatchObject({ seq: 1 });
    expect(await odd.ended()).toMatchObject({ code: 1011 });
    expect(odd.replica.seq).toBe(0);
    expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 1 });
    expect((await join(id, "odd")).welcome.presence).toEqual({
      [ann.welcome.subscriber]: { user: null, data: 1 },
    });
  });

  test("its own messages are not taken either", async () => {
    const id = await openDocument("foreign-sender", "root");
    const odd = await join(id, "odd");
    await runInDurableObject(stubOf(id), (_, state) => {
      for (const socket of state.getWebSockets()) socket.serializeAttachment(JSON.stringify({ version: 0 }));
    });
    await evictDurableObject(stubOf(id));
    odd.mutate(update("root", { x: 1 }));
    expect(await odd.ended()).toMatchObject({ code: 1011 });
    expect(await call("GET", topic(id))).toMatchObject({ seq: 0 });
  });
});

test("a socket that has not joined is remembered as that", async () => {
  const id = await openDocument("unjoined", "root");
  const socket = await connect(id);
  await evictDurableObject(stubOf(id));
  socket.send({ type: "join", protocol: 1, client: "ann" });
  expect(await socket.take("welcome")).toMatchObject({ client: "ann", resume: "snapshot" });
});

test("S12 everything that one client can make the object remember of it fits into an attachment", async () => {
  const id = await openDocument("full", "root");
  const witness = await join(id, "witness");
  const client = "c".repeat(128);
  // A platform limit: 16 KiB, two bytes for each character as soon as one of them needs two.
  const presence = `${"x".repeat(LIMITS.presenceBytes - 5)}€`;
  const user = { id: "u".repeat(64), name: "N".repeat(64) };
  const full = await join(id, client, { presence, answersSyncs: false, principal: { user, role: "write" } });
  const largest = Number.MAX_SAFE_INTEGER;
  const repeat = (counters: readonly number[]) =>
    full.send({ type: "mutate", mutations: counters.map((mutation) => ({ mutation, ops: [] })) });
  repeat([largest]);
  await full.answer(largest);
  // It stops reading, so that what it asks for again has to be remembered.
  for (let index = 0; index < 24; index++)
    await witness.write(update("root", { x: String(index % 10).repeat(64 * 1024) }));
  repeat(Array.from({ length: 256 }, (_, index) => largest - 2 * index));
  full.send({ type: "sync", n: 0 }); // whatever is saved of it is saved now
  expect(await witness.write(update("root", { x: 1 }))).toMatchObject({ seq: 25 });
  await evictDurableObject(stubOf(id));
  expect((await join(id, "late")).welcome.presence).toEqual({ [full.welcome.subscriber]: { user, data: presence } });
});
