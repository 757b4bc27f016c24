import { describe, expect, test } from "vitest";
import { memory } from "../../src/client/keep/persistence.ts";
import { createScene, type Person, type Scene, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

/**
 * Ann's write is committed, and she does not hear of it; then Bob writes what is newer. Two of the peers that we know
 * (tldraw, Liveblocks) send Ann's write again as a new one when she is back, and Bob's is lost.
 */
async function loseAcknowledgement(options: { readonly kept?: boolean } = {}) {
  const scene = createScene();
  const persist = options.kept ? memory() : undefined;
  const machine = scene.server.machine();
  let spoil = false;
  const platform = tap(machine, {
    down(frame) {
      if (!spoil || !frame.startsWith('{"type":"delta"')) return frame;
      spoil = false;
      return frame.replaceAll(/"seq":\d+/g, '"seq":99');
    },
  });
  const ann = scene.open({ machine, platform, persist });
  const bob = scene.open();
  await scene.settle();
  machine.hold("down");
  const { committed } = write(ann.doc, "a", "older");
  await scene.settle();
  expect(scene.truth()).toMatchObject({ children: [{ attrs: { text: "older" } }, {}] });
  machine.cut();
  machine.online = false;
  write(bob.doc, "a", "newer");
  await scene.settle();
  expect(text(ann.doc, "a")).toBe("older");
  machine.release();
  const spoilNext = () => {
    spoil = true;
  };
  return { ...scene, ann, bob, machine, platform, persist, committed, spoilNext };
}

function expectNewer({ server, truth }: Scene, ...people: Person[]): void {
  expect(truth()).toMatchObject({ children: [{ attrs: { text: "newer" } }, {}] });
  for (const { doc, heard } of people) {
    expect([text(doc, "a"), doc.pending, doc.seq]).toEqual(["newer", 0, 2]);
    expect(heard.rejected).toEqual([]);
  }
  expect(server.call("plan").history()).toMatchObject({ value: { entries: [{ seq: 1 }, { seq: 2 }], more: false } });
}

describe("a lost acknowledgement", () => {
  test.each(["nothing", "an eviction", "a crash", "a stop", "two crashes"])(
    "R4, R5: with %s between",
    async (between) => {
      const stage = await loseAcknowledgement();
      if (between === "an eviction") stage.server.evict();
      if (between === "a stop") stage.server.call("plan").stop();
      if (/crash/.test(between)) stage.server.crash();
      await stage.settle();
      if (between === "two crashes") stage.server.crash();
      stage.machine.online = true;
      await stage.server.advance(30_000);
      expectNewer(stage, stage.ann, stage.bob);
      expect(await stage.committed).toMatchObject({ seq: 1, mutation: 1 });
    },
  );

  test("R4, R5, R8: with a snapshot in place of what was missed", async () => {
    const stage = await loseAcknowledgement();
    stage.spoilNext();
    stage.machine.online = true;
    await stage.server.advance(30_000);
    expect(stage.ann.heard.errors).toEqual([new Error("event 99 came after 0")]);
    expectNewer(stage, stage.ann, stage.bob);
    expect(await stage.committed).toMatchObject({ seq: 1, mutation: 1 });
  });

  test("R5, R10: when the page is opened anew, offline and then online", async () => {
    const stage = await loseAcknowledgement({ kept: true });
    await stage.ann.doc.close();
    await expect(stage.committed).rejects.toThrow("closed");
    const { machine, platform, persist } = stage;
    const again = stage.open({ machine, platform, persist });
    await stage.settle();
    expect([text(again.doc, "a"), again.doc.pending]).toEqual(["older", 1]);
    machine.online = true;
    await stage.settle();
    expectNewer(stage, again, stage.bob);
  });

  test("R5, R10, R11: when another page of the profile sends what the first one left", async () => {
    const stage = await loseAcknowledgement({ kept: true });
    const { machine, platform, persist } = stage;
    const other = stage.open({ machine, platform, persist });
    await stage.settle();
    await stage.ann.doc.close();
    await other.doc.close();
    machine.online = true;
    const [third, fourth] = [stage.open({ machine, persist }), stage.open({ machine, persist })];
    await stage.settle();
    expectNewer(stage, third, fourth, stage.bob);
  });
});
