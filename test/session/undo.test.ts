import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createTestServer, type TestServer } from "../../src/testing/index.ts";
import { MOST_GUESTS, MOST_UNDONE, type NodeData, type Operation } from "../../src/tree/index.ts";

/** Calls of anybody on one document, and its tree after them. */
function open(...children: NodeData[]) {
  const server = createTestServer();
  const calls = server.call("plan");
  calls.getOrStart({ tree: { id: "root", type: "list", children } });
  let counter = 0;
  return {
    server,
    calls,
    by: (client: string, ...ops: Operation[]) => calls.mutate({ client, mutation: ++counter, ops }),
    call: (...ops: Operation[]) => calls.mutate({ ops }),
    tree() {
      const state = calls.getState();
      return state.ok ? state.value.tree : null;
    },
  };
}

/** A client that sends what it likes, one frame at a time. */
async function join(server: TestServer) {
  const frames: string[] = [];
  const socket = server.machine().connect(server.url("plan"), {
    opened: () => {},
    received: (frame) => void frames.push(frame),
    closed: () => {},
  });
  const send = async (message: object) => {
    socket.send(JSON.stringify(message));
    await server.settle();
  };
  await server.settle();
  await send({ type: "join", protocol: 2, client: "ann", keeps: 0 });
  return { frames, send };
}
const item = (id: string, v?: number): NodeData => ({ id, type: "item", ...(v !== undefined && { attrs: { v } }) });
const set = (id: string, v: number): Operation => ({ op: "update", id, attrs: { v } });

