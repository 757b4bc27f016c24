import { describe, expect, test } from "vitest";
import type { TreeDocument } from "../../src/client/index.ts";
import { documentAt, historyOf, type Pages, ProblemError } from "../../src/history/index.ts";
import { createTestServer, success } from "../../src/testing/index.ts";
import { createScene, write } from "./scene.ts";

/** Ann's document, in which she has written into the row `a` so many times, and its history. */
async function written(times: number) {
  const scene = createScene();
  const ann = scene.open({ principal: { user: { id: "ann" }, role: "write" } });
  await scene.settle();
  for (let time = 1; time <= times; time++) {
    write(ann.doc, "a", `a${time}`);
    await scene.settle();
  }
  return { ...scene, ...ann, history: historyOf(ann.doc), ask: asking(scene.settle) };
}

/** Lets the server answer until somebody has what he asked for. */
function asking(settle: () => Promise<void>) {
  return async <Value>(asked: Promise<Value>): Promise<Value> => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    asked.then(over, over);
    while (!isOver) await settle();
    return asked;
  };
}

async function all<Entry>(pages: Pages<Entry, unknown>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of pages) entries.push(entry);
  return entries;
}

const problemOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "done",
    (error: unknown) => (error instanceof ProblemError ? error.problem : error),
  );

