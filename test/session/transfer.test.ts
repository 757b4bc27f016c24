import { describe, expect, it } from "vitest";
import { LIMITS, success } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { rowIdsOf, tablesOf } from "../support/stored.ts";
import { look, reopen } from "../support/writer.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { openRoom, type Room } from "./room.ts";

const ROOT = '{"id":"root","type":"item"}';
const child = (id: string) => JSON.stringify({ id, parent: "root", type: "item" });

/** Begins an import and gives what its caller holds. */
function begin(room: Room) {
  const { server } = room;
  const begun = server.call(({ imports }, now) => imports.begin(now));
  if (!begun?.ok) throw new Error("the import does not begin");
  const name = begun.value;
  return {
    lines: (...texts: string[]) => server.call(({ imports }, now) => imports.lines(name, texts, now)),
    finish: () => server.call(({ imports }, now) => imports.finish(name, now)),
    abort: () => server.call(({ imports }) => imports.abort(name)),
  };
}

const ok = { ok: true };
const unavailable = { ok: false, problem: { code: "unavailable" } };

function ids(text: string | null): string[] {
  const lines = (text ?? "").split("\n").filter(Boolean);
  return lines.map((line): string => JSON.parse(line).id);
}

describe("an import", () => {
  it("D11 counts the lines of all its batches, empty ones too", () => {
    const one = begin(openRoom());
    expect(one.lines("", ROOT, "")).toEqual({ ok: true, value: null });
    expect(one.lines()).toMatchObject(ok);
    expect(one.lines(child("a"), " \r", child("a"))).toMatchObject({ problem: { code: "exists", line: 6 } });
  });

  it("D11 that was broken off by a failure is told so, and nothing of it goes into the next", () => {
    const room = openRoom();
    const one = begin(room);
    one.lines(ROOT, child("a"));
    const many = Array.from({ length: 31_000 }, (_, index) => child(`n${index}`));
    room.server.sql.failAt(2);
    expect(one.lines(...many)).toBe(undefined);
    const two = begin(room);
    expect(one.lines(child("b"))).toMatchObject(unavailable);
    expect(one.finish()).toMatchObject(unavailable);
    one.abort();
    expect(two.lines(ROOT, child("c"))).toMatchObject(ok);
    one.abort();
    expect(two.finish()).toMatchObject(ok);
    one.abort();
    two.abort();
    expect(rowIdsOf(room.server.sql)).toEqual(["c", "root"]);
    expect(reopen(room.server.sql).stored.nodes.size).toBe(2);
  });

  it("D11 that was aborted leaves the document to whoever comes next", () => {
    const room = openRoom();
    const one = begin(room);
    one.lines(ROOT, child("a"));
    one.abort();
    expect(look(room.server.sql)).toBe(null);
    expect(one.finish()).toMatchObject(unavailable);
    const ann = room.enter("ann");
    ann.mutate(insert("x", "root"));
    one.abort();
    expect(rowIdsOf(room.server.sql)).toEqual(["root"]);
    expect(reopen(room.server.sql).stored.seq).toBe(1);
  });

  it("D11 lets neither frames nor alarms nor leaving look at what is half there", () => {
    const room = openRoom();
    const silent = room.connect();
    const one = begin(room);
    one.lines(ROOT);
    const ann = room.join("ann");
    expect([ann.hearShort(), ann.closed?.code]).toEqual([["error unavailable"], 1011]);
    silent.drop();
    room.server.ring();
    expect(room.server.failures).toBe(0);
    expect(one.finish()).toMatchObject(ok);
    expect(room.join("ann").hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  });
});

describe("an import that nobody goes on with", () => {
  it("D11 H8 is broken off after a minute, by an alarm, and the document is there for whoever comes next", () => {
    const room = openRoom();
    const one = begin(room);
    one.lines(ROOT);
    room.wait(40_000);
    one.lines(child("a"));
    room.wait(40_000);
    expect(one.lines(child("b"))).toMatchObject(ok);
    room.wait(121_000);
    expect(room.server.alarm).toBe(null);
    expect(one.lines(child("c"))).toMatchObject(unavailable);
    expect(look(room.server.sql)).toBe(null);
    expect(room.join("ann").hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  });

  it("D11 leaves nothing, although its process was killed in the middle", () => {
    const room = openRoom();
    const one = begin(room);
    one.lines(ROOT, ...Array.from({ length: 31_000 }, (_, index) => child(`n${index}`)));
    expect(rowIdsOf(room.server.sql).length).toBeGreaterThan(10_000);
    room.server.crash();
    room.wait(61_000);
    expect([room.server.alarm, tablesOf(room.server.sql)]).toEqual([null, []]);
  });

  it("H6 H8 is broken off by DELETE", () => {
    const room = openRoom();
    const one = begin(room);
    one.lines(ROOT);
    expect(room.server.call((calls) => calls.destroy())).toMatchObject({ ok: false, problem: { code: "notFound" } });
    expect(one.lines(child("a"))).toMatchObject(unavailable);
    one.abort();
    expect([look(room.server.sql), room.server.alarm]).toEqual([null, null]);
  });
});

describe("an export", () => {
  const exporting = ({ server }: Room) => {
    const begun = server.call((calls, now) => calls.export(now));
    if (!begun?.ok) throw new Error("the export does not begin");
    return begun.value;
  };

  it("S2 D10 has nothing that could still be lost: what waits is committed before", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    ann.mutate(insert("a", "root"));
    ann.mutate(insert("b", "root"));
    expect(room.server.due, "the second one waits").not.toBe(null);
    const exported = ids(exporting(room).next(room.server.now));
    room.server.crash();
    const { nodes } = reopen(room.server.sql).stored;
    expect(exported).toEqual(["root", "a", "b"]);
    expect(exported.every((id) => nodes.get(id))).toBe(true);
  });

  it("D10 of many parts is one tree, although the document changes and checkpoints between them", () => {
    const attrs = { text: "x".repeat(5_000) };
    const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const room = openRoom(item("root", ...names.map((name) => ({ ...item(name), attrs }))));
    // All of them are in memory, where they change in place.
    room.call(...names.map((name) => update(name, { seen: true })));
    const parts = exporting(room);
    const seen: string[] = [];
    for (
      let part = parts.next(room.server.now), round = 0;
      part !== null;
      part = parts.next(room.server.now), round++
    ) {
      seen.push(...ids(part));
      if (seen.length > 200) continue;
      const next = `n${seen.length - 1}`;
      // Right where it stopped: what comes next is removed, moved, and pushed away.
      room.call(insert(`new${round}`, "root", { after: seen.at(-1) ?? null }));
      if (round % 3 === 0) room.call(move(next, "n0"), update(next, { round }));
      if (round % 3 === 1) room.call(remove(next));
      if (round % 3 === 2) room.call(move(seen.at(-1) ?? "", "root"));
      room.wait(20_000);
      room.server.ring();
    }
    parts.release();
    expect(seen).toEqual(["root", ...names]);
  });

  it("B57 is refused beside eight that are read, and takes the place of one of which nothing was read for 2 s", () => {
    const room = openRoom(item("root"));
    const { server } = room;
    const reading = Array.from({ length: LIMITS.exports }, () => exporting(room));
    const refused = { problem: { code: "tooMany", retryAfter: LIMITS.readTimeout } };
    expect(server.call((calls, now) => calls.export(now))).toMatchObject(refused);
    room.wait(LIMITS.readTimeout - 1);
    const [first, second, ...others] = reading;
    for (const each of [first, ...others]) each?.next(server.now);
    expect(server.call((calls, now) => calls.export(now))).toMatchObject(refused);
    room.wait(1);
    expect(ids(exporting(room).next(server.now))).toEqual(["root"]);
    expect(() => second?.next(server.now)).toThrow("nobody read it");
    expect(first?.next(server.now), "who reads is left alone").toBe(null);
    expect(
      server.call((calls, now) => calls.export(now)),
      "and one makes room for one",
    ).toMatchObject(refused);
  });

  it("V80 has a first line that an import takes, with as many versions as there may be", () => {
    const server = createTestServer();
    const calls = server.call("doc");
    calls.getOrStart({ tree: item("root") });
    const user = { id: "\u0001".repeat(LIMITS.userIdLength) };
    for (let each = 0; each < LIMITS.versions; each++) {
      const name = `${each}`.padEnd(LIMITS.versionNameLength, "\u0001");
      expect(calls.nameVersion({ name }, { user, role: "write" })).toMatchObject(ok);
    }
    const lines = calls.export({ history: true });
    const [head = ""] = lines.ok ? lines.value.split("\n") : [];
    const { server: other } = openRoom();
    const begun = other.call(({ imports }, now) => imports.begin(now, success(null)));
    const name = begun?.ok ? begun.value : "";
    expect(other.call(({ imports }) => success(head.length < imports.longestLine))).toEqual({ ok: true, value: true });
    expect(other.call(({ imports }, now) => imports.lines(name, [head], now))).toMatchObject(ok);
  });

  it("V74 V80 with its history takes the role of a backup to its end", () => {
    const { server } = openRoom(item("root"));
    const to = openRoom().server;
    const deeds = (["tree", "everything"] as const).map((depth) => {
      const copied = server.ask((calls, now) => calls.copy({ depth }, now));
      const lines = copied?.ok ? (copied.value.next(0) ?? "") : "";
      const begun = to.call(({ imports }, now) => imports.begin(now, "trusted"));
      const name = begun?.ok ? begun.value : "";
      to.call(({ imports }, now) => imports.lines(name, String(lines).split("\n"), now));
      const deed = to.call(({ imports }) => success(imports.deed));
      to.call(({ imports }) => success(imports.abort(name)));
      return deed?.ok && deed.value;
    });
    expect(deeds).toEqual(["import", "backup"]);
  });

  it("V76 of a moment before is one at a time, as it holds what differs from now", () => {
    const room = openRoom(item("root"));
    const { server } = room;
    room.call(insert("a", "root"));
    room.call(insert("b", "root"));
    const begun = (depth: "tree" | "everything", seq?: number) =>
      server.call((calls, now) => success(calls.copy({ depth, ...(seq !== undefined && { at: { seq } }) }, now)));
    const copied = (...what: Parameters<typeof begun>) => {
      const task = begun(...what);
      return task?.ok ? task.value.result : null;
    };
    const one = copied("tree", 1);
    expect(one).toMatchObject(ok);
    for (const depth of ["tree", "everything"] as const)
      expect(copied(depth, 1)).toMatchObject({ problem: { code: "tooMany", retryAfter: LIMITS.readTimeout } });
    for (const seq of [undefined, 2]) expect(copied("tree", seq), "of now there may be more").toMatchObject(ok);
    if (one?.ok) one.value.release();
    expect(copied("everything", 1)).toMatchObject(ok);
    room.wait(LIMITS.readTimeout);
    expect(copied("tree", 1), "nobody has read that").toMatchObject(ok);
  });

  it("D10 breaks off when too much was changed, and says so", () => {
    const attrs = { text: "x".repeat(900_000) };
    const room = openRoom(item("root", ...Array.from({ length: 25 }, (_, index) => ({ ...item(`n${index}`), attrs }))));
    const parts = exporting(room);
    parts.next(room.server.now);
    for (let index = 0; index < 25; index++) room.call(update(`n${index}`, { text: "" }));
    expect(() => parts.next(room.server.now)).toThrow("changed too much");
    expect(ids(exporting(room).next(room.server.now)).length).toBe(26);
  });
});
