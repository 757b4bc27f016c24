import { describe, expect, it } from "vitest";
import {
  decodeCreate,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeTreeQuery,
  readQuery,
} from "../../src/protocol/index.ts";

describe("what HTTP and RPC take", () => {
  it("D7 every key of meta can be asked for, also one that every object has", () => {
    const query = readQuery(new URLSearchParams("where[meta.constructor]=no&where[meta.__proto__]=x&limit=5"), [
      "limit",
    ]);
    const decoded = decodeHistoryQuery(query.ok ? query.value : null);
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
    [decodeCreate([]), "the message: must be an object"],
  ])("H4 a mistake is named: %#", (decoded, message) => {
    expect(decoded).toEqual({ ok: false, problem: { code: "invalid", message } });
  });

  it("H3 client and mutation go together", () => {
    expect(decodeMutationCall({ ops: [], client: "a" })).toMatchObject({ ok: false, problem: { code: "invalid" } });
    expect(decodeMutationCall({ ops: [], client: "a", mutation: 1 })).toMatchObject({ ok: true });
  });
});
