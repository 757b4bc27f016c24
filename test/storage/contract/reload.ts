import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS, decodeMutation } from "../../../src/protocol/index.ts";
import type { StoredDocument, Tables } from "../../../src/storage.ts";
import { problemsOf, stateOf } from "../../support/stored.ts";
import { BEGIN, createWriter, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, move, remove } from "../../tree/document.ts";
import { PLAIN } from "../../tree/outline.ts";
import { history, START, type Step } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

const AUTHORS = ["ann", "bob", "cy"];

/** What comes after a mutation; most often nothing, so that several share a commit. */
const THEN = ["go on", "go on", "go on", "commit", "commit", "reload", "checkpoint", "checkpoint and reload"] as const;
type Then = (typeof THEN)[number];

export function registerReload({ create, runs }: StorageUnderTest): void {
  describe("a reload", () => {
    it("D4 gives every record, seq, size, client and author back, at any moment", async () => {
      const plan = fc.array(fc.constantFrom(...THEN), { minLength: 1, maxLength: 60 });
      const property = fc.asyncProperty(history, plan, async (steps, then) => {
        await create((tables) => playAndReload(tables, steps, then));
      });
      await fc.assert(property, runs(40));
    });

    it("D4 brings a client back as it was when its last answer was a rejection", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root"));
        write("ann", insert("a", "root"), { at: BEGIN + 1_000 });
        write("ann", insert("a", "root"), { at: BEGIN + 5_000 });
        const before = structuredClone(stored.clients.get("ann"));
        expect(before).toMatchObject({ mutation: 2, seen: BEGIN + 5_000, answers: [{ mutation: 2 }] });
        expect(reopen(tables).stored.clients.get("ann")).toEqual(before);
      }));

    it("D4 brings the time of the last commit back when that is in the checkpoint: a document's clock never goes back", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root"));
        write("ann", insert("a", "root"), { at: BEGIN + 1_000 });
        expect(stored.time).toBe(BEGIN + 1_000);
        stored.checkpoint();
        const again = reopen(tables);
        expect(again.stored.time).toBe(BEGIN + 1_000);
        const late = again.write("ann", insert("b", "root"), { at: BEGIN + 500 });
        expect(late).toMatchObject({ ok: true, value: { time: BEGIN + 1_000 } });
      }));

    it("D4 brings back every type and attribute that the wire lets in", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root"));
        // Half a surrogate pair is JSON, but no UTF-8: attributes are stored as JSON, which escapes it; types are not.
        const types = ["", "木", "🌳", "a\u0000b", 'quo"ted', "line\nbreak", "\ud83c", "\udf33x"];
        for (const [index, text] of types.entries()) {
          const node = { id: `n${index}`, type: `t${text}`, attrs: { [`k${text}`]: text } };
          const decoded = decodeMutation({ ops: [{ op: "insert", node, parent: "root" }] });
          if (decoded.ok) write("ann", decoded.value.ops);
          // What no column can hold may be refused, but never changed.
          else expect(text.isWellFormed()).toBe(false);
        }
        const nodesOf = ({ nodes }: StoredDocument) => types.map((_, index) => nodes.get(`n${index}`));
        const before = nodesOf(stored);
        stored.checkpoint();
        expect(nodesOf(reopen(tables).stored)).toEqual(before);
      }));

    it("D4 brings options, incarnation and birth back", () =>
      create((tables) => {
        const { stored } = createWriter(
          tables,
          { id: "top", type: PLAIN },
          { ...DEFAULT_OPTIONS, conflicts: "reject" },
        );
        const again = reopen(tables).stored;
        const { incarnation, createdAt, options, seq, checkpointSeq } = again;
        expect({ incarnation, createdAt, options, seq, checkpointSeq }).toEqual({
          incarnation: "incarnation",
          createdAt: BEGIN,
          options: { ...DEFAULT_OPTIONS, conflicts: "reject" },
          seq: 0,
          checkpointSeq: 0,
        });
        expect([again.nodes.root, again.nodes.size, stored.nodes.root]).toEqual(["top", 1, "top"]);
      }));

    it("D4 keeps the last 256 answers of a client that are no events, beside its counter", () =>
      create((tables) => {
        const { write, stored } = createWriter(tables, item("root"));
        write("ann", insert("a", "root"));
        for (let count = 0; count < 300; count++) write("ann", []);
        for (const each of [stored, reopen(tables).stored]) {
          const record = each.clients.get("ann");
          expect(record?.mutation).toBe(301);
          expect(record?.answers.map(({ mutation }) => mutation)).toEqual(
            Array.from({ length: 256 }, (_, index) => 46 + index),
          );
        }
      }));

    it("D4 restores what was removed before the reload, with its content", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a", item("b", item("c")))));
        write("ann", remove("b"));
        stored.checkpoint();
        const { stored: later, write: writeLater } = reopen(tables);
        writeLater("bob", move("b", "root"));
        const { stored: last } = reopen(tables);
        for (const { nodes } of [later, last]) {
          expect([nodes.get("b")?.parent, nodes.get("c")?.removed, nodes.size]).toEqual(["root", null, 4]);
        }
        expect(problemsOf(tables, last)).toEqual([]);
      }));
  });
}

function playAndReload(tables: Tables, steps: readonly Step[], plan: readonly Then[]): void {
  let writer: Writer = createWriter(tables, START);
  for (const [index, { author, lag, ops }] of steps.entries()) {
    const base = lag === null ? {} : { base: Math.max(0, writer.stored.seq - lag) };
    // Every other client belongs to a user.
    const user = author === "bob" ? {} : { user: `user of ${author}` };
    writer.submit(author, ops, { ...base, ...user, meta: { index } });
    const then = plan[index % plan.length];
    if (then === "go on") continue;
    writer.commit();
    const { stored } = writer;
    const before = stateOf(tables, stored, AUTHORS);
    if (then === "checkpoint" || then === "checkpoint and reload") stored.checkpoint();
    expect(stateOf(tables, stored, AUTHORS)).toEqual(before);
    const again = reopen(tables);
    expect(stateOf(tables, again.stored, AUTHORS)).toEqual(before);
    expect(problemsOf(tables, again.stored)).toEqual([]);
    if (then === "reload" || then === "checkpoint and reload") writer = again;
  }
}
