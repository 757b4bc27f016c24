import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import type { DocumentObject } from "../../src/worker.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, problem, request, stubOf, treeOf } from "./http-client.ts";
import { ask, connect, join } from "./socket-client.ts";
import {
  body,
  expectNothing,
  exportOf,
  importInto,
  importProblem,
  nodeRows,
  until,
  upload,
  wide,
} from "./transfer-client.ts";

// A client that breaks off is told in the Worker's log, on purpose; here it is noise.
const log = vi.spyOn(console, "error").mockImplementation(() => {});

const ROOT = { id: "root", type: "page" };
const deep = (levels: number) => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

describe("D11 a problem names its line and its code, and nothing is kept", () => {
  const cases: [string, string, object][] = [
    ["nothing", "", { code: "invalid", status: 400, line: 1 }],
    ["nothing but empty lines", "\n\r\n  \n", { code: "invalid", line: 1 }],
    ["what is not JSON", body(ROOT, "{"), { code: "invalid", line: 2 }],
    ["what is no object", body(ROOT, "[1]"), { code: "invalid", line: 2 }],
    [
      "JSON that is cut short at the end",
      `${body(ROOT)}{"id":"a","parent":"root","type":"it`,
      { code: "invalid", line: 2 },
    ],
    ["a root with a parent", body({ ...ROOT, parent: "root" }), { code: "invalid", line: 1 }],
    ["a second root", body(ROOT, { id: "b", type: "x" }), { code: "invalid", line: 2 }],
    ["a node without a type", body(ROOT, { id: "b", parent: "root" }), { code: "invalid", line: 2 }],
    ["a type that is too long", body({ ...ROOT, type: "x".repeat(129) }), { code: "invalid", line: 1 }],
    ["an id outside of the alphabet", body(ROOT, { id: "ä", parent: "root", type: "x" }), { code: "invalid", line: 2 }],
    ["the key __proto__", body('{"id":"root","type":"x","attrs":{"__proto__":1}}'), { code: "invalid", line: 1 }],
    ["a value that is nested too deep", body({ ...ROOT, attrs: { x: deep(65) } }), { code: "invalid", line: 1 }],
    [
      "attributes that are too large",
      body({ ...ROOT, attrs: { x: "木".repeat(360_000) } }),
      { code: "tooLarge", line: 1 },
    ],
    [
      "a line that is too long",
      body(ROOT, "x".repeat(LIMITS.lineLength + 1)),
      { code: "tooLarge", line: 2, status: 413 },
    ],
    ["a line of spaces that is too long", body(ROOT, " ".repeat(LIMITS.lineLength + 1)), { code: "tooLarge", line: 2 }],
    [
      "a parent that comes later",
      body(ROOT, { id: "b", parent: "c", type: "x" }, { id: "c", parent: "root", type: "x" }),
      { code: "notFound", line: 2 },
    ],
    [
      "an id that stands twice",
      body(ROOT, { id: "a", parent: "root", type: "x" }, "", { id: "a", parent: "root", type: "x" }),
      { code: "exists", line: 4 },
    ],
    ["the id of the root again", body(ROOT, { id: "root", parent: "root", type: "x" }), { code: "exists", line: 2 }],
    [
      "a problem far behind",
      wide(30_000) + body({ id: "n1", parent: "root", type: "x" }),
      { code: "exists", line: 30_001 },
    ],
  ];
  test.each(cases)("of %s", async (what, text, expected) => {
    const id = `problem-${what.replace(/\W/g, "-")}`;
    const answer = await importProblem(id, text);
    expect(answer).toMatchObject(expected);
    expect(answer.detail).toContain(`line ${answer.line}: `);
    await expectNothing(id);
    // And the next try is not in its way.
    expect((await importInto(id, body(ROOT, { id: "a", parent: "root", type: "item" }))).status).toBe(201);
    expect(await treeOf(id)).toBe("root:page\n  a");
  });

  test("of what is not UTF-8", async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode(body(ROOT)), 0xe2, 0x82]);
    const url = `http://localhost${topic("bytes")}/import`;
    const response = await exports.default.fetch(url, { method: "POST", body: bytes });
    expect([response.status, JSON.parse(await response.text())]).toMatchObject([400, { code: "invalid" }]);
    await expectNothing("bytes");
  });
});

