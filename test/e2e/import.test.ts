import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

let server: WorkerdProcess;
beforeAll(async () => {
  server = await startWorkerd();
});
afterAll(() => server.kill());

const line = (index: number) =>
  `${JSON.stringify({ id: `n${index}`, ...(index > 0 && { parent: "n0" }), type: "item" })}\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index)).join("");

async function statusOf(id: string): Promise<number> {
  const response = await fetch(`${server.url}/documents/${id}`);
  await response.text();
  return response.status;
}

/** Waits until the document answers with a status; the last one seen is the answer. */
async function statusBecomes(id: string, wanted: number): Promise<number> {
  for (const deadline = Date.now() + 5_000; ; await sleep(20)) {
    const status = await statusOf(id);
    if (status === wanted || Date.now() > deadline) return status;
  }
}

describe("D11 an import whose client is killed", () => {
  test("is taken back, at once, and the next one succeeds", async () => {
    const upload = request(`${server.url}/documents/gone/import`, { method: "POST" });
    upload.on("error", () => undefined);
    upload.write(lines(0, 40_000));
    expect(await statusBecomes("gone", 503), "the import is under way").toBe(503);
    upload.destroy();
    expect(await statusBecomes("gone", 404)).toBe(404);
    const response = await fetch(`${server.url}/documents/gone/import`, { method: "POST", body: lines(0, 10) });
    expect([response.status, await response.json()]).toMatchObject([201, { treeSize: 10 }]);
  });

  test("is not taken for a whole one where it ends between two lines", async () => {
    const upload = request(`${server.url}/documents/cut/import`, {
      method: "POST",
      headers: { "content-length": `${lines(0, 100).length}` },
    });
    upload.on("error", () => undefined);
    upload.write(lines(0, 50));
    expect(await statusBecomes("cut", 503)).toBe(503);
    upload.destroy();
    expect(await statusBecomes("cut", 404)).toBe(404);
  });
});

test("H7 D11 a PUT takes a tree of nearly 32 MiB", async () => {
  const nodes: string[] = [];
  for (let bytes = 100; ; ) {
    const node = JSON.stringify({
      id: `n${nodes.length}`,
      type: "item",
      attrs: { text: `item ${nodes.length}`, done: false },
    });
    bytes += node.length + 1;
    if (bytes > LIMITS.bodyBytes) break;
    nodes.push(node);
  }
  const body = `{"tree":{"type":"list","children":[${nodes.join(",")}]}}`;
  expect(body.length).toBeGreaterThan(LIMITS.bodyBytes - 200);
  const response = await fetch(`${server.url}/documents/large`, { method: "PUT", body });
  expect([response.status, await response.json()]).toMatchObject([201, { treeSize: nodes.length + 1 }]);
  const first = await fetch(`${server.url}/documents/large/tree?node=n${nodes.length - 1}`);
  expect(await first.json()).toMatchObject({ tree: { id: `n${nodes.length - 1}` } });
});

test("H4, H7, H8 a large body that is refused early is answered all the same", async () => {
  const large = "x".repeat(LIMITS.bodyBytes);
  for (let round = 0; round < 3; round++) {
    const put = await fetch(`${server.url}/documents/larger`, { method: "PUT", body: `${large} ` });
    expect([put.status, await put.json()]).toMatchObject([413, { code: "tooLarge" }]);
    const imported = await fetch(`${server.url}/documents/larger/import`, { method: "POST", body: `{\n${large}` });
    expect([imported.status, await imported.json()]).toMatchObject([400, { code: "invalid", line: 1 }]);
  }
});
