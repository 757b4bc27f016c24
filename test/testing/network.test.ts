import { describe, expect, test } from "vitest";
import { createTestServer, type Machine, type TestServer } from "../../src/testing/index.ts";
import { insert } from "../tree/document.ts";
import { join, type Wire } from "./wire.ts";

interface Scene {
  readonly server: TestServer;
  readonly url: string;
  readonly machine: Machine;
  /** Joined, and everything heard. */
  readonly ann: Wire;
}

async function begin(): Promise<Scene> {
  const server = createTestServer();
  const url = server.url("plan");
  const machine = server.machine();
  const ann = join(machine, url, "ann");
  await server.settle();
  ann.hear();
  return { server, url, machine, ann };
}

/** How the document is now: its seq, and who has joined. */
function state({ server }: Scene) {
  const info = server.call("plan").info();
  if (!info.ok) throw new Error(info.problem.message);
  return [info.value.seq, info.value.subscriberCount];
}

describe("a machine's network", () => {
  test("holds back: an acknowledgement that is lost is given again, once", async () => {
    const scene = await begin();
    const { server, url, machine, ann } = scene;
    machine.hold("down");
    ann.mutate(1, insert("a", "root"));
    await server.settle();
    expect([state(scene), ann.hearShort()]).toEqual([[1, 1], []]);
    machine.cut();
    machine.release();
    expect(ann.closed).toEqual({ code: 1006, reason: "" });
    const again = join(machine, url, "ann");
    again.mutate(1, insert("a", "root"));
    await server.settle();
    expect(again.hearShort()).toEqual(["welcome 1 snapshot", "snapshot 1 done", "delta 1"]);
    expect(state(scene)).toEqual([1, 1]);
  });

  test("holds back what goes up, and lets it go in order", async () => {
    const scene = await begin();
    const { server, machine, ann } = scene;
    machine.hold("both");
    ann.mutate(1, insert("a", "root"));
    ann.mutate(2, insert("b", "root"));
    await server.settle();
    expect(state(scene)).toEqual([0, 1]);
    machine.release();
    await server.settle();
    expect(ann.hearShort()).toEqual(["delta 1", "delta 2"]);
  });

  test("delivers step by step, held back or not", async () => {
    const scene = await begin();
    const { machine, ann } = scene;
    machine.hold("both");
    ann.mutate(1, insert("a", "root"));
    ann.mutate(2, { op: "remove", id: "a" });
    expect(machine.deliver("up", 1)).toBe(1);
    expect([state(scene)[0], ann.hearShort()]).toEqual([1, []]);
    expect(machine.deliver("down")).toBe(1);
    expect(ann.hearShort()).toEqual(["delta 1"]);
    expect([machine.deliver("up", 5), machine.deliver("up")]).toEqual([1, 0]);
  });

  test("cuts in the middle: so much still arrives, the rest is lost", async () => {
    const scene = await begin();
    const { server, machine, ann } = scene;
    for (const mutation of [1, 2, 3]) ann.mutate(mutation, insert(`n${mutation}`, "root"));
    machine.cut({ up: 2 });
    expect(ann.closed?.code).toBe(1006);
    expect(state(scene)).toEqual([0, 1]);
    await server.settle();
    expect(state(scene)).toEqual([2, 0]);
  });

  test("cuts after so much has come down", async () => {
    const { server, machine, ann } = await begin();
    machine.hold("down");
    ann.mutate(1, insert("a", "root"));
    await server.settle();
    ann.mutate(2, insert("b", "root"));
    await server.settle();
    machine.cut({ down: 1 });
    expect([ann.hearShort(), ann.closed?.code]).toEqual([["delta 1"], 1006]);
  });

  test("a connection that is lost twice is still noticed", async () => {
    const scene = await begin();
    const { server, url, machine, ann } = scene;
    machine.cut();
    join(machine, url, "ann");
    machine.cut();
    await server.settle();
    expect([state(scene), ann.hearShort()]).toEqual([[0, 0], []]);
  });

  test("the late close of a connection that was superseded does not hurt the new one", async () => {
    const scene = await begin();
    const { server, url, machine, ann } = scene;
    ann.mutate(1, insert("a", "root"));
    ann.mutate(2, insert("b", "root"));
    machine.cut({ up: 1, silent: true });
    await server.advance(60_000);
    expect(state(scene)).toEqual([0, 1]);
    const again = join(machine, url, "ann");
    await server.settle();
    again.hear();
    // What the old one still carries is refused: it was closed when the new one joined.
    expect(machine.linger()).toBe(2);
    again.mutate(1, insert("a", "root"));
    await server.settle();
    expect([again.hearShort(), again.open, state(scene)]).toEqual([["delta 1"], true, [1, 1]]);
    expect(machine.linger()).toBe(0);
  });

  test("what a silent connection still carries counts as long as nobody has superseded it", async () => {
    const scene = await begin();
    const { server, machine, ann } = scene;
    ann.mutate(1, insert("a", "root"));
    machine.cut({ up: 1, silent: true });
    expect([machine.linger(1), state(scene)]).toEqual([1, [1, 1]]);
    expect([machine.linger(), state(scene)]).toEqual([1, [1, 0]]);
    await server.settle();
  });

  test("duplicates the last mutations: they are answered again and not applied again", async () => {
    const scene = await begin();
    const { server, machine, ann } = scene;
    expect(machine.duplicate()).toBe(false);
    ann.mutate(1, insert("a", "root"));
    await server.settle();
    expect(machine.duplicate()).toBe(true);
    await server.settle();
    expect([ann.hearShort(), state(scene)]).toEqual([
      ["delta 1", "delta 1"],
      [1, 1],
    ]);
    machine.cut();
    expect(machine.duplicate()).toBe(false);
  });

  test("goes offline and comes back, and tells who watches", async () => {
    const scene = await begin();
    const { server, url, machine, ann } = scene;
    const heard: boolean[] = [];
    const stop = machine.watchOnline((online) => void heard.push(online));
    machine.online = false;
    machine.online = false;
    expect([ann.closed?.code, heard]).toEqual([1006, [false]]);
    const failing = join(machine, url, "ann");
    const calledOff = join(machine, url, "ann");
    calledOff.connection.close(1000, "");
    expect(failing.closed).toBe(null);
    await server.settle();
    expect([failing.closed?.code, calledOff.closed, state(scene)]).toEqual([1006, null, [0, 0]]);
    machine.online = true;
    stop();
    machine.online = false;
    machine.online = true;
    expect(heard).toEqual([false, true]);
    const again = join(machine, `${url}?token=secret`, "ann");
    await server.settle();
    expect([again.open, machine.lastUrl]).toEqual([true, "ws://test/documents/plan?token=secret"]);
  });

  test("keeps what was reported", () => {
    const machine = createTestServer().machine();
    machine.report("an error");
    expect(machine.errors).toEqual(["an error"]);
  });
});
