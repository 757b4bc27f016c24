import { describe, expect, it } from "vitest";
import { decodeMutation, LIMITS } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import type { Operation, ShownStep } from "../../src/tree/index.ts";
import type { Room } from "./room.ts";
import { edit, open, rowsOf, send } from "./text-rows.ts";

const row = (id: string, text: string) => ({ id, type: "row", attrs: { text } });
const rows = (room: Room) =>
  rowsOf(room)
    .map(({ attrs }) => attrs?.text)
    .join(" / ");
const shownEdit = (id: string, ...changes: (number | string)[]): ShownStep => ({
  op: "edit",
  id,
  attr: "text",
  changes,
});
const undo = (mutation: number, ...shown: ShownStep[]): Operation => ({ op: "undo", mutations: [mutation], shown });

/** Ann has typed, Bob has typed unseen by her, and she takes hers back, which she sees like this. */
function typedAndUndone(...shown: ShownStep[]) {
  const room = open(row("a", "<>"));
  const [ann, bob] = [room.enter("ann"), room.enter("bob")];
  send(room, ann, 1, 0, edit("a", 1, "word"));
  send(room, bob, 1, 1, edit("a", 3, "BOB"));
  const heard = send(room, ann, 2, 1, undo(1, ...shown));
  return { room, ann, bob, heard };
}

describe("an undo whose author sees what it does to texts", () => {
  it("X116 what is made behind it stands on that, after a crash and a wake-up, too", () => {
    for (const happens of ["nothing", "crash"]) {
      const { room, ann } = typedAndUndone(shownEdit("a", 1, -4));
      expect(rows(room)).toBe("<BOB>");
      if (happens === "crash") room.server.crash();
      const again = happens === "crash" ? room.enter("ann") : ann;
      send(room, again, 3, 1, edit("a", 2, "!"));
      send(room, again, 4, 1, edit("a", "?"));
      expect(rows(room)).toBe("?<BOB>!");
    }
  });

  it("X117 what it comes to is decided all the same; to what its author does next that is as somebody else's", () => {
    const { room } = typedAndUndone(shownEdit("a", 1, -2));
    expect(rows(room)).toBe("<BOB>");
    room.server.crash();
    // For her there are two letters left.
    send(room, room.enter("ann"), 4, 1, edit("a", 4, "!"), edit("a", "?"));
    expect(rows(room)).toBe("?<BOB>!");
  });

  it("X119 what fits no text counts as nothing seen, and is no reason to refuse", () => {
    for (const shown of [
      shownEdit("a", 1, -100),
      shownEdit("a", Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
      shownEdit("nowhere", -1),
      { op: "join", id: "a", into: "a", attr: "text", at: 6, length: 7 } as const,
      { op: "split", id: "a", attr: "text", at: 90, length: 6, node: "b" } as const,
    ]) {
      const { room, ann, heard } = typedAndUndone(shown);
      expect(heard).toMatchObject([{ type: "delta" }, { type: "delta", events: [{ undoes: [1] }] }]);
      // Made in a text without the undo.
      send(room, ann, 3, 1, edit("a", 6, "!"));
      expect(rows(room)).toBe("<BOB>!");
    }
  });

  it("X119, X126 where nobody knows where its author stands it comes again, with the same counter, and what he sees then", async () => {
    const server = createTestServer();
    const plan = server.call("plan");
    plan.getOrStart({ tree: { id: "root", type: "list", children: [row("a", "<>")] } });
    plan.configure({ options: { historyRetention: 60_000 } });
    const by = (client: string, mutation: number, base: number, ...ops: Operation[]) =>
      plan.mutate({ client, mutation, base, ops });
    by("bob", 1, 0, edit("a", "BOB"));
    await server.advance(40_000);
    by("ann", 1, 0, edit("a", 1, "word"));
    await server.advance(40_000);
    plan.stop();
    expect(by("ann", 2, 0, undo(1, shownEdit("a", 1, -4)))).toMatchObject({
      ok: false,
      problem: { code: "expired", base: 2 },
    });
    expect(by("ann", 2, 2, undo(1, shownEdit("a", 4, -4)))).toMatchObject({ ok: true });
    by("ann", 3, 2, edit("a", 4, "!"));
    expect(plan.getState({ node: "a" })).toMatchObject({ value: { tree: { attrs: { text: "BOB<!>" } } } });
  });

  it("X121 one that comes to nothing, of which its author has seen something, is an event", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, edit("a", 1, -3));
    send(room, bob, 1, 1, { op: "undo", seqs: [1] });
    expect(send(room, ann, 2, 1, undo(1, shownEdit("a", 1, "ell")))).toMatchObject([
      { type: "delta" },
      { events: [{ seq: 3, ops: [{ op: "edit", id: "a", changes: [] }], undoes: [] }] },
    ]);
    expect(rows(room)).toBe("hello");
    send(room, ann, 3, 1, edit("a", 5, "!"));
    expect(rows(room)).toBe("hello!");
  });

  it("X40 a text that is replaced behind it is merged with what others have typed", () => {
    const { room, ann } = typedAndUndone(shownEdit("a", 1, -4));
    send(room, ann, 3, 1, { op: "update", id: "a", attrs: { text: "<new>" } });
    expect(rows(room)).toMatch(/^<(newBOB|BOBnew)>$/);
  });

  it("X122 it tells 10 000 steps at most, with 10 000 changes each", () => {
    const decode = (shown: readonly ShownStep[]) => {
      const decoded = decodeMutation({ ops: [undo(1, ...shown)] });
      return decoded.ok ? "ok" : decoded.problem.code;
    };
    const many = (count: number) => Array.from({ length: count }, () => shownEdit("a", 1));
    const changes = (count: number) => Array.from({ length: count }, (_, index) => (index % 2 ? "x" : 1));
    expect(decode(many(LIMITS.operationsPerMutation))).toBe("ok");
    expect(decode(many(LIMITS.operationsPerMutation + 1))).toBe("invalid");
    expect(decode([shownEdit("a", ...changes(LIMITS.changesPerEdit))])).toBe("ok");
    expect(decode([shownEdit("a", ...changes(LIMITS.changesPerEdit + 1))])).toBe("tooLarge");
  });
});
