import { describe, expect, test } from "vitest";
import { memory, persistence } from "../../src/client/keep/persistence.ts";
import { memoryStore } from "../../src/client/keep/store.ts";
import { byteLength, LIMITS } from "../../src/protocol/index.ts";
import { createScene, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

/** Someone whose frames of mutations are written down. */
function watched() {
  const scene = createScene();
  const machine = scene.server.machine();
  const frames: { readonly bytes: number; readonly count: number; readonly time: number }[] = [];
  const platform = tap(machine, {
    up(frame) {
      if (!frame.startsWith('{"type":"mutate"')) return;
      const { mutations }: { mutations: unknown[] } = JSON.parse(frame);
      frames.push({ bytes: byteLength(frame), count: mutations.length, time: scene.server.now });
    },
  });
  return { ...scene, machine, platform, frames };
}

describe("offline", () => {
  test("R4, R14: 10 000 mutations are all committed, once and in order", { timeout: 120_000 }, async () => {
    const { open, settle, server, machine, platform, frames, truth } = watched();
    const [ann, bob] = [open({ machine, platform }), open()];
    await settle();
    machine.online = false;
    const committed: Promise<{ seq: number; mutation: number | null }>[] = [];
    for (let n = 1; n <= 10_000; n++) {
      const change = ann.doc.mutate((tx) => {
        if (n % 10 === 0) tx.insert({ id: `n${n}`, type: "item" }, { parent: "root" });
        else tx.update("a", { attrs: { n } });
      });
      committed.push(change.committed);
    }
    expect([ann.doc.pending, ann.doc.size]).toEqual([10_000, 1_003]);
    write(bob.doc, "b", "meanwhile");
    await settle();
    machine.online = true;
    await settle();
    const events = await Promise.all(committed);
    expect(events.map(({ seq, mutation }) => [seq, mutation])).toEqual(
      events.map((_, index) => [index + 2, index + 1]),
    );
    expect([ann.doc.pending, ann.doc.seq]).toEqual([0, 10_001]);
    expect(Math.max(...frames.map(({ count }) => count))).toBe(LIMITS.mutationsPerFrame);
    expect(frames.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
    for (const [index, { time }] of frames.entries()) {
      if (index > 0) expect(time - (frames[index - 1]?.time ?? 0)).toBeGreaterThanOrEqual(16);
    }
    expect(ann.doc.toData()).toEqual(truth());
    expect(bob.doc.toData()).toEqual(truth());
    expect(server.call("plan").info()).toMatchObject({ value: { seq: 10_001 } });
  });

  test("R4: the same when the connection breaks again and again meanwhile", { timeout: 120_000 }, async () => {
    const { open, settle, server, machine, truth } = watched();
    let [sent, harm] = [0, true];
    const platform = tap(machine, {
      up(frame) {
        if (!frame.startsWith('{"type":"mutate"') || !harm) return;
        // It arrives, and nobody will hear so.
        machine.hold("down");
        sent++;
      },
    });
    const ann = open({ machine, platform });
    await settle();
    machine.online = false;
    const committed: Promise<{ mutation: number | null }>[] = [];
    for (let n = 1; n <= 700; n++) committed.push(ann.doc.mutate((tx) => tx.update("a", { attrs: { n } })).committed);
    machine.online = true;
    for (let times = 0; ann.doc.pending >= 300 && times < 8; times++) {
      const before = sent;
      for (let waited = 0; sent === before && waited < 20_000; waited += 50) await server.advance(50);
      await server.advance(times);
      if (times % 3 === 0) server.crash();
      machine.cut({ up: times % 2, down: times % 4 === 1 ? 2 : 0, silent: times % 5 === 0 });
      machine.release();
    }
    harm = false;
    await server.advance(60_000);
    const events = await Promise.all(committed);
    expect(events.map(({ mutation }) => mutation)).toEqual(events.map((_, index) => index + 1));
    expect([ann.doc.seq, ann.doc.pending]).toEqual([700, 0]);
    expect(sent).toBeGreaterThan(4);
    expect(truth()).toEqual(ann.doc.toData());
  });

  test("R14: frames take at most 1 MiB, of characters of any width; what fits in none is refused at once", async () => {
    const { open, settle, machine, platform, frames, truth } = watched();
    const ann = open({ machine, platform });
    await settle();
    machine.online = false;
    for (let n = 0; n < 30; n++) {
      write(ann.doc, "a", "x".repeat(300_000 + n));
      write(ann.doc, "b", "€".repeat(90_000 + n));
    }
    const largest = write(ann.doc, "a", "x".repeat(LIMITS.frameBytes - 200));
    const tooLarge = write(ann.doc, "a", "€".repeat(LIMITS.frameBytes / 3));
    await expect(tooLarge.committed).rejects.toMatchObject({ problem: { code: "tooLarge" } });
    expect(ann.doc.pending).toBe(61);
    machine.online = true;
    await settle();
    await largest.committed;
    expect(Math.max(...frames.map(({ bytes }) => bytes))).toBeLessThanOrEqual(LIMITS.frameBytes);
    expect(frames.length).toBeGreaterThan(10);
    expect([ann.doc.pending, ann.doc.status.state]).toEqual([0, "live"]);
    expect(ann.doc.toData()).toEqual(truth());
  });

  test("R10: what was seen and done is there in the next visit before the network answers", async () => {
    const { open, settle, server, machine, platform, truth } = watched();
    const persist = memory();
    const ann = open({ machine, platform, persist });
    const bob = open();
    await settle();
    write(bob.doc, "b", "seen");
    await settle();
    machine.online = false;
    for (let n = 0; n < 500; n++) write(ann.doc, "a", `${n}`);
    await ann.doc.close();
    const again = open({ machine, platform, persist });
    const told: string[] = [];
    again.doc.on("change", ({ ids }) => told.push(...[...ids].sort()));
    await server.advance(0);
    await again.doc.loaded;
    expect([...new Set(told)]).toEqual(["a", "b", "root"]);
    expect([text(again.doc, "a"), text(again.doc, "b"), again.doc.pending, again.doc.seq]).toEqual([
      "499",
      "seen",
      500,
      1,
    ]);
    write(again.doc, "a", "the last");
    machine.online = true;
    await settle();
    expect([again.doc.pending, again.doc.seq, text(bob.doc, "a")]).toEqual([0, 502, "the last"]);
    expect(truth()).toEqual(again.doc.toData());
    expect([...ann.heard.errors, ...again.heard.errors]).toEqual([]);
  });

  test("R10: what is not kept yet is not sent; where keeping fails it is reported, and sent all the same", async () => {
    const { open, settle, machine, platform, frames, truth } = watched();
    const inner = memoryStore();
    let hold: Promise<void> | null = null;
    let letGo = (_error?: Error) => {};
    const persist = persistence({
      ...inner,
      async write(changes: ReadonlyMap<string, unknown>) {
        if (hold) await hold;
        return inner.write(changes);
      },
    });
    const ann = open({ machine, platform, persist });
    await settle();
    for (const failure of [undefined, new Error("the disk is full")]) {
      hold = new Promise((resolve, reject) => {
        letGo = (error) => (error ? reject(error) : resolve());
      });
      const before = frames.length;
      write(ann.doc, "a", `${failure}`);
      await settle();
      expect([frames.length, ann.doc.pending, text(ann.doc, "a")]).toEqual([before, 1, `${failure}`]);
      letGo(failure);
      await settle();
      expect([frames.length, ann.doc.pending]).toEqual([before + 1, 0]);
    }
    expect(ann.heard.errors).toEqual([new Error("the disk is full")]);
    expect(truth()).toEqual(ann.doc.toData());
  });

  test("R11: two pages are two clients; what a closed one left is sent by the next, and reported where refused", async () => {
    const { open, settle, server, machine, truth } = watched();
    const store = memoryStore();
    const persist = persistence(store);
    const [one, two] = [open({ machine, persist }), open({ machine, persist })];
    await settle();
    machine.online = false;
    write(one.doc, "a", "one");
    one.doc.mutate((tx) => tx.move("a", { parent: "b" }), { meta: { n: 1 } });
    write(two.doc, "b", "two");
    two.doc.mutate((tx) => void tx.insert({ id: "x", type: "item" }, { parent: "root" }));
    await settle();
    await one.doc.close();
    await two.doc.close();
    server.call("plan").mutate({ ops: [{ op: "move", id: "b", parent: "a" }] });
    const third = open({ machine, persist });
    await settle();
    expect([third.doc.pending, text(third.doc, "a"), text(third.doc, "b")]).toEqual([4, "one", "two"]);
    machine.online = true;
    await settle();
    expect([third.doc.pending, third.heard.rejected]).toEqual([0, ["cycle"]]);
    expect(truth()).toMatchObject({
      children: [{ id: "a", attrs: { text: "one" }, children: [{ attrs: { text: "two" } }] }, { id: "x" }],
    });
    expect(third.doc.toData()).toEqual(truth());
    await third.doc.close();
    expect((await store.read("")).filter(([key]) => key.includes("pending"))).toEqual([]);
  });

  test("R10: a store that never answers is done without, and closing waits no longer for it", async () => {
    const { open, settle, server, truth } = createScene();
    const dead = persistence({ ...memoryStore(), read: () => new Promise(() => {}) });
    const [ann, bob] = [open({ persist: dead }), open({ persist: dead })];
    await settle();
    const closed = bob.doc.close();
    expect(ann.doc.status.state).toBe("connecting");
    await server.advance(10_000);
    await settle();
    await closed;
    expect(ann.doc.status.state).toBe("live");
    expect(ann.heard.errors).toEqual([
      new Error("what was kept could not be read in time: this visit goes on without, and keeps nothing"),
    ]);
    write(ann.doc, "a", "not kept");
    await settle();
    await ann.doc.close();
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "not kept" } }, {}] });
  });
});
