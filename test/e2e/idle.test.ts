import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "vitest";
import { openWireClient, until } from "./wire-client.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

/** With nothing to do for so long an object must not be awake any more. */
const QUIET = 30_000;

// At the same time: what takes long is waiting.
describe.concurrent("an object with four idle subscribers", { timeout: 120_000 }, () => {
  test.for([
    { title: "has no alarm where nothing is due", sweepInterval: null, sweeps: 0 },
    // After 1, 2, 4, 8 and 16 s: the first four may find the object awake still.
    { title: "has one that is backed off where it sweeps", sweepInterval: 1_000, sweeps: 5 },
  ])("L1, L5, L10, S3 hibernates, $title, and wakes up whole", async ({ sweepInterval, sweeps }, { expect }) => {
    const server = await startWorkerd({ snapshotInterval: 500 });
    try {
      const document = `${server.url}/documents/idle`;
      const options = { gracePeriod: 500, sweepInterval };
      await (await fetch(document, { method: "PUT", body: JSON.stringify({ options }) })).text();
      const failures: Error[] = [];
      const clients = ["ann", "bob", "cyd", "dan"].map((name) =>
        openWireClient(server.url, "idle", name, (failure) => failures.push(failure)),
      );
      const [ann, bob] = clients;
      if (!ann || !bob) throw new Error("there are four");
      const all = (seq: number) => until("all have it", () => clients.every(({ replica }) => replica.seq === seq));
      await until("all are there", () => clients.every(({ ready }) => ready));
      ann.mutate([{ op: "insert", node: { id: "a", type: "item" }, parent: "root" }]);
      await all(1);
      await sleep(600); // the checkpoint
      const awake = server.constructed();
      expect(awake).toBe(1);

      await sleep(QUIET);
      // Only sweeps have woken it, not all of them: the first ones come while it is awake.
      expect(server.constructed() - awake).toBeLessThanOrEqual(sweeps);
      if (sweeps === 0) expect(alarmOf(server)).toBe(null);
      else expect(alarmOf(server)).toBeGreaterThan(Date.now());

      const before = server.constructed();
      bob.mutate([{ op: "insert", node: { id: "b", type: "item" }, parent: "a" }]);
      await all(2);
      await until("the object is made anew", () => server.constructed() === before + 1, 2_000);
      expect(clients.map(({ reconnects }) => reconnects)).toEqual([0, 0, 0, 0]);
      expect([...bob.answers]).toEqual([[1, { seq: 2 }]]);
      const info: unknown = await (await fetch(document)).json();
      expect(info).toMatchObject({ state: "active", subscriberCount: 4, seq: 2, checkpointSeq: 1, treeSize: 3 });
      for (const client of clients) client.close();
      await until("it sleeps, with nothing due", () => alarmOf(server) === null, 5_000);
      expect(await (await fetch(document)).json()).toMatchObject({
        state: "asleep",
        subscriberCount: 0,
        checkpointSeq: 2,
      });
      expect(failures).toEqual([]);
    } finally {
      await server.kill();
    }
  });
});

/** When the alarm of the only object goes off, Unix milliseconds, as the runtime has it on disk; null for never. */
function alarmOf({ storage }: WorkerdProcess): number | null {
  const database = new DatabaseSync(join(storage, "documents", "metadata.sqlite"), { readOnly: true });
  try {
    const [row] = database.prepare("SELECT scheduled_time / 1000000 AS time FROM _cf_ALARM").all();
    return row ? Number(row.time) : null;
  } finally {
    database.close();
  }
}
