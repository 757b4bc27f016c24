import { describe, expect, it, test, vi } from "vitest";
import { DEFAULT_OPTIONS, LIMITS } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";

const TREE = { id: "root", type: "list", children: [{ id: "a", type: "row", attrs: { text: "hello" } }] };

const VERSION = JSON.stringify({ id: "v", name: "later", seq: 4, time: 1, userId: null });

function opened() {
  const server = createTestServer();
  const calls = server.call("doc");
  calls.getOrStart({ tree: TREE, options: { gracePeriod: 1_000 } });
  calls.mutate({ client: "ann", mutation: 1, ops: [update("a", { x: 1 })] });
  calls.mutate({ client: "ann", mutation: 2, ops: [{ op: "edit", id: "a", attr: "text", changes: [5, "!"] }] });
  calls.mutate({ client: "bob", mutation: 1, ops: [remove("a")] });
  return server;
}

/** Lines of ten characters, each of which is an event with 4 KB of `meta`. */
function typing(lines: number): string {
  const event = {
    ...{ seq: 1, time: 1, client: "c", mutation: 1, userId: null },
    ...{ ops: [{ op: "edit", id: "a", attr: "text", changes: ["a"] }], meta: { is: "x".repeat(4_000) } },
  };
  const body = `\n${JSON.stringify(event)}\t[]${'\n=[0,0,["a"]]'.repeat(lines - 1)}`;
  return JSON.stringify({ events: [[1, 0, lines, 1, body]] });
}

function backupOf(server: ReturnType<typeof createTestServer>, id = "doc"): string {
  const lines = server.call(id).export({ history: true });
  if (!lines.ok) throw new Error(lines.problem.message);
  return lines.value;
}

