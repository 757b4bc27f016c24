import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/client/keep/store.ts";
import { afterCrash, eventAt, openPage, treeAt, watched } from "./saved-page.ts";

describe("what is kept", () => {
  test("gives no counter twice though the last writes got lost with the power", async () => {
    const disk = memoryStore();
    const first = await openPage(disk);
    await first.add(1);
    await first.saved.close();
    const used = new Set([1]);
    let kept = disk;
    for (let cut = 0; cut < 3; cut++) {
      const before = await openPage(kept);
      // What is kept from here on gets lost.
      await new Promise((resolve) => setImmediate(resolve));
      const remains = await afterCrash(kept);
      const counter = before.saved.counter + 1;
      await before.add(counter);
      expect(used.has(counter)).toBe(false);
      used.add(counter);
      kept = remains;
    }
  });

  test("is a true state after a crash at any write", { timeout: 60_000 }, async () => {
    for (let crash = 0; ; crash++) {
      const disk = watched(memoryStore(), (write) => write < crash);
      const states = new Set<string>(["null"]);
      const keptMutations = new Set<number>();
      const answered = new Set<number>();
      let client = "";
      for (const visit of [0, 1]) {
        const page = await openPage(disk);
        client ||= page.saved.client;
        const note = () => states.add(JSON.stringify(page.tree));
        const add = async (mutation: number) => {
          await page.add(mutation);
          if (page.errors.length === 0) keptMutations.add(mutation);
        };
        const base = page.saved.counter;
        page.replace(treeAt(2 + visit, `visit ${visit}`, 4_100));
        note();
        await add(base + 1);
        for (let round = 0; round < 4; round++) {
          page.hear(1 + round);
          note();
          await add(base + 2 + round);
        }
        page.saved.answered(page.saved.client, base + 1);
        answered.add(base + 1);
        page.replace(treeAt(1, `again ${visit}`));
        note();
        for (let round = 0; round < 3; round++) {
          page.hear(600);
          note();
          await add(base + 10 + round);
        }
        await page.saved.close();
      }
      const next = await openPage(await afterCrash(disk));
      const { tree, events } = next.saved;
      expect(events).toEqual(events.map((_, index) => eventAt((tree?.seq ?? 0) + 1 + index)));
      // Several events heard in one call are one state.
      expect(states).toContain(JSON.stringify(next.tree));
      const pending = new Set(next.saved.pending.map(({ mutation }) => mutation));
      for (const mutation of keptMutations) expect(pending.has(mutation) || answered.has(mutation)).toBe(true);
      expect(next.saved.counter === 0 || next.saved.client === client).toBe(true);
      const keys = (await disk.read("")).map(([key]) => key);
      const hadTree = disk.writes.some((changes) => [...changes.keys()].some((key) => key.endsWith("/tree")));
      expect(tree !== null).toBe(hadTree);
      await next.saved.close();
      if (disk.writes.length < crash) {
        expect(keys.length).toBeGreaterThan(3);
        expect(crash).toBeGreaterThan(20);
        break;
      }
    }
  });
});
