import { describe, expect, it } from "vitest";
import type { AuthorizeMutation, MutationRequest, SeenNode } from "../../src/session.ts";
import type { Operation } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { evict } from "./life.ts";
import { openRoom, type Room, type Visitor, WRITER, writerOf } from "./room.ts";

const TREE = item("root", item("open", item("a"), item("b", item("c"))), item("shut", item("x", item("y"))));

/** It, and all that it stands in, as ids. */
function way(node: SeenNode | null): string {
  const ids: string[] = [];
  for (let here = node; here; here = here.parent) ids.push(`${here.id}${here.removed ? "!" : ""}`);
  return ids.join(" < ");
}

/** Nobody but Ann touches anything in `shut`, from either end. */
const onlyAnnInShut: AuthorizeMutation = ({ principal, touched }) => {
  if (principal.user?.id === "ann") return true;
  const isShut = (node: SeenNode | null): boolean => node !== null && (node.id === "shut" || isShut(node.parent));
  for (const { op, before, after } of touched) {
    if (isShut(before) || isShut(after)) return { message: "shut is Ann's", op };
  }
  return true;
};

function guarded(decide: AuthorizeMutation = onlyAnnInShut): Room & { ann: Visitor; bob: Visitor } {
  const room = openRoom(TREE);
  room.server.authorizeMutation = decide;
  evict(room);
  return Object.assign(room, { ann: room.enter("ann-1", writerOf("ann")), bob: room.enter("bob-1", writerOf("bob")) });
}

const REFUSED = { type: "reject", code: "forbidden", message: "shut is Ann's" };

/** What Bob is told of a mutation of his. */
function told(room: Room & { bob: Visitor }, ...ops: Operation[]): unknown {
  room.bob.hear();
  room.bob.mutate(...ops);
  room.settle();
  const [answer] = room.bob.hear();
  return answer;
}

