import { describe, expect, test } from "vitest";
import type { TreeDocument } from "../../src/client/index.ts";
import { memory, type Persistence, persistence } from "../../src/client/keep/persistence.ts";
import { memoryStore } from "../../src/client/keep/store.ts";
import { afterCrash, watched } from "./saved-page.ts";
import { createScene, type Scene, text, write } from "./scene.ts";

/** Writes so often; resolves with the highest counter that was used. */
async function writeOften(doc: TreeDocument, settle: () => Promise<void>, count: number): Promise<number> {
  const all = Array.from({ length: count }, (_, n) => write(doc, "a", `${n}`).committed);
  await settle();
  const used = (await Promise.all(all)).map(({ mutation }) => mutation ?? 0);
  return Math.max(...used);
}

/** Ann comes back, and edits before she has joined: it is no repeat of what she did with a counter of before. */
async function expectNewCounter({ open, settle, server, truth }: Scene, persist: Persistence, used: number) {
  const machine = server.machine();
  machine.online = false;
  const again = open({ persist, client: "ann", machine });
  await settle();
  const { committed } = write(again.doc, "a", "precious");
  machine.online = true;
  await settle();
  expect((await committed).mutation).toBeGreaterThan(used);
  expect(again.heard.rejected).toEqual([]);
  expect(truth()).toMatchObject({ children: [{ attrs: { text: "precious" } }, {}] });
}

