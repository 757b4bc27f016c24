import { describe, expect, test } from "vitest";
import { createMemoryTables, createTestServer } from "../../src/testing/index.ts";
import { insert } from "../tree/document.ts";
import { join } from "./wire.ts";

describe("an object that fails", () => {
  test("killed between a commit and its answer it has kept what was committed, and answers again", async () => {
    const server = createTestServer();
    const machine = server.machine();
    const ann = join(machine, server.url("plan"), "ann");
    await server.settle();
    ann.hear();
    ann.mutate(1, insert("a", "root"));
    machine.deliver("up", 1);
    server.crash();
    await server.settle();
    expect([ann.hearShort(), ann.closed]).toEqual([[], { code: 1006, reason: "" }]);
    const again = join(machine, server.url("plan"), "ann");
    again.mutate(1, insert("a", "root"));
    await server.settle();
    expect(again.hearShort()).toEqual(["welcome 1 snapshot", "snapshot 1 done", "delta 1"]);
  });

  test("killed within a commit window it has lost what waited", async () => {
    const server = createTestServer();
    const machine = server.machine();
    const ann = join(machine, server.url("plan"), "ann");
    await server.settle();
    for (const mutation of [1, 2]) ann.mutate(mutation, insert(`n${mutation}`, "root"));
    machine.deliver("up");
    server.crash("plan");
    expect(server.call("plan").info()).toMatchObject({ value: { seq: 1, subscriberCount: 0 } });
  });

  test("one is killed and the other lives on", async () => {
    const server = createTestServer();
    const machine = server.machine();
    const [one, two] = ["one", "two"].map((id) => join(machine, server.url(id), "ann"));
    await server.settle();
    server.crash("one");
    await server.settle();
    expect([one?.open, two?.open]).toEqual([false, true]);
  });

  test("a connection that had not arrived reaches the object that comes after", async () => {
    const server = createTestServer();
    const ann = join(server.machine(), server.url("plan"), "ann");
    server.crash();
    await server.settle();
    expect(ann.hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  });

  test("hibernates: connections are kept, and who has joined goes on", async () => {
    const server = createTestServer();
    const ann = join(server.machine(), server.url("plan"), "ann");
    await server.settle();
    ann.hear();
    server.evict();
    ann.mutate(1, insert("a", "root"));
    await server.settle();
    expect([ann.hearShort(), ann.open]).toEqual([["delta 1"], true]);
    expect(server.call("plan").info()).toMatchObject({ value: { counters: { wakeUps: { message: 1 } } } });
  });

  test("a document in memory is gone with it, and who had joined is told", async () => {
    const server = createTestServer({ defaults: { storage: "memory" } });
    const ann = join(server.machine(), server.url("plan"), "ann");
    await server.settle();
    server.evict("plan");
    ann.mutate(1, insert("a", "root"));
    await server.settle();
    expect(ann.closed?.code).toBe(1011);
  });

  test("storage that fails closes everybody, and nothing that was not stored was said", async () => {
    const fault = new Error("the disk is full");
    let failing = false;
    const tables = () => {
      const disk = createMemoryTables();
      const append: typeof disk.log.append = (commit) => {
        if (failing) throw fault;
        return disk.log.append(commit);
      };
      return { ...disk, log: { ...disk.log, append } };
    };
    const server = createTestServer({ tables, isFault: (error) => error === fault });
    const machine = server.machine();
    const ann = join(machine, server.url("plan"), "ann");
    const bob = join(server.machine(), server.url("plan"), "bob");
    await server.settle();
    for (const wire of [ann, bob]) wire.hear();
    failing = true;
    ann.mutate(1, insert("a", "root"));
    await server.settle();
    expect([ann.hearShort(), bob.hearShort()]).toEqual([["error unavailable"], ["error unavailable"]]);
    expect([ann.closed?.code, bob.closed?.code]).toEqual([1011, 1011]);
    expect(server.call("plan").mutate({ ops: [insert("b", "root")] })).toMatchObject({
      problem: { code: "unavailable" },
    });
    failing = false;
    const again = join(machine, server.url("plan"), "ann");
    again.mutate(1, insert("a", "root"));
    await server.settle();
    expect(again.hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done", "delta 1"]);
  });

  test("any other error is a bug, and is thrown", async () => {
    const tables = () => ({
      ...createMemoryTables(),
      exists: () => {
        throw new Error("a bug");
      },
    });
    const server = createTestServer({ tables });
    join(server.machine(), server.url("plan"), "ann");
    await expect(server.settle()).rejects.toThrow("a bug");
    expect(() => server.call("plan").info()).toThrow("a bug");
  });
});
