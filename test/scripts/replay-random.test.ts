import { describe, expect, test } from "vitest";
import type { Change, Commit } from "../../scripts/replay/commits.ts";
import { checkTree } from "../../src/tree/index.ts";
import { commit, createTwins } from "./twins.ts";

describe("random histories", () => {
  // Few names, so that files and folders want the same paths all the time.
  const names = ["a", "b", "c"];

  function randomCommit(paths: ReadonlyMap<string, string>, random: (below: number) => number): Commit {
    const changes: Change[] = [];
    const after = new Set(paths.keys());
    const moving: string[] = [];
    for (const path of paths.keys()) {
      const dice = random(10);
      if (dice < 2) changes.push(["remove", path]);
      else if (dice < 5) moving.push(path);
      else if (dice < 6) changes.push(["modify", path, `${random(1_000)}`]);
      if (dice < 5) after.delete(path);
    }
    const freePath = (): string | undefined => {
      for (let attempt = 0; attempt < 50; attempt++) {
        const path = Array.from({ length: 1 + random(4) }, () => names[random(names.length)]).join("/");
        const clashes = (other: string) => `${other}/`.startsWith(`${path}/`) || path.startsWith(`${other}/`);
        if (![...after].some(clashes)) return path;
      }
      return undefined;
    };
    for (const from of moving) {
      const to = freePath();
      if (to === undefined) changes.push(["remove", from]);
      else changes.push(["move", from, to, random(2) === 0 ? (paths.get(from) ?? "") : `${random(1_000)}`]);
      if (to !== undefined) after.add(to);
    }
    for (let count = random(4); count > 0; count--) {
      const path = freePath();
      if (path !== undefined) changes.push(["add", path, `${random(1_000)}`]);
      if (path !== undefined) after.add(path);
    }
    return commit(...changes.sort(() => random(3) - 1));
  }

  test.each([1, 2, 3, 4, 5])("seed %d", (seed) => {
    let state = seed;
    const random = (below: number) => {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
      return ((state ^ (state >>> 13)) >>> 0) % below;
    };
    const twins = createTwins();
    const seen = new Set<string>();
    for (let count = 0; count < 400; count++) {
      const each = randomCommit(twins.paths, random);
      for (const [kind] of each.changes) seen.add(kind);
      // Split to single operations, too: each prefix has to be applicable.
      const ops = twins.plan(each);
      if (count % 2 === 0) twins.apply(ops);
      else for (const op of ops) twins.apply([op]);
      expect(twins.problems()).toEqual([]);
    }
    expect(seen.size).toBe(4);
    expect(checkTree(twins.store, twins.store.records())).toEqual([]);
  });
});
