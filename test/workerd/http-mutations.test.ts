import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { call, openDocument, problem, request, treeOf } from "./http-client.ts";
import { memories } from "./sleeps.ts";
import { join } from "./socket-client.ts";

const to = (id: string) => `${topic(id)}/mutations`;

describe("POST …/mutations", () => {
  test("H3 answers with seq, time and the operations as they took effect", async () => {
    const id = await openDocument("effects", "root\n  a");
    const node = { id: "n", type: "item", children: [{ type: "leaf" }] };
    const answer = await call<object>("POST", to(id), { ops: [{ op: "insert", node, parent: "root", after: null }] });
    expect(answer).toEqual({
      seq: 1,
      time: expect.any(Number),
      ops: [
        { op: "insert", node: { id: "n", type: "item" }, parent: "root", after: null },
        { op: "insert", node: { id: expect.stringMatching(/./), type: "leaf" }, parent: "n", after: null },
      ],
    });
  });

  test("H3 answers with the receipts of C4, C6 and C8", async () => {
    const id = await openDocument("receipts", "root\n  p\n    c\n  q");
    await call("POST", to(id), { ops: [insert("m", "q")] });
    expect(await call("POST", to(id), { ops: [remove("q")], base: 0 })).toMatchObject({ seq: 2, rescued: ["m"] });
    await call("POST", to(id), { ops: [remove("p")] });
    const late = { ops: [insert("n", "p"), update("c", { x: 1 })], base: 0 };
    expect(await call("POST", to(id), late)).toMatchObject({ seq: 4, redirected: ["n"], removed: ["c"] });
    expect(await treeOf(id)).toBe("root\n  n\n  m");
  });

  test("H3 is broadcast to those who are connected", async () => {
    const id = await openDocument("broadcast", "root");
    const ann = await join(id, "ann");
    const { seq, time, ops } = await call<{ seq: number; time: number; ops: object[] }>("POST", to(id), {
      ops: [insert("n", "root")],
      meta: { why: "test" },
    });
    const event = { seq, time, client: null, mutation: null, userId: null, ops, meta: { why: "test" } };
    expect(await ann.take("delta")).toEqual({ type: "delta", events: [event] });
    expect(ann.replica.outline()).toBe("root\n  n");
  });

  test("T4 is applied whole or not at all, and the problem names the operation", async () => {
    const id = await openDocument("atomic", "root\n  a\n  b");
    const ops = [insert("n", "a"), move("b", "n"), remove("root")];
    expect(await problem("POST", to(id), { ops })).toMatchObject({ code: "root", op: 2, status: 409 });
    expect(await treeOf(id)).toBe("root\n  a\n  b");
    expect(await call("GET", topic(id))).toMatchObject({ seq: 0 });
  });

  test("W12 what changes nothing is answered with the seq that there was, and is no event", async () => {
    const id = await openDocument("nothing", "root\n  a");
    await call("POST", to(id), { ops: [update("a", { x: 1 })] });
    const author = { client: "ann", mutation: 1 };
    const answer = await call("POST", to(id), { ...author, ops: [update("a", { x: 1 })] });
    expect(answer).toEqual({ seq: 1, time: expect.any(Number), ops: [] });
    await call("POST", to(id), { ops: [update("a", { x: 2 })] });
    expect(await call("POST", to(id), { ...author, ops: [update("a", { x: 1 })] }), "S4").toEqual(answer);
    expect(await call("POST", to(id), { ops: [] })).toMatchObject({ seq: 2, ops: [] });
    expect(await call("GET", topic(id))).toMatchObject({ seq: 2, counters: { mutations: 2 } });
  });

  test("H3 takes 10 000 operations and nodes at once, and no more", async () => {
    const id = await openDocument("many", "root");
    const nodes = (count: number) => Array.from({ length: count }, (_, index) => item(`n${index}`));
    const ops = nodes(10_000).map(({ id: node }) => update("root", { [node ?? ""]: 1 }, [node ?? ""]));
    expect(await problem("POST", to(id), { ops: [insert("top", "root", {}, nodes(10_000))] })).toMatchObject({
      code: "tooLarge",
      op: 0,
    });
    expect(await problem("POST", to(id), { ops: [...ops, ...ops] })).toMatchObject({ code: "tooLarge" });
    await call("POST", to(id), { ops: [insert("top", "root", {}, nodes(9_999))] });
    await call("POST", to(id), { ops: nodes(9_999).map(({ id: node }) => update(node ?? "", { x: 1 })) });
    expect(await call("GET", topic(id))).toMatchObject({ seq: 2, treeSize: 10_001 });
  }, 30_000);
});

describe.each(memories)("exactly once: repeated %s", (_, forget) => {
  test("H3, S4 what was accepted is answered again and not applied again", async () => {
    const id = await openDocument("accepted", "root\n  p");
    const body = { ops: [{ op: "insert", node: { type: "item" }, parent: "p" }], client: "c", mutation: 1 };
    const first = await call<object>("POST", to(id), body);
    await call("POST", to(id), { ...body, mutation: 2 });
    await forget(id);
    expect(await call("POST", to(id), body)).toEqual(first);
    // The counter decides, whatever comes with it.
    expect(await call("POST", to(id), { ...body, ops: [remove("p")] })).toEqual(first);
    expect(await call("GET", topic(id))).toMatchObject({ seq: 2, treeSize: 4 });
  });

  test("H3, S4 what was rejected is rejected again, even if it were possible by now", async () => {
    const id = await openDocument("rejected", "root");
    const body = { ops: [insert("n", "p")], client: "c", mutation: 1 };
    const first = await problem("POST", to(id), body);
    expect(first).toMatchObject({ code: "notFound", op: 0 });
    await call("POST", to(id), { ops: [insert("p", "root")] });
    await forget(id);
    expect(await problem("POST", to(id), body)).toMatchObject(first);
    expect(await treeOf(id)).toBe("root\n  p");
    expect(await call("POST", to(id), { ...body, mutation: 2 })).toMatchObject({ seq: 2 });
  });

  test("S4 over HTTP and over a socket it is the same counter", async () => {
    const id = await openDocument("both", "root");
    const event = await (await join(id, "c")).write(insert("n", "root"));
    await forget(id);
    const { seq, time, ops } = await call<{ seq: number; time: number; ops: object[] }>("POST", to(id), {
      ops: [insert("m", "root")],
      client: "c",
      mutation: 1,
    });
    expect(event).toMatchObject({ seq, time, ops });
    expect(await treeOf(id)).toBe("root\n  n");
  });
});

test("S4 a mutation that comes twice at the same time is applied once", async () => {
  const id = await openDocument("twice", "root");
  const body = { ops: [{ op: "insert", node: { type: "item" }, parent: "root" }], client: "c", mutation: 1 };
  const answers = await Promise.all(Array.from({ length: 10 }, () => request("POST", to(id), body)));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await call("GET", topic(id))).toMatchObject({ seq: 1, treeSize: 2 });
});