describe("V82 a backup", () => {
  const server = opened();
  const lines = backupOf(server).trimEnd().split("\n");
  const [head = "", nodes = "", events = "", clients = "", end = ""] = lines;
  const importing = (...texts: readonly string[]) => {
    const result = server.call("other").import(`${texts.join("\n")}\n`);
    expect(server.call("other").info(), "nothing is left").toMatchObject({ problem: { code: "notFound" } });
    return result;
  };
  const row = (...columns: unknown[]) => JSON.stringify({ nodes: [columns] });
  const GOOD = ["n", "row", {}, "root", null, null, null, null, 0, null, 0, null, null];
  const event = (body: unknown, inverses: unknown = [], seq = 4) => {
    const whole = {
      seq,
      time: 2_000_000_000_000,
      client: null,
      mutation: null,
      userId: null,
      ops: [],
      ...Object(body),
    };
    return JSON.stringify({
      events: [[seq, 0, seq, 2_000_000_000_000, `${JSON.stringify(whole)}\n${JSON.stringify(inverses)}`]],
    });
  };
  const later = head.replace('"seq":3', '"seq":4');

  it("has a head, rows of each table, and an end", () => {
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
      ["grove"],
      ["nodes"],
      ["events"],
      ["clients"],
      ["end"],
    ]);
  });

  it.each<[string, number, string, readonly string[]]>([
    ["that was cut off", 5, "invalid", [head, nodes, events, clients]],
    ["that goes on behind its end", 6, "invalid", [head, nodes, events, clients, end, nodes]],
    ["that says less than it has", 4, "invalid", [head, nodes, clients, end]],
    ["of another version", 1, "invalid", [head.replace('"version":1', '"version":2'), nodes, events, clients, end]],
    ["of rows that are not known yet", 1, "invalid", [head.replace(/"schema":\d+/, '"schema":99')]],
    ["with an option that there is not", 1, "invalid", [head.replace('"gracePeriod"', '"graceperiod"')]],
    ["with a version yet to come", 1, "invalid", [head.replace('"versions":[', `"versions":[${VERSION}`), nodes]],
    ["with more in its head", 1, "invalid", [head.replace('"version"', '"more":1,"version"')]],
    ["whose nodes come twice", 3, "exists", [head, nodes, nodes]],
    ["whose nodes come behind its events", 4, "invalid", [head, nodes, events, nodes]],
    ["with another line", 2, "invalid", [head, '{"meta":[]}']],
    ["with two things in a line", 2, "invalid", [head, `${nodes.slice(0, -1)},"clients":[]}`]],
    ["with what is no list", 2, "invalid", [head, '{"nodes":{}}']],
    ["with what is no JSON", 2, "invalid", [head, '{"nodes":[']],
    ["with steps back", 5, "invalid", [head, nodes, events, clients, '{"skips":[[0,1024,"{}"]]}']],
    ["with a node without a type", 2, "invalid", [head, row("n", "", ...GOOD.slice(2))]],
    ["with a node of too few columns", 2, "invalid", [head, row(...GOOD.slice(1))]],
    ["with attributes that are none", 2, "invalid", [head, row("n", "row", [], ...GOOD.slice(3))]],
    ["with a seq that is none", 2, "invalid", [head, row(...GOOD.slice(0, 8), -1, ...GOOD.slice(9))]],
    ["with a ghost that is none", 2, "invalid", [head, row(...GOOD.slice(0, 11), { gap: "^^" }, null)]],
    ["with a past that is none", 2, "invalid", [head, row(...GOOD.slice(0, 12), [{ a: "b" }, null])]],
    ["with events that leave one out", 4, "invalid", [later, nodes, event({}, [], 6), end]],
    [
      "with an event of another seq",
      4,
      "invalid",
      [later, nodes, `${events.slice(0, -2)},${event({ seq: 9 }).slice(11)}`, clients],
    ],
    ["with an event without what undoes it", 4, "invalid", [later, nodes, event({}).replace("\\n[]", "\\n"), clients]],
    ["with a client that is none", 4, "invalid", [head, nodes, events, '{"clients":[["a b",null,1,1,"[]"]]}']],
    ["with answers that are none", 4, "invalid", [head, nodes, events, '{"clients":[["c",null,1,1,"{}"]]}']],
  ])("%s is refused", (_, line, code, texts) => {
    expect(importing(...texts)).toMatchObject({ ok: false, problem: { code, line } });
  });

  const spot = { up: null, left: null, right: null, behind: null };
  const place = { gap: null, lead: null, spot: null, ghosts: [], counted: 0 };
  type Place = Partial<Record<"parent" | "prev" | "next" | "first" | "last" | "removed" | "order", unknown>>;
  const node = (id: string, at: Place) => {
    const { parent = "root", prev = null, next = null, first = null, last = null, removed = null, order = null } = at;
    return [id, "row", {}, parent, prev, next, first, last, 0, removed, 0, order, null];
  };
  const ROOT = node("root", { parent: null, first: "a", last: "a" });
  it.each<[string, readonly (readonly unknown[])[]]>([
    ["whose root is not there", [node("a", {})]],
    ["whose root stands in something", [node("root", { parent: "a", first: "a", last: "a" }), node("a", {})]],
    ["whose child stands elsewhere", [ROOT, node("a", { parent: "b" })]],
    ["whose siblings are a ring", [ROOT, node("a", { next: "b" }), node("b", { prev: "a", next: "a" })]],
    [
      "with a ring beside it",
      [ROOT, node("a", {}), node("b", { prev: "c", next: "c" }), node("c", { prev: "b", next: "b" })],
    ],
    [
      "with nodes that stand in each other",
      [
        ROOT,
        node("a", {}),
        node("b", { parent: "c", first: "c", last: "c" }),
        node("c", { parent: "b", first: "b", last: "b" }),
      ],
    ],
    ["that ends with another child", [node("root", { parent: null, first: "a", last: "b" }), node("a", {})]],
    ["that lists what was removed", [ROOT, node("a", { removed: 1 })]],
    [
      "with removed nodes that stand in each other",
      [ROOT, node("a", {}), node("b", { parent: "c", removed: 1 }), node("c", { parent: "b", removed: 1 })],
    ],
    [
      "with a removed node in a gap that is none of it",
      [ROOT, node("a", {}), node("b", { removed: 1, order: { ...place, spot: { ...spot, up: "b" } } })],
    ],
    [
      "with a gap that is a ring",
      [
        node("root", { parent: null, first: "a", last: "a", order: { ...place, lead: "b" } }),
        node("a", {}),
        node("b", { removed: 1, order: { ...place, spot: { ...spot, left: "b" } } }),
      ],
    ],
    [
      "with somebody alive in a gap",
      [
        node("root", { parent: null, first: "a", last: "a", order: { ...place, lead: "a" } }),
        node("a", { order: { ...place, spot } }),
      ],
    ],
  ])("%s is refused, before anybody walks through it", (_, rows) => {
    const told = JSON.stringify({ end: { nodes: rows.length, events: 3 } });
    const result = importing(head, JSON.stringify({ nodes: rows }), events, told);
    expect(result).toMatchObject({
      ok: false,
      problem: { code: "invalid", message: expect.stringMatching(/^no tree: /) },
    });
  });

  it("of a line at the limit is taken, and with one past it refused", () => {
    const pad = (text: string, length: number) => text + " ".repeat(length - text.length);
    expect(importing(head, pad(nodes, LIMITS.backupLineLength + 1))).toMatchObject({
      problem: { code: "tooLarge", line: 2 },
    });
    expect(
      server.call("padded").import([head, pad(nodes, LIMITS.backupLineLength), events, clients, end].join("\n")),
    ).toMatchObject({ ok: true });
  });

  it.each<[string, string, string]>([
    ["brackets", `{"nodes":[${"[],".repeat(700_000)}[]]}`, "tooLarge"],
    ["nested brackets", `{"events":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`, "tooLarge"],
    ["typing that comes to hundreds of megabytes", typing(40_000), "invalid"],
    ["events of brackets", JSON.stringify({ events: [[4, 0, 4, 1e13, `${"[".repeat(1_000_000)}\n[]`]] }), "invalid"],
    ["a client with answers without end", `{"clients":[["c",null,1,1,"${" ".repeat(300_000)}[]"]]}`, "invalid"],
  ])("with %s is refused before it is parsed", (_, line, code) => {
    const parsing = vi.spyOn(JSON, "parse");
    expect(importing(head.replace('"seq":3', '"seq":50000'), line, end)).toMatchObject({
      ok: false,
      problem: { code },
    });
    expect(
      Math.max(...parsing.mock.results.map(({ value }) => (Array.isArray(value) ? value.length : 0))),
    ).toBeLessThan(3_000);
    parsing.mockRestore();
  });

  it("of what was committed at once is looked at an effect at a time, whatever it has", () => {
    const row = 512 * 1024;
    const large = (ops: readonly unknown[]) => {
      const body = `${JSON.stringify({ seq: 4, time: 1e13, client: null, mutation: null, userId: null, ops })}\n[]`;
      const parts = Array.from({ length: Math.ceil(body.length / row) }, (_, part) =>
        JSON.stringify({ events: [[4, part, 4, 1e13, body.slice(part * row, (part + 1) * row)]] }),
      );
      return importing(
        later,
        nodes,
        events,
        ...parts,
        clients,
        JSON.stringify({ end: { nodes: 2, events: 3 + parts.length, clients: 2 } }),
      );
    };
    const updates = (count: number, length: number) =>
      Array.from({ length: count }, () => ({ op: "update", id: "a", attrs: { text: "x".repeat(length) } }));
    expect(large([...updates(20, 100_000), { op: "update" }])).toMatchObject({
      problem: { code: "invalid", message: expect.stringContaining('Expected "id"') },
    });
    expect(large(updates(1, 20_000_000))).toMatchObject({ problem: { code: "invalid" } });
    const small = [
      [4, 0, 4, 1e13, "{"],
      [4, 1, 4, 1e13, "}"],
    ];
    expect(importing(later, nodes, events, JSON.stringify({ events: small }))).toMatchObject({
      problem: { message: expect.stringContaining("does not follow") },
    });
  });

  it("of what is there already, or without the right, is refused, and nothing is touched", () => {
    const text = lines.join("\n");
    expect(server.call("doc").import(text)).toMatchObject({ problem: { code: "exists" } });
    for (const role of ["read", "write"] as const) {
      expect(server.call("doc").export({ history: true }, { user: null, role })).toMatchObject({
        problem: { code: "forbidden" },
      });
      expect(server.call("another").import(text, { user: null, role })).toMatchObject({
        problem: { code: "forbidden" },
      });
    }
    expect(server.call("another").info()).toMatchObject({ problem: { code: "notFound" } });
  });
});

