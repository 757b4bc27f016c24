import { describe, expect, test } from "vitest";
import { mergeTexts, textOf } from "../../src/client/index.ts";
import { memory } from "../../src/client/keep/persistence.ts";
import { fromData, toRows } from "../../src/tree/index.ts";
import { createScene, DEEP, type Scene, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

/** The tree as the object has it, in frames of so many rows. */
function snapshotOf({ server, truth }: Scene, rows: number): string[] {
  const state = server.call("plan").getState();
  const seq = state.ok ? state.value.seq : 0;
  const nodes = [...toRows(fromData(truth(), () => ""))];
  const frames: string[] = [];
  for (let at = 0; at < nodes.length; at += rows) {
    const done = at + rows >= nodes.length;
    frames.push(JSON.stringify({ type: "snapshot", seq, nodes: nodes.slice(at, at + rows), done }));
  }
  return frames;
}

const endsWith = (frame: string, mutation: number) => JSON.stringify({ ...JSON.parse(frame), mutation });

/** A scene with somebody who is given a snapshot in place of the deltas that come while `instead` is true. */
async function open(scene: Scene, options = {}) {
  const machine = scene.server.machine();
  const taps = { instead: false, joins: [] as object[] };
  const platform = tap(machine, {
    down: (frame) => (taps.instead && frame.startsWith('{"type":"delta"') ? undefined : frame),
    up: (frame) => void (frame.startsWith('{"type":"join"') && taps.joins.push(JSON.parse(frame))),
  });
  const person = scene.open({ machine, platform, ...options });
  await scene.settle();
  const say = (frames: readonly string[]) => {
    for (const frame of frames) platform.connections.at(-1)?.received(frame);
  };
  return {
    ...person,
    machine,
    taps,
    /** What the server has not said. */
    say,
    async giveSnapshot() {
      await scene.settle();
      taps.instead = false;
      say(snapshotOf(scene, 2));
    },
  };
}

describe("a snapshot in the middle of a connection", () => {
  test("R1, R4: is the tree; what is pending is answered, and stays on top of it until then", async () => {
    const scene = createScene({ tree: DEEP });
    const ann = await open(scene);
    const bob = scene.open();
    await scene.settle();
    const events: number[] = [];
    ann.doc.on("event", ({ seq }) => events.push(seq));
    ann.taps.instead = true;
    const arrived = write(ann.doc, "a", "arrived");
    await scene.settle();
    bob.doc.mutate((tx) => tx.remove("b"));
    bob.doc.mutate((tx) => void tx.insert({ id: "new", type: "item" }, { parent: "z" }));
    await scene.settle();
    ann.machine.hold("up");
    const held = write(ann.doc, "z", "held");
    expect([ann.doc.pending, ann.doc.seq]).toEqual([2, 0]);
    await ann.giveSnapshot();
    expect([ann.doc.pending, ann.doc.seq, ann.doc.get("b"), ann.doc.get("c")]).toEqual([2, 3, undefined, undefined]);
    expect([text(ann.doc, "a"), text(ann.doc, "z"), ann.doc.children("z")]).toEqual(["arrived", "held", ["new"]]);
    ann.machine.release();
    await scene.settle();
    expect([await arrived.committed, await held.committed]).toMatchObject([{ seq: 1 }, { seq: 4 }]);
    expect(ann.doc.toData()).toEqual(scene.truth());
    expect(bob.doc.toData()).toEqual(scene.truth());
    expect([ann.doc.pending, events, ann.heard.errors, ann.taps.joins.length]).toEqual([0, [4], [], 1]);
    write(bob.doc, "z", "theirs");
    await scene.settle();
    expect(text(ann.doc, "z")).toBe("theirs");
  });

  test("R12: undo knows what was done before it, and what others have touched", async () => {
    const scene = createScene({ tree: DEEP });
    const ann = await open(scene);
    const bob = scene.open();
    await scene.settle();
    write(ann.doc, "a", "mine");
    write(ann.doc, "z", "mine");
    await scene.settle();
    ann.taps.instead = true;
    write(bob.doc, "z", "theirs");
    await ann.giveSnapshot();
    await scene.settle();
    expect(ann.undo.undo().skipped).toEqual([{ id: "z", why: "changed" }]);
    expect(ann.undo.undo().skipped).toEqual([]);
    await scene.settle();
    expect([text(ann.doc, "a"), text(bob.doc, "z")]).toEqual(["a", "theirs"]);
  });

  test("R10: is kept", async () => {
    const scene = createScene({ tree: DEEP });
    const persist = memory();
    const ann = await open(scene, { persist });
    const bob = scene.open();
    await scene.settle();
    ann.taps.instead = true;
    write(bob.doc, "a", "A");
    bob.doc.mutate((tx) => tx.remove("b"));
    await ann.giveSnapshot();
    write(bob.doc, "z", "Z");
    await scene.settle();
    await ann.doc.close();
    const machine = scene.server.machine();
    machine.online = false;
    const again = scene.open({ persist, machine });
    await again.doc.loaded;
    expect([again.doc.seq, again.doc.toData()]).toEqual([3, scene.truth()]);
  });

  test("S8: begins anew with another seq, and breaks off with the connection", async () => {
    const scene = createScene({ tree: DEEP });
    const ann = await open(scene);
    const bob = scene.open();
    await scene.settle();
    ann.taps.instead = true;
    write(bob.doc, "a", "1");
    await scene.settle();
    const before = snapshotOf(scene, 4);
    ann.say(before.slice(0, 1));
    bob.doc.mutate((tx) => tx.remove("b"));
    await scene.settle();
    ann.say(snapshotOf(scene, 3));
    expect([ann.doc.seq, ann.doc.toData(), ann.heard.errors]).toEqual([2, scene.truth(), []]);
    ann.say(before.slice(0, 1));
    ann.machine.cut();
    ann.taps.instead = false;
    await scene.server.advance(20_000);
    write(bob.doc, "a", "2");
    await scene.settle();
    expect([ann.doc.seq, ann.doc.toData(), ann.heard.errors]).toEqual([3, scene.truth(), []]);
  });
});

test("X58: texts that are in a snapshot in the middle of a connection are not shown twice", async () => {
  const scene = createScene({ tree: DEEP });
  const ann = await open(scene);
  mergeTexts(ann.doc);
  const typed = textOf(ann.doc, "a", "text");
  await scene.settle();
  const seen: string[] = [];
  ann.doc.on("change", () => void seen.push(typed.value));
  ann.taps.instead = true;
  typed.insert(0, "!");
  await scene.settle();
  ann.machine.hold("up");
  typed.insert(1, "?");
  const frames = snapshotOf(scene, 2);
  ann.taps.instead = false;
  ann.say(frames.map((frame, index) => (index === frames.length - 1 ? endsWith(frame, 1) : frame)));
  ann.machine.release();
  await scene.server.advance(20_000);
  expect(typed.value).toBe(text(ann.doc, "a"));
  expect(seen.filter((each) => each.split("!").length > 2)).toEqual([]);
  expect(scene.truth()).toEqual(ann.doc.toData());
});

describe("what a client says that it keeps", () => {
  test("S7: what was removed after its snapshot; after a reload, after what was kept; after tidying, less", async () => {
    const inside = Array.from({ length: 10_001 }, (_, n) => ({ id: `n${n}`, type: "item" }));
    const scene = createScene({
      tree: { ...DEEP, children: [...(DEEP.children ?? []), { id: "big", type: "list", children: inside }] },
    });
    const persist = memory();
    const bob = scene.open();
    await scene.settle();
    write(bob.doc, "a", "1");
    await scene.settle();
    const ann = await open(scene, { persist });
    const again = async () => {
      ann.machine.cut();
      await scene.server.advance(20_000);
      return ann.taps.joins.at(-1);
    };
    expect(ann.taps.joins).toEqual([{ type: "join", protocol: 2, client: ann.doc.client, keeps: 0, runs: true }]);
    bob.doc.mutate((tx) => tx.remove("d"));
    await scene.settle();
    expect(await again()).toMatchObject({ seq: 2, keeps: 1 });
    await ann.doc.close();
    const second = await open(scene, { persist });
    expect(second.taps.joins[0]).toMatchObject({ seq: 2, keeps: 1 });
    await second.doc.close();
    bob.doc.mutate((tx) => tx.remove("big"));
    await scene.settle();
    const third = await open(scene, { persist });
    // More than were ever alive.
    const more = { id: "more", type: "list", children: inside.slice(0, 5).map(({ type }) => ({ type })) };
    bob.doc.mutate((tx) => void tx.insert(more, { parent: "root" }));
    bob.doc.mutate((tx) => tx.remove("more"));
    await scene.settle();
    write(bob.doc, "a", "2");
    await scene.settle();
    third.machine.cut();
    await scene.server.advance(20_000);
    expect(third.taps.joins).toMatchObject([
      { seq: 2, keeps: 1 },
      { seq: 6, keeps: 5 },
    ]);
    expect([third.doc.size, third.heard.errors]).toEqual([5, []]);
  });
});
