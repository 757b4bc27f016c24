import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CannotReplay, type Change, type Commit, type Source } from "../../scripts/replay/commits.ts";
import { foldCommit } from "../../scripts/replay/listing.ts";
import { readOptions } from "../../scripts/replay/options.ts";
import { replay } from "../../scripts/replay/run.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
});
afterEach(() => server.close());

const TOTAL = 300;

/** A history of 7 authors that adds, modifies, moves and removes. */
function history(total = TOTAL): Commit[] {
  const paths = new Map<string, string>();
  return Array.from({ length: total }, (_, index) => {
    const [oldest] = paths.keys();
    const changes: Change[] = [["add", `folder${index % 5}/file${index}`, `${index}`]];
    if (oldest !== undefined && index % 3 === 0) changes.push(["move", oldest, `moved/${index}`, `${index}`]);
    if (oldest !== undefined && index % 3 === 1) changes.push(["modify", oldest, `${index}`]);
    if (oldest !== undefined && index % 3 === 2) changes.push(["remove", oldest]);
    const commit = { time: 1_000 + index, author: `u${(index * index) % 7}`, changes };
    foldCommit(paths, commit);
    return commit;
  });
}

/** A source of commits; it breaks off where there are fewer than it said. */
function sourceOf(commits: readonly Commit[], total = commits.length): Source {
  const listing = new Map<string, string>();
  for (const commit of commits) foldCommit(listing, commit);
  return {
    name: "test",
    total,
    async *commits() {
      yield* commits;
      if (commits.length < total) throw new Error("interrupted");
    },
    finals: async () => [{ name: "the listing", listing }],
  };
}

function run(source: Source, ...args: string[]) {
  const options = readOptions(["test", "--url", server.url, "--patience", "2", ...args]);
  if (options === "help" || "problem" in options) throw new Error("wrong arguments");
  return replay(source, "doc", options, { write: () => {} });
}

const commitsOf = (events: FakeServer["events"]) => events.map(({ meta }) => meta?.commit);
const inOrder = Array.from({ length: TOTAL }, (_, index) => index);

describe("a replay", () => {
  test.each([1, 4])("with %d clients writes each commit once, in order", async (clients) => {
    const outcome = await run(sourceOf(history()), "--clients", String(clients));
    expect(outcome.lines.join("\n")).toContain("equal: ");
    expect(outcome.equal).toBe(true);
    expect(commitsOf(server.events)).toEqual(inOrder);
    expect(new Set(server.events.map(({ client }) => client)).size).toBe(clients);
    expect(server.events.at(-1)?.meta).toEqual({ commit: TOTAL - 1, author: "u4", time: 999 + TOTAL });
  });

  test.each([1, 4])("with %d clients survives a server that drops connections before it answers", async (clients) => {
    server.faults.dropEvery = 70;
    const outcome = await run(sourceOf(history()), "--clients", String(clients));
    expect(outcome.lines.join("\n")).toMatch(/reconnects: [1-9]/);
    expect(outcome.equal).toBe(true);
    expect(commitsOf(server.events)).toEqual(inOrder);
    expect(server.joins.at(-1)).toMatchObject({ incarnation: "0", seq: expect.any(Number) });
  });

  test("answers syncs", async () => {
    server.faults.asksSync = true;
    expect((await run(sourceOf(history()))).equal).toBe(true);
  });

  test("replays an empty history, and a commit without changes", async () => {
    expect((await run(sourceOf([]))).equal).toBe(true);
    expect((await run(sourceOf([{ time: 1, author: "u", changes: [] }]))).equal).toBe(true);
    expect(server.events).toHaveLength(1);
  });
});

describe("a replay that was interrupted", () => {
  test.each([
    [1, 1],
    [4, 1],
    [1, 3],
  ])("goes on where the document ends, with %d clients and then %d", async (before, after) => {
    const commits = history();
    await expect(run(sourceOf(commits.slice(0, 120), TOTAL), "--clients", String(before))).rejects.toThrow(
      "interrupted",
    );
    const reached = server.events.length;
    expect(reached).toBeLessThanOrEqual(120);
    const outcome = await run(sourceOf(commits), "--clients", String(after));
    expect(outcome.equal).toBe(true);
    expect(outcome.lines[0]).toContain(`${TOTAL - reached} commits`);
    expect(commitsOf(server.events)).toEqual(inOrder);
  });

  test("and one that was done has nothing to do", async () => {
    await run(sourceOf(history()));
    const outcome = await run(sourceOf(history()));
    expect(outcome).toMatchObject({ equal: true });
    expect(outcome.lines[0]).toMatch(/^0 commits .* 300 commits were there already$/);
  });

  test("goes on in the middle of a commit that was split", async () => {
    const large: Change[] = Array.from({ length: 11_000 }, (_, index) => ["add", `d${index % 9}/${index}`, "1"]);
    const commits: Commit[] = [
      { time: 1, author: "u", changes: large },
      { time: 2, author: "u", changes: [["modify", "d0/0", "2"]] },
    ];
    server.faults.rejectAt = 2;
    await expect(run(sourceOf(commits))).rejects.toThrow("commit 0 was rejected: notFound: it is gone");
    delete server.faults.rejectAt;
    expect(server.events).toHaveLength(1);
    const outcome = await run(sourceOf(commits));
    expect(outcome.lines).toContain("1 commits were too large for one mutation and were split");
    expect(outcome.equal).toBe(true);
  });
});

