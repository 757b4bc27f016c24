import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Commit } from "../../scripts/replay/commits.ts";
import { readOptions } from "../../scripts/replay/options.ts";
import { progressLine } from "../../scripts/replay/progress.ts";
import { documentOf, openSource } from "../../scripts/replay/source.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "replay-input-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const commits: Commit[] = [
  { time: 1, author: "u0", changes: [["add", "a", "1"]] },
  { time: 2, author: "u1", changes: [["move", "a", "b", "2"]] },
];
const text = commits.map((commit) => `${JSON.stringify(commit)}\n`).join("");

describe("a trace", () => {
  async function readTrace(name: string, bytes: string | Buffer): Promise<Commit[]> {
    writeFileSync(join(directory, name), bytes);
    const source = await openSource(join(directory, name));
    const found: Commit[] = [];
    for await (const commit of source.commits()) found.push(commit);
    expect(source).toMatchObject({ name: name.replace(/\..*/, ""), total: found.length });
    return found;
  }

  test("is read packed and plain, with its listing where there is one", async () => {
    expect(await readTrace("x.jsonl.gz", gzipSync(text))).toEqual(commits);
    expect(await readTrace("y.jsonl", `${text}\n`)).toEqual(commits);
    writeFileSync(join(directory, "y.final.json"), '{"b":"2","__proto__":"3"}');
    expect(await (await openSource(join(directory, "x.jsonl.gz"))).finals()).toEqual([]);
    const [final] = await (await openSource(join(directory, "y.jsonl"))).finals();
    expect([...(final?.listing ?? [])]).toEqual([
      ["b", "2"],
      ["__proto__", "3"],
    ]);
  });

  test.each([
    ["no JSON", "{", "x.jsonl:3: not JSON"],
    ["a change of no kind", '{"time":1,"author":"u","changes":[["copy","a","b"]]}', "x.jsonl:3: changes"],
    ["a change too short", '{"time":1,"author":"u","changes":[["add","a"]]}', "x.jsonl:3: changes"],
    ["no author", '{"time":1,"changes":[]}', "x.jsonl:3: author"],
  ])("is refused with the line at fault: %s", async (_, line, message) => {
    await expect(readTrace("x.jsonl", text + line)).rejects.toThrow(message);
  });

  test("that is cut off, and one of another kind, are refused", async () => {
    await expect(readTrace("x.jsonl.gz", gzipSync(text).subarray(0, 60))).rejects.toThrow("x.jsonl.gz: ");
    await expect(readTrace("x.txt", text)).rejects.toThrow("x.txt is no trace");
    await expect(openSource(join(directory, "nowhere"))).rejects.toThrow("nowhere does not exist");
  });
});

describe("the arguments", () => {
  test("have defaults", () => {
    expect(readOptions(["p"])).toEqual({
      path: "p",
      document: null,
      url: "http://localhost:8787",
      clients: 1,
      fresh: false,
      patienceMs: 60_000,
    });
    expect(readOptions(["--help"])).toBe("help");
    expect(readOptions(["p", "--url", "http://there:1//"])).toMatchObject({ url: "http://there:1" });
    expect(documentOf("größe & so.git")).toBe("replay-gr--e---so.git");
  });

  test.each([
    [[], "PATH is missing"],
    [["a", "b"], "one PATH"],
    [["a", "--clients", "0"], "--clients"],
    [["a", "--clients", "1.5"], "--clients"],
    [["a", "--patience", "soon"], "--patience"],
    [["a", "--document", "a/b"], "no document id"],
    [["a", "--url", "localhost"], "--url"],
    [["a", "--what"], "--what"],
  ])("that make no sense are a problem: %j", (args, problem) => {
    expect(readOptions(args)).toEqual({ problem: expect.stringContaining(problem) });
  });

  // The node that npm scripts use; what runs this test may be older and know no types.
  const node = join(import.meta.dirname, "../../node_modules/.bin/node");
  const script = join(import.meta.dirname, "../../scripts/replay.ts");
  test.each([
    [[], 2, /^PATH is missing\n--help lists the options\n$/],
    [["--what"], 2, /^Unknown option '--what'.*\n--help lists the options\n$/],
    [["/nowhere"], 2, /nowhere does not exist/],
    [["--help"], 0, /^usage: npm run replay/],
  ])("decide the exit code: %j", (args, code, said) => {
    const { status, output } = run(args);
    expect(output).toMatch(said);
    expect(status).toBe(code);
  });

  test("and so does a server that is not there, at once", () => {
    const trace = join(directory, "x.jsonl");
    writeFileSync(trace, text);
    const { status, output } = run([trace, "--url", "http://127.0.0.1:1/"]);
    expect(output).toContain("no server answers on http://127.0.0.1:1; is `npm start` running?");
    expect(status).toBe(2);
  });

  function run(args: string[]): { status: number; output: string } {
    try {
      return { status: 0, output: execFileSync(node, [script, ...args], { encoding: "utf8", stdio: "pipe" }) };
    } catch (error) {
      if (!(error instanceof Error && "status" in error && "stderr" in error)) throw error;
      return { status: Number(error.status), output: String(error.stderr) };
    }
  }
});

test("the progress bar says how far and how fast", () => {
  const line = progressLine({ done: 75, skipped: 25, reconnects: 2 }, 100, 10_000);
  expect(line).toBe("[##################------] 75% 75/100 commits, 5/s, 2 reconnects");
  expect(progressLine({ done: 0, skipped: 0, reconnects: 0 }, 0, 0)).toContain("100% 0/0 commits, 0/s");
});
