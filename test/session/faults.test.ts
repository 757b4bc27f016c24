import { describe, expect, it } from "vitest";
import type { Result } from "../../src/protocol/index.ts";
import type { Calls } from "../../src/session.ts";
import { dump, problemsOf, rowIdsOf, stateOf } from "../support/stored.ts";
import { look, reopen } from "../support/writer.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { outline } from "../tree/outline.ts";
import { createScript, type Script } from "./faulty.ts";
import { through } from "./look.ts";

/** Runs a script with its n-th statement failing, for every n after `begin`; returns how many there were. */
function failEverywhere(play: (script: Script, begin: () => void) => void): number {
  for (let n = 1; n < 5_000; n++) {
    const script = createScript();
    try {
      play(script, () => script.server.sql.failAt(n));
    } catch (error) {
      throw new Error(`with statement ${n} failing: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    if (script.server.failures === 0) return n - 1;
  }
  throw new Error("a script has an end");
}

/** All rows but what the document knows of its own life, which a wake-up may note. */
function rowsOf({ server }: Script): object {
  const { events, nodes, clients } = dump(server.sql);
  return { events, nodes, clients };
}

const CLIENTS = ["ann", "bob", "web"];
const HOUR = 3_600_000;

/** The life of a document, with everything that writes. */
function live(script: Script): void {
  const { join, mutate, post, ask, rest, leave, evict, server } = script;
  const children = ["a", "b", "c", "d"].map((id) => item(id, item(`${id}1`)));
  ask((calls, now) => calls.getOrStart({ tree: item("root", ...children), options: { gracePeriod: 1_000 } }, now));
  join("ann");
  join("bob");
  const said = [
    mutate("ann", insert("n", "a")),
    mutate("bob", update("n", { x: 1 }), move("n", "b")),
    mutate("ann", remove("c")),
    mutate("bob", insert("n", "root")),
    mutate("ann", move("c", "d")),
    mutate("bob", remove("b")),
  ];
  expect(said).toEqual(["accepted", "accepted", "accepted", "exists", "accepted", "accepted"]);
  // The checkpoint that has been due since the first of these.
  rest(60_000);
  expect(mutate("ann", update("a", { y: 1 }))).toBe("accepted");
  expect(post("web", insert("w", "a"), update("root", { z: 1 }))).toBe("accepted");
  ask((calls, now) => calls.configure({ historyRetention: HOUR }, now));
  rest(HOUR);
  expect(mutate("bob", remove("d1"))).toBe("accepted");
  // Everything before is too old now.
  rest(HOUR);
  expect(mutate("ann", move("b1", "root"))).toBe("notFound");
  expect(mutate("ann", insert("b", "root"))).toBe("accepted");
  leave("ann");
  leave("bob");
  rest(10_000);
  evict();
  expect(ask((calls, now) => calls.info(now)).ok).toBe(true);
  join("ann");
  expect(mutate("ann", insert("last", "w"))).toBe("accepted");
  ask((calls, now) => calls.stop(now));
  expect(server.open()).toEqual([]);
  server.sql.failAt(null);
  script.expectKept();
}

describe("storage that fails, whichever statement it is", () => {
  it("S14 S3 S4 D3 D12 the life of a document comes to the same end", { timeout: 120_000 }, () => {
    const faultless = createScript();
    live(faultless);
    const stateIn = ({ server }: Script) => {
      const { stored } = reopen(server.sql);
      const { seq, nodes, checkpointSeq, options } = stored;
      const clients = CLIENTS.map((id) => stored.clients.get(id)?.mutation);
      return { seq, checkpointSeq, options, clients, size: nodes.size, tree: outline(nodes) };
    };
    const expected = stateIn(faultless);
    expect(expected.tree).toBe(
      "root z=1\n  a y=1\n    n x=1\n    a1\n    w\n      last\n  d\n    c\n      c1\n  b".replace("    n x=1\n", ""),
    );
    const statements = failEverywhere((script, begin) => {
      begin();
      live(script);
      expect(stateIn(script)).toEqual(expected);
      expect(rowIdsOf(script.server.sql), "no removed node is left behind").toEqual(rowIdsOf(faultless.server.sql));
    });
    expect(statements).toBeGreaterThan(100);
  });

  it("S14 D4 loading a document, to look at it or to export it, overwrites nothing", () => {
    for (const look of ["info", "tree", "history", "export"] as const) {
      let rows = {};
      const statements = failEverywhere((script, begin) => {
        const { server, call, ask, join, mutate } = script;
        const { sql } = server;
        join("ann");
        mutate("ann", insert("a", "root"));
        mutate("ann", insert("b", "a"), update("a", { text: "x".repeat(1_000) }));
        server.crash();
        const before = rowsOf(script);
        begin();
        const looked = (): Result<unknown> => {
          if (look === "info") return ask((calls, now) => calls.info(now));
          if (look === "history") return ask((calls, now) => calls.history({}, now));
          if (look === "tree") return ask((calls, now) => calls.tree({ at: { seq: 1 } }, through, now));
          return call(read);
        };
        const read = (calls: Calls, now: number) => {
          const begun = calls.export(now);
          if (!begun.ok) return begun;
          const text = begun.value.next(now);
          begun.value.release();
          expect(text?.split("\n").length).toBe(4);
          return begun;
        };
        const answer = looked();
        server.sql.failAt(null);
        expect(answer.ok).toBe(true);
        expect(rowsOf(script)).toEqual(before);
        rows = before;
        expect(problemsOf(sql, reopen(sql).stored)).toEqual([]);
      });
      expect(statements).toBeGreaterThan(10);
      expect(Object.keys(rows)).toEqual(["events", "nodes", "clients"]);
    }
  });

  it("D11 an import is a whole document or none, and a second try succeeds", { timeout: 120_000 }, () => {
    // More than two batches.
    const ids = Array.from({ length: 4_500 }, (_, index) => `n${index}`);
    const lines = ids.map((id, index) => JSON.stringify({ id, ...(index > 0 && { parent: "n0" }), type: "item" }));
    const attempt = ({ server }: Script): boolean => {
      const begun = server.call(({ imports }, now) => imports.begin(now));
      if (!begun?.ok) return false;
      const name = begun.value;
      for (let start = 0; start < lines.length; start += 500) {
        const taken = server.call(({ imports }, now) => imports.lines(name, lines.slice(start, start + 500), now));
        if (taken?.ok) continue;
        // As object/calls.ts does; that may fail too.
        server.call(({ imports }) => imports.abort(name));
        return false;
      }
      const finished = server.call(({ imports }, now) => imports.finish(name, now));
      if (finished?.ok) return true;
      server.call(({ imports }) => imports.abort(name));
      return false;
    };
    const expectWholeOrNone = ({ server }: Script): boolean => {
      const info = server.ask((calls, now) => calls.info(now));
      if (info?.ok) {
        expect(info.value.treeSize).toBe(ids.length);
        expect(problemsOf(server.sql, reopen(server.sql).stored)).toEqual([]);
        expect(rowIdsOf(server.sql)).toEqual([...ids].sort());
        return true;
      }
      expect(info).toMatchObject({ ok: false, problem: { code: "notFound" } });
      expect(look(server.sql)).toBe(null);
      return false;
    };
    const statements = failEverywhere((script, begin) => {
      begin();
      const done = attempt(script);
      script.server.sql.failAt(null);
      const whole = expectWholeOrNone(script);
      if (done) expect(whole).toBe(true);
      else if (!whole) {
        expect(attempt(script)).toBe(true);
        expect(expectWholeOrNone(script)).toBe(true);
      }
    });
    expect(statements).toBeGreaterThan(20);
  });

  it("D11 a failed import leaves no row where the failure is over by then", () => {
    const statements = failEverywhere((script, begin) => {
      const { server } = script;
      begin();
      const begun = server.call(({ imports }, now) => imports.begin(now));
      if (!begun?.ok) return;
      const name = begun.value;
      const line = (id: number) => JSON.stringify({ id: `n${id}`, ...(id > 0 && { parent: "n0" }), type: "item" });
      const lines = Array.from({ length: 3_000 }, (_, index) => line(index));
      const taken = server.call(({ imports }, now) => imports.lines(name, [...lines, "not JSON"], now));
      expect(taken?.ok ?? false).toBe(false);
      server.sql.failAt(null);
      server.call(({ imports }) => imports.abort(name));
      expect(server.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('nodes', 'meta')")).toEqual([]);
    });
    expect(statements).toBeGreaterThan(5);
  });

  it("D6 D11 a creation with a large tree is whole or none", () => {
    const tree = item("root", ...Array.from({ length: 2_500 }, (_, index) => item(`n${index}`)));
    const statements = failEverywhere((script, begin) => {
      const { server } = script;
      begin();
      const put = () => server.ask((calls, now) => calls.getOrStart({ tree, options: {} }, now));
      const first = put();
      server.sql.failAt(null);
      const stored = look(server.sql);
      if (!first?.ok && stored) expect(stateOf(server.sql, stored, [])).toMatchObject({ seq: 0, size: 2_501 });
      const second = put();
      expect(second).toMatchObject({ ok: true, value: { treeSize: 2_501, created: stored === null } });
      expect(rowIdsOf(server.sql).length).toBe(2_501);
    });
    expect(statements).toBeGreaterThan(8);
  });
});
