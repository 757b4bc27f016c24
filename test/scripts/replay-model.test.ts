import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Change, Commit } from "../../scripts/replay/commits.ts";
import { flattenTree } from "../../scripts/replay/flatten.ts";
import { differences } from "../../scripts/replay/listing.ts";
import { following, positionOf, toMutations } from "../../scripts/replay/mutations.ts";
import { openTrace } from "../../scripts/replay/trace.ts";
import { checkTree, type Operation, toData } from "../../src/tree/index.ts";
import { commit, createTwins } from "./twins.ts";

/** Replays commits and returns the operations of the last one, with the ids that the paths had before it. */
function replayed(...commits: Commit[]) {
  const twins = createTwins();
  let ops: Operation[] = [];
  let before = flattenTree(toData(twins.store)).ids;
  for (const each of commits) {
    before = flattenTree(toData(twins.store)).ids;
    ops = twins.plan(each);
    twins.apply(ops);
    expect(twins.problems()).toEqual([]);
  }
  expect(checkTree(twins.store, twins.store.records())).toEqual([]);
  return { ops, before, after: flattenTree(toData(twins.store)).ids, paths: [...twins.paths.keys()].sort() };
}

describe("a commit", () => {
  test("makes folders with their first file and removes them with their last", () => {
    const { ops, paths } = replayed(
      commit(["add", "a/b/one", "1"], ["add", "two", "2"]),
      commit(["remove", "a/b/one"]),
    );
    expect(paths).toEqual(["two"]);
    expect(ops).toEqual([{ op: "remove", id: "f0-0" }]); // the topmost folder, and all below it
  });

  test("updates what is modified and nothing else", () => {
    const { ops } = replayed(commit(["add", "a", "1"], ["add", "b", "1"]), commit(["modify", "b", "2"]));
    expect(ops).toEqual([{ op: "update", id: "f0-1", attrs: { blob: "2" } }]);
  });

  test("says a rename as a move and an update", () => {
    const { ops, before, after } = replayed(commit(["add", "a", "1"]), commit(["move", "a", "lib/b", "2"]));
    expect(ops.map(({ op }) => op)).toEqual(["insert", "move", "update"]);
    expect(after.get("lib/b")).toBe(before.get("a"));
  });

  test("moves without an update where name and blob stay", () => {
    const { ops } = replayed(commit(["add", "a", "1"]), commit(["move", "a", "lib/a", "1"]));
    expect(ops.map(({ op }) => op)).toEqual(["insert", "move"]);
  });

  test("swaps two files", () => {
    const { before, after } = replayed(
      commit(["add", "x/a", "1"], ["add", "y/b", "2"]),
      commit(["move", "x/a", "y/b", "1"], ["move", "y/b", "x/a", "2"]),
    );
    expect(after.get("y/b")).toBe(before.get("x/a"));
    expect(after.get("x/a")).toBe(before.get("y/b"));
    expect(after.get("x/")).toBe(before.get("x/")); // each folder was empty for a moment, and stays
  });

  test("renames in a circle", () => {
    const { before, after } = replayed(
      commit(["add", "a", "1"], ["add", "b", "2"], ["add", "c", "3"]),
      commit(["move", "a", "b", "1"], ["move", "b", "c", "2"], ["move", "c", "a", "3"]),
    );
    expect(after.get("b")).toBe(before.get("a"));
  });

  test.each([
    ["before", commit(["remove", "b"], ["move", "a", "b", "1"])],
    ["after", commit(["move", "a", "b", "1"], ["remove", "b"])],
  ])("renames onto a path that it removes, said %s the rename", (_, second) => {
    const { before, after, paths } = replayed(commit(["add", "a", "1"], ["add", "b", "2"]), second);
    expect(paths).toEqual(["b"]);
    expect(after.get("b")).toBe(before.get("a"));
  });

  test("removes a file and adds another at its path", () => {
    const { before, after } = replayed(commit(["add", "a", "1"]), commit(["remove", "a"], ["add", "a", "2"]));
    expect(after.get("a")).not.toBe(before.get("a"));
  });

  test("puts a folder where a file was", () => {
    const { paths } = replayed(commit(["add", "a", "1"]), commit(["add", "a/b/c", "2"], ["remove", "a"]));
    expect(paths).toEqual(["a/b/c"]);
  });

  test("moves a file into a folder of its own name", () => {
    const { before, after } = replayed(commit(["add", "a", "1"]), commit(["move", "a", "a/a", "1"]));
    expect(after.get("a/a")).toBe(before.get("a"));
  });

  test("puts a file where a folder was, in any order of the changes", () => {
    const first = commit(["add", "a/b/c", "1"], ["add", "a/d", "2"]);
    const changes: Change[] = [
      ["add", "a", "3"],
      ["remove", "a/b/c"],
      ["move", "a/d", "e", "2"],
    ];
    for (const order of [changes, changes.toReversed()]) {
      const { paths, ops } = replayed(first, commit(...order));
      expect(paths).toEqual(["a", "e"]);
      expect(ops.filter(({ op }) => op === "remove")).toHaveLength(1);
    }
  });

  test("moves a folder's last file out to the folder's own path", () => {
    const { before, after } = replayed(commit(["add", "a/b/c", "1"]), commit(["move", "a/b/c", "a", "1"]));
    expect(after.get("a")).toBe(before.get("a/b/c"));
  });

  test("renames all files of a folder: the files go on, the folder is another", () => {
    const { before, after, ops } = replayed(
      commit(["add", "old/x", "1"], ["add", "old/deep/y", "2"]),
      commit(["move", "old/x", "new/x", "1"], ["move", "old/deep/y", "new/deep/y", "2"]),
    );
    expect([...after.keys()].sort()).toEqual(["new/", "new/deep/", "new/deep/y", "new/x"]);
    expect(after.get("new/deep/y")).toBe(before.get("old/deep/y"));
    expect(ops.at(-1)).toEqual({ op: "remove", id: before.get("old/") });
  });

  test("empties a folder and fills it again: it stays", () => {
    const { before, after } = replayed(commit(["add", "a/x", "1"]), commit(["remove", "a/x"], ["add", "a/y", "2"]));
    expect(after.get("a/")).toBe(before.get("a/"));
  });

  test("without changes is no operation", () => {
    expect(replayed(commit()).ops).toEqual([]);
  });

  test.each<[string, Change[]]>([
    ["nowhere is not there", [["modify", "nowhere", "2"]]],
    ["d is not there", [["remove", "d"]]],
    ["a is there already", [["add", "a", "2"]]],
    ["a is there already", [["move", "d/x", "a", "2"]]],
    ["a/b would lie in a file", [["add", "a/b", "2"]]],
    ["d is a folder that is not empty", [["add", "d", "2"]]],
    [
      "a is changed twice",
      [
        ["modify", "a", "2"],
        ["remove", "a"],
      ],
    ],
  ])("that is not possible is refused: %s", (message, changes) => {
    const first = commit(["add", "a", "1"], ["add", "d/x", "1"]);
    expect(() => replayed(first, commit(...changes))).toThrow(`commit 1: ${message}`);
  });
});

