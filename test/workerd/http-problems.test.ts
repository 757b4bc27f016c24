import { exports } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import { insert, item, update } from "../tree/document.ts";
import { call, problem, request, treeOf } from "./http-client.ts";

const path = topic("problems");
const tree = { id: "root", type: "root" };
const ops = [update("a", { x: 1 })];

interface Row {
  readonly title: string;
  readonly request: readonly [method: string, path: string, body?: unknown];
  readonly code: string;
  readonly op?: number;
}

const rows: readonly Row[] = [
  { title: "H4 an unknown path", request: ["GET", "/nowhere"], code: "notFound" },
  { title: "H4 the list of documents, which there is not", request: ["GET", "/documents"], code: "notFound" },
  { title: "H4 an unknown route below a document", request: ["GET", `${path}/nowhere`], code: "notFound" },
  { title: "H4 a route two levels below a document", request: ["GET", `${path}/tree/root`], code: "notFound" },
  { title: "H4 a method that a tree does not have", request: ["PATCH", `${path}/tree`, {}], code: "notFound" },
  { title: "H4 GET of what takes POST", request: ["GET", `${path}/mutations`], code: "notFound" },
  { title: "H4 POST of what takes GET", request: ["POST", `${path}/tree`, {}], code: "notFound" },

  { title: "H7 an id with a slash", request: ["PUT", "/documents/a%2Fb"], code: "invalid" },
  { title: "H7 an id of 129 characters", request: ["PUT", `/documents/${"x".repeat(129)}`], code: "invalid" },
  { title: "H7 an id with a space", request: ["PUT", "/documents/a%20b"], code: "invalid" },
  { title: "H7 an id with a line break", request: ["PUT", "/documents/a%0A"], code: "invalid" },
  { title: "H7 an id with a null byte", request: ["PUT", "/documents/a%00"], code: "invalid" },
  { title: "H7 an id beyond ASCII", request: ["PUT", "/documents/%C3%A9"], code: "invalid" },
  { title: "H7 an id with broken escapes", request: ["PUT", "/documents/%E0%A4%A"], code: "invalid" },
  { title: "H7 a bad id below which something stands", request: ["GET", "/documents/a%20b/tree"], code: "invalid" },

  { title: "H4 a body that is not JSON", request: ["PUT", topic("absent"), "{tree:"], code: "invalid" },
  { title: "H4 a body that is a list", request: ["PUT", topic("absent"), []], code: "invalid" },
  { title: "H4 a body that is null", request: ["PUT", topic("absent"), null], code: "invalid" },
  { title: "H4 a tree that is no node", request: ["PUT", topic("absent"), { tree: "root" }], code: "invalid" },
  { title: "H4 a tree without a type", request: ["PUT", topic("absent"), { tree: { id: "root" } }], code: "invalid" },
  {
    title: "H4 a bad node far down in the tree",
    request: ["PUT", topic("absent"), { tree: { ...tree, children: [{ type: "a", children: [{ type: 7 }] }] } }],
    code: "invalid",
  },
  {
    title: "W6 the key __proto__ in a tree",
    request: ["PUT", topic("absent"), `{"tree":{"type":"a","attrs":{"__proto__":{"x":1}}}}`],
    code: "invalid",
  },
  { title: "H4 an unknown option", request: ["PUT", topic("absent"), { options: { colour: "red" } }], code: "invalid" },
  {
    title: "H4 an option of a bad value",
    request: ["PUT", topic("absent"), { options: { conflicts: 1 } }],
    code: "invalid",
  },
  {
    title: "H4 an attribute of more than 1 MiB",
    request: ["PUT", topic("absent"), { tree: { ...tree, attrs: { x: "y".repeat(LIMITS.nodeBytes) } } }],
    code: "tooLarge",
  },

  { title: "H2 a node that is not there", request: ["GET", `${path}/tree?node=ghost`], code: "notFound" },
  { title: "H2 a node that is no id", request: ["GET", `${path}/tree?node=a%2Fb`], code: "invalid" },
  { title: "H2 an empty node", request: ["GET", `${path}/tree?node=`], code: "invalid" },
  { title: "H2 a depth that is no number", request: ["GET", `${path}/tree?depth=deep`], code: "invalid" },
  { title: "H2 a negative depth", request: ["GET", `${path}/tree?depth=-1`], code: "invalid" },
  { title: "H2 a depth with a fraction", request: ["GET", `${path}/tree?depth=1.5`], code: "invalid" },
  { title: "H2 an `at` in the future", request: ["GET", `${path}/tree?at=1000`], code: "invalid" },
  { title: "H2 an `at` beyond all numbers", request: ["GET", `${path}/tree?at=${"9".repeat(30)}`], code: "invalid" },

  { title: "H3 no operations", request: ["POST", `${path}/mutations`, {}], code: "invalid" },
  { title: "H3 no body", request: ["POST", `${path}/mutations`], code: "invalid" },
  { title: "H3 operations that are no list", request: ["POST", `${path}/mutations`, { ops: ops[0] }], code: "invalid" },
  {
    title: "H3 an unknown operation",
    request: ["POST", `${path}/mutations`, { ops: [...ops, { op: "burn" }] }],
    code: "invalid",
    op: 1,
  },
  {
    title: "H3 client without mutation",
    request: ["POST", `${path}/mutations`, { ops, client: "c" }],
    code: "invalid",
  },
  {
    title: "H3 mutation without client",
    request: ["POST", `${path}/mutations`, { ops, mutation: 1 }],
    code: "invalid",
  },
  {
    title: "H3 a counter of 0",
    request: ["POST", `${path}/mutations`, { ops, client: "c", mutation: 0 }],
    code: "invalid",
  },
  {
    title: "H3 a client that is no id",
    request: ["POST", `${path}/mutations`, { ops, client: "c/d", mutation: 1 }],
    code: "invalid",
  },
  {
    title: "C13 a parent that is not there",
    request: ["POST", `${path}/mutations`, { ops: [...ops, insert("n", "ghost")] }],
    code: "notFound",
    op: 1,
  },
  {
    title: "C10 an id that is taken",
    request: ["POST", `${path}/mutations`, { ops: [insert("a", "root")] }],
    code: "exists",
    op: 0,
  },

  { title: "D7 a limit of 0", request: ["GET", `${path}/history?limit=0`], code: "invalid" },
  { title: "D7 a limit beyond a page", request: ["GET", `${path}/history?limit=1001`], code: "invalid" },
  { title: "D7 an `after` that is no number", request: ["GET", `${path}/history?after=x`], code: "invalid" },
  { title: "D7 an unknown filter", request: ["GET", `${path}/history?where[colour]=red`], code: "invalid" },
  { title: "D7 the filter __proto__", request: ["GET", `${path}/history?where[__proto__]=x`], code: "invalid" },
];

