import { describe, expect, it } from "vitest";
import {
  decodeCreate,
  decodeHistoryQuery,
  decodeHistoryRequest,
  decodeMutationCall,
  decodeOptionsChange,
  decodeTreeQuery,
  momentText,
  readHistoryQuery,
  readQuery,
} from "../../src/protocol/index.ts";

const NO_MOMENT = "must be a seq, a time in Unix milliseconds or version:NAME";

describe("what HTTP and RPC take", () => {
  it.each([
    [0, { seq: 0 }],
    [99_999_999_999, { seq: 99_999_999_999 }],
    [100_000_000_000, { time: 100_000_000_000 }],
    ["version:before the move", { version: "before the move" }],
    [`version:${"x".repeat(128)}`, { version: "x".repeat(128) }],
  ])("V10 a moment is a seq, from 10^11 on a time, or a version: %s", (at, moment) => {
    expect(decodeTreeQuery(readQuery([["at", String(at)]], ["at"]))).toEqual({ ok: true, value: { at: moment } });
    expect(momentText(moment)).toBe(String(at));
  });

  it("D7 every key of meta can be asked for, also one that every object has", () => {
    const query = readQuery(new URLSearchParams("where[meta.constructor]=no&where[meta.__proto__]=x&limit=5"), [
      "limit",
    ]);
    const decoded = decodeHistoryQuery(query);
    const meta = decoded.ok ? decoded.value.where?.meta : undefined;
    expect(Object.entries(meta ?? {})).toEqual([
      ["constructor", "no"],
      ["__proto__", "x"],
    ]);
  });

  it.each([
    [decodeCreate({ conflicts: "reject" }), "conflicts: is not known"],
    [decodeCreate({ options: { conflict: "reject" } }), "options.conflict: is not known"],
    [decodeTreeQuery({ nod: "x" }), "nod: is not known"],
    [decodeHistoryQuery({ where: { user: "x" } }), "where.user: is not known"],
    [decodeMutationCall({}), "ops: is missing"],
    [decodeCreate([]), "the body: must be an object"],
    [decodeMutationCall([]), "the body: must be an object"],
    [decodeOptionsChange([]), "the body: must be an object"],
    [decodeTreeQuery(7), "the query: must be an object"],
    [decodeHistoryQuery({ limit: 1_001 }), "limit: must be a whole number from 1 to 1000, not 1001"],
    [decodeHistoryQuery({ limit: 0 }), "limit: must be a whole number from 1 to 1000, not 0"],
    [decodeHistoryQuery({ since: 0.5 }), "since: must be a whole number from 0, not 0.5"],
    [decodeHistoryQuery({ until: 2 ** 53 }), "until: must be a whole number from 0, not 9007199254740992"],
    [decodeMutationCall({ ops: [], base: -1 }), "base: must be a whole number from 0, not -1"],
    [decodeMutationCall({ ops: [], base: null }), "base: must be a whole number from 0, not null"],
    [decodeMutationCall({ ops: {} }), "ops: must be Array, not Object"],
    [decodeCreate({ tree: { type: "" } }), "node.type: must not be empty"],
    [decodeCreate({ tree: { type: "x".repeat(129) } }), "node.type: has a length of 129, at most 128 is allowed"],
    [decodeTreeQuery(readQuery([["at", "-1"]], ["at"])), `at: ${NO_MOMENT}, not "-1"`],
    [decodeTreeQuery({ at: 0.5 }), `at: ${NO_MOMENT}, not 0.5`],
    [decodeTreeQuery({ at: "version:" }), `at: ${NO_MOMENT}, not "version:"`],
    [decodeTreeQuery({ at: `version:${"x".repeat(129)}` }), `at: ${NO_MOMENT}, not "version:${"x".repeat(32)}"`],
    [decodeHistoryRequest(readHistoryQuery([["summary", "1"]])), "summary: must be true or false"],
    [decodeHistoryRequest({ by: "day" }), "by: must be session"],
    [decodeHistoryRequest({ by: "session", inverse: true }), "inverse: is not known"],
    [decodeTreeQuery(readQuery([["depth", "1e3"]], ["depth"])), 'depth: must be a whole number from 0, not "1e3"'],
    [decodeHistoryQuery(readQuery([["after", ""]], ["after"])), 'after: must be a whole number from 0, not ""'],
  ])("H4 a mistake is named: %#", (decoded, message) => {
    expect(decoded).toEqual({ ok: false, problem: { code: "invalid", message } });
  });

  it.each([
    [7, "the operation: must be Object, not 7"],
    [
      { op: "drop", id: "a" },
      'op: must be "insert" or "move" or "update" or "remove" or "edit" or "split" or "join" or "mark" or "undo" or "redo", not "drop"',
    ],
    [{ op: "remove", id: 7 }, "id: must be an id, not 7"],
  ])("W5 so is one in an operation: %#", (operation, message) => {
    const decoded = decodeMutationCall({ ops: [{ op: "remove", id: "a" }, operation] });
    expect(decoded).toEqual({ ok: false, problem: { code: "invalid", message, op: 1 } });
  });

  it("H3 client and mutation go together", () => {
    expect(decodeMutationCall({ ops: [], client: "a" })).toMatchObject({ ok: false, problem: { code: "invalid" } });
    expect(decodeMutationCall({ ops: [], client: "a", mutation: 1 })).toMatchObject({ ok: true });
  });
});