describe("a document that holds something else is refused", () => {
  const refusal = async (source: Source) => {
    const before = server.events.length;
    const error = await run(source).catch((thrown: unknown) => thrown);
    expect(server.events.length).toBe(before);
    expect(error).toBeInstanceOf(CannotReplay);
    return String(error);
  };

  test("events that are no commits", async () => {
    server.write([{ op: "insert", node: { id: "x", type: "note" }, parent: "root" }]);
    expect(await refusal(sourceOf(history()))).toContain("is no commit of a replay");
  });

  test("another history", async () => {
    await run(sourceOf(history(10)));
    const other = history().map((commit) => ({ ...commit, time: 5 }));
    expect(await refusal(sourceOf(other))).toContain("holds another history");
  });

  test("a longer history", async () => {
    await run(sourceOf(history(10)));
    expect(await refusal(sourceOf(history(9)))).toContain("9 commits only");
  });

  test("the same last commit, but other files", async () => {
    await run(sourceOf(history(10)));
    const [first, ...rest] = history();
    const other: Commit[] = [
      {
        time: 1_000,
        author: "u0",
        changes: [
          ["add", "folder0/file0", "x"],
          ["add", "y", "y"],
        ],
      },
    ];
    expect(first).toBeDefined();
    expect(await refusal(sourceOf([...other, ...rest]))).toContain("does not hold this history's files");
  });

  test("and --fresh deletes it", async () => {
    server.write([{ op: "insert", node: { id: "x", type: "note" }, parent: "root" }]);
    expect((await run(sourceOf(history()), "--fresh")).equal).toBe(true);
  });
});

describe("a server that breaks its promises is found out", () => {
  test("a mutation applied twice", async () => {
    server.faults.repeatAt = 100;
    const { equal, lines } = await run(sourceOf(history()));
    expect(equal).toBe(false);
    expect(lines.join("\n")).toContain("history: event 101 is commit 99 where commit 100 was expected");
  });

  test("a gap in the events", async () => {
    server.faults.skipAt = 100;
    await expect(run(sourceOf(history()))).rejects.toThrow(/event 10\d came after 99|no progress/);
  });

  test("a mutation refused", async () => {
    server.faults.rejectAt = 100;
    await expect(run(sourceOf(history()))).rejects.toThrow("commit 99 was rejected: notFound: it is gone");
  });

  test("a new incarnation, and nothing is written into it", async () => {
    server.faults.dropEvery = 100;
    server.faults.forgets = true;
    await expect(run(sourceOf(history()))).rejects.toThrow("the document has begun a new life");
    expect(server.events).toHaveLength(100);
  });

  test("someone else's writing", async () => {
    const source = sourceOf(history());
    const meddled: Source = {
      ...source,
      async *commits() {
        for await (const commit of source.commits()) {
          if (commit.time === 1_290) server.write([]);
          yield commit;
        }
      },
    };
    await expect(run(meddled)).rejects.toThrow("someone else (stranger) writes to this document");
  });

  test("files that are not there, listed", async () => {
    const source = sourceOf(history());
    const listing = new Map([["nowhere/x", "1"]]);
    const { equal, lines } = await run({ ...source, finals: async () => [{ name: "a listing", listing }] });
    expect(equal).toBe(false);
    expect(lines).toContain("missing: nowhere/x (by a listing)");
    expect(lines.filter((line) => /^(missing|too much|differs)/.test(line))).toHaveLength(50);
    expect(lines.at(-1)).toMatch(/^not equal: \d+ differences$/);
  });

  test("a server that is away for longer than patience", async () => {
    server.faults.leavesAt = 100;
    await expect(run(sourceOf(history()), "--patience", "0.5")).rejects.toThrow(
      /no progress for 0.5 s; last: close 1006/,
    );
  });
});
