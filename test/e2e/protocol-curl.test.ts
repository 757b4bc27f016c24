import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerProcess, startServer } from "./server-process.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.kill());

/** Each `$ curl … # STATUS` of the page, a printf before it or not, and the first line below it. */
function examplesOf(page: string): { command: string; status: string; answer: string }[] {
  const found = readFileSync(page, "utf8").matchAll(/^\$ ((?:printf .+ \| )?curl .+) # (\d{3})\n(.+)$/gm);
  return Array.from(found, ([, command = "", status = "", answer = ""]) => ({ command, status, answer }));
}

test.each([
  ["docs/protocol.md", 9],
  ["docs/history.md", 16],
])("V4, V5, V10, V20, V30: every curl of %s is answered as the page says", (page, least) => {
  const examples = examplesOf(page);
  expect(examples.length).toBeGreaterThanOrEqual(least);
  for (const { command, status, answer } of examples) {
    const line = command.replace("curl ", "curl -s -w '\\n%{http_code}' ").replace("http://127.0.0.1:8787", server.url);
    const lines = execFileSync("bash", ["-c", line], { encoding: "utf8" }).split("\n");
    const [body = "", code] = [lines[0], lines.at(-1)];
    expect([code, fixed(body)], command).toEqual([status, fixed(answer)]);
    if (command.includes("mutations")) expect(execFileSync("bash", ["-c", line], { encoding: "utf8" })).toContain(body);
  }
});

/** What is another value every time, as the same one. */
function fixed(json: string): string {
  return (
    json
      .replace(/("(?:time|begun|ended|createdAt|storageBytes|rowsWritten)":)\d+/g, "$10")
      .replace(/("incarnation":)"[^"]+"/g, '$1"…"')
      // That of a version.
      .replace(/("id":)"[^"]+"(,"name")/g, '$1"…"$2')
      .replace(/("next":"\d+:)[^"]+"/g, '$1…"')
  );
}
