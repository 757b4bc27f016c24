import { describe, expect, it } from "vitest";
import { MIGRATIONS, migrate } from "../../../src/storage/schema.ts";
import type { Sql, SqlValue } from "../../../src/storage.ts";
import { countAll, fullOrder, type NodeData, toData } from "../../../src/tree/index.ts";
import { problemsOf, treeAtOnce } from "../../support/stored.ts";
import { reopen } from "../../support/writer.ts";
import { insert, item, move, remove } from "../../tree/document.ts";
import { outline } from "../../tree/outline.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";
import written from "./schema-1.json" with { type: "json" };

/**
 * A database as the code before 2026-11-27 wrote it (95e13b3): marks on every node of a removed branch, no places, inverses
 * with their old sibling in `after`, commits that no checkpoint has. With what its tree and its size were after each event.
 */
const { tables, states, sizes } = written;

export function registerOldDocument({ create }: SqlUnderTest): void {
  describe("a document that was written before removed nodes kept their places", () => {
    it("D5 opens with its tree, its size and its history", () =>
      create((sql) => {
        writeOld(sql);
        const { stored } = reopen(sql);
        expect(toData(stored.nodes)).toEqual(states.at(-1));
        expect(problemsOf(sql, stored)).toEqual([]);
        for (const _ of countAll(stored.nodes, 1));
        expect(stored.nodes.size).toBe(sizes.at(-1));
        for (const [seq, state] of states.entries()) {
          const view = treeAtOnce(stored, seq);
          expect(view && toData(view), `seq ${seq}`).toEqual(state);
        }
        stored.checkpoint();
        const again = reopen(sql).stored;
        expect([toData(again.nodes), again.nodes.size]).toEqual([states.at(-1), sizes.at(-1)]);
        expect(problemsOf(sql, again)).toEqual([]);
      }));

    it("D5 T7 what was removed in it can be restored, with what went with it and without what had gone before", () =>
      create((sql) => {
        writeOld(sql);
        const { stored, write } = reopen(sql);
        expect(outline(stored.nodes)).toBe("root\n  j\n  e");
        for (const id of ["a", "f", "i", "d"]) {
          const restored = write("cy", move(id, id === "d" ? "a" : "root", { after: id }));
          expect(restored, id).toMatchObject({ ok: true });
        }
        expect(outline(stored.nodes)).toBe('root\n  j\n  e\n  a\n    d\n  f\n    b late=1\n      c text="kept"\n  i');
        expect(problemsOf(sql, stored)).toEqual([]);
        for (const _ of countAll(stored.nodes, 1));
        expect(stored.nodes.size).toBe(9);
        stored.checkpoint();
        expect(problemsOf(sql, reopen(sql).stored)).toEqual([]);
      }));

    it("D5 T13 from now on what goes keeps its place, beside what went before and has none", () =>
      create((sql) => {
        writeOld(sql);
        const { stored, write } = reopen(sql);
        write("cy", remove("j"));
        write("cy", insert("n", "root", { after: "j" }), { base: stored.seq - 1 });
        expect(fullOrder(stored.nodes, "root")).toEqual(["-j", "n", "e", "-f"]);
        // Where it stood is told by the neighbours it had: it has no place.
        write("cy", insert("m", "i"), { base: 0 });
        expect(problemsOf(sql, stored)).toEqual([]);
        expect(outline(stored.nodes).split("\n").length).toBe(4);
      }));

    it("D5 T11 what is deep already grows no deeper than a tree may", () =>
      create((sql) => {
        writeOld(sql);
        const name = (level: number) => `deep${level}`;
        for (let level = 0; level < 900; level++) {
          const below = level < 899 ? name(level + 1) : null;
          sql.exec(
            "INSERT INTO nodes (id, type, attrs, parent, first, last, placed) VALUES (?, 'item', '{}', ?, ?, ?, 0)",
            ...[name(level), level > 0 ? name(level - 1) : "e", below, below],
          );
        }
        sql.exec("UPDATE nodes SET first = 'deep0', last = 'deep0' WHERE id = 'e'");
        const { write } = reopen(sql);
        const chain = (levels: number): NodeData => item(`new${levels}`, ...(levels > 1 ? [chain(levels - 1)] : []));
        const bottom = name(899);
        expect(write("cy", { op: "insert", node: chain(100), parent: bottom })).toMatchObject({
          problem: { code: "tooDeep" },
        });
        expect(write("cy", { op: "insert", node: chain(99), parent: bottom }).ok).toBe(true);
      }));
  });
}

function writeOld(sql: Sql): void {
  migrate(sql, MIGRATIONS.slice(0, 1));
  const insertRow = (table: string, row: Readonly<Record<string, SqlValue>>) => {
    const columns = Object.keys(row);
    sql.exec(
      `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      ...Object.values(row),
    );
  };
  for (const row of tables.meta) insertRow("meta", row);
  for (const row of tables.events) insertRow("events", row);
  for (const row of tables.nodes) insertRow("nodes", row);
  for (const row of tables.clients) insertRow("clients", row);
}
