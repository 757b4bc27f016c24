import { expect, test, vi } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import { call, openDocument } from "./http-client.ts";
import { sleeps } from "./sleeps.ts";
import { connect, join, rejoin } from "./socket-client.ts";

// Without an answer of ours a client waits ten seconds and then sees 1006.
const PROMPT = 2_000;

async function inTime<T>(work: Promise<T>): Promise<T> {
  const start = Date.now();
  const value = await work;
  expect(Date.now() - start).toBeLessThan(PROMPT);
  return value;
}

for (const [when, sleep] of sleeps) {
  const documentOf = (name: string) => openDocument(name, "root");

  test.each<readonly [code: number | undefined, reason: string | undefined, answer: object]>([
    [1000, "done", { code: 1000, reason: "done" }],
    [1000, undefined, { code: 1000 }],
    [4001, "mine", { code: 4001, reason: "mine" }],
    [4999, "x".repeat(123), { code: 4999, reason: "x".repeat(123) }],
    [3000, "é".repeat(61), { code: 3000, reason: "é".repeat(61) }],
    [undefined, undefined, {}],
  ])(`W10 a close with %s %s is answered, ${when}`, async (code, reason, answer) => {
    const id = await documentOf("close");
    const ann = await join(id, "ann");
    await sleep(id);
    ann.close(code, reason);
    const ended = await inTime(ann.ended());
    expect(ended).toMatchObject(answer);
    expect(ended.code).not.toBe(1006);
    expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 0 });
  });

  test(`W10 a close before the join is answered, ${when}`, async () => {
    const id = await documentOf("unjoined");
    const socket = await connect(id);
    await sleep(id);
    socket.close(4002, "never mind");
    expect(await inTime(socket.ended())).toEqual({ code: 4002, reason: "never mind" });
  });

  test(`W10, W11 leave is answered with 1000, ${when}`, async () => {
    const id = await documentOf("leave");
    const ann = await join(id, "ann");
    await sleep(id);
    ann.send({ type: "leave" });
    expect(await inTime(ann.ended())).toMatchObject({ code: 1000 });
  });

  test(`S10, W11 4009: the same client joins again, ${when}; the late close of the first changes nothing`, async () => {
    const id = await documentOf("replaced");
    const [first, witness] = [await join(id, "ann", { presence: 1 }), await join(id, "bob")];
    await sleep(id);
    const second = await join(id, "ann", { presence: 2 });
    expect(await first.take("error")).toMatchObject({ code: "replaced" });
    expect(await inTime(first.ended())).toMatchObject({ code: 4009 });
    expect(await second.write(update("root", { x: 1 }))).toMatchObject({ seq: 1, mutation: 1 });
    const { changes } = await witness.take("presence");
    expect(changes[first.welcome.subscriber]).toBe(null);
    expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 2 });
    // Exactly one entry is left, the second's.
    const late = await join(id, "late");
    expect(late.welcome.presence).toEqual({ [second.welcome.subscriber]: { user: null, data: 2 } });
  });

  test(`W11 4010 and 4013: what cannot be understood, ${when}`, async () => {
    const id = await documentOf("misunderstood");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    await sleep(id);
    ann.sendRaw("?");
    bob.sendRaw("x".repeat(LIMITS.frameBytes + 1));
    expect(await inTime(ann.ended())).toMatchObject({ code: 4010 });
    expect(await inTime(bob.ended())).toMatchObject({ code: 4013 });
  });

  test(`W11 4000 and 4004: stop and DELETE, ${when}; those who never joined are closed too`, async () => {
    for (const [method, path, code] of [
      ["POST", "/stop", 4000],
      ["DELETE", "", 4004],
    ] as const) {
      const id = await documentOf(`end-${code}`);
      const [ann, idle] = [await join(id, "ann"), await connect(id)];
      await sleep(id);
      await call("POST" === method ? "POST" : "DELETE", `${topic(id)}${path}`);
      expect(await inTime(ann.ended())).toMatchObject({ code });
      expect(await inTime(idle.ended())).toMatchObject({ code });
    }
  });

  test(`W9 ping is answered with pong, ${when}, joined or not`, async () => {
    const id = await documentOf("ping");
    const sockets = [await connect(id), await join(id, "ann")];
    await sleep(id);
    for (const socket of sockets) {
      for (let count = 1; count <= 3; count++) {
        socket.sendRaw("ping");
        await inTime(socket.until("pong", () => socket.pongs === count));
      }
      expect(socket.heard).toEqual([]);
    }
  });
}

test.each(sleeps)("W10 what a client sent right before its close is heard, %s", async (_, sleep) => {
  const id = await openDocument("last-word", "root");
  const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
  await sleep(id);
  ann.mutate(update("root", { x: 1 }));
  ann.close(1000, "");
  await inTime(ann.ended());
  await bob.until("ann's last mutation", () => bob.replica.seq === 1);
  expect(await call("GET", topic(id))).toMatchObject({ seq: 1 });
});

test("W11, S9 4008: syncs unanswered for 30 s", async () => {
  const id = await openDocument("slow", "root");
  const [ann, stalled] = [await join(id, "ann"), await join(id, "stalled", { answersSyncs: false })];
  for (let index = 0; index < 24; index++) await ann.write(update("root", { x: "x".repeat(64 * 1024), index }));
  await stalled.until("four syncs", () => stalled.heard.filter(({ type }) => type === "sync").length === 4);
  const now = Date.now();
  // The clock of tests is the object's too; its timers are not.
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now + LIMITS.syncTimeout + 1_000);
  try {
    await ann.write(update("root", { x: 1 }));
    clock.mockRestore();
    expect(await stalled.take("error")).toMatchObject({ code: "tooSlow" });
    expect(await inTime(stalled.ended())).toMatchObject({ code: 4008 });
  } finally {
    clock.mockRestore();
  }
  const again = await rejoin(id, stalled);
  expect(again.welcome).toMatchObject({ resume: "delta", seq: 25 });
});