describe("authorizeMutation", () => {
  it("W38 moves are asked at both ends, and so is what an update, an insert or a removal is of", () => {
    const room = guarded();
    const cases: readonly [Operation[], number | null][] = [
      [[update("a", { n: 1 })], null],
      [[update("shut", { n: 1 })], 0],
      [[update("y", { n: 1 })], 0],
      [[insert("new", "x")], 0],
      [[remove("x")], 0],
      [[move("a", "shut")], 0],
      [[move("y", "open")], 0],
      [[update("a", { n: 2 }), move("a", "b"), update("x", { n: 1 })], 2],
      [[move("a", "open")], null],
    ];
    for (const [ops, op] of cases) {
      const answer = told(room, ...ops);
      if (op === null) expect(answer, JSON.stringify(ops)).toMatchObject({ type: "delta" });
      else expect(answer, JSON.stringify(ops)).toMatchObject({ ...REFUSED, op });
    }
    room.ann.mutate(move("y", "open"));
    expect(room.ann.hearShort().at(-1)).toMatch(/^delta/);
  });

  it("W38 a refusal leaves nothing behind, uses its counter up and is given again, after a hibernation too", () => {
    const room = guarded();
    expect(told(room, update("a", { n: 1 }), insert("new", "a"), remove("x"))).toMatchObject({ ...REFUSED, op: 2 });
    evict(room);
    room.bob.send({ type: "mutate", mutations: [{ mutation: 1, ops: [] }] });
    expect(room.bob.hear()).toMatchObject([{ ...REFUSED, mutation: 1, op: 2 }]);
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({ value: { seq: 0, treeSize: 8 } });
  });

  it("W38 it holds for calls, with the index of the operation", () => {
    const room = guarded();
    const call = (user: string, ...ops: Operation[]) =>
      room.server.ask((calls, now) => calls.mutate({ ops }, writerOf(user), now));
    expect(call("bob", update("a", { n: 1 }), remove("y"))).toEqual({
      ok: false,
      problem: { code: "forbidden", message: "shut is Ann's", op: 1 },
    });
    expect(call("ann", remove("y"))).toMatchObject({ ok: true });
  });

  it("W38 it holds for undo and redo, and for what comes back from where it was removed", () => {
    const room = guarded();
    room.ann.mutate(move("y", "open"));
    room.ann.mutate(remove("x"));
    room.settle();
    expect(told(room, { op: "undo", seqs: [1] })).toMatchObject({ ...REFUSED, op: 0 });
    room.ann.mutate(remove("y"));
    room.settle();
    // It was removed from what is Ann's, and would come out of it.
    expect(told(room, move("x", "open"))).toMatchObject({ ...REFUSED, op: 0 });
    expect(told(room, { op: "undo", seqs: [2] })).toMatchObject({ ...REFUSED, op: 0 });
    expect(told(room, move("y", "open"))).toMatchObject({ type: "delta" });
    expect(told(room, update("x", { n: 1 }))).toMatchObject(REFUSED);
    room.ann.mutate({ op: "undo", seqs: [2] });
    room.settle();
    expect(told(room, { op: "redo", seqs: [2] })).toMatchObject({ ...REFUSED, op: 0 });
    room.ann.mutate({ op: "redo", seqs: [2] });
    expect(room.ann.hearShort().at(-1)).toMatch(/^delta/);
  });

  it("W38 it is told who asks for what, and where all that it comes to stands before and after", () => {
    const heard: MutationRequest[] = [];
    const ways: unknown[] = [];
    const room = guarded((request) => {
      heard.push(request);
      ways.push(request.touched.map(({ op, kind, before, after }) => [op, kind, way(before), way(after)]));
      return true;
    });
    const ops = [move("b", "x"), remove("a"), update("c", { n: 1 }), insert("new", "c")];
    expect(told(room, ...ops)).toMatchObject({ type: "delta" });
    expect(heard).toMatchObject([{ documentId: "doc", principal: writerOf("bob"), operations: ops }]);
    expect(ways).toEqual([
      [
        [0, "move", "b < open < root", "b < x < shut < root"],
        [1, "remove", "a < open < root", "a! < open < root"],
        [2, "update", "c < b < open < root", "c < b < x < shut < root"],
        [3, "insert", "", "new < c < b < x < shut < root"],
      ],
    ]);
    // What changes nothing is nobody's affair.
    expect(told(room, update("c", { n: 1 }))).toMatchObject({ type: "unchanged" });
    expect(heard).toHaveLength(1);
  });

  it("W39 what throws, promises or says nothing has refused, and nobody else notices", () => {
    const verdicts: readonly unknown[] = [undefined, null, false, 1, "yes", {}, Promise.resolve(true), { message: 5 }];
    let verdict: unknown;
    const room = guarded(() => {
      if (verdict instanceof Error) throw verdict;
      return verdict as true;
    });
    const message = "it could not be decided whether this may be done";
    for (verdict of [...verdicts, new Error("no such table: secrets")]) {
      expect(told(room, update("a", { n: 1 }))).toMatchObject({ type: "reject", code: "forbidden", message, op: 0 });
    }
    expect(room.server.thrown).toEqual([verdict]);
    for (const op of [-1, 1, 0.5, "0"]) {
      verdict = { message: "no", op };
      expect(told(room, update("a", { n: 1 }))).toMatchObject({ code: "forbidden", message: "no", op: 0 });
    }
    verdict = { message: "x".repeat(1_000) };
    expect(told(room, update("a", { n: 1 }))).toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/^x{300}…$/),
    });
    verdict = true;
    expect(told(room, update("a", { n: 1 }))).toMatchObject({ type: "delta" });
    expect([room.server.failures, room.ann.closed]).toEqual([0, null]);
  });

  it("W39 so much may be looked up for one mutation, and it counts as work of its author", () => {
    let looks = 0;
    const room = guarded(({ touched }) => {
      for (let n = 0; n < looks; n++) touched[0]?.before;
      return true;
    });
    looks = 100_000;
    expect(told(room, update("a", { n: 1 }))).toMatchObject({ type: "delta" });
    looks = 100_001;
    expect(told(room, update("a", { n: 2 }))).toMatchObject({ type: "reject", code: "tooLarge", op: 0 });
    expect(room.server.thrown).toEqual([]);
    // Others were held up by it: who does so again and again waits.
    looks = 100_000;
    let answer: unknown;
    for (let n = 3; n < 200; n++) {
      room.ann.mutate(update("b", { n }));
      answer = told(room, update("a", { n }));
      if (JSON.stringify(answer).includes("rateLimited")) break;
    }
    expect(answer).toMatchObject({ type: "reject", code: "rateLimited" });
  });

  it("W39 a creation is no mutation", () => {
    const room = openRoom();
    room.server.authorizeMutation = () => ({ message: "never" });
    expect(room.join("ann", {}, WRITER).hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  });
});