test("V83 an export without history is a new document, as before", () => {
  const server = opened();
  const lines = server.call("doc").export();
  if (!lines.ok) throw new Error("it can be exported");
  const made = server.call("plain").import(lines.value, { user: null, role: "write" });
  expect(made).toMatchObject({ value: { seq: 0, treeSize: 1, options: { gracePeriod: 30_000 } } });
});

test("V80 V137 what an undo has put into something removed is restored as well", () => {
  const server = createTestServer();
  const calls = server.call("doc");
  calls.getOrStart({ tree: item("root", item("a", item("b")), item("z")) });
  for (const op of [remove("a"), move("b", "z"), { op: "undo", seqs: [2] } as const]) calls.mutate({ ops: [op] });
  const before = calls.bin();
  expect(server.call("other").import(backupOf(server))).toMatchObject({ ok: true });
  expect(server.call("other").bin()).toEqual(before);
});

test("V70 V72 V73 V80 what is copied is stored, where the document itself is in memory, too", () => {
  const server = createTestServer();
  const calls = server.call("doc");
  calls.getOrStart({ tree: item("root", item("a")), options: { storage: "memory", gracePeriod: 1_000 } });
  for (const x of [1, 2]) calls.mutate({ ops: [update("a", { x })] });
  const copies = [{}, { at: 1 }, { history: true }, { at: 1, history: true }];
  for (const [index, how] of copies.entries()) {
    const to = `copy-${index}`;
    const made = calls.fork({ to, ...how });
    expect(made).toMatchObject({ value: { options: { storage: "sqlite", gracePeriod: 1_000 } } });
    expect(server.call(to).getState()).toMatchObject({
      value: { tree: { children: [{ id: "a", attrs: { x: how.at ?? 2 } }] } },
    });
  }
  expect(server.call("restored").import(backupOf(server))).toMatchObject({ value: { seq: 2 } });
});

