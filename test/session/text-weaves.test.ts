import { describe, expect, it } from "vitest";
import { createTextWeaves } from "../../src/session/text-weaves.ts";
import { createMemoryTables } from "../../src/storage.ts";
import type { Changes, EditStep } from "../../src/text/index.ts";
import type { Edit, NodeRecord } from "../../src/tree/index.ts";
import { createWriter } from "../support/writer.ts";

const edit = (row: number, ...changes: Changes): Edit & EditStep => ({
  ...{ op: "edit", id: `r${row}`, attr: "text", changes },
});

/** Rows that somebody types in, and the weaves of them. */
function open(rows = 1) {
  const children = Array.from({ length: rows }, (_, row) => ({ id: `r${row}`, type: "row", attrs: { text: "abc" } }));
  const writer = createWriter(createMemoryTables(), { id: "root", type: "list", children });
  const { texts, nodes } = writer.stored;
  /** What stands in the place of a row. */
  const others = new Map<string, NodeRecord>();
  const source = { texts, nodes: { get: (id: string) => others.get(id) ?? nodes.get(id) } };
  const weaves = createTextWeaves(source, () => writer.stored.seq + 1);
  const type = (count: number, row = 0, by = "typist") => {
    for (let typed = 0; typed < count; typed++) writer.write(by, edit(row, "x"));
  };
  let work = 0;
  const meter = {
    add(units: number) {
      work += units;
    },
    full: () => false,
  };
  const ask = (base: number, ops: readonly Edit[], author = "ann") => weaves.of(ops, author, base, meter);
  /** What it costs to ask for an edit. */
  const costOf = (row: number, base: number) => {
    work = 0;
    expect(ask(base, [edit(row, "y")])).not.toBe(null);
    return work;
  };
  return { ...writer, type, ask, costOf, others };
}

describe("X136 what edits alone come to", () => {
  it("is found in a weave, in which what is refused leaves nothing", () => {
    const { type, ask } = open();
    type(3);
    const step = edit(0, 1, "y", -1);
    for (const author of ["ann", "bob"]) expect(ask(0, [step], author)?.take(step)).toEqual([edit(0, 4, "y", -1)]);
  });

  it("costs little where the text is one of sixteen that are woven; the seventeenth is in place of the oldest", () => {
    const { type, costOf } = open(17);
    for (let row = 0; row < 17; row++) type(40, row);
    const first = costOf(0, 0);
    for (let row = 1; row < 16; row++) costOf(row, 0);
    expect(costOf(0, 0)).toBeLessThan(first / 100);
    costOf(16, 0);
    expect(costOf(0, 0)).toBeLessThan(first / 100);
    expect(costOf(1, 0)).toBeGreaterThan(first / 2);
  });

  it("four of them at once, in a mutation, and what nobody else has touched besides", () => {
    const { type, ask } = open(8);
    for (let row = 0; row < 5; row++) type(1, row);
    const edits = Array.from({ length: 8 }, (_, row) => edit(row, "y"));
    expect(ask(0, [...edits.slice(0, 4), ...edits.slice(5)])).not.toBe(null);
    expect(ask(0, edits)).toBe(null);
  });

  it("as far as its edits walk over 65 536 runs", () => {
    const { type, ask } = open();
    type(1);
    const edits = (count: number) => Array.from({ length: count }, () => edit(0, 3, "y"));
    // Of three entries each, with the edit itself, in a text of two runs.
    expect(ask(0, edits(84))).not.toBe(null);
    expect(ask(0, edits(85))?.take).toBeDefined();
    expect(ask(0, edits(86))).toBe(null);
  });

  it("not behind an edit of more than 254 entries; whoever has seen that goes on", () => {
    const { type, ask, write } = open();
    const wide = (entries: number) => Array.from({ length: entries }, (_, at) => (at % 2 ? "y" : 1));
    type(200);
    write("typist", edit(0, ...wide(254)));
    type(1);
    expect(ask(200, [edit(0, "y")])).not.toBe(null);
    write("typist", edit(0, ...wide(256)));
    type(1);
    expect(ask(200, [edit(0, "y")])).toBe(null);
    type(1);
    expect(ask(204, [edit(0, "y")])).not.toBe(null);
  });

  it("not behind a split that its author has not seen; who asks so takes nothing from all others", () => {
    const { type, ask, costOf, write, stored } = open();
    type(20);
    write("typist", { op: "split", id: "r0", attr: "text", at: 20, node: { id: "new", type: "row" } });
    const { seq } = stored;
    type(100);
    costOf(0, seq);
    expect(ask(0, [edit(0, "y")])).toBe(null);
    expect(costOf(0, seq)).toBeLessThan(200);
  });

  it("not where it has replaced the text, until it has seen that; to others that is an edit", () => {
    const { type, ask, write, stored } = open();
    type(1);
    write("ann", { op: "update", id: "r0", attrs: { text: "abcd" } });
    const { seq } = stored;
    type(1);
    expect(ask(0, [edit(0, "y")])).toBe(null);
    expect(ask(seq, [edit(0, "y")])).not.toBe(null);
    const step = edit(0, 3, "y");
    expect(ask(0, [step], "bob")?.take(step)).toEqual([edit(0, 5, "y")]);
  });

  it("of a text that holds 2 048 runs; with more its older half is forgotten", () => {
    const { type, ask } = open();
    type(1);
    type(1_022, 0, "other");
    // Each key of another, as nobody has bound it to the one before, is a run; and what was there at the beginning is one.
    expect(ask(1, [edit(0, "y")])).not.toBe(null);
    type(1_025, 0, "other");
    expect(ask(1, [edit(0, "y")])).not.toBe(null);
    type(1, 0, "other");
    expect(ask(1, [edit(0, "y")])).toBe(null);
    expect(ask(1_030, [edit(0, "y")])).not.toBe(null);
  });

  it("nothing of a row whose id another has that is gone for good", () => {
    const { type, ask, stored, others } = open();
    type(4);
    expect(ask(0, [edit(0, "y")])).not.toBe(null);
    const record = stored.nodes.get("r0");
    if (record) others.set("r0", { ...record, attrs: { text: "another of twenty .." } });
    const [one, other] = [edit(0, 15, "y"), edit(0, 10, "z")];
    const woven = ask(3, [one]);
    woven?.take(one);
    woven?.accepted();
    expect(ask(3, [other], "bob")?.take(other)).toEqual([edit(0, 11, "z")]);
  });
});
