import { describe, expect, test } from "vitest";
import { createUndo } from "../../src/client/index.ts";
import { memory } from "../../src/client/keep/persistence.ts";
import { createScene, type Person, text, write } from "./scene.ts";
import { type Taps, tap } from "./tap.ts";

/** A scene with one whose frames are tapped, with Bob, and with a count of connections. */
function scene(taps: Taps = {}) {
  const stage = createScene();
  const machine = stage.server.machine();
  const dialled: number[] = [];
  const platform = tap(machine, { ...taps, dialled: () => dialled.push(stage.server.now) });
  return { ...stage, machine, platform, dialled, bob: stage.open() };
}

const stateOf = ({ doc }: Person) => doc.status.state;

describe("what went wrong elsewhere when connecting again (tldraw#10092, #10093, #10098, #10159)", () => {
  test("R6: a superseded connection that closes late, or still says something, harms nobody", async () => {
    const { open, settle, machine, platform, server, truth } = scene();
    const ann = open({ machine, platform });
    await settle();
    machine.cut({ silent: true });
    await server.advance(1_000);
    const [old] = platform.connections;
    expect([stateOf(ann), platform.connections.length]).toEqual(["live", 2]);
    old?.received(
      '{"type":"delta","events":[{"seq":1,"client":null,"mutation":null,"ops":[{"op":"remove","id":"a"}]}]}',
    );
    old?.received("rubbish");
    old?.closed(4009, "replaced");
    old?.closed(1006, "");
    machine.linger();
    await server.advance(1_000);
    expect([stateOf(ann), ann.doc.seq, platform.connections.length]).toEqual(["live", 0, 2]);
    write(ann.doc, "a", "A");
    await settle();
    expect(truth()).toEqual(ann.doc.toData());
    expect(ann.heard.errors).toEqual([]);
  });

  test("R4: what was inserted and removed offline does not come back", async () => {
    const { open, settle, machine, platform, truth, bob } = scene();
    const ann = open({ machine, platform });
    await settle();
    machine.online = false;
    ann.doc.mutate((tx) => void tx.insert({ id: "new", type: "item" }, { parent: "root" }));
    ann.doc.mutate((tx) => tx.remove("new"));
    ann.doc.mutate((tx) => tx.remove("b"));
    await settle();
    machine.online = true;
    await settle();
    for (const { doc } of [ann, bob]) expect([doc.children(), doc.size]).toEqual([["a"], 2]);
    expect(truth()).toEqual(ann.doc.toData());
  });

  const spoils: [string, RegExp, string][] = [
    [
      "an event that names what is not there",
      /^{"type":"delta"/,
      '{"type":"delta","events":[{"seq":1,"client":null,"mutation":null,"ops":[{"op":"remove","id":"ghost"}]}]}',
    ],
    ["a gap", /^{"type":"delta"/, '{"type":"delta","events":[{"seq":7,"client":null,"mutation":null,"ops":[]}]}'],
    ["no JSON", /^{"type":"delta"/, '{"type":"delta","ev'],
    ["null", /^{"type":"delta"/, "null"],
    ["a delta without events", /^{"type":"delta"/, '{"type":"delta"}'],
    [
      "a snapshot that lacks a parent",
      /^{"type":"snapshot"/,
      '{"type":"snapshot","seq":0,"nodes":[["root",null,null,"list",{}],["x","y",null,"item",{}]],"done":true}',
    ],
    [
      "a snapshot with two roots",
      /^{"type":"snapshot"/,
      '{"type":"snapshot","seq":0,"nodes":[["root",null,null,"list",{}],["r",null,null,"list",{}]],"done":true}',
    ],
  ];
  test.each(spoils)(
    "R8: %s makes it start over from a snapshot, with what is pending",
    async (_name, which, instead) => {
      let spoil = true;
      const { open, settle, machine, platform, server, bob, truth, dialled } = scene({
        down(frame) {
          if (!spoil || !which.test(frame)) return frame;
          spoil = false;
          return instead;
        },
      });
      const ann = open({ machine, platform });
      await settle();
      machine.hold("up");
      const mine = ann.doc.root === undefined ? null : write(ann.doc, "b", "mine");
      write(bob.doc, "a", "theirs");
      await settle();
      machine.release();
      await server.advance(2_000);
      expect([spoil, stateOf(ann), dialled.length]).toEqual([false, "live", 2]);
      expect(ann.heard.errors.length).toBe(1);
      expect(truth()).toEqual(ann.doc.toData());
      if (mine) expect(await mine.committed).toMatchObject({ mutation: 1 });
      expect([text(ann.doc, "a"), ann.doc.pending]).toEqual(["theirs", 0]);
    },
  );

  test("R8, R9: what can never be applied is tried again ever more rarely, and half of it is never shown", async () => {
    const { open, settle, machine, platform, server, dialled } = scene({
      down: (frame) =>
        frame.startsWith('{"type":"snapshot"')
          ? frame.replace('"nodes":[', '"nodes":[["x","ghost",null,"item",{}],')
          : frame,
    });
    const ann = open({ machine, platform });
    await settle();
    await server.advance(600_000);
    expect(stateOf(ann)).not.toBe("live");
    expect([ann.doc.root, ann.doc.size]).toEqual([undefined, 0]);
    // Half of 15 s each on average: about 80 in ten minutes.
    expect(dialled.length).toBeGreaterThan(40);
    expect(dialled.length).toBeLessThan(160);
    expect(dialled.filter((time) => time < (dialled[0] ?? 0) + 2_000).length).toBeLessThan(12);
    expect(ann.heard.errors.length).toBe(dialled.length);
  });

  test("R7: a token that cannot be fetched is fetched again, ever more rarely; not after close", async () => {
    const { open, machine, platform, server, dialled } = scene();
    const fetched: number[] = [];
    let works = false;
    const token = async () => {
      fetched.push(server.now);
      if (!works) throw new Error("no session");
      return `token ${fetched.length}`;
    };
    const ann = open({ machine, platform, token });
    await server.advance(60_000);
    expect([stateOf(ann), dialled.length]).toEqual(["offline", 0]);
    expect(ann.doc.status.reason).toMatchObject({ code: "unavailable" });
    expect(fetched.length).toBeGreaterThan(4);
    expect(fetched.length).toBeLessThan(40);
    expect(ann.heard.errors.length).toBe(fetched.length);
    works = true;
    await server.advance(16_000);
    expect([stateOf(ann), dialled.length]).toEqual(["live", 1]);
    expect(machine.lastToken).toBe(`token ${fetched.length}`);
    machine.cut();
    await server.advance(1_000);
    expect(machine.lastToken).toBe(`token ${fetched.length}`);
    expect(dialled.length).toBe(2);
    machine.cut();
    await ann.doc.close();
    const before = fetched.length;
    await server.advance(120_000);
    expect([fetched.length, dialled.length]).toEqual([before, 2]);
  });

  test("R7: a token that never comes is asked for again; one that comes after close connects nobody", async () => {
    const { open, machine, platform, server, dialled } = scene();
    const answers: ((token: string) => void)[] = [];
    const token = () => new Promise<string>((resolve) => answers.push(resolve));
    const ann = open({ machine, platform, token });
    await server.advance(60_000);
    expect(answers.length).toBeGreaterThan(1);
    answers[0]?.("too late");
    await server.advance(0);
    expect(dialled).toEqual([]);
    await ann.doc.close();
    for (const answer of answers) answer("late");
    await server.advance(60_000);
    expect(dialled).toEqual([]);
  });

  test("R9: after close nothing connects, whatever it was waiting for", async () => {
    const { open, machine, platform, server, dialled, settle } = scene();
    const ann = open({ machine, platform });
    await settle();
    machine.cut();
    await ann.doc.close();
    machine.online = false;
    machine.online = true;
    ann.doc.connect();
    platform.connections[0]?.closed(1006, "");
    await server.advance(120_000);
    expect([stateOf(ann), dialled.length]).toEqual(["closed", 1]);
  });

  test("R10: edits made right before close are kept, and sent by the next page", async () => {
    const { open, machine, platform, settle, truth } = scene();
    const persist = memory();
    const ann = open({ machine, platform, persist });
    await settle();
    write(ann.doc, "a", "last words");
    machine.cut();
    await ann.doc.close();
    await settle();
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "a" } }, {}] });
    const again = open({ machine, persist });
    await settle();
    expect([text(again.doc, "a"), again.doc.pending]).toEqual(["last words", 0]);
    expect(truth()).toEqual(again.doc.toData());
  });

  test("R2: what was refused leaves nothing behind", async () => {
    const { open, machine, platform, settle, server, truth, bob } = scene();
    const ann = open({ machine, platform });
    await settle();
    machine.online = false;
    const insert = ann.doc.mutate(
      (tx) => void tx.insert({ id: "taken", type: "item", attrs: { by: "ann" } }, { parent: "b" }),
    );
    bob.doc.mutate((tx) => void tx.insert({ id: "taken", type: "item", attrs: { by: "bob" } }, { parent: "a" }));
    let told = 0;
    const off = ann.doc.watch("taken", () => told++);
    await settle();
    machine.online = true;
    await settle();
    await expect(insert.committed).rejects.toMatchObject({
      problem: { code: "exists" },
      mutation: { ops: [{ op: "insert" }] },
    });
    expect([ann.doc.children("b"), ann.doc.parent("taken"), ann.doc.get("taken")?.attrs.by]).toEqual([[], "a", "bob"]);
    expect(ann.doc.toData()).toEqual(truth());
    expect([createUndo(ann.doc).canUndo, createUndo(ann.doc).canRedo, ann.doc.pending]).toEqual([false, false, 0]);
    expect(told).toBeGreaterThan(0);
    off();
    const before = told;
    write(bob.doc, "taken", "words");
    await settle();
    expect(told).toBe(before);
    expect(server.call("plan").history()).toMatchObject({ value: { entries: [{ seq: 1 }, { seq: 2 }] } });
  });
});
