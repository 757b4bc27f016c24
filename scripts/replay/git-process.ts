import { spawn } from "node:child_process";
import { CannotReplay } from "./commits.ts";

/** Runs git and gives out what it prints, cut at NUL bytes, as it comes. Throws what git says where it fails. */
export async function* gitTokens(directory: string, args: readonly string[]): AsyncGenerator<Buffer> {
  const child = spawn("git", ["-C", directory, ...args], { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (complaint.length < 4096) complaint += text;
  });
  const ended = new Promise<number | string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of child.stdout) {
      if (!Buffer.isBuffer(chunk)) continue; // no encoding is set: never
      let from = 0;
      for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, from)) {
        yield Buffer.concat([rest, chunk.subarray(from, end)]);
        rest = Buffer.alloc(0);
        from = end + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(from)]);
    }
    const status = await ended;
    if (status !== 0) throw new CannotReplay(`git in ${directory}: ${complaint.trim() || status}`);
    if (rest.length > 0) yield rest;
  } finally {
    child.kill(); // whoever reads may stop early
  }
}

/** What git prints, as one text without the last line's end. */
export async function gitText(directory: string, args: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for await (const token of gitTokens(directory, args)) parts.push(token.toString("utf8"));
  return parts.join("\0").trimEnd();
}

/** Without what git tells its hooks: it would read their repository instead of the one that is asked for. */
function environment(): NodeJS.ProcessEnv {
  const isAboutRepository = (name: string) => /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY)$/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isAboutRepository(name)));
}