describe("D11 an import", () => {
  test("answers with what the document is, and its options are those of any new one", async () => {
    const { status, type, text } = await importInto("info", wide(2_500));
    expect([status, type]).toEqual([201, "application/json"]);
    const info = JSON.parse(text);
    expect(info).toMatchObject({ documentId: "info", treeSize: 2_500, seq: 0, historyFrom: 1, state: "asleep" });
    expect(info.options).toEqual((await call<{ options: object }>("PUT", topic("other"), {}, 201)).options);
    expect(await call("GET", topic("info"))).toMatchObject({ treeSize: 2_500, incarnation: info.incarnation });
  });

  test("takes lines however they are written: without an id, with CRLF, empty ones, no line break at the end", async () => {
    const text = `\r\n${JSON.stringify(ROOT)}\r\n\n{"parent":"root","type":"item"}\n{"id":"z","parent":"root","type":"item"}`;
    expect((await importInto("lines", text)).status).toBe(201);
    expect(await treeOf("lines")).toMatch(/^root:page\n {2}[A-Za-z0-9-]{8,}\n {2}z$/);
  });

  test("whose content would be lost is refused: a field that is not known, nested children", async () => {
    for (const [field, value] of [
      ["children", [{ id: "lost", type: "item" }]],
      ["attr", { x: 1 }],
    ] as const) {
      const line = { id: "a", parent: "root", type: "item", [field]: value };
      const answer = await importProblem("unknown", body(ROOT, line));
      expect(answer).toMatchObject({ code: "invalid", line: 2, detail: `line 2: node.${field}: is not known` });
      await expectNothing("unknown");
    }
  });

  test("makes a document like any other: joined, changed, stopped, with options", async () => {
    await importInto("alive", body(ROOT, { id: "a", parent: "root", type: "item", attrs: { x: 1 } }));
    const ann = await join("alive", "ann");
    expect(ann.replica.outline()).toBe("root:page\n  a x=1");
    expect(await ann.write([insert("b", "a"), update("root", { y: 1 })])).toMatchObject({ seq: 1 });
    const options = { historyRetention: 1_000, gracePeriod: 0 };
    expect(await call("PATCH", topic("alive"), { options })).toMatchObject({ options });
    await call("POST", `${topic("alive")}/stop`);
    expect(await treeOf("alive")).toBe("root:page y=1\n  a x=1\n    b");
    expect(await treeOf("alive", "?at=0").catch(String)).toMatch(/root:page\n {2}a x=1|expired/);
    await call("DELETE", topic("alive"));
    await expectNothing("alive");
  });

  test("of an existing document is refused, and changes nothing", async () => {
    const id = await openDocument("there", "root\n  a");
    const before = await call("GET", topic(id));
    expect(await importProblem(id, wide(5))).toMatchObject({ code: "exists", status: 409 });
    expect(await importProblem(id, "not even JSON")).toMatchObject({ code: "exists" });
    const { counters: _, ...rest } = await call<{ counters: object }>("GET", topic(id));
    expect(before).toMatchObject(rest);
    expect(await treeOf(id)).toBe("root\n  a");
  });

  test.each(["sqlite", "memory"])("of a document in %s that is open is refused", async (storage) => {
    const id = await openDocument("open", "root\n  a", { storage });
    const ann = await join(id, "ann");
    expect(await importProblem(id, wide(5))).toMatchObject({ code: "exists", status: 409 });
    expect(await ann.write(insert("b", "a"))).toMatchObject({ seq: 1 });
    expect(await treeOf(id)).toBe("root\n  a\n    b");
  });

  test("under way keeps everyone else away, and they come in later", async () => {
    const id = "busy";
    const sending = upload(id);
    sending.send(wide(32_000));
    await until("a part of it is written", async () => ((await nodeRows(id)) ?? 0) > 0);
    for (const [method, below, content] of [
      ["GET", "", undefined],
      ["PUT", "", {}],
      ["GET", "/tree", undefined],
      ["GET", "/export", undefined],
      ["POST", "/mutations", { ops: [update("root", { x: 1 })] }],
      ["POST", "/import", wide(3)],
      ["POST", "/stop", undefined],
      ["PATCH", "", { options: { gracePeriod: 0 } }],
    ] as const) {
      const answer = await problem(method, topic(id) + below, content);
      expect(answer, `${method} ${below}`).toMatchObject({ code: "unavailable", status: 503 });
    }
    const early = await ask(id, "ann");
    expect(await early.ended()).toMatchObject({ code: 1011 });
    const silent = await connect(id);
    sending.send(body({ id: "last", parent: "n1", type: "item" }));
    sending.end();
    expect((await sending.answer).status).toBe(201);
    expect(await call("GET", topic(id))).toMatchObject({ treeSize: 32_001, seq: 0 });
    const ann = await join(id, "ann");
    expect(await ann.write(insert("after", "last"))).toMatchObject({ seq: 1 });
    silent.close();
  });

  // With a client that is killed: test/e2e/import.test.ts.
  test("whose body breaks off in the middle leaves nothing", async () => {
    const id = "gone";
    const pending = [wide(32_000), body({ id: "more", parent: "root", type: "item" })];
    const answer = await runInDurableObject(stubOf(id), (instance: DocumentObject) => {
      const encoder = new TextEncoder();
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          const text = pending.shift();
          if (text === undefined) controller.error(new Error("the client is gone"));
          else controller.enqueue(encoder.encode(text));
        },
      });
      return instance.import(stream);
    });
    expect(answer).toMatchObject({ ok: false, problem: { code: "unavailable" } });
    expect(log.mock.calls.at(-1)).toEqual(["the body of an import broke off: Error: the client is gone"]);
    await expectNothing(id);
    expect((await importInto(id, body(ROOT))).status).toBe(201);
    expect(await exportOf(id)).toBe(body(ROOT));
  });

  test("two at once: one of them wins, whole", async () => {
    const answers = await Promise.all([importInto("race", wide(4_000)), importInto("race", wide(2_222))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 503]);
    const size = answers[0]?.status === 201 ? 4_000 : 2_222;
    expect(await call("GET", topic("race"))).toMatchObject({ treeSize: size });
    expect(await nodeRows("race")).toBe(size);
  });

  test("may be larger than any other body", { timeout: 60_000 }, async () => {
    const sending = upload("large");
    const attrs = { text: "x".repeat(1_000_000) };
    sending.send(body(ROOT));
    for (let index = 0; index < 40; index++)
      sending.send(body({ id: `n${index}`, parent: "root", type: "item", attrs }));
    sending.end();
    const { status, text } = await sending.answer;
    expect([status, JSON.parse(text).treeSize]).toEqual([201, 41]);
    await call("DELETE", topic("large"));
  });

  test("by RPC is the same", async () => {
    const stub = stubOf("rpc");
    const bad = await stub.import(new Blob([body(ROOT, "{")]).stream());
    expect(bad).toMatchObject({ ok: false, problem: { code: "invalid", line: 2 } });
    await expectNothing("rpc");
    expect(await stub.import(new Blob([wide(10)]).stream())).toMatchObject({ ok: true, value: { treeSize: 10 } });
    const exported = await stub.export();
    if (!exported.ok) throw new Error("there is a document");
    expect(await new Response(exported.value).text()).toBe(wide(10));
  });

  test("H4 is no GET", async () => {
    expect((await request("GET", `${topic("info")}/import`)).status).toBe(404);
  });
});
