import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { problemResponse } from "../../src/object/http.ts";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, problem, request, stubOf } from "./http-client.ts";
import { exportOf } from "./transfer-client.ts";

/** A mutation whose JSON takes exactly so many bytes. */
function mutationOf(bytes: number): { ops: object[] } {
  const text = "x".repeat(1_000_000);
  const ops = (last: string) => [
    ...Array.from({ length: 4 }, () => ({ op: "update", id: "root", attrs: { text } })),
    { op: "update", id: "root", attrs: { text: last } },
  ];
  const rest = bytes - JSON.stringify({ ops: ops("") }).length;
  return { ops: ops("y".repeat(rest)) };
}

describe("B52 a mutation takes 4 MiB", () => {
  test.each([
    ["at once", (body: string) => body],
    ["in pieces", (body: string) => new Blob([body]).stream()],
  ])("over HTTP, and not one byte more: %s", async (how, bodyOf) => {
    const id = await openDocument(`http-${how.replace(" ", "-")}`, "root");
    const post = async (bytes: number) => {
      const body = bodyOf(JSON.stringify(mutationOf(bytes)));
      const response = await exports.default.fetch(`http://localhost${topic(id)}/mutations`, { method: "POST", body });
      const answer: { seq?: number; code?: string } = JSON.parse(await response.text());
      return [response.status, answer.seq ?? answer.code];
    };
    expect(await post(LIMITS.mutationBytes + 1)).toEqual([413, "tooLarge"]);
    expect(await post(LIMITS.mutationBytes)).toEqual([200, 1]);
    expect(await call("GET", topic(id))).toMatchObject({ seq: 1 });
  });

  test("by RPC, and not one byte more", async () => {
    const id = await openDocument("rpc", "root");
    const mutate = async (bytes: number) => {
      const stub: object = stubOf(id);
      const method: unknown = Reflect.get(stub, "mutate");
      if (typeof method !== "function") throw new Error("a document has no mutate");
      return Reflect.apply(method, stub, [mutationOf(bytes)]);
    };
    expect(await mutate(LIMITS.mutationBytes + 1)).toMatchObject({ ok: false, problem: { code: "tooLarge" } });
    expect(await mutate(LIMITS.mutationBytes)).toMatchObject({ ok: true, value: { seq: 1 } });
  });

  test("and so do options", async () => {
    const id = await openDocument("options", "root");
    const options = JSON.stringify({ options: { gracePeriod: 1 } });
    expect(await call("PATCH", topic(id), options.padEnd(LIMITS.mutationBytes))).toMatchObject({ seq: 0 });
    const answer = await problem("PATCH", topic(id), options.padEnd(LIMITS.mutationBytes + 1));
    expect(answer).toMatchObject({ code: "tooLarge" });
  });
});

describe("B53 a creation of what exists", () => {
  test("reads nothing of its body: it finds the document, whatever else it says", async () => {
    const id = await openDocument("there", "root\n  a");
    const found = { documentId: id, treeSize: 2, seq: 0, created: false };
    const parse = vi.spyOn(JSON, "parse");
    const answers = [
      await request("PUT", topic(id), "{no JSON"),
      await request("PUT", topic(id), { tree: { type: 7 }, options: { colour: "red" } }),
      await request("PUT", topic(id), " ".repeat(LIMITS.bodyBytes + 1)),
    ];
    const parsed = parse.mock.calls.map(([text]) => text);
    vi.restoreAllMocks();
    for (const { status, text } of answers) expect([status, JSON.parse(text)]).toMatchObject([200, found]);
    expect(parsed.filter((text) => text.includes("colour"))).toEqual([]);
    expect(await stubOf(id).getOrStart({ options: { colour: "red" } })).toMatchObject({ ok: true, value: found });
  });
});

describe("B56 HEAD", () => {
  const head = async (path: string) => {
    const response = await exports.default.fetch(`http://localhost${path}`, { method: "HEAD" });
    return [response.status, response.headers.get("content-type"), await response.text()];
  };

  test("says whether there is a document, and makes nothing of what a GET would give", async () => {
    const id = await openDocument("head", "root");
    for (let each = 0; each < 3_000; each += 1_000) {
      const ops = Array.from({ length: 1_000 }, (_, index) => insert(`n${each + index}`, "root"));
      await call("POST", `${topic(id)}/mutations`, { ops });
    }
    await call("POST", `${topic(id)}/stop`);
    const paths = [
      ["", "application/json"],
      ["/tree", "application/json"],
      ["/history", "application/json"],
      ["/export", "application/x-ndjson"],
    ] as const;
    /** Statements that are run for it. */
    const costOf = (work: () => Promise<unknown>) =>
      runInDurableObject(stubOf(id), async (_, { storage }) => {
        const exec = vi.spyOn(storage.sql, "exec");
        await work();
        const count = exec.mock.calls.length;
        exec.mockRestore();
        return count;
      });
    expect(await head(topic(id))).toEqual([200, "application/json", ""]);
    for (const [below, type] of paths) {
      const cost = await costOf(async () => expect(await head(topic(id) + below)).toEqual([200, type, ""]));
      expect(cost, below).toBe(0);
    }
    expect(await head(`${topic("nothing")}/tree`)).toEqual([404, "application/problem+json", ""]);
    expect(await head(`${topic(id)}/nowhere`)).toEqual([404, "application/problem+json", ""]);
  });

  test("begins no export: any number of them, and one is still to be had", async () => {
    const id = await openDocument("heads", "root");
    for (let each = 0; each <= LIMITS.exports; each++) expect((await head(`${topic(id)}/export`))[0]).toBe(200);
    expect(await exportOf(id)).toBe('{"id":"root","type":"item"}\n');
  });
});

test("a body that no route reads is read to its end all the same, and what was asked for is answered", async () => {
  const id = await openDocument("unwanted", "root");
  await call("POST", `${topic(id)}/mutations`, { ops: [update("root", { x: 1 })] });
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ < 8) controller.enqueue(new Uint8Array(1024 * 1024));
      else controller.close();
    },
  });
  const response = await exports.default.fetch(`http://localhost${topic(id)}/stop`, { method: "POST", body });
  expect([response.status, JSON.parse(await response.text())]).toMatchObject([200, { seq: 1 }]);
  expect(pulled).toBe(9);
});

test.each([
  [1, "1"],
  [1_000, "1"],
  [1_001, "2"],
  [undefined, null],
])("B59 a problem that is over in %s ms says so in whole seconds, rounded up", async (retryAfter, seconds) => {
  const response = problemResponse({ code: "tooMany", message: "", ...(retryAfter !== undefined && { retryAfter }) });
  expect(response.headers.get("retry-after")).toBe(seconds);
  const body: { retryAfter?: number } = await response.json();
  expect(body.retryAfter).toBe(retryAfter);
});