describe("pages", () => {
  test("V91 entries, pages and a first page: each event once, from either end, and nothing before it is read", async () => {
    const { history, ask, machine } = await written(5);
    const before = machine.lastUrl;
    const newest = history.events({ order: "newest", limit: 2, summary: true });
    expect(machine.lastUrl).toBe(before);
    expect((await ask(all(newest))).map(({ seq, summary }) => [seq, summary?.slice(0, 7)])).toEqual(
      [5, 4, 3, 2, 1].map((seq) => [seq, "changed"]),
    );
    expect(await ask(newest.page())).toMatchObject({ entries: [{ seq: 5 }, { seq: 4 }], more: true, next: 4 });
    expect((await ask(all(history.events({ limit: 2 })))).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    const sizes: number[] = [];
    const read = async () => {
      for await (const page of newest.pages()) sizes.push(page.entries.length);
    };
    await ask(read());
    expect(sizes).toEqual([2, 2, 1]);
  });

  test("V91 a query comes to the server as it was asked", async () => {
    const { doc, history, ask, settle } = await written(1);
    doc.mutate((tx) => tx.update("b", { attrs: { "50%": true } }), { meta: { "a&b": "ü=1", "c.d]": "x" } });
    await settle();
    const where = { userId: "ann", client: doc.client ?? "", meta: { "a&b": "ü=1", "c.d]": "x" } };
    expect((await ask(all(history.events({ where })))).map(({ seq }) => seq)).toEqual([2]);
    expect(await ask(all(history.events({ where: { ...where, userId: "bob" } })))).toEqual([]);
    const sessions = await ask(all(history.sessions({ order: "newest" })));
    expect(sessions).toMatchObject([{ first: 1, last: 2, userId: "ann", events: 2 }]);
  });

  test("V91 diff, operations, blame, bin and versions come in pages as well", async () => {
    const { doc, history, ask, settle } = await written(1);
    doc.mutate((tx) => tx.remove("b"));
    await settle();
    const diff = history.diff({ from: 0, limit: 1 });
    expect((await ask(all(diff))).map(({ id, is }) => [id, is])).toEqual([
      ["a", "changed"],
      ["b", "removed"],
    ]);
    expect((await ask(diff.page())).authors).toMatchObject({ 1: { userId: "ann" } });
    expect(await ask(all(history.operations({ from: 2, to: 1, limit: 1 })))).toMatchObject([{ op: "insert" }]);
    expect(await ask(all(history.blame({ node: "a" })))).toMatchObject([{ attrs: { text: { seq: 1 } }, more: false }]);
    expect(await ask(all(history.bin({ limit: 1 })))).toMatchObject([{ id: "b", userId: "ann" }]);
    await ask(history.versions.name("one", 1));
    await ask(history.versions.name("two"));
    expect((await ask(all(history.versions.list({ limit: 1 })))).map(({ name, seq }) => [name, seq])).toEqual([
      ["one", 1],
      ["two", 2],
    ]);
  });
});

describe("a moment", () => {
  test("V92 is read as an open document is, and stays as it was", async () => {
    const { doc, history, ask, settle } = await written(3);
    doc.mutate((tx) => tx.remove("b"));
    await settle();
    const past = await ask(history.at(1));
    const reads = (from: Pick<TreeDocument, "root" | "size" | "get" | "children" | "parent" | "find" | "toData">) => [
      [from.root, from.size, from.get()?.type, from.get("a")?.attrs, from.get("gone"), from.children()],
      [from.parent("b"), from.parent("root"), from.children("b"), from.find(({ id }) => id === "b")?.id],
    ];
    expect(reads(past)).toEqual([
      ["root", 3, "list", { text: "a1" }, undefined, ["a", "b"]],
      ["root", null, [], "b"],
    ]);
    expect(past.get("a")).toBe(past.get("a"));
    expect(Object.isFrozen(past.get("a")?.attrs)).toBe(true);
    expect(past.toData("b")).toEqual({ id: "b", type: "item", attrs: { text: "b" } });
    expect(() => past.toData("gone")).toThrow("there is no node gone");

    const now = await ask(documentAt(doc, doc.seq));
    expect([now.seq, now.toData()]).toEqual([doc.seq, doc.toData()]);
    expect(reads(now)).toEqual(reads(doc));
    const part = await ask(history.at(1, { node: "a", depth: 0 }));
    expect([part.root, part.seq, part.size, part.parent("a")]).toEqual(["a", 1, 1, null]);
  });

  test("V92 is a seq, a time or a version, of any name", async () => {
    const { server, history, ask } = await written(2);
    const name = "50% done / “final”? #2 & more";
    await ask(history.versions.name(name, 1));
    expect((await ask(history.at(`version:${name}`))).get("a")?.attrs.text).toBe("a1");
    expect((await ask(history.at(server.now))).get("a")?.attrs.text).toBe("a2");
    expect(await ask(history.span())).toMatchObject({ first: 1, last: 2 });
  });
});

describe("what is wrong", () => {
  test("V90 has a code of the closed list, whoever says so", async () => {
    const { doc, machine, history, ask } = await written(1);
    expect(await ask(problemOf(history.at(9)))).toMatchObject({ code: "invalid" });
    expect(await ask(problemOf(history.at("version:none")))).toMatchObject({ code: "notFound" });
    expect(await ask(problemOf(all(history.events({ limit: 0 }))))).toMatchObject({ code: "invalid" });
    expect(await ask(problemOf(history.undo({ user: "bob" })))).toMatchObject({ code: "forbidden" });
    machine.online = false;
    expect(await ask(problemOf(history.span()))).toMatchObject({ code: "unavailable" });
    const html = { status: 502, text: "<html>" };
    for (const answer of [html, { status: 200, text: "<html>" }, { status: 500, text: "null" }]) {
      const { server, open } = createScene();
      const away = open({ platform: { ...server.machine(), request: async () => answer }, connect: false });
      expect(await problemOf(historyOf(away.doc).span())).toMatchObject({ code: "unavailable" });
    }
    expect(() => historyOf({ ...doc })).toThrow("this is no document of openDocument");
  });

  test("V90 who reads may not restore; a token of its own takes the place of the document's", async () => {
    const server = createTestServer({
      authenticate: (token) => success({ user: { id: "ann" }, role: token === "writer" ? "write" : "read" }),
    });
    server.call("plan").getOrStart({});
    const { doc } = createScene().open({ machine: server.machine(), connect: false, token: async () => "reader" });
    const ask = asking(() => server.settle());
    const call = { to: 0, meta: { why: "test" } };
    expect(await ask(problemOf(historyOf(doc).restore(call)))).toMatchObject({ code: "forbidden" });
    expect(await ask(problemOf(historyOf(doc, { token: "writer" }).restore(call)))).toBe("done");
  });
});

describe("calls that change the document", () => {
  test("V94 what is restored, put back or undone comes to the open document as an event", async () => {
    const { doc, history, ask, settle } = await written(2);
    doc.mutate((tx) => tx.remove("b"));
    await settle();
    expect((await ask(history.planRestore({ to: 1 }))).ops).toHaveLength(2);
    expect(await ask(history.restore({ to: 1, node: "a", meta: { by: "Ann" } }))).toMatchObject({ seq: 4, to: 1 });
    await settle();
    expect([doc.get("a")?.attrs.text, doc.get("b")]).toEqual(["a1", undefined]);
    expect((await ask(history.planUndo({ seq: 4 }))).ops).toEqual([{ op: "undo", seqs: [4] }]);
    await ask(history.undo({ seq: 4 }));
    await settle();
    expect(doc.get("a")?.attrs.text).toBe("a2");
    await ask(history.redo({ seq: 4 }));
    const [entry] = await ask(all(history.bin()));
    if (entry) await ask(history.putBack(entry, { meta: { by: "Ann" } }));
    await settle();
    expect([doc.get("a")?.attrs.text, doc.children()]).toEqual(["a1", ["a", "b"]]);
    expect(await ask(all(history.bin({ text: "half of a pair: \ud83c" }))), "which no text has").toEqual([]);
    const { entries } = await ask(history.events({ order: "newest" }).page());
    expect(entries[0]?.meta).toEqual({ by: "Ann" });
    const clients = new Set(entries.slice(0, 4).map(({ client }) => client));
    expect([clients.size, clients.has(null), clients.has(doc.client)]).toEqual([1, false, false]);
  });

  test("V94 a version is named, renamed and deleted", async () => {
    const { history, ask } = await written(1);
    const { versions } = history;
    const { id } = await ask(versions.name("draft"));
    expect(await ask(problemOf(versions.name("draft")))).toMatchObject({ code: "exists" });
    expect(await ask(versions.rename(id, "final"))).toMatchObject({ id, name: "final", seq: 1, userId: "ann" });
    await ask(versions.delete(id));
    expect(await ask(all(versions.list()))).toEqual([]);
    expect(await ask(problemOf(versions.delete(id)))).toMatchObject({ code: "notFound" });
  });
});

describe("what is called off", () => {
  test("V93 rejects at once with the reason, before it is asked, on its way and between pages", async () => {
    const { history, ask, machine, settle } = await written(3);
    const over = AbortSignal.abort("too late");
    const before = machine.lastUrl;
    expect(await problemOf(history.at(1, { signal: over }))).toBe("too late");
    expect(machine.lastUrl).toBe(before);

    machine.hold("up");
    const controller = new AbortController();
    const asked = problemOf(history.at(1, { signal: controller.signal }));
    await settle();
    expect(machine.lastUrl).toContain("/tree?");
    controller.abort("another moment");
    expect(await asked).toBe("another moment");
    machine.release();

    const reading = new AbortController();
    const read = async () => {
      for await (const _ of history.events({ limit: 1 }, reading)) reading.abort("enough");
    };
    expect(await ask(problemOf(read()))).toBe("enough");
  });
});