describe("from one life to the next", () => {
  test("R4, R10: a named client that the store has forgotten uses no counter twice", async () => {
    const scene = createScene();
    const { open, settle } = scene;
    const persist = memory();
    const ann = open({ persist, client: "ann" });
    await settle();
    const used = await writeOften(ann.doc, settle, 5);
    await ann.doc.close();
    const bob = open({ persist, client: "bob" });
    await settle();
    await bob.doc.close();
    await expectNewCounter(scene, persist, used);
  });

  test("R4, R10: nor does one that the store has never known, before it has joined", async () => {
    const scene = createScene();
    const { open, settle } = scene;
    const elsewhere = open({ client: "ann" });
    await settle();
    const used = await writeOften(elsewhere.doc, settle, 5);
    await elsewhere.doc.close();
    const persist = memory();
    const bob = open({ persist });
    await settle();
    await bob.doc.close();
    await expectNewCounter(scene, persist, used);
  });

  test("R4, R10: nor does one that went on for long after keeping had failed", async () => {
    const { open, settle, server, truth } = createScene();
    const store = memoryStore();
    let full = false;
    const one = open({ persist: persistence(watched(store, () => !full)) });
    await settle();
    await writeOften(one.doc, settle, 1);
    full = true;
    const used = await writeOften(one.doc, settle, 1_200);
    expect(one.heard.errors).toEqual([new Error("the disk is full")]);
    await one.doc.close();
    const machine = server.machine();
    machine.online = false;
    const next = open({ persist: persistence(store), machine });
    await settle();
    expect(next.doc.client).toBe(one.doc.client);
    const { committed } = write(next.doc, "b", "precious");
    machine.online = true;
    await settle();
    // Above what it would be after a thousand times as many.
    expect((await committed).mutation).toBeGreaterThan(1_000 * used);
    expect(next.heard.rejected).toEqual([]);
    expect(truth()).toMatchObject({ children: [{}, { attrs: { text: "precious" } }] });
  });

  test("R8: a kept tree that does not load is told and fetched anew, and what is pending is sent", async () => {
    const { open, settle, truth } = createScene();
    const store = memoryStore();
    const one = open({ persist: persistence(store) });
    await settle();
    one.machine.online = false;
    write(one.doc, "a", "kept");
    await one.doc.close();
    const broken = await afterCrash(store);
    const orphans = ["a", "b", "c"].map((id) => [id, "nobody", null, "item", {}]);
    const rows = (await broken.read("")).filter(([key]) => key.includes("/rows/"));
    expect(rows).toMatchObject([[expect.anything(), { length: orphans.length }]]);
    await broken.write(new Map(rows.map(([key]) => [key, orphans])));
    const next = open({ persist: persistence(broken) });
    await settle();
    expect(next.heard.errors).toMatchObject([{ message: expect.stringContaining("are not one tree") }]);
    expect([next.doc.status.state, next.doc.pending, text(next.doc, "a")]).toEqual(["live", 0, "kept"]);
    expect(next.doc.toData()).toEqual(truth());
  });

  test("R15: what was left in another incarnation has seen nothing of this one", async () => {
    const { open, settle, server, truth } = createScene();
    const persist = memory();
    const [keeper, one] = [open({ persist }), open({ persist })];
    await settle();
    await writeOften(keeper.doc, settle, 5);
    one.machine.online = false;
    one.doc.mutate((tx) => tx.remove("a"));
    await one.doc.close();
    const plan = server.call("plan");
    plan.destroy();
    plan.getOrStart({ tree: { id: "root", type: "list", children: [{ id: "a", type: "item" }] } });
    for (const id of ["x", "y", "z"]) plan.mutate({ ops: [{ op: "insert", node: { id, type: "item" }, parent: "a" }] });
    await settle();
    keeper.doc.connect();
    await settle();
    expect([keeper.doc.status.state, keeper.doc.seq]).toEqual(["live", 3]);
    await keeper.doc.close();
    const next = open({ persist });
    await settle();
    expect([next.doc.pending, next.heard.rejected, next.heard.errors]).toEqual([0, [], []]);
    expect(truth()).toMatchObject({ children: [{ id: "x" }, { id: "y" }, { id: "z" }] });
    expect(next.doc.toData()).toEqual(truth());
  });

  test("R10: a page that knows less than what is kept puts nothing older in its place", async () => {
    const { open, settle, server, truth } = createScene();
    const persist = memory();
    const [one, two] = [open({ persist }), open({ persist })];
    await settle();
    two.machine.online = false;
    write(two.doc, "b", "offline");
    await writeOften(one.doc, settle, 3);
    await one.doc.close();
    await settle();
    await two.doc.close();
    const machine = server.machine();
    machine.online = false;
    const next = open({ persist, machine });
    await settle();
    const { doc } = next;
    expect([doc.seq, text(doc, "a"), text(doc, "b"), doc.pending]).toEqual([3, "2", "offline", 1]);
    machine.online = true;
    await settle();
    expect([doc.seq, doc.pending, next.heard.errors]).toEqual([4, 0, []]);
    expect(doc.toData()).toEqual(truth());
  });

  test("R26: whose client another page has taken over meanwhile ends, and takes none of its answers for its own", async () => {
    const { open, settle, truth } = createScene();
    // As of pages of WebKit that come back from the back-forward cache: their locks are gone.
    const persist = persistence({ ...memoryStore(), claim: async () => () => {} });
    const p = open({ persist });
    await settle();
    const insert = ({ doc }: typeof p, id: string) => {
      const { committed } = doc.mutate((tx) => tx.insert({ id, type: "item" }, { parent: "root" }));
      const answer = { id, event: null as unknown };
      committed.then(
        (event) => (answer.event = event),
        () => {},
      );
      return answer;
    };
    insert(p, "p1");
    await settle();
    p.machine.online = false;
    const q = open({ persist });
    await settle();
    expect(q.doc.client).toBe(p.doc.client);
    const answers = [insert(q, "q1"), insert(p, "p2")];
    await settle();
    p.machine.online = true;
    await settle();
    answers.push(insert(p, "p3"), insert(q, "q2"), insert(p, "p4"), insert(q, "q3"));
    await settle();
    expect(p.doc.status).toMatchObject({ state: "closed", reason: { code: "replaced" } });
    expect(q.doc.status.state).toBe("live");
    const there = (truth().children ?? []).map(({ id }) => id);
    for (const { id, event } of answers) expect([id, event !== null]).toEqual([id, there.includes(id)]);
    expect(there).toEqual(expect.arrayContaining(["p1", "q1", "q2", "q3"]));
    expect([q.doc.toData(), q.heard.rejected]).toEqual([truth(), []]);
  });
});
