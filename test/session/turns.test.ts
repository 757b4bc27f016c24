import { describe, expect, it } from "vitest";
import { LIMITS, type Result, success } from "../../src/protocol/index.ts";
import { createTurns, over, type Turns } from "../../src/session/turns.ts";
import type { Slices } from "../../src/storage.ts";

const ENDED = { ok: false, problem: { code: "unavailable" } };

/** Work of so many slices that says when each is done, and whether it was let go before its end. */
function workOf(name: string, slices: number, said: string[]): Slices<Result<string>> {
  return (function* () {
    let done = false;
    try {
      for (let slice = 1; slice <= slices; slice++) {
        if (slice > 1) yield;
        said.push(`${name}${slice}`);
      }
      done = true;
      return success(name);
    } finally {
      if (!done) said.push(`${name} let go`);
    }
  })();
}

function all(turns: Turns): void {
  for (let left = 1_000; turns.waiting; left--) {
    if (left === 0) throw new Error("it never ends");
    turns.next(0);
  }
}

describe("work that takes many turns", () => {
  it("does the first slice at once, and is over then if that was all", () => {
    const said: string[] = [];
    const turns = createTurns();
    const task = turns.begin(workOf("a", 1, said), "call", 0);
    expect([said, task.result, turns.waiting]).toEqual([["a1"], success("a"), false]);
    turns.next(0);
    expect(said).toEqual(["a1"]);
  });

  it("does one slice a turn, of what has waited longest, and tells when it is over", () => {
    const said: string[] = [];
    const turns = createTurns();
    const [a, b] = [turns.begin(workOf("a", 3, said), "call", 0), turns.begin(workOf("b", 2, said), "background", 0)];
    for (const [name, task] of Object.entries({ a, b })) task.whenDone(() => said.push(`${name} is over`));
    turns.next(0);
    expect(said).toEqual(["a1", "b1", "a2"]);
    all(turns);
    expect(said).toEqual(["a1", "b1", "a2", "b2", "b is over", "a3", "a is over"]);
    a.whenDone((result) => said.push(`late: ${result.ok}`));
    expect(said.at(-1)).toBe("late: true");
  });

  it("tells a slice the time of its turn", () => {
    const turns = createTurns();
    const times: number[] = [];
    const work = (function* (): Slices<Result<null>> {
      times.push(yield);
      times.push(yield);
      return success(null);
    })();
    turns.begin(work, "call", 1);
    turns.next(7);
    turns.next(9);
    expect(times).toEqual([7, 9]);
  });

  it("lets one tree go on at a time, and others beside it; a small one does not wait", () => {
    const said: string[] = [];
    const turns = createTurns();
    turns.begin(workOf("a", 3, said), "tree", 0);
    turns.begin(workOf("b", 3, said), "tree", 0);
    turns.begin(workOf("c", 3, said), "call", 0);
    expect(turns.begin(workOf("small", 1, said), "tree", 0).result).toEqual(success("small"));
    all(turns);
    expect(said).toEqual(["a1", "b1", "c1", "small1", "a2", "c2", "a3", "b2", "c3", "b3"]);
  });

  it("V120 lets one page go on at a time, that waits for no tree", () => {
    const said: string[] = [];
    const turns = createTurns();
    turns.begin(workOf("tree", 4, said), "tree", 0);
    turns.begin(workOf("a", 3, said), "page", 0);
    turns.begin(workOf("b", 2, said), "page", 0);
    all(turns);
    expect(said).toEqual(["tree1", "a1", "b1", "tree2", "a2", "tree3", "a3", "b2", "tree4"]);
  });

  it("V120 takes so many pages and no more, and as many calls beside them as ever", () => {
    const said: string[] = [];
    const turns = createTurns();
    const begin = (kind: "call" | "page") => turns.begin(workOf("x", 2, said), kind, 0);
    const pages = Array.from({ length: LIMITS.pages }, () => begin("page"));
    expect(pages.every(({ result }) => result === null)).toBe(true);
    expect(begin("page").result).toMatchObject({ problem: { code: "tooMany" } });
    const calls = Array.from({ length: LIMITS.calls }, () => begin("call"));
    expect(calls.every(({ result }) => result === null)).toBe(true);
    all(turns);
    expect(begin("page").result).toBe(null);
  });

  it("takes so many calls and no more; what is small, or nobody waits for, goes beside them", () => {
    const said: string[] = [];
    const turns = createTurns();
    const many = Array.from({ length: LIMITS.calls }, (_, index) =>
      turns.begin(workOf(`c${index}-`, 2, said), index % 2 === 0 ? "call" : "tree", 0),
    );
    expect(many.every(({ result }) => result === null)).toBe(true);
    expect(turns.begin(workOf("small", 1, said), "call", 0).result).toEqual(success("small"));
    expect(turns.begin(workOf("background", 2, said), "background", 0).result).toBe(null);
    expect(turns.begin(workOf("late", 2, said), "tree", 0).result).toMatchObject({ problem: { code: "tooMany" } });
    expect(said.at(-1)).toBe("late let go");
    all(turns);
    expect(many.every(({ result }) => result?.ok)).toBe(true);
    expect(turns.begin(workOf("again", 2, said), "tree", 0).result).toBe(null);
  });

  it("ends all when the document leaves memory, even when one of them is what makes it leave", () => {
    const said: string[] = [];
    const turns = createTurns();
    const stop = (function* (): Slices<Result<string>> {
      yield;
      turns.endAll();
      return success("stopped");
    })();
    const tasks = [turns.begin(stop, "background", 0), turns.begin(workOf("a", 3, said), "tree", 0)];
    turns.next(0);
    expect(tasks[0]?.result).toEqual(success("stopped"));
    expect(tasks[1]?.result).toMatchObject(ENDED);
    expect([said, turns.waiting]).toEqual([["a1", "a let go"], false]);
  });

  it("S14 a slice that fails is over for whoever waits for it, and the failure is the session's", () => {
    const turns = createTurns();
    const failing = (function* (): Slices<Result<string>> {
      yield;
      throw new Error("storage");
    })();
    const task = turns.begin(failing, "call", 0);
    expect(() => turns.next(0)).toThrow("storage");
    expect(task.result).toMatchObject(ENDED);
    expect(turns.waiting).toBe(false);
  });

  it("what is over from the beginning is told at once", () => {
    const told: unknown[] = [];
    over(success(1)).whenDone((result) => told.push(result));
    expect(told).toEqual([success(1)]);
  });
});
