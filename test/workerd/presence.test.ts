import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import type { Json } from "../../src/tree/index.ts";
import { openDocument, stubOf } from "./http-client.ts";
import { sleeps } from "./sleeps.ts";
import { join, type Member } from "./socket-client.ts";

/** What everyone's presence is to somebody who joins now. */
async function seenBy(id: string, client = "newcomer"): Promise<object> {
  const newcomer = await join(id, client);
  const { presence } = newcomer.welcome;
  newcomer.send({ type: "leave" });
  await newcomer.ended();
  return presence;
}

const entry = (member: Member, data: Json) => ({ [member.welcome.subscriber]: { user: null, data } });

describe.each(sleeps)("S12 presence, %s", (_, sleep) => {
  const open = (name: string) => openDocument(name, "root");

  test("is told to everyone, its author too, and is what joiners are told", async () => {
    const id = await open("told");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    await sleep(id);
    ann.send({ type: "presence", data: { cursor: "root" } });
    for (const member of [ann, bob]) {
      expect(await member.take("presence")).toEqual({ type: "presence", changes: entry(ann, { cursor: "root" }) });
    }
    await sleep(id);
    expect(await seenBy(id)).toEqual(entry(ann, { cursor: "root" }));
    await sleep(id);
    ann.send({ type: "presence", data: { cursor: null } });
    expect(await bob.take("presence")).toEqual({ type: "presence", changes: entry(ann, { cursor: null }) });
    await sleep(id);
    bob.send({ type: "presence", data: false });
    await ann.take("presence", ({ changes }) => bob.welcome.subscriber in changes);
    await sleep(id);
    expect(await seenBy(id)).toEqual({ ...entry(ann, { cursor: null }), ...entry(bob, false) });
  });

  test("may come with the join", async () => {
    const id = await open("join");
    const bob = await join(id, "bob");
    await sleep(id);
    const ann = await join(id, "ann", { presence: "here" });
    expect(ann.welcome.presence).toEqual(entry(ann, "here"));
    expect(await bob.take("presence")).toEqual({ type: "presence", changes: entry(ann, "here") });
  });

  test("goes with null", async () => {
    const id = await open("null");
    const [ann, bob] = [await join(id, "ann", { presence: 1 }), await join(id, "bob")];
    await sleep(id);
    ann.send({ type: "presence", data: null });
    expect(await bob.take("presence")).toEqual({ type: "presence", changes: { [ann.welcome.subscriber]: null } });
    await sleep(id);
    expect(await seenBy(id)).toEqual({});
  });

  test.each<readonly [how: string, end: (member: Member) => void]>([
    ["a leave", (member) => member.send({ type: "leave" })],
    ["a close", (member) => member.close(1000, "bye")],
    ["a close without a code", (member) => member.close()],
    ["a frame that is not understood", (member) => member.sendRaw("?")],
  ])("goes with the connection: %s", async (_how, end) => {
    const id = await open("gone");
    const [ann, bob] = [await join(id, "ann", { presence: 1 }), await join(id, "bob")];
    await sleep(id);
    end(ann);
    await ann.ended();
    expect(await bob.take("presence")).toEqual({ type: "presence", changes: { [ann.welcome.subscriber]: null } });
    await sleep(id);
    expect(await seenBy(id)).toEqual({});
  });

  test("of 4 KiB fits, whatever it is made of", async () => {
    const id = await open("large");
    const bob = await join(id, "bob");
    const fill = (unit: string, bytes: number) => unit.repeat(Math.floor((LIMITS.presenceBytes - 2) / bytes));
    for (const [client, data] of Object.entries({
      ascii: fill("x", 1),
      "two-byte": fill("é", 2),
      "three-byte": fill("€", 3),
      "four-byte": fill("🌳", 4),
      // A socket's attachment holds two bytes for each of these characters, for one that needs them.
      mixed: `${fill("x", 1).slice(0, -3)}€`,
      control: fill("\u0001", 6),
    })) {
      const member = await join(id, client.padEnd(128, "-"), { presence: data });
      expect(await bob.take("presence")).toMatchObject({ changes: entry(member, data) });
      await sleep(id);
      expect(await seenBy(id)).toEqual(entry(member, data));
      member.send({ type: "leave" });
      await member.ended();
      await bob.take("presence", ({ changes }) => changes[member.welcome.subscriber] === null);
      await sleep(id);
    }
  });
});

test("B20 a flood of one client is told to the others at most every 50 ms, and its last word always", async () => {
  const id = await openDocument("flood", "root");
  const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
  const began = Date.now();
  for (let each = 1; each <= 2_000; each++) ann.send({ type: "presence", data: each });
  const last = ({ changes }: { changes: Readonly<Record<string, { data: Json } | null>> }) =>
    changes[ann.welcome.subscriber]?.data === 2_000;
  await bob.until("the last", () => bob.heard.some((message) => message.type === "presence" && last(message)));
  const told = bob.heard.filter(({ type }) => type === "presence").length;
  expect(told).toBeLessThanOrEqual(2 + (Date.now() - began) / 50);
  await evictDurableObject(stubOf(id));
  expect(await seenBy(id)).toEqual(entry(ann, 2_000));
});

test("B22 a joiner is told of 150 who show 4 KiB in parts, of each once, and of changes from then on", async () => {
  const id = await openDocument("crowd", "root");
  const crowd: Member[] = [];
  for (let each = 0; each < 150; each++) crowd.push(await join(id, `c${each}`));
  for (const each of crowd) each.send({ type: "presence", data: "x".repeat(4_000) });
  const idsOf = ({ heard }: Member) =>
    heard.flatMap((message) => (message.type === "presence" ? Object.keys(message.changes) : []));
  const [first] = crowd;
  if (!first) throw new Error("there are 150");
  await first.until("all of them", () => new Set(idsOf(first)).size === 150);
  await evictDurableObject(stubOf(id));
  const late = await join(id, "late");
  const known = () => [...Object.keys(late.welcome.presence), ...idsOf(late)];
  await late.until("all of them", () => known().length === 150);
  expect(new Set(known()).size).toBe(150);
  for (const message of [late.welcome, ...late.heard]) {
    expect(JSON.stringify(message).length).toBeLessThan(LIMITS.partBytes + 1_024);
  }
  first.send({ type: "presence", data: "changed" });
  await late.take("presence", ({ changes }) => changes[first.welcome.subscriber]?.data === "changed");
});
