import { afterEach, expect, test, vi } from "vitest";
import { type HistoryEntry, LIMITS, PROTOCOL, topic } from "../../src/protocol/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { remove, update } from "../tree/document.ts";
import { call, openDocument, request } from "./http-client.ts";
import { seed } from "./seed.ts";
import { connect, join, type TestSocket } from "./socket-client.ts";

// The clock of tests is the object's too; timers are not.
afterEach(() => void vi.restoreAllMocks());
function setClock(milliseconds: number): void {
  const now = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => now + milliseconds);
}

test("B58 W11 4029: who joins gets in past any number that do not, the oldest of which are closed", async () => {
  const id = await openDocument("crowd", "root");
  const before = await join(id, "before");
  const silent: TestSocket[] = [];
  for (let batch = 0; batch < 6; batch++) {
    silent.push(...(await Promise.all(Array.from({ length: 100 }, () => connect(id)))));
  }
  const ann = await join(id, "ann");
  // Ann has joined, and is none of them; before she did, one more had to go.
  const gone = silent.slice(0, 600 - LIMITS.unjoined + 1);
  for (const each of gone) expect(await each.ended()).toMatchObject({ code: 4029 });
  expect(await gone[0]?.take("error")).toMatchObject({ code: "tooMany" });
  const [next] = silent.slice(gone.length);
  next?.send({ type: "join", protocol: PROTOCOL, client: "next" });
  expect(await next?.take("welcome")).toMatchObject({ client: "next" });
  expect(await ann.write(update("root", { x: 1 }))).toMatchObject({ seq: 1 });
  expect(await before.write(update("root", { x: 2 }))).toMatchObject({ seq: 2 });
}, 60_000);

test("W1 a connection that has not joined within 30 s is closed when the next one comes", async () => {
  const id = await openDocument("silent", "root");
  const silent = await connect(id);
  await connect(id);
  expect(silent.heard).toEqual([]);
  setClock(LIMITS.joinTimeout + 1_000);
  const ann = await join(id, "ann");
  expect(await silent.take("error")).toMatchObject({ code: "protocol" });
  expect(await silent.ended()).toMatchObject({ code: 4010 });
  expect(await ann.write(update("root", { x: 1 }))).toMatchObject({ seq: 1 });
});

test("S9 someone who reads nothing and is owed all the rejections that are kept is closed with 4008", async () => {
  const id = await openDocument("owed", "root");
  const writer = await join(id, "writer");
  const stalled = await join(id, "stalled", { answersSyncs: false });
  for (let x = 0; x < 24; x++) await writer.write(update("root", { text: "x".repeat(64 * 1024), x }));
  const mutations = Array.from({ length: 256 }, (_, index) => ({ mutation: index + 1, ops: [remove("ghost")] }));
  stalled.send({ type: "mutate", mutations });
  expect(await stalled.ended()).toMatchObject({ code: 4008 });
  expect(await call("GET", topic(id))).toMatchObject({ seq: 24, subscriberCount: 1 });
});

test("D7 the time of a document never goes back, whatever the clock does", async () => {
  const id = await openDocument("clock", "root");
  const ann = await join(id, "ann");
  for (const shift of [0, -3_600_000, 1_000, -86_400_000]) {
    setClock(shift);
    await ann.write(update("root", { shift }));
    vi.restoreAllMocks();
  }
  const { entries } = await call<{ entries: HistoryEntry[] }>("GET", `${topic(id)}/history`);
  const times = entries.map(({ time }) => time);
  expect(times).toEqual([...times].sort((one, other) => one - other));
  expect(new Set(times).size).toBeGreaterThan(1);
});

test("H6 deleting while others create, read and write leaves a document that is there or is not", async () => {
  const id = "contested";
  const calls: readonly (readonly [string, string, object?])[] = [
    ["PUT", topic(id), {}],
    ["DELETE", topic(id)],
    ["GET", `${topic(id)}/tree`],
    ["POST", `${topic(id)}/mutations`, { ops: [update("root", { x: 1 })] }],
    ["POST", `${topic(id)}/stop`],
  ];
  const random = createRandom(seed);
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(
      [...calls, ...calls, ...calls]
        .sort(() => random() - 0.5)
        .map(([method, path, body]) => request(method, path, body)),
    );
    for (const { status, text } of answers) expect([200, 201, 404], text).toContain(status);
    const ann = await join(id, "ann");
    expect(await ann.write(update("root", { round }))).toMatchObject({ ops: [update("root", { round })] });
    ann.close(1000);
  }
});
