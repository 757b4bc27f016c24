import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import type { Json } from "../../src/tree/index.ts";
import { openDocument } from "./http-client.ts";
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
