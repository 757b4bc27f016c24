import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, test } from "vitest";
import { type HistoryEntry, topic } from "../../src/protocol/index.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, stubOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

interface Page {
  readonly entries: readonly HistoryEntry[];
  readonly more: boolean;
  readonly next: number;
}

let id = "";
const history = (query = "", document = id) => call<Page>("GET", `${topic(document)}/history${query}`);
const seqs = async (query: string) => (await history(query)).entries.map(({ seq }) => seq);

beforeAll(async () => {
  id = await openDocument("history", "root\n  a\n  b");
  const post = (body: object) => call("POST", `${topic(id)}/mutations`, body);
  await post({ ops: [update("a", { x: 1 })], meta: { tool: "import", run: 7, tags: ["one"], on: true } });
  const ann = await join(id, "ann");
  await ann.write(insert("n", "a"), { meta: { tool: "editor" } });
  await ann.write(move("b", "n"));
  await post({ ops: [remove("a")], client: "bob", mutation: 1, meta: { tool: "import" } });
  await post({ ops: [update("root", { y: 1 })] });
});

test("D7 an entry is the event with what undoes it", async () => {
  const { entries, more, next } = await history("?inverse=true");
  expect({ more, next }).toEqual({ more: false, next: 5 });
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(entries[0]).toEqual({
    seq: 1,
    time: expect.any(Number),
    client: null,
    mutation: null,
    userId: null,
    ops: [update("a", { x: 1 })],
    meta: { tool: "import", run: 7, tags: ["one"], on: true },
    inverse: [{ op: "update", id: "a", unset: ["x"] }],
    touched: ["a"],
  });
  expect(entries[2]).toMatchObject({
    client: "ann",
    mutation: 2,
    ops: [{ op: "move", id: "b", parent: "n", after: null }],
    inverse: [{ op: "move", id: "b", parent: "root", after: "b", was: { after: "a" } }],
  });
});

describe("D7 filters", () => {
  test.each<[query: string, seqs: number[]]>([
    ["?after=0", [1, 2, 3, 4, 5]],
    ["?after=3", [4, 5]],
    ["?after=5", []],
    ["?after=1000000", []],
    ["?limit=2", [1, 2]],
    ["?order=newest&limit=2", [5, 4]],
    ["?order=newest&before=3", [2, 1]],
    ["?after=1&limit=2", [2, 3]],
    ["?where[client]=ann", [2, 3]],
    ["?where[client]=bob", [4]],
    ["?where[client]=nobody", []],
    ["?where[userId]=nobody", []],
    ["?where[meta.tool]=import", [1, 4]],
    ["?where[meta.tool]=import&where[meta.run]=7", [1]],
    ["?where[meta.on]=true", [1]],
    ["?where[meta.tags]=[%22one%22]", [1]],
    ["?where%5Bmeta.tool%5D=editor", [2]],
    ["?where[meta.toString]=x", []],
    ["?node=a", [1, 2, 4]],
    ["?node=n", [2, 3]],
    ["?node=b", [3]],
    ["?node=ghost", []],
    ["?node=n&where[client]=ann&after=2", [3]],
    ["?since=0&until=9999999999999", [1, 2, 3, 4, 5]],
    ["?until=1", []],
    ["?since=9999999999999", []],
  ])("%s", async (query, expected) => {
    expect(await seqs(query)).toEqual(expected);
  });

  test("since is included, until is not", async () => {
    const { entries } = await history();
    const third = entries[2]?.time ?? 0;
    const times = (from: number, to: number) =>
      entries.filter(({ time }) => time >= from && time < to).map(({ seq }) => seq);
    expect(await seqs(`?since=${third}`)).toEqual(times(third, Number.POSITIVE_INFINITY));
    expect(await seqs(`?until=${third}`)).toEqual(times(0, third));
    expect(await seqs(`?since=${third}&until=${third + 1}`)).toEqual(times(third, third + 1));
  });
});

test("D7 pages follow one another without gap or repetition, filtered or not, evicted or not", async () => {
  const paged = await openDocument("paged", "root");
  const ann = await join(paged, "ann");
  const bob = await join(paged, "bob");
  // Commits of several events: pages end inside of them.
  for (let round = 0; round < 10; round++) {
    for (const member of [ann, bob]) {
      const mutations = Array.from({ length: 10 }, (_, index) => {
        const mutation = round * 10 + index + 1;
        return { mutation, ops: [update("root", { [member.client]: mutation })] };
      });
      member.send({ type: "mutate", mutations });
    }
    await Promise.all([ann.answer(round * 10 + 10), bob.answer(round * 10 + 10)]);
  }
  const walk = async (filter: string) => {
    const found: number[] = [];
    for (let after = 0; ; ) {
      const { entries, more, next } = await history(`?after=${after}&limit=7${filter}`, paged);
      expect(entries.length).toBeLessThanOrEqual(7);
      found.push(...entries.map(({ seq }) => seq));
      if (!more) return found;
      expect(next).toBeGreaterThan(after);
      after = next;
    }
  };
  const all = Array.from({ length: 200 }, (_, index) => index + 1);
  expect(await walk("")).toEqual(all);
  await evictDurableObject(stubOf(paged));
  expect(await walk("")).toEqual(all);
  const [byAnn, byBob] = [await walk("&where[client]=ann"), await walk("&where[client]=bob")];
  expect([byAnn.length, byBob.length]).toEqual([100, 100]);
  expect([...byAnn, ...byBob].sort((one, other) => one - other)).toEqual(all);
});

test("D7 the inverses of the history, newest first, lead back to the beginning (T9)", async () => {
  const undone = await openDocument("undone", "root\n  a\n    b\n  c");
  const post = (ops: object[]) => call("POST", `${topic(undone)}/mutations`, { ops });
  await post([insert("n", "b"), update("a", { x: 1 }), move("c", "n")]);
  await post([remove("a")]);
  await post([update("c", { y: 1 }, ["z"]), insert("m", "root", { after: null })]);
  const { entries } = await history("?inverse=true", undone);
  // An inverse without its `was` is an operation that anybody may send.
  for (const { inverse = [] } of [...entries].reverse()) await post([...inverse]);
  const { tree } = await call<{ tree: object }>("GET", `${topic(undone)}/tree`);
  const { tree: first } = await call<{ tree: object }>("GET", `${topic(undone)}/tree?at=0`);
  expect(tree).toEqual(first);
});
