import { describe, expect, test } from "vitest";
import type { Platform } from "../../src/client/connection/platform.ts";
import { createUndo } from "../../src/client/index.ts";
import { LIMITS } from "../../src/protocol/index.ts";
import { createScene, type Person, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

/** Someone whose connections can be ended with any code. */
async function closable(token?: string | (() => string)) {
  const scene = createScene();
  const machine = scene.server.machine();
  const dialled: number[] = [];
  const platform = tap(machine, { dialled: () => dialled.push(scene.server.now) });
  const ann = scene.open({ machine, platform, token });
  await scene.settle();
  return { ...scene, machine, platform, dialled, ann };
}

const stateOf = ({ doc }: Person) => doc.status.state;

describe("a connection", () => {
  test.each([
    ["unauthorised", 4001, "one token"],
    ["forbidden", 4003, undefined],
    ["notFound", 4004, undefined],
    ["protocol", 4010, undefined],
    ["tooLarge", 4013, undefined],
  ])("R9: ends with %s (%i), until it is asked to connect", async (code, close, token) => {
    const { ann, platform, server, dialled, truth, settle } = await closable(token);
    platform.connections[0]?.closed(close, "");
    await server.advance(600_000);
    expect([ann.doc.status.state, ann.doc.status.reason?.code, dialled.length]).toEqual(["closed", code, 1]);
    const { committed } = write(ann.doc, "a", "A");
    await expect(committed).rejects.toMatchObject({ problem: { code } });
    expect(createUndo(ann.doc).undo()).toEqual({ mutation: null, skipped: [] });
    ann.doc.connect();
    await settle();
    expect(stateOf(ann)).toBe("live");
    write(ann.doc, "a", "B");
    await settle();
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "B" } }, {}] });
  });

  test("R9: replaced (4009) may be a join of its own that came late: it ends only after three in a row", async () => {
    const { ann, platform, server, dialled } = await closable();
    for (let n = 0; n < 3; n++) {
      platform.connections.at(-1)?.closed(4009, "");
      await server.advance(4_000);
      expect([stateOf(ann), dialled.length]).toEqual(["live", n + 2]);
    }
    platform.connections.at(-1)?.closed(4009, "");
    await server.advance(600_000);
    expect([ann.doc.status.state, ann.doc.status.reason?.code, dialled.length]).toEqual(["closed", "replaced", 4]);
    ann.doc.connect();
    await server.advance(10_000);
    platform.connections.at(-1)?.closed(4009, "");
    await server.advance(4_000);
    expect([stateOf(ann), dialled.length]).toEqual(["live", 6]);
  });

  test("R9: two that really are one client do not go on taking each other's place", async () => {
    const scene = createScene();
    const [one, two] = [scene.open({ client: "same" }), scene.open({ client: "same" })];
    await scene.server.advance(120_000);
    expect([stateOf(one), stateOf(two)].sort()).toEqual(["closed", "live"]);
  });

  test.each([1000, 1001, 1006, 1011, 1012, 4000, 4008, 4029, 4999])("R9: comes back after %i", async (close) => {
    const { ann, platform, server, dialled } = await closable();
    const states: string[] = [];
    ann.doc.on("status", ({ state }) => states.push(state));
    platform.connections[0]?.closed(close, "");
    await server.advance(1_000);
    expect([states, dialled.length]).toEqual([["offline", "live"], 2]);
  });

  test("R7, R9: comes back after 4001 where a token can be fetched, a new one each time", async () => {
    let fetched = 0;
    const { ann, platform, server, machine, dialled } = await closable(() => `token${++fetched}`);
    platform.connections[0]?.closed(4001, "");
    await server.advance(1_000);
    expect([stateOf(ann), fetched, dialled.length]).toEqual(["live", 2, 2]);
    expect([machine.lastToken, machine.lastUrl]).toEqual(["token2", server.url("plan")]);
  });

  test("R9: waits by chance, ever longer, and shorter again once it has been live for a while", async () => {
    const { machine, server, dialled } = await closable();
    machine.online = false;
    await server.advance(1_000);
    expect(dialled.length).toBe(1);
    machine.online = true;
    await server.advance(10_000);
    const broken: Platform = {
      ...machine,
      connect: (_url, { closed }) => ({ send() {}, close: machine.after(1, () => closed(1006, "")) }),
    };
    const times: number[] = [];
    const doc = createScene().open({
      platform: {
        ...broken,
        connect(url, events) {
          times.push(server.now);
          return broken.connect(url, events);
        },
      },
    });
    await server.advance(900_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...waits.slice(0, 3))).toBeLessThan(2_100);
    expect(Math.max(...waits)).toBeLessThan(15_100);
    expect(new Set(waits.slice(8)).size).toBeGreaterThan(10);
    const mean = waits.slice(8).reduce((sum, wait) => sum + wait, 0) / (waits.length - 8);
    expect(mean).toBeGreaterThan(5_000);
    expect(mean).toBeLessThan(10_000);
    await doc.doc.close();
  });

  test("R9: notices one that has gone silent, and one that is never answered", async () => {
    const { ann, machine, server, dialled, platform } = await closable();
    machine.hold("both");
    await server.advance(24_000);
    expect(stateOf(ann)).toBe("live");
    await server.advance(27_000);
    expect(dialled.length).toBeGreaterThan(1);
    expect(ann.doc.status).toMatchObject({ state: "offline", reason: { code: "unavailable" } });
    await server.advance(120_000);
    expect(dialled.length).toBeGreaterThan(4);
    expect(dialled.length).toBeLessThan(20);
    machine.release();
    await server.advance(40_000);
    expect(stateOf(ann)).toBe("live");
    expect(platform.connections.length).toBe(dialled.length);
  });

  test("B25: a client pings right after its welcome, so one that dies silently then is found by the next sweeps", async () => {
    const { open, server, settle } = createScene();
    const machine = server.machine();
    const sent: [string, number][] = [];
    const began = server.now;
    const platform = tap(machine, { up: (frame) => frame === "ping" && sent.push([frame, server.now - began]) });
    open({ machine, platform });
    const bob = open();
    await settle();
    expect(sent.length).toBe(1);
    machine.cut({ silent: true });
    machine.online = false;
    const call = server.call("plan");
    await server.advance(60_000);
    expect(await call.info()).toMatchObject({ value: { subscriberCount: 2 } });
    await server.advance(180_000);
    expect(await call.info()).toMatchObject({ value: { subscriberCount: 1 } });
    expect(bob.doc.status.state).toBe("live");
  });

  test("R9: one that answers pings stays", async () => {
    const { ann, server, dialled } = await closable();
    await server.advance(600_000);
    expect([stateOf(ann), dialled.length]).toEqual(["live", 1]);
  });

  test("R13: presence goes out at most once each 50 ms, the last one always, and ends with the connection", async () => {
    const { open, server, settle } = createScene();
    const frames: number[] = [];
    const machine = server.machine();
    const platform = tap(machine, { up: (frame) => frame.startsWith('{"type":"presence"') && frames.push(server.now) });
    const [ann, bob] = [open({ machine, platform }), open()];
    bob.doc.presence.set("bob");
    await settle();
    for (let move = 0; move < 100; move++) {
      ann.doc.presence.set({ x: move });
      await server.advance(7);
    }
    await settle();
    expect(bob.doc.presence.others).toMatchObject([{ data: { x: 99 } }]);
    for (const [index, time] of frames.entries())
      if (index > 0) expect(time - (frames[index - 1] ?? 0)).toBeGreaterThanOrEqual(50);
    expect(frames.length).toBeGreaterThan(12);
    const { others } = ann.doc.presence;
    expect(ann.doc.presence.others).toBe(others);
    machine.cut();
    await server.advance(0);
    expect(ann.doc.presence.others).toEqual([]);
    await server.advance(1_000);
    expect([ann.doc.presence.others.length, bob.doc.presence.others]).toMatchObject([1, [{ data: { x: 99 } }]]);
    await ann.doc.close();
    await settle();
    expect(bob.doc.presence.others).toEqual([]);
    expect(() => bob.doc.presence.set("x".repeat(LIMITS.presenceBytes))).toThrow(RangeError);
  });

  test("B23 R13: presence that the server refuses is told as an error, and is not sent again by itself", async () => {
    const { open, server, settle } = createScene();
    const machine = server.machine();
    const sent: string[] = [];
    const platform = tap(machine, {
      up: (frame) => frame.startsWith('{"type":"presence"') && sent.push(frame),
      down(frame) {
        if (!frame.startsWith('{"type":"presence"')) return frame;
        const { changes } = JSON.parse(frame);
        return JSON.stringify({ type: "presence", changes, refused: { code: "tooLarge", message: "too much" } });
      },
    });
    const { doc } = open({ machine, platform });
    const errors: unknown[] = [];
    doc.on("error", (error) => errors.push(error));
    await settle();
    doc.presence.set("large");
    await server.advance(10_000);
    expect(errors).toEqual([new RangeError("too much")]);
    expect([doc.status.state, sent.length, doc.presence.others]).toEqual(["live", 1, []]);
  });

  test("R13: nobody is there on a connection that broke before it was live, twice", async () => {
    const { open, server, settle } = createScene();
    const bob = open();
    bob.doc.presence.set("bob");
    await settle();
    const machine = server.machine();
    let breaks = 0;
    const platform = tap(machine, {
      down(frame) {
        if (frame.startsWith('{"type":"snapshot"') && breaks < 3) {
          breaks++;
          machine.cut();
          return undefined;
        }
        return frame;
      },
    });
    const ann = open({ machine, platform });
    const seen: string[] = [];
    ann.doc.on("presence", (others) => seen.push(`${ann.doc.status.state} ${others.length}`));
    while (breaks < 3) await server.advance(10);
    expect([ann.doc.status.state, ann.doc.presence.others]).toEqual(["offline", []]);
    await server.advance(10_000);
    expect([ann.doc.status.state, ann.doc.presence.others.length]).toEqual(["live", 1]);
  });

  test("R14: a frame each 16 ms, and what is made in one go in one frame", async () => {
    const { open, server, settle } = createScene();
    const frames: { time: number; count: number }[] = [];
    const machine = server.machine();
    const platform = tap(machine, {
      up(frame) {
        if (frame.startsWith('{"type":"mutate"'))
          frames.push({ time: server.now, count: frame.split('"mutation":').length - 1 });
      },
    });
    const ann = open({ machine, platform });
    await settle();
    for (let n = 0; n < 10; n++) write(ann.doc, "a", `${n}`);
    await server.advance(0);
    expect(frames).toEqual([{ time: server.now, count: 10 }]);
    for (let n = 0; n < 100; n++) {
      write(ann.doc, "a", `${n}`);
      await server.advance(1);
    }
    await settle();
    for (const [index, { time }] of frames.entries())
      if (index > 0) expect(time - (frames[index - 1]?.time ?? 0)).toBeGreaterThanOrEqual(16);
    expect(frames.reduce((sum, { count }) => sum + count, 0)).toBe(110);
    expect(frames.length).toBeGreaterThanOrEqual(6);
    expect(ann.doc.pending).toBe(0);
  });

  test("R14: syncs are echoed, so that a large document arrives", async () => {
    const children = Array.from({ length: 60 }, (_, n) => ({
      id: `n${n}`,
      type: "item",
      attrs: { text: "x".repeat(100_000) },
    }));
    const { open, settle, server } = createScene({ tree: { id: "root", type: "list", children } });
    const echoes: string[] = [];
    const machine = server.machine();
    const ann = open({
      machine,
      platform: tap(machine, { up: (frame) => frame.includes('"sync"') && echoes.push(frame) }),
    });
    await settle();
    expect([stateOf(ann), ann.doc.size]).toEqual(["live", 61]);
    expect(echoes.length).toBeGreaterThan(10);
  });

  test("R15: another life of the document is started over with, and what is pending has seen nothing of it", async () => {
    const { open, settle, server, truth } = createScene();
    const bases: string[] = [];
    const machine = server.machine();
    const ann = open({
      machine,
      platform: tap(machine, { up: (frame) => bases.push(...(frame.match(/"base":\d+/g) ?? [])) }),
    });
    const bob = open();
    await settle();
    write(bob.doc, "a", "one");
    write(bob.doc, "a", "two");
    await settle();
    machine.online = false;
    const kept = ann.doc.mutate((tx) => void tx.insert({ id: "x", type: "item" }, { parent: "root" }));
    const lost = write(ann.doc, "a", "of the old life");
    await bob.doc.close();
    server.call("plan").destroy();
    server.call("plan").getOrStart({ tree: { id: "root", type: "list", children: [{ id: "other", type: "item" }] } });
    await settle();
    machine.online = true;
    await settle();
    expect(bases).toEqual(['"base":0', '"base":0']);
    expect(await kept.committed).toMatchObject({ seq: 1 });
    await expect(lost.committed).rejects.toMatchObject({ problem: { code: "notFound" } });
    expect([ann.doc.children(), ann.doc.seq]).toEqual([["other", "x"], 1]);
    expect(truth()).toEqual(ann.doc.toData());
    write(ann.doc, "other", "new");
    await settle();
    expect(text(ann.doc, "other")).toBe("new");
  });

  test("R3: whoever is told of an event sees the tree as it is with it", async () => {
    const { open, settle } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    const seen: unknown[] = [];
    expect(text(ann.doc, "a")).toBe("a");
    ann.doc.on("event", () => seen.push(text(ann.doc, "a")));
    write(bob.doc, "a", "B");
    await settle();
    expect(seen).toEqual(["B"]);
  });

  test("R2, R3: a listener may mutate, and everyone else still sees all that changed", async () => {
    const { open, settle, truth } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    ann.doc.on("change", ({ ids, source }) => {
      if (source === "remote" && ids.has("a")) write(ann.doc, "b", `after ${text(ann.doc, "a")}`);
    });
    const told: string[] = [];
    ann.doc.on("change", ({ ids, source }) => told.push(`${source} ${[...ids]}`));
    write(bob.doc, "a", "B");
    await settle();
    expect([...told].sort()).toEqual(["local b", "remote a"]);
    expect([text(ann.doc, "b"), text(bob.doc, "b")]).toEqual(["after B", "after B"]);
    expect(truth()).toEqual(ann.doc.toData());
  });

  test("R2: a transaction inside a transaction is refused, and harms nothing", async () => {
    const { open, settle, truth } = createScene();
    const ann = open();
    await settle();
    expect(() =>
      ann.doc.mutate((tx) => {
        tx.insert({ id: "outer", type: "item" }, { parent: "root" });
        ann.doc.mutate((inner) => void inner.insert({ id: "inner", type: "item" }, { parent: "root" }));
      }),
    ).toThrow(/transaction/);
    expect([ann.doc.children(), ann.doc.pending]).toEqual([["a", "b"], 0]);
    write(ann.doc, "a", "A");
    await settle();
    expect(truth()).toEqual(ann.doc.toData());
  });
});
