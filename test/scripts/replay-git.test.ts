import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CannotReplay, type Commit, type Source } from "../../scripts/replay/commits.ts";
import { flattenTree } from "../../scripts/replay/flatten.ts";
import { openRepository } from "../../scripts/replay/git.ts";
import { differences, foldCommit } from "../../scripts/replay/listing.ts";
import { createPlanner } from "../../scripts/replay/plan.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "replay-git-"));
  git("init", "--quiet", "--initial-branch=main");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs git without anything of the user's or of a hook that these tests may run in. */
function git(...args: string[]): string {
  const identity = [
    "-c",
    "user.name=Ada Ü. Lovelace",
    "-c",
    "user.email=ada@example.org",
    "-c",
    "commit.gpgSign=false",
  ];
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_COMMITTER_DATE: "1700000000 +0100",
  };
  return execFileSync("git", [...identity, ...args], {
    cwd: directory,
    env,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

function write(path: string | Buffer, content: string): void {
  if (typeof path === "string") mkdirSync(dirname(join(directory, path)), { recursive: true });
  const full = typeof path === "string" ? join(directory, path) : Buffer.concat([Buffer.from(`${directory}/`), path]);
  writeFileSync(full, content);
}

function commit(...args: string[]): void {
  git("add", "--all");
  git("commit", "--quiet", "--message=x", ...args);
}

const content = (name: string) => Array.from({ length: 20 }, (_, line) => `${name} ${line}\n`).join("");

async function read(source: Source): Promise<Commit[]> {
  const commits: Commit[] = [];
  for await (const each of source.commits()) commits.push(each);
  return commits;
}

/** The repository's commits; checked to make git's own listing, both as paths and as nodes. */
async function readChecked(path = directory): Promise<Commit[]> {
  const source = await openRepository(path);
  const commits = await read(source);
  expect(commits).toHaveLength(source.total);
  const paths = new Map<string, string>();
  const planner = createPlanner("root");
  for (const [index, each] of commits.entries()) {
    foldCommit(paths, each);
    planner.plan(each, index);
  }
  const [final] = await source.finals();
  expect(differences(final?.listing ?? new Map(), paths)).toEqual([]);
  expect(differences(paths, flattenTree(planner.toData()).files)).toEqual([]);
  return commits;
}

const kinds = (commits: readonly Commit[]) => commits.map(({ changes }) => changes.map(([kind]) => kind));

test("reads additions, modifications, renames and removals, oldest first", async () => {
  write("a/one", content("one"));
  write("two", content("two"));
  commit();
  renameSync(join(directory, "two"), join(directory, "a/three"));
  write("a/one", "changed");
  commit();
  rmSync(join(directory, "a/one"));
  commit();
  const commits = await readChecked();
  expect(kinds(commits)).toEqual([["add", "add"], ["modify", "move"], ["remove"]]);
  expect(commits[1]?.changes[1]?.slice(0, 3)).toEqual(["move", "two", "a/three"]);
  expect(commits[0]).toMatchObject({ author: "Ada Ü. Lovelace", time: 1_700_000_000 });
});

test("reads a commit without changes, and a file that becomes a symlink", async () => {
  write("a", content("a"));
  commit();
  git("commit", "--quiet", "--allow-empty", "--message=nothing");
  rmSync(join(directory, "a"));
  symlinkSync("b", join(directory, "a"));
  commit();
  expect(kinds(await readChecked())).toEqual([["add"], [], ["modify"]]);
});

test("reads a merge as one step, against its first parent", async () => {
  write("base", content("base"));
  commit();
  git("checkout", "--quiet", "-b", "side");
  write("s1", content("s1"));
  commit();
  write("s2", content("s2"));
  commit();
  git("checkout", "--quiet", "main");
  write("m", content("m"));
  commit();
  git("merge", "--quiet", "--no-ff", "--message=merge", "side");
  const commits = await readChecked();
  expect(kinds(commits)).toEqual([["add"], ["add"], ["add", "add"]]);
});

test("reads names with spaces, quotes, line ends, colons, other scripts, and bytes that are no UTF-8", async () => {
  const names = [" a b ", 'say "x"', "line\nend", ":100644 x", "commit 1 x", "\ttab", "größe/日本.txt", "__proto__"];
  for (const name of names) write(name, content(name));
  write(Buffer.concat([Buffer.from("größe/"), Buffer.from([0xe9, 0xff])]), "bytes");
  write(Buffer.from("caf\xe9", "latin1"), "bytes too");
  commit();
  git("mv", "line\nend", "line\n\nend");
  commit();
  const [first, second] = await readChecked();
  const paths = first?.changes.map(([, path]) => path);
  expect(paths).toEqual(expect.arrayContaining([...names, "größe/éÿ", "café"]));
  expect(second?.changes).toEqual([["move", "line\nend", "line\n\nend", expect.any(String)]]);
});

test("keeps to its own settings whatever the user's are", async () => {
  git("config", "log.showRoot", "false");
  git("config", "diff.renames", "false");
  git("config", "diff.noPrefix", "true");
  git("config", "log.showSignature", "true");
  git("config", "log.diffMerges", "off");
  git("config", "diff.relative", "true");
  git("config", "color.ui", "always");
  git("config", "core.abbrev", "4");
  write("sub/a", content("a"));
  commit();
  git("mv", "sub/a", "b");
  write("sub/c", content("c"));
  commit();
  expect(kinds(await readChecked(join(directory, "sub")))).toEqual([["add"], ["move", "add"]]);
});

test("reads a bare repository, and is named after it", async () => {
  write("a", "a");
  commit();
  const bare = join(directory, "project.git");
  git("clone", "--quiet", "--bare", directory, bare);
  expect(await readChecked(bare)).toHaveLength(1);
  expect((await openRepository(bare)).name).toBe("project");
  expect((await openRepository(join(directory, ".git"))).name).toBe((await openRepository(directory)).name);
});

test("can be read again, and left before the end", async () => {
  for (const name of ["a", "b", "c"]) {
    write(name, name);
    commit();
  }
  const source = await openRepository(directory);
  for await (const each of source.commits()) {
    expect(each.changes).toHaveLength(1);
    break;
  }
  expect(await read(source)).toHaveLength(3);
});

test("refuses what is no repository, and one without a commit, with git's words", async () => {
  await expect(openRepository(directory)).rejects.toThrow(CannotReplay);
  await expect(openRepository(directory)).rejects.toThrow("fatal: Needed a single revision");
  rmSync(join(directory, ".git"), { recursive: true });
  await expect(openRepository(directory)).rejects.toThrow("not a git repository");
});
