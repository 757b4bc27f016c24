import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import { call, openDocument, stubOf } from "./http-client.ts";

// An alarm is never set sooner than 100 ms ahead; set anew by every wake-up it would never go off.
test("L6 an alarm that is due at once goes off, however often the object wakes up before", async () => {
  const id = await openDocument("starved", "root", { gracePeriod: 0, snapshotInterval: null, sweepInterval: null });
  await call("POST", `${topic(id)}/mutations`, { ops: [update("root", { x: 1 })] });
  for (let time = 0; time < 1_000; time += 25) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    await evictDurableObject(stubOf(id));
    const { checkpointSeq } = await call<{ checkpointSeq: number }>("GET", topic(id));
    if (checkpointSeq === 1) return;
  }
  expect.unreachable("the grace period never ended");
});
