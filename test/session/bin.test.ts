import { describe, expect, it } from "vitest";
import { type BinQuery, LIMITS } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { writerOf } from "./room.ts";

function open(...children: NodeData[]) {
  const calls = createTestServer().call("plan");
  calls.getOrStart({ tree: { id: "root", type: "list", children } });
  const does = (user: string, ...ops: Operation[]) => {
    const answer = calls.mutate({ ops }, writerOf(user));
    if (!answer.ok) throw new Error(JSON.stringify({ ops, answer }));
    return answer.value;
  };
  const page = (query: BinQuery = {}) => {
    const answer = calls.bin(query);
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  };
  /** All pages of so many entries. */
  const ids = (query: BinQuery = {}) => {
    const all: string[] = [];
    for (let after: string | undefined; ; ) {
      const { entries, more, next } = page({ ...query, ...(after !== undefined && { after }) });
      all.push(...entries.map(({ id }) => id));
      if (!more || next === null) return all;
      after = next;
    }
  };
  return { calls, does, page, ids };
}

const item = (id: string, text = id, ...children: NodeData[]): NodeData => ({
  ...{ id, type: "item", attrs: { text, n: 1 } },
  ...(children.length > 0 && { children }),
});
const remove = (id: string): Operation => ({ op: "remove", id });

describe("V48 the bin", () => {
  it("V48 has what was removed, by whom and when, the last first, and not what lies below it or is there again", () => {
    const { does, page, calls } = open(item("a", "a", item("b")), item("c"), item("d"));
    does("ann", remove("c"));
    does("bob", remove("b"));
    does("ann", remove("a"));
    does("ann", remove("d"));
    does("bob", { op: "move", id: "d", parent: "root" });
    const [a, b, c] = page().entries;
    expect(a).toMatchObject({ id: "a", type: "item", attrs: { text: "a", n: 1 }, seq: 3, userId: "ann", client: null });
    expect(a?.where).toEqual({ parent: "root", alive: true });
    expect(b).toMatchObject({ id: "b", seq: 2, userId: "bob", where: { parent: "a", alive: false } });
    expect(c).toMatchObject({ id: "c", seq: 1 });
    expect(page()).toMatchObject({ more: false, next: null });
    // By the operation that it tells, to where it stood.
    if (!a || !c) throw new Error("they are not there");
    does("bob", c.restore);
    does("bob", a.restore);
    const state = calls.getState();
    expect(state.ok && state.value.tree.children?.map(({ id }) => id)).toEqual(["a", "c", "d"]);
    expect(page().entries.map(({ id }) => id)).toEqual(["b"]);
  });

  it("V48 has what an undo has taken away, and no row that was joined to another", () => {
    const { does, ids, calls } = open(item("a", "one"), item("b", "two"));
    does("ann", { op: "join", id: "b", into: "a", attr: "text" });
    expect(ids()).toEqual([]);
    does("ann", { op: "insert", node: item("c"), parent: "root" });
    calls.undo({ seq: 2 });
    expect(ids()).toEqual(["c"]);
  });

  it("V49 is searched by any text of a node, upper and lower case alike", () => {
    const { does, ids } = open(item("a", "Milk"), item("b", "bread"), item("c", "ÄPFEL und milch"));
    for (const id of ["a", "b", "c"]) does("ann", remove(id));
    expect(ids({ text: "MIL" })).toEqual(["c", "a"]);
    expect(ids({ text: "äpfel" })).toEqual(["c"]);
    expect(ids({ text: "1" })).toEqual([]);
    expect(ids({ text: "x".repeat(LIMITS.binText) })).toEqual([]);
  });

  it("V48 goes on in the middle of what was removed at once, whatever was removed or restored in between", () => {
    const all = Array.from({ length: 7 }, (_, index) => `n${index}`);
    const { does, page, ids } = open(...all.map((id) => item(id)), item("later"));
    does("ann", ...all.map(remove));
    expect(ids({ limit: 2 })).toEqual(all.toReversed());
    const first = page({ limit: 3 });
    does("ann", remove("later"));
    does("ann", { op: "move", id: "n3", parent: "root" });
    const { next } = first;
    expect(first.entries.map(({ id }) => id)).toEqual(["n6", "n5", "n4"]);
    expect(page({ limit: 9, ...(next !== null && { after: next }) }).entries.map(({ id }) => id)).toEqual([
      ...["n2", "n1", "n0"],
    ]);
  });

  it("V49 a page ends with the entry that crosses its characters", () => {
    const text = "x".repeat(60_000);
    const all = Array.from({ length: 40 }, (_, index) => `n${index}`);
    const { does, page, ids } = open(...all.map((id) => item(id, text)));
    for (const id of all) does("ann", remove(id));
    const { entries, more } = page();
    expect(more).toBe(true);
    expect(entries.length).toBeLessThan(all.length);
    expect(JSON.stringify(entries).length).toBeGreaterThan(LIMITS.binCharacters);
    expect(JSON.stringify(entries).length).toBeLessThan(LIMITS.binCharacters + 100_000);
    expect(ids()).toEqual(all.toReversed());
  });

  it.each<[string, unknown]>([
    ["too large a page", { limit: LIMITS.binPage + 1 }],
    ["no page", { limit: 0 }],
    ["a cursor that is none", { after: "7" }],
    ["too long a text", { text: "x".repeat(LIMITS.binText + 1) }],
    ["what is not known", { node: "a" }],
  ])("V49 %s is invalid", (_, query) => {
    const { calls } = open(item("a"));
    expect(calls.bin(Object(query))).toMatchObject({ problem: { code: "invalid" } });
    expect(calls.bin({ limit: LIMITS.binPage })).toMatchObject({ ok: true });
  });
});

it("V48 has what is removed by itself at any time, in the order of the removals, over random histories", () => {
  for (let run = 0; run < times(20); run++) {
    const random = createRandom(seed + run);
    const below = (most: number) => Math.floor(random() * most);
    const all = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const { calls, does, ids } = open(...all.map((id) => item(id)));
    /** Which event has removed each, of those that are removed by themselves. */
    const gone = new Map<string, number>();
    const isThere = (id: string) => calls.getState({ node: id }).ok;
    for (let deed = 0; deed < 40; deed++) {
      const id = all[below(all.length)] ?? "";
      const other = all[below(all.length)] ?? "";
      if (below(2) === 0 && isThere(id)) gone.set(id, does("ann", remove(id)).seq);
      else if (isThere(other) || other === id) {
        const parent = other === id ? "root" : other;
        const moved = calls.mutate({ ops: [{ op: "move", id, parent }] });
        if (moved.ok && isThere(id)) gone.delete(id);
      }
      const expected = [...gone].sort(([, one], [, next]) => next - one).map(([each]) => each);
      if (deed % 8 === 0 || deed === 39) expect(ids({ limit: 1 + below(4) })).toEqual(expected);
    }
  }
});
