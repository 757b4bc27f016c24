import { describe, expect, it } from "vitest";
import type { OptionsInput } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { begin, configure, HOUR, infoOf } from "./life.ts";
import { openRoom, type Room, WRITER } from "./room.ts";
import { createServer } from "./server.ts";

const MB = 1_000_000;
const TEXT = "x".repeat(50_000);

/** A document that may take 1 MB, filled until it says so; returns how full it was on the way. */
function filled(until: "low" | "full", options: OptionsInput = {}): { room: Room; spaces: string[] } {
  const room = begin(
    { maxBytes: MB, sweepInterval: null, snapshotInterval: null, ...options },
    item("root", item("a"), item("b"), item("c")),
  );
  const spaces: string[] = [];
  for (let each = 0; spaces.at(-1) !== until && each < 100; each++) {
    fill(room, each);
    spaces.push(infoOf(room).space);
  }
  return { room, spaces };
}

function fill(room: Room, each: number): void {
  room.call({ op: "insert", node: { id: `t${each}`, type: "n", attrs: { text: TEXT } }, parent: "root" });
}

function codeOf({ server }: Room, ...ops: Operation[]): string {
  const answer = server.ask((calls, now) => calls.mutate({ ops }, WRITER, now));
  if (!answer) return "failed";
  return answer.ok ? "ok" : answer.problem.code;
}

describe("maxBytes", () => {
  it("B35 up to it everything is accepted, and past it what removes", () => {
    const { room, spaces } = filled("full");
    const { storageBytes } = infoOf(room);
    expect(storageBytes).toBeGreaterThanOrEqual(MB);
    expect(storageBytes).toBeLessThan(MB + 2 * TEXT.length + 8_192);
    expect(spaces.indexOf("low")).toBeGreaterThan(10);
    const grown: Operation[][] = [
      [insert("x", "root")],
      [update("a", { x: 1 })],
      [move("a", "b")],
      [{ op: "undo", seqs: [1] }],
      [remove("b"), insert("x", "a")],
    ];
    for (const ops of grown) expect(codeOf(room, ...ops)).toBe("full");
    expect(codeOf(room, remove("b"), remove("t1"))).toBe("ok");
  });

  it("B35 the author is told at once, and the counter is not used up: nothing is written", () => {
    const { room } = filled("full");
    const ann = room.enter("ann");
    const rows = room.server.sql.totalRows;
    ann.mutate(insert("x", "root"));
    expect(ann.hear()).toMatchObject([{ type: "reject", mutation: 1, code: "full" }]);
    room.settle();
    expect([room.server.sql.totalRows - rows, ann.closed]).toEqual([0, null]);
    configure(room, { maxBytes: 3 * MB });
    ann.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("x", "root")] }] });
    room.settle();
    expect(ann.hearShort().at(-1)).toMatch(/^delta/);
  });

  it("B35 in a frame each is decided for itself, and one who sends and does not read is closed", () => {
    const { room } = filled("full");
    const ann = room.enter("ann");
    ann.send({
      type: "mutate",
      mutations: [insert("x", "root"), remove("b"), update("a", { x: 1 })].map((op, index) => {
        return { mutation: index + 1, ops: [op] };
      }),
    });
    room.settle();
    expect(ann.hearShort()).toEqual(["reject 1 full", "reject 3 full", expect.stringMatching(/^delta/)]);
    let sent = 3;
    while (!ann.closed && sent < 20_000) {
      const mutations = Array.from({ length: 256 }, () => ({ mutation: ++sent, ops: [insert("x", "root")] }));
      ann.send({ type: "mutate", mutations });
    }
    expect(ann.closed?.code).toBe(4008);
  });

  it("B35 reading, options and the removal of history go on, and then there is room again", () => {
    const { room } = filled("full");
    expect(codeOf(room, insert("x", "root"))).toBe("full");
    for (let each = 0; each < 10; each++) expect(codeOf(room, remove(`t${each}`))).toBe("ok");
    configure(room, { historyRetention: 0 });
    room.settle();
    room.wait(HOUR);
    expect(infoOf(room)).toMatchObject({ space: "enough" });
    expect(codeOf(room, insert("x", "root"))).toBe("ok");
  });

  it("B35 an import is broken off, its line named, and nothing is kept", () => {
    const server = createServer();
    server.defaults = { maxBytes: MB };
    const begun = server.call((calls, now) => calls.imports.begin(now));
    if (!begun?.ok) throw new Error("it did not begin");
    const lines = (count: number) =>
      Array.from({ length: count }, () => JSON.stringify({ parent: "root", type: "n", attrs: { text: TEXT } }));
    server.call((calls, now) => calls.imports.lines(begun.value, ['{"type":"root"}'], now));
    // It is written 4 Mi characters at a time.
    const answer = server.call((calls, now) => calls.imports.lines(begun.value, lines(100), now));
    expect(answer).toMatchObject({ ok: false, problem: { code: "full", line: 101 } });
    expect(server.call((calls) => calls.imports.abort(begun.value))).toBe(true);
  });

  it("B35 a document of before there was the option has the default", () => {
    const room = openRoom(item("root"));
    room.server.sql.exec("UPDATE meta SET value = json_remove(value, '$.options.maxBytes') WHERE key = 'document'");
    room.server.crash();
    expect(infoOf(room).options.maxBytes).toBe(1_000_000_000);
  });
});

describe("a document that fills up", () => {
  it("B36 says from 80 % on that there is little room, in its description, to who joins, and with each delta", () => {
    const { room, spaces } = filled("low");
    expect(new Set(spaces)).toEqual(new Set(["enough", "low"]));
    const { storageBytes } = infoOf(room);
    expect(storageBytes).toBeGreaterThanOrEqual(0.8 * MB);
    const ann = room.join("ann");
    const bob = room.enter("bob");
    expect(ann.hear()[0]).toMatchObject({ type: "welcome", space: "low" });
    bob.mutate(update("a", { x: 1 }));
    room.settle();
    expect(ann.hear().at(-1)).toMatchObject({ type: "delta", space: "low" });
    bob.send({ type: "mutate", mutations: [{ mutation: 1, ops: [] }] });
    expect(bob.hear().at(-1)).toMatchObject({ type: "delta", space: "low" });
    for (let each = 50; infoOf(room).space !== "full"; each++) fill(room, each);
    room.settle();
    expect(ann.hear().findLast(({ type }) => type === "delta")).toMatchObject({ space: "full" });
  });

  it("B36 says nothing before", () => {
    const room = begin({ maxBytes: MB });
    const ann = room.join("ann");
    ann.mutate(update("a", { x: 1 }));
    room.settle();
    for (const message of ann.hear()) expect(message).not.toHaveProperty("space");
    expect(infoOf(room).space).toBe("enough");
  });
});
