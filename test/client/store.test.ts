import { afterEach, describe, expect, test, vi } from "vitest";
import { indexedDbStore } from "../../src/client/keep/indexed-db.ts";
import { stores } from "./stores.ts";

const changes = (values: Readonly<Record<string, unknown>>) => new Map(Object.entries(values));

describe.each(stores)("persistence in %s", (_name, create) => {
  test("reads what has a prefix, by rising key", async () => {
    const one = create()();
    await one.write(changes({ "b/2": 2, "b/10": 10, "a/1": 1, b: 0, c: 3, "b/\u{1f333}": { tree: ["x", null] } }));
    expect(await one.read("b/")).toEqual([
      ["b/10", 10],
      ["b/2", 2],
      ["b/\u{1f333}", { tree: ["x", null] }],
    ]);
    expect(await one.read("d")).toEqual([]);
    expect((await one.read("")).length).toBe(6);
  });

  test("replaces and deletes in one write", async () => {
    const again = create();
    await again().write(changes({ a: 1, b: 1 }));
    await again().write(changes({ a: undefined, b: 2, c: 3, never: undefined }));
    expect(await again().read("")).toEqual([
      ["b", 2],
      ["c", 3],
    ]);
  });

  test("gives a claim to one at a time", async () => {
    const again = create();
    const release = await again().claim("x", false);
    expect(release).not.toBeNull();
    expect(await again().claim("x", false)).toBeNull();
    const other = await again().claim("y", false);
    expect(other).not.toBeNull();
    const order: string[] = [];
    const waiting = again()
      .claim("x", true)
      .then((second) => {
        order.push("second");
        return second;
      });
    order.push("released");
    release?.();
    release?.();
    const second = await waiting;
    expect(order).toEqual(["released", "second"]);
    expect(await again().claim("x", false)).toBeNull();
    second?.();
    other?.();
    await expect.poll(() => again().claim("x", false)).not.toBeNull();
  });
});

describe("IndexedDB", () => {
  afterEach(() => void vi.unstubAllGlobals());

  test("writes nothing of a batch with a value that cannot be cloned", async () => {
    const one = indexedDbStore({ name: "uncloneable" });
    await expect(one.write(changes({ a: 1, b: () => 1, c: 2 }))).rejects.toThrow(/could not be cloned/);
    expect(await one.read("")).toEqual([]);
  });

  test("lets another page delete the database, and opens it again", async () => {
    const one = indexedDbStore({ name: "deleted" });
    await one.write(changes({ a: 1 }));
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase("deleted");
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    });
    expect(await one.read("")).toEqual([]);
    await one.write(changes({ b: 1 }));
    expect(await one.read("")).toEqual([["b", 1]]);
  });

  test("tries again to open what could not be opened", async () => {
    const one = indexedDbStore({ name: "refused" });
    const open = vi.spyOn(indexedDB, "open").mockImplementationOnce(() => {
      throw new Error("no storage here");
    });
    await expect(one.read("")).rejects.toThrow("no storage here");
    open.mockRestore();
    expect(await one.read("")).toEqual([]);
  });

  test("keeps databases apart", async () => {
    await indexedDbStore({ name: "ann" }).write(changes({ a: 1 }));
    expect(await indexedDbStore({ name: "bob" }).read("")).toEqual([]);
    expect(await indexedDbStore({ name: "ann" }).claim("a", false)).not.toBeNull();
    expect(await indexedDbStore({ name: "bob" }).claim("a", false)).not.toBeNull();
  });

  test("claims within the process where there are no Web Locks and no pages", async () => {
    vi.stubGlobal("navigator", undefined);
    const release = await indexedDbStore({ name: "no locks" }).claim("a", false);
    expect(await indexedDbStore({ name: "no locks" }).claim("a", false)).toBeNull();
    expect(await indexedDbStore({ name: "other" }).claim("a", false)).not.toBeNull();
    release?.();
    expect(await indexedDbStore({ name: "no locks" }).claim("a", false)).not.toBeNull();
  });

  test("refuses claims in a page without Web Locks", async () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("isSecureContext", false);
    await expect(indexedDbStore({}).claim("a", false)).rejects.toThrow(/secure context/);
  });
});
