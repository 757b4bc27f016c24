import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { type HistoryEntry, type ServerMessage, topic } from "../../src/protocol/index.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { connect, join, type Member, rejoin, type TestSocket } from "./socket-client.ts";

/** Two clients at work on one document, a step at a time. Each step ends when everyone has heard what comes of it. */
interface Scene {
  ann: Member;
  bob: Member;
}
type Step = (scene: Scene) => Promise<unknown>;

const reach = (seq: number, ...members: Member[]) =>
  Promise.all(members.map((member) => member.until(`seq ${seq}`, () => member.replica.seq >= seq)));

const steps: readonly Step[] = [
  async ({ ann, bob }) => {
    ann.send({ type: "presence", data: { at: "a" } });
    await Promise.all([ann, bob].map((member) => member.until("presence", () => count(member, "presence") === 1)));
  },
  async ({ ann, bob }) => {
    await ann.write([insert("n", "a"), update("b", { x: 1 })], { base: 0, meta: { why: "scene" } });
    await reach(1, ann, bob);
  },
  // Bob has not seen it: what he removes is not what Ann put inside.
  async ({ ann, bob }) => {
    await bob.write(remove("a"), { base: 0 });
    await reach(2, ann, bob);
  },
  async ({ ann }) => ann.write(insert("n", "root")), // exists
  async ({ bob }) => bob.write([update("b", { x: 2 }), move("b", "n"), move("n", "b")]), // cycle, and nothing of it
  async ({ ann, bob }) => {
    await ann.write(insert("late", "a"), { base: 1 }); // redirected
    await reach(3, ann, bob);
  },
  // Both repeat what was answered: an event, and a rejection.
  async ({ ann }) => {
    ann.sendRaw('{"type":"mutate","mutations":[{"mutation":1,"ops":[]},{"mutation":2,"ops":[]}]}');
    await ann.until("both again", () => count(ann, "reject") === 2 && count(ann, "delta") === 4);
  },
  async ({ bob }) => {
    bob.sendRaw('{"type":"mutate","mutations":[{"mutation":2,"ops":[]}]}');
    await bob.until("it again", () => count(bob, "reject") === 2);
  },
  // Large enough for a sync, which both answer.
  async ({ ann, bob }) => {
    await bob.write(update("n", { text: "x".repeat(300 * 1024) }));
    await Promise.all([ann, bob].map((member) => member.until("a sync", () => count(member, "sync") === 1)));
  },
  async ({ ann, bob }) => {
    await ann.write(move("a", "root", { after: null })); // restores
    await reach(5, ann, bob);
  },
  async ({ ann, bob }) => {
    bob.send({ type: "presence", data: "bye" });
    await Promise.all([ann, bob].map((member) => member.until("presence", () => count(member, "presence") === 2)));
    bob.send({ type: "leave" });
    await bob.ended();
    await ann.until("that bob is gone", () => count(ann, "presence") === 3);
  },
  async ({ ann }) => ann.write(update("a", { end: true }, ["nothing"])),
];

function count({ heard }: TestSocket, kind: ServerMessage["type"]): number {
  return heard.filter(({ type }) => type === kind).length;
}

/** What somebody heard, without what differs from one performance to the next. */
function transcript({ heard }: Member, { ann, bob }: Scene): string[] {
  return heard.map((message) =>
    JSON.stringify(message)
      .replaceAll(ann.welcome.subscriber, "ANN")
      .replaceAll(bob.welcome.subscriber, "BOB")
      .replaceAll(/"time":\d+/g, '"time":0')
      .slice(0, 500),
  );
}

type Between = (id: string, scene: Scene) => Promise<unknown>;

async function perform(between: Between) {
  const id = await openDocument("scene", "root\n  a\n    c\n  b");
  const scene: Scene = { ann: await join(id, "ann"), bob: await join(id, "bob") };
  const first = { ...scene };
  for (const step of steps) {
    await between(id, scene);
    await step(scene);
  }
  const { ann } = scene;
  const { entries } = await call<{ entries: HistoryEntry[] }>("GET", `${topic(id)}/history`);
  const tree = await treeOf(id);
  expect(ann.replica.outline()).toBe(tree);
  await evictDurableObject(stubOf(id));
  expect(await treeOf(id)).toBe(tree);
  return {
    tree,
    history: entries.map((entry) => ({ ...entry, time: 0 })),
    ann: transcript(first.ann, first),
    bob: transcript(first.bob, first),
  };
}

const awake = () => perform(async () => {});

test("S3, S12 hibernation between any two messages changes nothing that anybody hears", async () => {
  const expected = await awake();
  // `late` stands behind `n`: both right in front of where `a` was, one after the other.
  expect(expected.tree.replace(/x{9,}/, "…")).toBe('root\n  a end=true\n    c\n  n text="…"\n  late\n  b x=1');
  expect(await perform((id) => evictDurableObject(stubOf(id)))).toEqual(expected);
});

test("S3, S12 nor does hibernation at every other step, where what was restored goes on working", async () => {
  const expected = await awake();
  let step = 0;
  expect(await perform(async (id) => step++ % 2 === 0 && (await evictDurableObject(stubOf(id))))).toEqual(expected);
});

test("S3, S7 nor does a lost connection between any two messages, to the tree and the history", async () => {
  const id = await openDocument("lost", "root\n  a\n    c\n  b");
  let ann = await join(id, "ann");
  const answers: object[] = [];
  const script = [
    [insert("n", "a"), update("b", { x: 1 })],
    [insert("n", "root")],
    [remove("a")],
    [update("n", { x: 1 })],
    [move("a", "root", { after: null })],
  ];
  for (const ops of script) {
    answers.push(await ann.write(ops));
    await evictDurableObject(stubOf(id), { webSockets: "close" });
    expect(await ann.ended()).toMatchObject({ code: 1006 });
    const { seq, mutation } = { seq: ann.replica.seq, mutation: answers.length };
    ann = await rejoin(id, ann);
    expect(ann.welcome).toMatchObject({ resume: "delta", seq, mutation });
    expect(ann.heard).toEqual([]); // nothing was missed
    ann.sendRaw(`{"type":"mutate","mutations":[{"mutation":${mutation},"ops":[]}]}`);
    expect(await ann.answer(mutation)).toEqual(answers.at(-1));
  }
  expect(answers).toMatchObject([{ seq: 1 }, { code: "exists" }, { seq: 2 }, { seq: 3, removed: ["n"] }, { seq: 4 }]);
  expect(await treeOf(id)).toBe("root\n  a\n    c\n    n x=1\n  b x=1");
  expect(ann.replica.outline()).toBe(await treeOf(id));
});

test("W9 pings do not wake the object", async () => {
  const id = await openDocument("pings", "root");
  const socket = await connect(id);
  await evictDurableObject(stubOf(id));
  for (let count = 1; count <= 10; count++) {
    socket.sendRaw("ping");
    await socket.until("pong", () => socket.pongs === count);
  }
  // Evicting again is refused if nothing runs.
  await expect(evictDurableObject(stubOf(id))).rejects.toThrow();
  await runInDurableObject(stubOf(id), (_, state) => expect(state.getWebSockets().length).toBe(1));
});
