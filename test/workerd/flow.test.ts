import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { byteLength, LIMITS, type ServerMessage, topic } from "../../src/protocol/index.ts";
import { insert, remove, update } from "../tree/document.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { sleeps } from "./sleeps.ts";
import { join, type Member } from "./socket-client.ts";

const large = "x".repeat(64 * 1024);

async function writeLarge(writer: Member, times: number): Promise<void> {
  for (let x = 0; x < times; x++) await writer.write(update("root", { large, x }));
}

const kinds = (member: Member, kind: ServerMessage["type"]) => member.heard.filter(({ type }) => type === kind);
const bytes = (messages: readonly ServerMessage[]) =>
  messages.reduce((sum, message) => sum + byteLength(JSON.stringify(message)), 0);

/** A member that has stopped answering syncs, with a bit more than it may be sent. */
async function stall(id: string, more: Parameters<typeof join>[2] = {}): Promise<[writer: Member, stalled: Member]> {
  const writer = await join(id, "writer");
  const stalled = await join(id, "stalled", { ...more, answersSyncs: false });
  await writeLarge(writer, 30);
  await stalled.until("the last sync", () => kinds(stalled, "sync").length === LIMITS.syncsUnanswered);
  return [writer, stalled];
}

function answerSyncs(member: Member): void {
  for (const message of kinds(member, "sync")) if (message.type === "sync") member.send(message);
}

describe.each(sleeps)("S9 a subscriber that answers no sync, %s", (_, sleep) => {
  test("is sent four times 256 KiB and no more, until it answers; then it is caught up from the log", async () => {
    const id = await openDocument("stalled", "root");
    const [writer, stalled] = await stall(id);
    const sent = bytes(stalled.heard);
    expect(sent).toBeGreaterThan(LIMITS.syncsUnanswered * LIMITS.syncBytes);
    expect(sent).toBeLessThan((LIMITS.syncsUnanswered + 1) * LIMITS.syncBytes);
    await sleep(id);
    await writeLarge(writer, 10);
    await sleep(id);
    expect(bytes(stalled.heard)).toBe(sent);

    for (let round = 0; stalled.replica.seq < 40; round++) {
      expect(round).toBeLessThan(40);
      const before = stalled.heard.length;
      answerSyncs(stalled);
      await stalled.until("more", () => stalled.heard.length > before);
      await sleep(id);
    }
    expect(stalled.replica.outline()).toBe(writer.replica.outline());
    answerSyncs(stalled);
    // It is live again.
    expect(await stalled.write(update("root", { y: 1 }))).toMatchObject({ seq: 41 });
    expect(kinds(stalled, "delta").length).toBeLessThan(45);
  });

  test("B21 hears of its own rejections, and of whose presence has changed, when it answers again", async () => {
    const id = await openDocument("rejections", "root\n  a");
    const [writer, stalled] = await stall(id);
    writer.send({ type: "presence", data: "gone again" });
    writer.send({ type: "presence", data: null });
    const late = await join(id, "late", { presence: "late" });
    const [no, yes] = [stalled.mutate(insert("a", "root")), stalled.mutate(remove("a"))];
    await writer.until("the removal", () => writer.replica.seq === 31);
    await sleep(id);
    expect(kinds(stalled, "reject")).toEqual([]);
    answerSyncs(stalled);
    await stalled.until("the present", () => stalled.replica.seq === 31);
    expect(await stalled.answer(no)).toMatchObject({ type: "reject", code: "exists" });
    expect(await stalled.answer(yes)).toMatchObject({ seq: 31 });
    answerSyncs(stalled);
    const told = await stalled.take("presence");
    const shown = Object.entries(told.changes).filter(([, entry]) => entry !== null);
    expect(shown).toEqual([[late.welcome.subscriber, { user: null, data: "late" }]]);
  });

  test("S4 gets the answer to what it repeats, when it answers again", async () => {
    const id = await openDocument("repeats", "root");
    const stalledEarly = await join(id, "stalled");
    const [yes, no] = [stalledEarly.mutate(insert("a", "root")), stalledEarly.mutate(insert("a", "root"))];
    const first = [await stalledEarly.answer(yes), await stalledEarly.answer(no)];
    stalledEarly.send({ type: "leave" });
    await stalledEarly.ended();

    const [, stalled] = await stall(id);
    stalled.sendRaw('{"type":"mutate","mutations":[{"mutation":1,"ops":[]},{"mutation":2,"ops":[]}]}');
    await sleep(id);
    answerSyncs(stalled);
    expect([await stalled.answer(1), await stalled.answer(2)]).toEqual(first);
    expect(await call("GET", topic(id))).toMatchObject({ seq: 31 });
  });
});

describe("S8 a snapshot larger than may be sent at once", () => {
  const count = 40;
  async function openLarge(): Promise<string> {
    const id = await openDocument("large", "root\n  a");
    const ops = (index: number) => [
      { ...insert(`n${index}`, "a"), node: { id: `n${index}`, type: "x", attrs: { large } } },
    ];
    for (let index = 0; index < count; index++) await call("POST", `${topic(id)}/mutations`, { ops: ops(index) });
    return id;
  }

  test.each(sleeps)("is the tree at one seq, whatever is committed while it is sent, %s", async (_, sleep) => {
    const id = await openLarge();
    const writer = await join(id, "writer");
    const slow = await join(id, "slow", { answersSyncs: false });
    for (let round = 0; !slow.replica.caughtUp; round++) {
      expect(round).toBeLessThan(40);
      await slow.until("a sync", () => kinds(slow, "sync").length > 0 || slow.replica.caughtUp);
      // Nodes of it change, go and come while it is on the way.
      await writer.write([
        update(`n${round}`, { round }),
        remove(`n${count - 1 - round}`),
        insert(`m${round}`, "root"),
      ]);
      await sleep(id);
      answerSyncs(slow);
      slow.forget("sync");
      slow.forget("snapshot");
      // With an eviction it begins anew each time; only so often can it be disturbed.
      if (round === 4) break;
    }
    for (let round = 0; round < 60 && slow.replica.seq < writer.replica.seq; round++) {
      await slow.until("more", () => kinds(slow, "sync").length > 0 || slow.replica.seq >= writer.replica.seq);
      answerSyncs(slow);
      slow.forget("sync");
    }
    expect(slow.replica.outline()).toBe(await treeOf(id));
  });

  test("S8 comes in parts of about 256 KiB, each node once", async () => {
    const id = await openLarge();
    await call("POST", `${topic(id)}/stop`);
    await evictDurableObject(stubOf(id));
    const parts: ServerMessage[] = [];
    const reader = await join(id, "reader", { answersSyncs: false });
    for (let done = false; !done; ) {
      await reader.until("a part", () => kinds(reader, "snapshot").length > 0);
      parts.push(...kinds(reader, "snapshot"));
      answerSyncs(reader);
      reader.forget("snapshot");
      reader.forget("sync");
      done = parts.some((part) => part.type === "snapshot" && part.done);
    }
    for (const part of parts) expect(bytes([part])).toBeLessThan(LIMITS.partBytes + 65 * 1024);
    const ids = parts.flatMap((part) => (part.type === "snapshot" ? part.nodes.map(([node]) => node) : []));
    expect(ids.length).toBe(count + 2);
    expect(new Set(ids).size).toBe(count + 2);
  });
});