test("V73 what keeps no history is not forked with that of a moment", () => {
  const server = createTestServer();
  const calls = server.call("doc");
  calls.getOrStart({ tree: item("root"), options: { documentStorage: false } });
  for (const id of ["a", "b"]) calls.mutate({ ops: [insert(id, "root")] });
  expect(calls.fork({ to: "past", at: 1, history: true })).toMatchObject({ problem: { code: "invalid" } });
  expect(calls.fork({ to: "tree", at: 1 })).toMatchObject({ value: { treeSize: 2 } });
  expect(calls.fork({ to: "all", history: true })).toMatchObject({ value: { treeSize: 3, seq: 2, historyFrom: 3 } });
});

test("V65 a version that no history leads back to is not restored: it would hold back all that comes", () => {
  const server = createTestServer();
  const calls = server.call("doc");
  calls.getOrStart({ tree: item("root", item("a")) });
  for (const x of [1, 2, 3]) calls.mutate({ ops: [update("a", { x })] });
  for (const at of [0, 2]) calls.nameVersion({ name: `at ${at}`, at });
  const lines = backupOf(server).trimEnd().split("\n");
  // As if the first event had been let go of while it was read, and the version of before with it.
  const later = lines.flatMap((line) => {
    if (line.startsWith('{"events"')) return JSON.stringify({ events: JSON.parse(line).events.slice(1) });
    return line.startsWith('{"end"') ? line.replace('"events":3', '"events":2') : line;
  });
  expect(server.call("other").import(later.join("\n"))).toMatchObject({ value: { historyFrom: 2 } });
  expect(server.call("other").versions()).toMatchObject({ value: { entries: [{ name: "at 2" }] } });
});

test("V70 V74 the options come with a fork where they may be set: it is no way round that", () => {
  const server = createTestServer();
  server.call("doc").getOrStart({ tree: item("root"), options: { gracePeriod: 1_000, maxBytes: 2 ** 30 } });
  const writer = { user: null, role: "write" } as const;
  const { gracePeriod, maxBytes } = DEFAULT_OPTIONS;
  expect(server.call("doc").fork({ to: "own" }, writer, writer)).toMatchObject({
    value: { options: { gracePeriod, maxBytes } },
  });
  const admin = { user: null, role: "admin" } as const;
  expect(server.call("doc").fork({ to: "same" }, writer, admin)).toMatchObject({
    value: { options: { gracePeriod: 1_000 } },
  });
});
