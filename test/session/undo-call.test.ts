import { describe, expect, it } from "vitest";
import { LIMITS, type UndoInput } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { writerOf } from "./room.ts";

const ADMIN = { user: { id: "boss" }, role: "admin" } as const;

/** A document, and calls of users on it, each by a client of his name. */
function open(...children: NodeData[]) {
  const calls = createTestServer().call("plan");
  calls.getOrStart({ tree: { id: "root", type: "list", children } });
  const counters = new Map<string, number>();
  const does = (user: string, ops: readonly Operation[], group?: string, client = user) => {
    const mutation = (counters.get(client) ?? 0) + 1;
    counters.set(client, mutation);
    const body = { client, mutation, ops, ...(group !== undefined && { meta: { group } }) };
    const answer = calls.mutate(body, writerOf(user));
    if (!answer.ok) throw new Error(JSON.stringify({ ops, answer }));
    return answer.value.seq;
  };
  const undo = (user: string, input: UndoInput = {}) => calls.undo(input, writerOf(user));
  const named = (user: string, input: UndoInput = {}) => {
    const answer = undo(user, { ...input, dryRun: true });
    if (!answer.ok) return answer.problem.code;
    return answer.value.ops.flatMap((each) => ("seqs" in each ? (each.seqs ?? []) : []));
  };
  const state = () => {
    const answer = calls.getState();
    if (!answer.ok) throw new Error(answer.problem.message);
    return answer.value.tree.children ?? [];
  };
  return { calls, does, undo, named, state };
}

const item = (id: string, v = 0): NodeData => ({ id, type: "item", attrs: { v } });
const set = (id: string, v: number): Operation => ({ op: "update", id, attrs: { v } });
const valuesOf = (nodes: readonly NodeData[]) => nodes.map(({ attrs }) => attrs?.v);

