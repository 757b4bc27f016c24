import { describe, expect, it } from "vitest";
import { createLayer, type NodeData } from "../../../src/tree/index.ts";
import { problemsOf } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { PLAIN } from "../../tree/outline.ts";
import type { StorageUnderTest } from "./under-test.ts";

export function registerRows({ create }: StorageUnderTest): void {
  describe("reading", () => {
    it("D2 what is changed is never let go, and nothing is lost around it", () =>
      create((tables) => {
        const text = "x".repeat(600_000);
        const { stored, write } = createWriter(
          tables,
          wideTree(40, (index) => ({ index, text })),
        );
        const readAll = () => {
          for (let index = 0; index < 40; index++) stored.nodes.get(`n${index}`);
        };
        readAll();
        write("ann", update("n0", { text: "changed" }));
        write("bob", [insert("new", "n1"), move("n2", "n3")]);
        write("cy", remove("n4"));
        readAll();
        expect(stored.nodes.dirty).toBeGreaterThan(4);
        const look = ({ nodes }: typeof stored) => ({
          n0: nodes.get("n0")?.attrs,
          new: nodes.get("new")?.parent,
          n2: nodes.get("n2")?.parent,
          n4: nodes.get("n4")?.removed,
          size: nodes.size,
        });
        const expected = { n0: { index: 0, text: "changed" }, new: "n1", n2: "n3", n4: 3, size: 41 };
        expect(look(stored)).toEqual(expected);
        stored.checkpoint();
        readAll();
        expect(look(stored)).toEqual(expected);
        const again = reopen(tables).stored;
        expect(look(again)).toEqual(expected);
        for (const each of [stored, again]) expect(problemsOf(tables, each)).toEqual([]);
      }));

    it("D2 a layer over rows reads the same tree, and leaves the rows alone", () =>
      create((tables) => {
        const { nodes } = createWriter(tables, item("root", item("a"))).stored;
        const layer = createLayer(nodes);
        layer.edit("a").type = "other";
        expect([layer.get("a")?.type, nodes.get("a")?.type, nodes.dirty]).toEqual(["other", PLAIN, 0]);
      }));
  });
}

function wideTree(count: number, attrs: (index: number) => NonNullable<NodeData["attrs"]>): NodeData {
  const children = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: PLAIN, attrs: attrs(index) }));
  return { id: "root", type: PLAIN, children };
}
