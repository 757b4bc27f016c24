import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/client/keep/store.ts";
import { eventAt, openPage, summary, treeAt, watched } from "./saved-page.ts";

describe("what is kept", () => {
  test("takes few writes, however much there is", async () => {
    const disk = watched(memoryStore());
    const page = await openPage(disk);
    for (let round = 0; round < 10; round++) {
      const adds = Array.from({ length: 1_000 }, (_, index) => page.add(1 + round * 1_000 + index));
      await adds[0];
    }
    await page.saved.close();
    expect(disk.writes.length).toBeLessThan(20);
    expect((await openPage(disk)).saved.pending.length).toBe(10_000);
  });

  test("has a log that is no longer than the tree, or 1 000 events", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(0));
    for (let index = 0; index < 1_000; index++) page.hear(1);
    await page.add(1);
    const logKeys = async () => (await disk.read("")).filter(([key]) => key.includes("/log/")).length;
    expect(await logKeys()).toBe(1_000);
    page.hear(1);
    await page.saved.close();
    expect(await logKeys()).toBe(0);
    expect(summary((await openPage(disk)).saved).seq).toBe(1_001);
  });

  test("is made whole again where events were missed, and says nothing twice", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(1));
    page.saved.heard("i1", [eventAt(1)]);
    page.tree = treeAt(5);
    page.saved.heard("i1", [eventAt(5)]);
    page.hear(1);
    await page.saved.close();
    const { saved } = await openPage(disk);
    expect(saved).toMatchObject({ tree: treeAt(5), events: [eventAt(6)] });
  });

  test("X94: goes on over what others have typed, many events in one", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(5));
    const run = { ...eventAt(40), first: 7, client: null, mutation: null, ops: [] };
    page.saved.heard("i1", [eventAt(6), run, eventAt(41)]);
    page.saved.heard("i1", [{ ...run, first: 42, seq: 50 }]);
    await page.saved.close();
    const { saved } = await openPage(disk);
    expect([saved.tree?.seq, saved.events.map(({ seq }) => seq)]).toEqual([5, [6, 40, 41, 50]]);
  });

  test.each([
    ["is written anew where something comes back that its rows do not have", 5, 0],
    ["goes on where its log has the removal", 6, 2],
  ])("%s", async (_what, restores, logged) => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(5));
    page.hear(1);
    page.tree = treeAt(7);
    const ops = [{ op: "move", id: "n6", parent: "root", after: null, restores } as const];
    page.saved.heard("i1", [{ ...eventAt(7), ops }]);
    await page.saved.close();
    const { saved } = await openPage(disk);
    expect([summary(saved).seq, saved.events.length]).toEqual([7, logged]);
  });

  test("is the newest tree when another replaces one that is being written", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(1, "i1", 9_000));
    await page.add(1);
    page.replace(treeAt(4, "i2", 2_500));
    page.hear(1);
    for (let writes = 1; writes < 10; writes++) await page.add(1 + writes);
    await page.saved.close();
    expect((await disk.read("")).filter(([key]) => /rows|log/.test(key)).length).toBe(7);
    const { saved } = await openPage(disk);
    expect(saved).toMatchObject({ tree: treeAt(4, "i2", 2_500), events: [eventAt(5)] });
  });

  test("stays as it is when writing fails, which is told once", async () => {
    const disk = watched(memoryStore(), (write) => write < 1);
    const page = await openPage(disk);
    await page.add(1);
    await Promise.all([page.add(2), page.add(3)]);
    page.replace(treeAt(1));
    await page.add(4);
    await page.saved.close();
    expect(page.errors).toEqual([new Error("the disk is full")]);
    expect(disk.writes.length).toBe(1);
    expect(summary((await openPage(disk)).saved).pending).toEqual([`${page.saved.client} 1`]);
  });

  test("is told to have failed once, and tried no more, though more gathered meanwhile", async () => {
    let writes = 0;
    const write = async () => {
      writes++;
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("the disk is full");
    };
    const page = await openPage({ ...memoryStore(), write });
    const first = page.add(1);
    while (writes === 0) await null;
    await Promise.all([first, page.add(2)]);
    await page.saved.close();
    expect(page.errors.length).toBe(1);
    expect(writes).toBe(1);
  });

  test("is told to have failed once, though waiting to write the tree fails as well", async () => {
    const disk = memoryStore();
    await openPage(disk);
    let refuse = (_error: Error) => {};
    const waiting = new Promise<null>((_resolve, reject) => {
      refuse = reject;
    });
    const page = await openPage({
      ...disk,
      write: () => Promise.reject(new Error("the disk is full")),
      claim: (name, wait) => (wait ? waiting : disk.claim(name, wait)),
    });
    await page.add(1);
    refuse(new Error("no locks here"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(page.errors).toEqual([new Error("the disk is full")]);
  });

  test("is whole in the end though more is heard than written", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(0, "i1", 4_001));
    for (let round = 0; round < 20; round++) {
      page.hear(5_000);
      await page.add(1 + round);
    }
    expect((await disk.read("")).some(([key]) => key.endsWith("/tree"))).toBe(true);
  });

  test("is the tree of another incarnation though its events would go on", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(1));
    page.tree = treeAt(2, "i2");
    page.saved.heard("i2", [eventAt(2)]);
    await page.saved.close();
    expect((await openPage(disk)).saved.tree).toEqual(treeAt(2, "i2"));
  });

  test("is used as far as it is without gaps, and cleared of what was never finished", async () => {
    const disk = memoryStore();
    const page = await openPage(disk);
    page.replace(treeAt(0, "i1", 2_500));
    for (let event = 0; event < 4; event++) page.hear(1);
    await page.saved.close();
    const keys = (await disk.read("")).map(([key]) => key);
    const key = (part: RegExp) => keys.find((one) => part.test(one)) ?? "";
    const leftovers = [key(/tree$/).replace(/tree$/, "rows/2/0"), key(/tree$/).replace(/tree$/, "log/2/1")];
    await disk.write(new Map([[key(/log.*2$/), undefined], ...leftovers.map((one) => [one, []] as const)]));
    const next = await openPage(disk);
    expect(next.saved.events).toEqual([eventAt(1)]);
    await next.saved.close();
    expect((await disk.read("")).filter(([one]) => leftovers.includes(one))).toEqual([]);
    await disk.write(new Map([[key(/rows.*2000$/), undefined]]));
    expect((await openPage(disk)).saved).toMatchObject({ tree: null, events: [] });
  });

  test("has a keeper again when a page that waited for that is closed as well", async () => {
    const disk = memoryStore();
    const [a, b] = [await openPage(disk), await openPage(disk)];
    await b.saved.close();
    await a.saved.close();
    const c = await openPage(disk);
    c.replace(treeAt(1));
    await c.saved.close();
    expect(summary((await openPage(disk)).saved).seq).toBe(1);
  });

  test("is nobody's when opening fails", async () => {
    const disk = memoryStore();
    const broken = { ...disk, read: () => Promise.reject(new Error("no storage here")) };
    await expect(openPage(broken, "robot")).rejects.toThrow("no storage here");
    expect((await openPage(disk, "robot")).saved.client).toBe("robot");
  });

  test("does not change after close", async () => {
    const disk = watched(memoryStore());
    const page = await openPage(disk);
    await page.saved.close();
    await page.add(1);
    page.replace(treeAt(1));
    page.hear(1);
    await page.saved.close();
    expect(disk.writes.length).toBe(0);
    expect(page.errors).toEqual([]);
  });
});