beforeAll(() => request("PUT", path, { tree: item("root", item("a")) }));
// A row that fails must not fail the rows after it.
afterEach(() => request("DELETE", topic("absent")));

describe("a failure is a problem with a code, and nothing happens", () => {
  test.each(rows)("$title", async ({ request: [method, where, body], code, op }) => {
    const found = await problem(method, where, body);
    expect(found).toMatchObject({ code, ...(op !== undefined && { op }) });
    expect(await call("GET", path)).toMatchObject({ seq: 0, treeSize: 2 });
    expect(await treeOf("problems")).toBe("root\n  a");
    expect((await request("GET", topic("absent"))).status).toBe(404);
  });
});

test("H7 an id of 128 characters with all that an id may have is an id", async () => {
  const longest = "Az09._~:-".padEnd(128, "x");
  await call("PUT", topic(longest), {}, 201);
  expect(await call("GET", topic(longest))).toMatchObject({ documentId: longest });
});

test("H7 an id may be written with escapes", async () => {
  await call("PUT", "/documents/%41%7E", {}, 201);
  expect(await call("GET", "/documents/A~")).toMatchObject({ documentId: "A~" });
});

describe("H7 a body over 32 MiB is too large", () => {
  const chunk = new Uint8Array(1024 * 1024).fill(0x20);
  const chunks = LIMITS.bodyBytes / chunk.length + 1;

  test("when its length is announced", async () => {
    const body = JSON.stringify({ padding: "y".repeat(chunks * chunk.length) });
    expect(await problem("PUT", topic("huge"), body)).toMatchObject({ code: "tooLarge", status: 413 });
    expect(await problem("POST", `${topic("huge")}/mutations`, body)).toMatchObject({ code: "tooLarge", status: 413 });
    expect((await request("GET", topic("huge"))).status).toBe(404);
  }, 30_000);

  test("when it comes in pieces", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < chunks) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const response = await exports.default.fetch(`http://localhost${topic("huge")}`, { method: "PUT", body });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 413,
      body: { code: "tooLarge" },
    });
    expect((await request("GET", topic("huge"))).status).toBe(404);
  }, 30_000);
});