describe("a commit too large for one mutation", () => {
  const large = commit(...Array.from({ length: 50 }, (_, index): Change => ["add", `d${index % 7}/${index}`, "1"]));

  test("is split at both limits, and the parts make what the whole makes", () => {
    for (const limits of [
      { operations: 8, bytes: 100_000 },
      { operations: 100, bytes: 500 },
    ]) {
      const twins = createTwins();
      const mutations = toMutations(large, 0, twins.plan(large), limits);
      expect(mutations.length).toBeGreaterThan(5);
      for (const { ops } of mutations) {
        expect(ops.length).toBeLessThanOrEqual(limits.operations);
        expect(JSON.stringify(ops).length).toBeLessThanOrEqual(limits.bytes);
        twins.apply(ops);
      }
      expect(twins.problems()).toEqual([]);
    }
  });

  test("tells in each part's meta which it is, and what follows", () => {
    const mutations = toMutations(large, 3, createTwins().plan(large), { operations: 30, bytes: 100_000 });
    expect(mutations.map(({ meta }) => meta)).toEqual([
      { commit: 3, author: "u0", time: 1, part: 0, parts: 2 },
      { commit: 3, author: "u0", time: 1, part: 1, parts: 2 },
    ]);
    const positions = mutations.map(({ meta }) => positionOf(JSON.parse(JSON.stringify(meta))));
    expect(positions).toEqual(mutations.map(({ at }) => at));
    expect(positions.map((at) => at && following(at))).toEqual([
      { commit: 3, part: 1 },
      { commit: 4, part: 0 },
    ]);
  });

  test("is not said of one that fits, nor of an empty one", () => {
    expect(toMutations(large, 3, createTwins().plan(large))).toHaveLength(1);
    expect(toMutations(commit(), 3, [])).toMatchObject([{ ops: [], meta: { commit: 3, author: "u0", time: 1 } }]);
  });
});

describe("real histories", () => {
  const directory = resolve(import.meta.dirname, "../../../shared/traces");
  const missing = existsSync(directory) ? "" : ` (skipped: ${directory} is not there)`;

  test.skipIf(missing !== "").each(["hono", "sharedb"])(
    `%s: the tree ends as the trace says${missing}`,
    async (name) => {
      const twins = createTwins();
      const source = await openTrace(`${directory}/${name}.jsonl.gz`);
      let commits = 0;
      for await (const each of source.commits()) {
        commits++;
        twins.apply(twins.plan(each));
        if (commits % 100 === 0) expect(twins.problems()).toEqual([]);
      }
      expect(commits).toBe(source.total);
      expect(twins.problems()).toEqual([]);
      expect(checkTree(twins.store, twins.store.records())).toEqual([]);
      const [final] = await source.finals();
      expect(final?.listing.size).toBeGreaterThan(100);
      expect(differences(final?.listing ?? new Map(), flattenTree(toData(twins.store)).files)).toEqual([]);
    },
  );
});
