import { basename, dirname, resolve } from "node:path";
import { CannotReplay, type Change, type Commit, type Listing, type Source } from "./commits.ts";
import { gitText, gitTokens } from "./git-process.ts";

// Everything that a user's configuration could change is said.
const LOG = [
  "-c",
  "log.showRoot=true",
  "-c",
  "log.showSignature=false",
  "-c",
  "i18n.logOutputEncoding=UTF-8",
  "log",
  "--first-parent",
  "--diff-merges=first-parent",
  "--reverse",
  "--raw",
  "-z",
  "-M",
  "--no-abbrev",
  "--no-color",
  "--no-relative",
  "--no-notes",
  "--no-ext-diff",
  "--ignore-submodules=none",
  "--format=commit %ct %an",
];
const HEADER = /^commit (-?\d+) (.*)$/s;
const ENTRY = /^\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) ([A-Z])\d*$/;
const LEAF = /^\d+ \w+ ([0-9a-f]+)$/;

/** The first-parent history of HEAD of a repository, bare or not. Symlinks and submodules are blobs like any other. */
export async function openRepository(directory: string): Promise<Source> {
  // HEAD may move while the history is read.
  const head = await gitText(directory, ["rev-parse", "--verify", "HEAD^{commit}"]);
  return {
    name: nameOf(resolve(directory)),
    total: Number(await gitText(directory, ["rev-list", "--count", "--first-parent", head])),
    commits: () => readCommits(gitTokens(directory, [...LOG, head, "--"])),
    finals: async () => [{ name: "git ls-tree", listing: await readTree(directory, head) }],
  };
}

function nameOf(path: string): string {
  const name = basename(path);
  return name === ".git" ? basename(dirname(path)) : name.replace(/\.git$/, "");
}

/** A commit is a header, then one token an entry followed by one path, or two where it was moved. */
async function* readCommits(tokens: AsyncIterable<Buffer>): AsyncGenerator<Commit> {
  let commit: { time: number; author: string; changes: Change[] } | null = null;
  let entry: { blob: string; status: string; paths: string[] } | null = null;
  for await (const token of tokens) {
    if (commit && entry) {
      entry.paths.push(decodePath(token));
      if (entry.paths.length < pathsOf(entry.status)) continue;
      commit.changes.push(changeOf(entry));
      entry = null;
      continue;
    }
    const text = token.toString("utf8");
    const [, blob, status] = ENTRY.exec(text) ?? [];
    if (commit && blob !== undefined && status !== undefined) {
      entry = { blob, status, paths: [] };
      continue;
    }
    const [, time, author] = HEADER.exec(text) ?? [];
    if (time === undefined || author === undefined) throw new CannotReplay(`git log printed ${JSON.stringify(text)}`);
    if (commit) yield commit;
    commit = { time: Number(time), author, changes: [] };
  }
  if (commit) yield commit;
}

const pathsOf = (status: string) => (status === "R" || status === "C" ? 2 : 1);

function changeOf({ blob, status, paths }: { blob: string; status: string; paths: readonly string[] }): Change {
  const [path = "", target = ""] = paths;
  switch (status) {
    case "A":
      return ["add", path, blob];
    case "M":
    case "T": // a file that became a symlink, or the like
      return ["modify", path, blob];
    case "D":
      return ["remove", path];
    case "R":
      return ["move", path, target, blob];
    case "C":
      return ["add", target, blob];
    default:
      throw new CannotReplay(`git log says ${status} of ${path}`);
  }
}

async function readTree(directory: string, head: string): Promise<Listing> {
  const listing = new Map<string, string>();
  for await (const token of gitTokens(directory, ["ls-tree", "-r", "-z", "--full-tree", head])) {
    const tab = token.indexOf("\t");
    const [, blob] = LEAF.exec(token.subarray(0, tab).toString("utf8")) ?? [];
    if (blob === undefined) throw new CannotReplay(`git ls-tree printed ${JSON.stringify(token.toString("utf8"))}`);
    listing.set(decodePath(token.subarray(tab + 1)), blob);
  }
  return listing;
}

/**
 * A path of git is bytes. Each name in it that is not UTF-8 is read as Latin-1, which is mostly what it is, and which
 * keeps different names different where replacement characters would not.
 */
function decodePath(bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  if (text !== null) return text;
  const names: string[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const slash = bytes.indexOf("/", from);
    const end = slash === -1 ? bytes.length : slash;
    const name = bytes.subarray(from, end);
    names.push(decodeUtf8(name) ?? name.toString("latin1"));
    from = end + 1;
  }
  return names.join("/");
}

function decodeUtf8(bytes: Buffer): string | null {
  const text = bytes.toString("utf8");
  return text.includes("\uFFFD") && !Buffer.from(text, "utf8").equals(bytes) ? null : text;
}
