import { describe, expect, it } from "vitest";
import type { DiffNode, DiffOperations, DiffPage, DiffQuery, RestoreCall } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

const row = (id: string, text: string) => ({ id, type: "row", attrs: { text } });
const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });

function restore({ server }: Room, call: RestoreCall) {
  const answer = server.ask((calls, now) => calls.restore(call, WRITER, now));
  return answer?.ok ? answer.value : answer?.problem;
}

function diff({ server }: Room, query: DiffQuery): DiffPage & DiffOperations {
  const answer = server.ask((calls, now) => calls.diff(query, now));
  if (!answer?.ok) throw new Error(JSON.stringify(answer));
  return { nodes: [], authors: {}, ops: [], ...answer.value };
}

describe("restoring", () => {
  it("V30 is one mutation: in the history, told to everyone, and taken back by an undo", () => {
    const room = openRoom({ ...item("root"), children: [row("a", "one"), row("b", "two")] });
    const watcher = room.enter("watcher");
    room.call(edit("a", 3, " more"), remove("b"), { op: "insert", node: row("c", "three"), parent: "root" });
    const before = dataOf(room.server);
    watcher.hear();
    const answer = restore(room, { to: { seq: 0 }, others: "remove" });
    expect(answer).toMatchObject({ seq: 2, to: 0, more: false });
    expect(dataOf(room.server)).toEqual(dataOf(room.server, { at: { seq: 0 } }));
    const [delta] = watcher.hear();
    expect(delta).toMatchObject({ type: "delta", events: [{ seq: 2, meta: { restored: 0 } }] });
    room.call({ op: "undo", seqs: [2] });
    expect(dataOf(room.server)).toEqual(before);
  });

  it("V33 texts come back by the edits that lead back, piece by piece, so that what is beside keeps its place", () => {
    const room = openRoom({ ...item("root"), children: [row("a", "the quick fox jumps")] });
    room.call(edit("a", 4, -6), edit("a", 13, " over"));
    const plan = restore(room, { to: { seq: 0 }, dryRun: true });
    expect(plan).toEqual({ seq: 1, to: 0, more: false, ops: [edit("a", 4, "quick ", 9, -5)] });
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({ value: { seq: 1 } });
  });
});

describe("what differs", () => {
  it("V20 V22 by node, with who has made it", () => {
    const room = openRoom({ ...item("root"), children: [row("a", "one"), item("b"), item("c")] });
    const ann = room.enter("ann");
    const bob = room.enter("bob");
    ann.mutate(edit("a", 3, " more"));
    bob.mutate(edit("a", -1, 2, " big"));
    ann.mutate(move("c", "root", { after: null }), insert("n", "b"));
    bob.mutate(update("b", { x: 1 }), remove("n"), insert("m", "b"));
    const { nodes, authors } = diff(room, { from: { seq: 0 } });
    const found: readonly DiffNode[] = [
      {
        ...{ id: "a", is: "changed", written: 2 },
        texts: { text: { from: "one", changes: [-1, 2, " big", " more"] } },
        by: { text: [2, null, 2, 1] },
      },
      {
        ...{ id: "c", is: "moved", placed: 3, parent: "root", after: null },
        from: { parent: "root", after: "b" },
      },
      { id: "b", is: "changed", written: 4, attrs: { x: { to: 1 } } },
      { id: "m", is: "inserted", placed: 4, type: "item", attrs: {}, parent: "b", after: null },
    ];
    expect(nodes).toEqual(found);
    expect(authors[1]).toMatchObject({ client: "ann" });
    expect(authors[2]).toMatchObject({ client: "bob" });
  });
});