describe("U: undo by HTTP and RPC", () => {
  test("U1, U7 by seqs and by counters, of anyone's; an undo of an undo, by its seq, does it again", () => {
    const { by, call, tree } = open(item("a", 0));
    by("ann", set("a", 1));
    by("bob", { op: "insert", node: item("b"), parent: "root" });
    expect(call({ op: "undo", seqs: [1] })).toMatchObject({ ok: true, value: { seq: 3 } });
    expect(call({ op: "undo", mutations: [2], client: "bob" })).toMatchObject({ ok: true, value: { seq: 4 } });
    expect(tree()).toEqual({ id: "root", type: "list", children: [item("a", 0)] });
    expect(call({ op: "undo", seqs: [4, 3] })).toMatchObject({ ok: true, value: { seq: 5 } });
    expect(tree()).toEqual({ id: "root", type: "list", children: [item("a", 1), item("b")] });
    expect(call({ op: "undo", seqs: [5] })).toMatchObject({ ok: true });
    expect(tree()).toEqual({ id: "root", type: "list", children: [item("a", 0)] });
    expect(call({ op: "redo", seqs: [1, 2] })).toMatchObject({ ok: true });
    expect(tree()).toEqual({ id: "root", type: "list", children: [item("a", 1), item("b")] });
  });

  test("U1 what is undone is not undone again, what is not undone not done again; the events name what they undo", () => {
    const { call, calls } = open(item("a", 0));
    call(set("a", 1));
    expect(call({ op: "redo", seqs: [1] })).toMatchObject({ ok: true, value: { ops: [] } });
    call({ op: "undo", seqs: [1] });
    expect(call({ op: "undo", seqs: [1] })).toMatchObject({ ok: true, value: { seq: 2, ops: [] } });
    call({ op: "redo", seqs: [1] });
    const history = calls.history({});
    expect(history.ok && history.value.entries.map(({ undoes, redoes }) => [undoes, redoes])).toEqual([
      [undefined, undefined],
      [[1], undefined],
      [undefined, [1]],
    ]);
  });

  test("U1 a mutation that was refused or has changed nothing is passed over", () => {
    const { by } = open(item("a", 0));
    by("ann", set("a", 0));
    by("ann", { op: "remove", id: "nobody" });
    expect(by("ann", { op: "undo", mutations: [1, 2] })).toMatchObject({ ok: true, value: { ops: [], seq: 0 } });
  });

  test("U1 what is not known is told: not yet, not any more, not whose", async () => {
    const { server, by, call, calls } = open(item("a", 0));
    by("ann", set("a", 1));
    expect(by("ann", { op: "undo", mutations: [9] })).toMatchObject({ ok: false, problem: { code: "notFound" } });
    expect(call({ op: "undo", seqs: [9] })).toMatchObject({ ok: false, problem: { code: "notFound" } });
    expect(call({ op: "undo", mutations: [1] })).toMatchObject({ ok: false, problem: { code: "invalid" } });
    calls.configure({ options: { historyRetention: 1_000 } });
    await server.advance(10_000);
    calls.stop();
    expect(call({ op: "undo", seqs: [1] })).toMatchObject({ ok: false, problem: { code: "expired" } });
  });

  test("U1 it is alone in its mutation, and names one or the other", () => {
    const { call } = open(item("a", 0));
    const invalid = (...ops: Operation[]) =>
      expect(call(...ops)).toMatchObject({ ok: false, problem: { code: "invalid" } });
    invalid({ op: "undo", seqs: [1] }, set("a", 1));
    invalid({ op: "undo" });
    invalid({ op: "undo", seqs: [1], mutations: [1] });
    invalid({ op: "redo", seqs: [1], client: "ann" });
    invalid({ op: "undo", seqs: [] });
    invalid({ op: "undo", seqs: Array.from({ length: LIMITS.undoneAtOnce + 1 }, (_, at) => at + 1) });
  });

  test("U1, U10 as many as may be named, with as many operations as a mutation may have, and no more", () => {
    const { call, tree } = open(item("a", 0));
    const half = LIMITS.operationsPerMutation / 2;
    const sets = Array.from({ length: half }, (_, at) => set("a", at + 1));
    for (let times = 0; times < 2; times++) call(...sets);
    call(set("a", -1));
    expect(call({ op: "undo", seqs: [1, 2, 3] })).toMatchObject({ ok: false, problem: { code: "tooLarge" } });
    expect(tree()?.children).toEqual([item("a", -1)]);
    expect(call({ op: "undo", seqs: [3] })).toMatchObject({ ok: true });
    expect(call({ op: "undo", seqs: [1, 2] })).toMatchObject({ ok: true });
    expect(tree()?.children).toEqual([item("a", 0)]);
  });

  test("U10 a node remembers so many runs of undone events; an older one is not done again, and that is told", () => {
    const { call, tree } = open(item("a", 0));
    const events = MOST_UNDONE + 2;
    for (let seq = 1; seq <= events; seq++) call(set("a", seq));
    for (let seq = events; seq > 0; seq--) call({ op: "undo", seqs: [seq] });
    expect(tree()?.children).toEqual([item("a", 0)]);
    expect(call({ op: "redo", seqs: [2] })).toMatchObject({
      ok: true,
      value: { ops: [], skipped: [{ id: "a", why: "gone" }] },
    });
    call({ op: "redo", seqs: [3] });
    expect(tree()?.children).toEqual([item("a", 3)]);
    call({ op: "redo", seqs: [events] });
    expect(tree()?.children).toEqual([item("a", events)]);
  });

  test("U10 what one undo takes back in a row is one run", () => {
    const { call, tree } = open(item("a", 0));
    const events = LIMITS.undoneAtOnce;
    const from = (first: number) => Array.from({ length: events }, (_, at) => first + at);
    call({ op: "insert", node: item("x"), parent: "root" });
    for (let round = 0; round < 2; round++) for (let at = 1; at <= events; at++) call(set("x", at));
    const [early, late] = [from(2), from(2 + events)];
    for (const seqs of [late, early, [1]]) call({ op: "undo", seqs });
    expect(tree()?.children).toEqual([item("a", 0)]);
    for (const seqs of [[1], early, late]) expect(call({ op: "redo", seqs })).not.toHaveProperty("value.skipped");
    expect(tree()?.children?.[1]).toEqual(item("x", events));
    for (const seqs of [late, early, [1]]) call({ op: "undo", seqs });
    expect(tree()?.children).toEqual([item("a", 0)]);
  });

  test("U1 an event and what undid it, named together, are undone one after the other, the newest first", () => {
    const { call, tree } = open(item("a", 0));
    call(set("a", 1));
    call({ op: "undo", seqs: [1] });
    call(set("a", 3));
    call({ op: "undo", seqs: [1, 2, 3] });
    expect(tree()?.children).toEqual([item("a", 0)]);
    call({ op: "redo", seqs: [1, 2] });
    expect(tree()?.children).toEqual([item("a", 0)]);
  });

  test("U8 what one event stands in the way of is told once", () => {
    const { call } = open(item("a", 0));
    for (let seq = 1; seq <= 20; seq++) call(set("a", seq));
    call(set("a", -1));
    const seqs = Array.from({ length: 20 }, (_, at) => at + 1);
    expect(call({ op: "undo", seqs })).toMatchObject({ value: { skipped: [{ id: "a", why: "changed", seq: 21 }] } });
  });

  test("U10 so many are kept from a removal and go home with it; one more stays", () => {
    const { call, tree } = open(item("p"));
    call({ op: "remove", id: "p" });
    const inserts = Array.from(
      { length: MOST_GUESTS + 1 },
      (_, at): Operation => ({ op: "insert", node: item(`n${at}`), parent: "p" }),
    );
    call(...inserts);
    expect(tree()?.children).toHaveLength(inserts.length);
    call({ op: "undo", seqs: [1] });
    expect(tree()?.children?.map(({ id, children }) => [id, children?.length])).toEqual([
      [`n${MOST_GUESTS}`, undefined],
      ["p", MOST_GUESTS],
    ]);
  });

  test("U5 brought back by a move, a node comes without what was kept from its removal", () => {
    const { call, tree } = open(item("p"), item("q"));
    call({ op: "remove", id: "p" });
    call({ op: "insert", node: item("n"), parent: "p" });
    call({ op: "move", id: "p", parent: "q" });
    const moved = [item("n"), { ...item("q"), children: [item("p")] }];
    expect(tree()?.children).toEqual(moved);
    call({ op: "undo", seqs: [3] });
    call({ op: "redo", seqs: [3] });
    expect(tree()?.children).toEqual(moved);
    call({ op: "undo", seqs: [3, 1] });
    expect(tree()?.children).toEqual([{ ...item("p"), children: [item("n")] }, item("q")]);
  });

  test("U8 at most a hundred are told of one mutation", () => {
    const nodes = Array.from({ length: LIMITS.toldAtOnce + 1 }, (_, at) => item(`n${at}`, 0));
    const { calls } = open({ id: "p", type: "item", children: nodes });
    for (const { id = "" } of nodes)
      calls.mutate({ client: "bob", mutation: Number(id.slice(1)) + 1, ops: [set(id, 1)] });
    calls.mutate({ client: "ann", mutation: 1, base: 0, ops: [{ op: "remove", id: "p" }] });
    const history = calls.history({ after: nodes.length });
    const [removal] = history.ok ? history.value.entries : [];
    expect([removal?.updated?.length, removal?.notices?.length]).toEqual([LIMITS.toldAtOnce, LIMITS.toldAtOnce]);
    expect(removal?.notices?.[0]).toEqual({ seq: 101, id: "n100", why: "removed", client: "bob", userId: null });
  });

  test("C15 an update tells whose value it has overwritten unseen, and nobody else", () => {
    const { calls } = open(item("a", 0), item("b", 0));
    calls.mutate({ client: "bob", mutation: 1, ops: [set("a", 1)] });
    calls.mutate({ client: "bob", mutation: 2, ops: [set("b", 1)] });
    calls.mutate({ client: "ann", mutation: 1, base: 1, ops: [set("a", 2)] });
    calls.mutate({ client: "ann", mutation: 2, base: 1, ops: [set("b", 2)] });
    const history = calls.history({ after: 2 });
    const notices = [{ seq: 2, id: "b", why: "written", client: "bob", userId: null }];
    expect(history.ok && history.value.entries.map((entry) => entry.notices)).toEqual([undefined, notices]);
  });

  test("U3, U4 ends and leads back where one event did several things to a node that it inserted", () => {
    const { by, tree } = open(item("c"), item("d"));
    const start = tree();
    by(
      "ann",
      { op: "insert", node: { ...item("n"), children: [item("m")] }, parent: "root" },
      { op: "move", id: "m", parent: "c" },
      set("m", 1),
    );
    by("ann", { op: "undo", mutations: [1] });
    expect(tree()).toEqual(start);
    by("ann", { op: "redo", mutations: [1] });
    expect(tree()?.children?.map(({ id, children }) => [id, children?.length])).toEqual([
      ["c", 1],
      ["d", undefined],
      ["n", undefined],
    ]);
    by("ann", { op: "move", id: "m", parent: "d" });
    expect(by("ann", { op: "undo", mutations: [4] })).toMatchObject({ ok: true });
    expect(by("ann", { op: "undo", mutations: [1] })).toMatchObject({ ok: true });
    expect(tree()).toEqual(start);
  });

  test.each<[string, Operation[]]>([
    ["removed and updated", [{ op: "remove", id: "a" }, set("a", 1)]],
    [
      "removed and moved",
      [
        { op: "remove", id: "a" },
        { op: "move", id: "a", parent: "c" },
      ],
    ],
    [
      "inserted and removed",
      [
        { op: "insert", node: item("n"), parent: "a" },
        { op: "remove", id: "n" },
      ],
    ],
    [
      "given a child, and removed",
      [
        { op: "insert", node: item("n"), parent: "a" },
        { op: "remove", id: "a" },
      ],
    ],
    ["updated twice", [set("a", 1), set("a", 2)]],
    [
      "moved twice",
      [
        { op: "move", id: "b", parent: "c" },
        { op: "move", id: "b", parent: "root" },
      ],
    ],
  ])("U1, U7 undo and redo of one that was %s in one event lead back and forth", (_name, ops) => {
    const { call, tree } = open({ ...item("a", 0), children: [item("b")] }, item("c"));
    const start = tree();
    call(...ops);
    const end = tree();
    for (let times = 0; times < 2; times++) {
      call({ op: "undo", seqs: [1] });
      expect(tree()).toEqual(start);
      call({ op: "redo", seqs: [1] });
      expect(tree()).toEqual(end);
    }
  });

  test("U7 an undo of what has undone and done again takes back both, and not what came to nothing", () => {
    const { call, tree } = open(item("a", 0), item("b", 0));
    call(set("a", 1));
    call({ op: "undo", seqs: [1] });
    call(set("b", 1));
    call({ op: "undo", seqs: [2, 3] });
    expect(tree()?.children).toEqual([item("a", 1), item("b", 0)]);
    call({ op: "undo", seqs: [4] });
    expect(tree()?.children).toEqual([item("a", 0), item("b", 1)]);
    call({ op: "redo", seqs: [4] });
    expect(tree()?.children).toEqual([item("a", 1), item("b", 0)]);
    // It had nothing to do with the first one.
    call({ op: "undo", seqs: [1] });
    call({ op: "undo", seqs: [1, 3] });
    call(set("a", 5));
    expect(tree()?.children).toEqual([item("a", 5), item("b", 0)]);
  });

  test("U3 whatever an attribute is called", () => {
    const { call, tree } = open(item("a"));
    const keys = ["constructor", "toString", "hasOwnProperty"];
    const attrs = Object.fromEntries(keys.map((key) => [key, 1]));
    call({ op: "update", id: "a", attrs });
    call({ op: "update", id: "a", attrs: { constructor: 2 } });
    for (const seq of [2, 1]) call({ op: "undo", seqs: [seq] });
    expect(tree()?.children).toEqual([item("a")]);
    for (const seq of [1, 2]) call({ op: "redo", seqs: [seq] });
    expect(tree()?.children).toEqual([{ ...item("a"), attrs: { ...attrs, constructor: 2 } }]);
  });

  test("U6, D12 what two have removed expires with the later removal, or with its undo", async () => {
    const { server, call, calls, tree } = open(item("x"), item("y"));
    calls.configure({ options: { historyRetention: 60_000 } });
    calls.mutate({ client: "ann", mutation: 1, base: 0, ops: [{ op: "remove", id: "x" }] });
    await server.advance(40_000);
    calls.mutate({ client: "bob", mutation: 1, base: 0, ops: [{ op: "remove", id: "x" }] });
    await server.advance(40_000);
    calls.stop();
    call({ op: "undo", seqs: [2] });
    for (let times = 0; times < 3; times++) {
      await server.advance(70_000);
      call(set("y", times));
      calls.stop();
    }
    expect(call({ op: "insert", node: item("x"), parent: "root" })).toMatchObject({ ok: true });
    expect(tree()?.children?.map(({ id }) => id)).toEqual(["y", "x"]);
  });

  test("U6 what somebody has put into what was brought back stays, also where that goes although its old place is gone", () => {
    const { by, tree } = open({ ...item("p"), children: [item("y")] }, item("q"), item("x"));
    by("bob", { op: "remove", id: "y" });
    by("ann", { op: "move", id: "y", parent: "q" });
    by("bob", { op: "remove", id: "p" });
    by("cid", { op: "move", id: "x", parent: "y" });
    expect(by("ann", { op: "undo", seqs: [2] })).toMatchObject({ ok: true, value: { rescued: ["x"] } });
    expect(tree()?.children).toEqual([{ ...item("q"), children: [item("x")] }]);
    by("ann", { op: "redo", seqs: [2] });
    expect(tree()?.children).toEqual([{ ...item("q"), children: [{ ...item("y"), children: [item("x")] }] }]);
  });

  test("U10 B2 the undos of one frame are done in as many turns as they take", async () => {
    const { server } = open(item("a", 0));
    const { frames, send } = await join(server);
    const ops = Array.from({ length: 9_000 }, (_, at) => ({ op: "insert", node: item(`n${at}`), parent: "a" }));
    await send({ type: "mutate", mutations: [{ mutation: 1, ops }] });
    const updates = Array.from({ length: 9_000 }, (_, at) => ({ op: "update", id: `n${at}`, attrs: { v: 1 } }));
    await send({ type: "mutate", mutations: [{ mutation: 2, ops: updates }] });
    const mutations = Array.from({ length: 6 }, (_, at) => ({
      mutation: 3 + at,
      ops: [{ op: at % 2 === 0 ? "undo" : "redo", mutations: [2] }],
    }));
    frames.length = 0;
    await send({ type: "mutate", mutations });
    expect(frames.filter((frame) => frame.startsWith('{"type":"reject"'))).toEqual([]);
    expect(frames.filter((frame) => frame.startsWith('{"type":"delta"')).length).toBeGreaterThan(1);
    expect(server.call("plan").info()).toMatchObject({ value: { seq: 8 } });
  });

  test("U10 one undo comes to so many characters of content: what does not fit any more is told", async () => {
    const ids = Array.from({ length: 15 }, (_, at) => `n${at}`);
    const { call } = open(...ids.map((id) => item(id)));
    for (const text of ["a", "b", "c"])
      for (const id of ids) call({ op: "update", id, attrs: { text: text.repeat(600_000) } });
    const undone = Array.from({ length: 15 }, (_, at) => 31 + at);
    expect(call({ op: "undo", seqs: undone.slice(0, 3) })).not.toHaveProperty("value.skipped");
    expect(call({ op: "undo", seqs: undone })).toMatchObject({ ok: false, problem: { code: "tooLarge" } });
  });
});
