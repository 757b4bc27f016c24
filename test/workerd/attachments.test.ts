import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import { fillAttachment } from "./full-attachment.ts";
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
  socket.send({ type: "join", protocol: 2, client: "ann" });
  expect(await socket.take("welcome")).toMatchObject({ client: "ann", resume: "snapshot" });
});

test("S12 everything that one client can make the object remember of it fits into an attachment", async () => {
  const id = await openDocument("full", "root");
  const user = { id: "u".repeat(64), name: "N".repeat(64) };
  const { full, presence } = await fillAttachment(id, { user, role: "write" });
  await evictDurableObject(stubOf(id));
  expect((await join(id, "late")).welcome.presence).toEqual({ [full.welcome.subscriber]: { user, data: presence } });
});
