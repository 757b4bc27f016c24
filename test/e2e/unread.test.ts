import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

/** What an isolate may use. */
const HEAP = 128;
const READERS = 8;

let server: WorkerdProcess;
beforeAll(async () => {
  server = await startWorkerd({ heap: HEAP });
});
afterAll(() => server?.kill());

/** Asks for something and never reads a byte of the answer. */
function askAndIgnore(path: string): Promise<Socket> {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  const asked = Promise.withResolvers<Socket>();
  socket.on("error", asked.reject);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`, () => asked.resolve(socket));
  return asked.promise;
}

/** The answer, asked for again for as long as it says when to. */
async function ask(path: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const response = await fetch(server.url + path);
    const text = await response.text();
    const again = response.headers.get("retry-after");
    if (response.ok || again === null || tries > 20) return text;
    await sleep(Number(again) * 1000);
  }
}

test("B55 trees of 30 MB that nobody reads do not add up: the process lives in a heap of 128 MiB, and others get theirs", async () => {
  const text = "x".repeat(60_000);
  const children = Array.from({ length: 500 }, (_, index) => ({ id: `n${index}`, type: "item", attrs: { text } }));
  const body = JSON.stringify({ tree: { id: "root", type: "root", children } });
  const created = await fetch(`${server.url}/documents/large`, { method: "PUT", body });
  expect([created.status, body.length < LIMITS.treeBytes]).toEqual([201, true]);
  const ignored: Socket[] = [];
  for (let each = 0; each < READERS; each++) {
    ignored.push(await askAndIgnore("/documents/large/tree"));
    await sleep(200);
  }
  const tree = await ask("/documents/large/tree");
  expect(tree.endsWith(`"tree":${JSON.stringify({ id: "root", type: "root", children })}}`)).toBe(true);
  expect(await ask("/documents/large")).toContain('"treeSize":501');
  for (const socket of ignored) socket.destroy();
}, 120_000);