describe("V50 undo by whose doing", () => {
  it("V50 takes back what a user, or a client, did last and is not undone, and not what others did", () => {
    const { does, undo, named, state } = open(item("a"), item("b"));
    does("ann", [set("a", 1)]);
    does("bob", [set("b", 2)]);
    does("ann", [set("a", 3)], undefined, "ann-agent");
    expect(named("ann")).toEqual([3]);
    expect(named("ann", { client: "ann" })).toEqual([1]);
    expect(named("ann", { count: 2 })).toEqual([3, 1]);
    expect(named("ann", { before: 3 })).toEqual([1]);
    expect(undo("ann")).toMatchObject({ ok: true, value: { seq: 4 } });
    expect(valuesOf(state())).toEqual([1, 2]);
    expect(named("ann")).toEqual([1]);
    undo("ann");
    expect(valuesOf(state())).toEqual([0, 2]);
    expect(undo("ann")).toMatchObject({ ok: true, value: { ops: [] } });
    expect(named("bob")).toEqual([2]);
  });

  it("V50 takes a group as one: what follows in it without an undo between, of one client", () => {
    const { does, undo, named } = open(item("a"), item("b"));
    does("ann", [set("a", 1)], "typing");
    does("ann", [set("a", 2)], "typing");
    does("bob", [set("b", 1)]);
    does("ann", [set("a", 3)], "typing");
    does("ann", [set("a", 9)], "typing", "ann-agent");
    expect(named("ann", { count: 2 })).toEqual([5, 4, 2, 1]);
    expect(named("ann")).toEqual([5]);
    undo("ann");
    does("ann", [set("a", 4)], "typing");
    expect(named("ann")).toEqual([7]);
    expect(named("ann", { count: 2 })).toEqual([7, 4, 2, 1]);
  });

  it("V51 does again what was undone last, until something new is done", () => {
    const { does, undo, named, state } = open(item("a"), item("b"));
    for (const v of [1, 2, 3]) does("ann", [set("a", v)]);
    undo("ann", { count: 2 });
    undo("ann");
    does("bob", [set("b", 1)]);
    expect(named("ann", { redo: true, count: 5 })).toEqual([1, 3, 2]);
    undo("ann", { redo: true });
    expect(valuesOf(state())).toEqual([1, 1]);
    undo("ann", { redo: true });
    expect(valuesOf(state())).toEqual([3, 1]);
    expect(named("ann", { redo: true })).toEqual([]);
    undo("ann");
    does("ann", [set("a", 7)]);
    expect(named("ann", { redo: true })).toEqual([]);
  });

  it("V52 overwrites nothing of others, and tells what it left; it is met again, and named by `before` passed over", () => {
    const { does, undo, named, state } = open(item("a"), item("b"));
    does("ann", [set("b", 1)]);
    does("ann", [set("a", 1)]);
    does("bob", [set("a", 2)]);
    const answer = undo("ann");
    expect(answer).toMatchObject({ value: { skipped: [{ id: "a", why: "changed", seq: 3, userId: "bob" }] } });
    expect(valuesOf(state())).toEqual([2, 1]);
    undo("ann", { before: 2 });
    expect(valuesOf(state())).toEqual([2, 0]);
    expect(named("ann", { count: 9 })).not.toContain(1);
  });

  it("V53 one's own takes `write`, another's `admin`, by whatever it is named; who is nobody names a client", () => {
    const { calls, does, undo } = open(item("a"));
    does("ann", [set("a", 1)]);
    for (const input of [{ user: "ann" }, { client: "ann" }, { seq: 1 }, { seqs: [1] }])
      expect(undo("bob", input)).toMatchObject({ ok: false, problem: { code: "forbidden" } });
    expect(undo("bob", { user: "ann", client: "bob", mutation: 1 })).toMatchObject({ problem: { code: "forbidden" } });
    const nobody = { user: null, role: "write" } as const;
    expect(calls.undo({}, nobody)).toMatchObject({ problem: { code: "invalid" } });
    expect(calls.undo({ user: "ann" }, nobody)).toMatchObject({ problem: { code: "forbidden" } });
    expect(calls.undo({ user: "ann", dryRun: true }, ADMIN)).toMatchObject({
      value: { ops: [{ op: "undo", seqs: [1] }] },
    });
    expect(calls.undo({ seq: 1 }, ADMIN)).toMatchObject({ ok: true, value: { seq: 2 } });
    expect(calls.undo({ user: "ann", redo: true }, ADMIN)).toMatchObject({ ok: true, value: { seq: 3 } });
    expect(undo("ann", { seq: 9 })).toMatchObject({ problem: { code: "notFound" } });
  });

  it("V54 a counter makes it exactly-once: the first answer again, whatever was done since", () => {
    const { does, undo, state } = open(item("a"));
    for (const v of [1, 2, 3]) does("ann", [set("a", v)]);
    const input = { user: "ann", client: "ann-agent", mutation: 1, meta: { why: "script" } };
    const first = undo("ann", input);
    expect(first).toMatchObject({ ok: true, value: { seq: 4 } });
    expect(undo("ann", input)).toEqual(first);
    expect(valuesOf(state())).toEqual([2]);
    expect(undo("bob", input)).toMatchObject({ problem: { code: "forbidden" } });
    // Nothing is left: that is an answer, too.
    undo("ann", { count: 9 });
    expect(undo("ann", { client: "ann-agent", mutation: 2 })).toMatchObject({ value: { ops: [] } });
  });

  it.each<[string, unknown]>([
    ["a user and events", { user: "ann", seq: 1 }],
    ["seq and seqs", { seq: 1, seqs: [1] }],
    ["count of events", { seq: 1, count: 2 }],
    ["before of events", { seqs: [1], before: 2 }],
    ["a client beside a user without a counter", { user: "ann", client: "ann" }],
    ["a counter without a client", { mutation: 1 }],
    ["no count", { count: 0 }],
    ["too large a count", { count: LIMITS.undoneAtOnce + 1 }],
    ["no events", { seqs: [] }],
    ["too many events", { seqs: Array.from({ length: LIMITS.undoneAtOnce + 1 }, (_, index) => index + 1) }],
    ["what is not known", { who: "ann" }],
  ])("V55 %s is invalid", (_, input) => {
    const { calls } = open(item("a"));
    expect(calls.undo(Object(input))).toMatchObject({ problem: { code: "invalid" } });
  });

  it("V55 names as many as an undo may, and the rest another time", () => {
    const { does, named, undo, state } = open(item("a"));
    for (let v = 1; v <= LIMITS.undoneAtOnce + 2; v++) does("ann", [set("a", v)]);
    expect(named("ann", { count: LIMITS.undoneAtOnce })).toHaveLength(LIMITS.undoneAtOnce);
    undo("ann", { count: LIMITS.undoneAtOnce });
    expect(valuesOf(state())).toEqual([2]);
  });
});

