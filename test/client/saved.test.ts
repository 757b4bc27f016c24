import { describe, expect, test } from "vitest";
import { eventAt, openPage, summary, treeAt } from "./saved-page.ts";
import { stores } from "./stores.ts";

describe.each(stores)("what is kept in %s", (_name, create) => {
  test("is nothing at first", async () => {
    const again = create();
    const page = await openPage(again());
    expect(page.saved).toMatchObject({ counter: 0, tree: null, events: [], pending: [] });
    await page.saved.close();
    expect(await again().read("")).toEqual([]);
  });

  test("is a mutation once it is kept, and not when it is answered", async () => {
    const again = create();
    const first = await openPage(again());
    await Promise.all([first.add(1), first.add(2), first.add(11)]);
    first.saved.answered(first.saved.client, 2);
    await first.saved.close();
    const second = await openPage(again());
    const { client } = first.saved;
    expect(second.saved.client).toBe(client);
    expect(summary(second.saved).pending).toEqual([`${client} 1`, `${client} 11`]);
    expect(second.saved.counter).toBe(2 ** 30 + 11);
    await second.saved.close();
  });

  test("tells that a mutation is kept, never synchronously", async () => {
    const { saved } = await openPage(create()());
    let told = false;
    await new Promise<void>((resolve) => {
      saved.add({ client: saved.client, mutation: 1, base: 0, incarnation: "i1", ops: [] }, () => {
        told = true;
        resolve();
      });
      expect(told).toBe(false);
    });
    await saved.close();
  });

  test("is that of two clients when two pages are open, and a later page takes over both", async () => {
    const again = create();
    const [a, b] = [await openPage(again()), await openPage(again())];
    expect(a.saved.client).not.toBe(b.saved.client);
    await Promise.all([a.add(1), b.add(1), b.add(2)]);
    await a.saved.close();
    await b.saved.close();

    const third = await openPage(again());
    expect(third.saved.client).toBe(a.saved.client);
    expect(summary(third.saved).pending).toEqual([`${a.saved.client} 1`, `${b.saved.client} 1`, `${b.saved.client} 2`]);
    await expect(openPage(again(), b.saved.client)).rejects.toThrow(/open in another page/);
    third.saved.answered(b.saved.client, 1);
    third.saved.answered(b.saved.client, 1);
    third.saved.answered(b.saved.client, 2);
    await third.add(20_000);
    third.saved.answered(third.saved.client, 20_000);
    // Forgotten, it is free to be anybody's.
    await (await openPage(again(), b.saved.client)).saved.close();
    await third.saved.close();
    expect((await again().read("")).filter(([key]) => key.includes(b.saved.client))).toEqual([]);
    const fourth = await openPage(again());
    expect(summary(fourth.saved).pending).toEqual([`${a.saved.client} 1`]);
    await fourth.saved.close();
  });

  test("is forgotten of a client whose page is gone with nothing pending", async () => {
    const again = create();
    const [a, b] = [await openPage(again()), await openPage(again())];
    await Promise.all([a.add(1), b.add(1)]);
    b.saved.answered(b.saved.client, 1);
    await a.saved.close();
    await b.saved.close();
    const third = await openPage(again());
    await third.saved.close();
    expect((await again().read("")).filter(([key]) => key.includes(b.saved.client))).toEqual([]);
  });

  test("belongs to the client that is asked for", async () => {
    const again = create();
    const page = await openPage(again(), "robot");
    await page.add(7);
    await expect(openPage(again(), "robot")).rejects.toThrow("the client robot is open in another page");
    await page.saved.close();
    const next = await openPage(again(), "robot");
    expect(next.saved).toMatchObject({ client: "robot", counter: 2 ** 30 + 7 });
    await next.saved.close();
  });

  test("is a tree and the events after it", async () => {
    const again = create();
    const page = await openPage(again());
    page.replace(treeAt(5));
    page.hear(2);
    page.hear(1);
    await page.saved.close();
    const next = await openPage(again());
    expect(next.saved.tree).toEqual(treeAt(5));
    expect(next.saved.events).toEqual([eventAt(6), eventAt(7), eventAt(8)]);
    next.hear(1);
    await next.saved.close();
    const last = await openPage(again());
    expect(last.saved.events.length).toBe(4);
    last.replace(treeAt(3, "i2"));
    await last.saved.close();
    const { saved } = await openPage(again());
    expect(saved).toMatchObject({ tree: treeAt(3, "i2"), events: [] });
    await saved.close();
  });

  test("is a tree of many chunks", async () => {
    const again = create();
    const page = await openPage(again());
    page.replace(treeAt(0, "i1", 4_500));
    page.hear(1);
    await page.saved.close();
    expect((await again().read("")).filter(([key]) => key.includes("/rows/")).length).toBe(9);
    const { saved } = await openPage(again());
    expect(saved.tree).toEqual(treeAt(0, "i1", 4_500));
    expect(saved.events).toEqual([eventAt(1)]);
    await saved.close();
  });

  test("is written by one page, then by the next", async () => {
    const again = create();
    const [a, b] = [await openPage(again()), await openPage(again())];
    a.replace(treeAt(1));
    b.replace(treeAt(1));
    a.hear(1);
    b.hear(1);
    b.hear(1);
    await a.saved.close();
    const keysOf = async () => (await again().read("")).map(([key]) => key.slice(key.indexOf("/") + 1));
    await expect.poll(keysOf).toEqual(["rows/2/0000000000000000", "tree"]);
    b.hear(1);
    await b.saved.close();
    expect(await keysOf()).toEqual(["log/2/0000000000000004", "rows/2/0000000000000000", "tree"]);
    const c = await openPage(again());
    expect(summary(c.saved).seq).toBe(4);
    await c.saved.close();
  });

  test("does not mix with that of a document whose url goes on", async () => {
    const again = create();
    const [short, long] = ["wss://host/documents/a", "wss://host/documents/a/tree"];
    const a = await openPage(again(), undefined, short);
    const b = await openPage(again(), undefined, long);
    a.replace(treeAt(1));
    b.replace(treeAt(2));
    await Promise.all([a.add(1), b.add(2)]);
    await a.saved.close();
    await b.saved.close();
    const found = await openPage(again(), undefined, short);
    expect(summary(found.saved)).toEqual({ seq: 1, pending: [`${a.saved.client} 1`] });
    await found.saved.close();
  });
});
