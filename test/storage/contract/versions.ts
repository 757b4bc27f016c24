import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS, type Version } from "../../../src/protocol/index.ts";
import { createVersions } from "../../../src/storage/versions.ts";
import { finish, type Tables } from "../../../src/storage.ts";
import { BEGIN, createWriter, reopen } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import { prepared, type StorageUnderTest } from "./under-test.ts";

function version(id: string, seq: number, name: string | null = id): Version {
  return { id, name, seq, time: BEGIN + seq, userId: name === null ? null : "ann" };
}

/** Their ids, as they are stored. */
function ids(tables: Tables): string[] {
  return createVersions(tables.versions).all.map(({ id }) => id);
}

export function registerVersions({ create }: StorageUnderTest): void {
  describe("versions", () => {
    it("V60 are what was written, and what a transaction that fails has done to them is taken back", () =>
      create((tables) => {
        const { versions } = prepared(tables);
        const all = [version("a", 2), version("é\u0000'", 1, "漢"), version("auto", 3, null)];
        for (const each of all) versions.put(each);
        versions.put(version("a", 2, "renamed"));
        const failing = () =>
          tables.transaction(() => {
            versions.put(version("b", 9));
            versions.put(version("a", 9));
            versions.delete("auto");
            throw new Error("on purpose");
          });
        expect(failing).toThrow("on purpose");
        expect(createVersions(versions).all).toEqual([all[1], version("a", 2, "renamed"), all[2]]);
        versions.delete("a");
        versions.delete("none");
        expect(ids(tables)).toEqual(["é\u0000'", "auto"]);
      }));

    it("V60 are found by their id before any by its name", () =>
      create((tables) => {
        const versions = createVersions(prepared(tables).versions);
        for (const each of [version("x", 1, "y"), version("y", 2, "x"), version("z", 3)]) versions.put(each);
        expect(["x", "y", "z", "none"].map((wanted) => versions.find(wanted)?.seq)).toEqual([1, 2, 3, undefined]);
      }));

    it("V65 hold back a history at the first with a name, to the event, and V66 go where it goes all the same", () =>
      create((tables) => {
        const writer = createWriter(tables, item("root", item("a")), { ...DEFAULT_OPTIONS, historyRetention: 1 });
        const { stored, submit, commit } = writer;
        // Two events a commit.
        for (let x = 1; x <= 8; x++) {
          submit("ann", update("a", { x }), { at: BEGIN + x });
          if (x % 2 === 0) commit();
        }
        for (const each of [version("none", 1, null), version("first", 5), version("second", 6)])
          stored.versions.put(each);
        const from = () => {
          finish(stored.checkpointInSteps(BEGIN + 1_000));
          expect(reopen(tables).stored.historyFrom).toBe(stored.historyFrom);
          return [stored.historyFrom, ...ids(tables)];
        };
        expect(from(), "one event of its commit is needed").toEqual([5, "first", "second"]);
        stored.forgetVersion("first");
        expect(from()).toEqual([7, "second"]);
        stored.forgetVersion("second");
        expect(from()).toEqual([9]);
      }));

    it("V65 hold back what has not gone yet when they are named while a checkpoint lets go", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")), {
          ...DEFAULT_OPTIONS,
          historyRetention: 0,
        });
        for (let x = 1; x <= 8; x++) write("ann", update("a", { text: x + "x".repeat(100_000) }));
        const letGo = stored.checkpointInSteps(stored.time + 1);
        while (stored.historyFrom === 1) expect(letGo.next(0).done).toBe(false);
        const seq = stored.historyFrom;
        expect(seq).toBeLessThan(8);
        stored.versions.put(version("meanwhile", seq));
        finish(letGo);
        expect([stored.historyFrom, ids(tables)]).toEqual([seq + 1, ["meanwhile"]]);
      }));
  });
}