const START = ["r0", "r1", "r2"];

/** Everybody types characters of his own, never one twice. */
function createKeys() {
  const counts = new Map<string, number>();
  return (user: string) => {
    const count = counts.get(user) ?? 0;
    counts.set(user, count + 1);
    return String.fromCharCode(0x4e00 + 0x800 * USERS.indexOf(user) + count);
  };
}
const USERS = ["ann", "bob", "cyd"];
const authorOf = (key: string) => USERS[Math.floor((key.charCodeAt(0) - 0x4e00) / 0x800)];

it("V56 undo of all that one user did leaves what the others did, and redo of all of it brings it back", () => {
  for (let run = 0; run < times(20); run++) {
    const random = createRandom(seed + run);
    const below = (most: number) => Math.floor(random() * most);
    const { does, undo, state } = open(...START.map((id) => ({ id, type: "row", attrs: { text: "", v: "start" } })));
    const key = createKeys();
    const wrote = new Map<string, [string, string][]>();
    const deleted = new Map<string, string>();
    const rows = [...START];
    const textsNow = () => state().map(({ attrs }) => String(attrs?.text ?? ""));
    for (let deed = 0; deed < 40; deed++) {
      const user = USERS[below(USERS.length)] ?? "";
      const row = state()[below(state().length)];
      const id = row?.id ?? "";
      const text = String(row?.attrs?.text ?? "");
      const at = below(text.length + 1);
      const kind = below(9);
      const group = below(3) === 0 ? "typing" : undefined;
      if (kind === 0 && START.includes(id)) {
        const value = `${user} ${deed}`;
        wrote.set(id, [...(wrote.get(id) ?? []), [user, value]]);
        does(user, [{ op: "update", id, attrs: { v: value } }], group);
      } else if (kind === 1 && user !== "ann") {
        const node = { id: `${user}-${rows.length}`, type: "row" };
        rows.push(node.id);
        does(user, [{ op: "split", id, attr: "text", at, node }]);
      } else {
        const gone = kind < 4 ? text.slice(at, at + 2) : "";
        for (const each of gone) deleted.set(each, user);
        does(
          user,
          [{ op: "edit", id, attr: "text", changes: [at, key(user), -gone.length].slice(at === 0 ? 1 : 0) }],
          group,
        );
      }
    }
    const all = textsNow();
    const typed = USERS.flatMap((user) => {
      const count = key(user).charCodeAt(0) - 0x4e00 - 0x800 * USERS.indexOf(user);
      return Array.from({ length: count }, (_, index) =>
        String.fromCharCode(0x4e00 + 0x800 * USERS.indexOf(user) + index),
      );
    });
    const answers = [];
    for (let more = true; more; ) {
      const answer = undo("ann", { count: 1 + below(4) });
      if (!answer.ok || !("seq" in answer.value)) throw new Error(JSON.stringify(answer));
      answers.push(answer.value);
      more = answer.value.ops.length > 0;
    }
    const left = typed.filter((each) => authorOf(each) !== "ann" && (deleted.get(each) ?? "ann") === "ann");
    expect([...textsNow().join("")].sort()).toEqual(left.sort());
    for (const { id = "", attrs } of state()) {
      if (!START.includes(id)) continue;
      const others = (wrote.get(id) ?? []).filter(([user]) => user !== "ann");
      expect(attrs?.v).toBe(others.at(-1)?.[1] ?? "start");
    }
    for (const _ of answers) undo("ann", { redo: true });
    expect(textsNow()).toEqual(all);
  }
});
