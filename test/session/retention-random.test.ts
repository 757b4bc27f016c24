import fc from "fast-check";
import { expect, it } from "vitest";
import type { Version } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { item } from "../tree/document.ts";
import { begin, checkpointNow, infoOf } from "./life.ts";
import { dataOf } from "./look.ts";
import { type Room, WRITER } from "./room.ts";

const id = fc.constantFrom(..."abcdef");
const parent = fc.oneof({ weight: 4, arbitrary: id }, { weight: 1, arbitrary: fc.constant("root") });
const anchors = fc.record({ after: fc.oneof(fc.constant(null), id) }, { requiredKeys: [] });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: id.map((removed): Operation => ({ op: "remove", id: removed })) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(id, parent, anchors)
      .map(([moved, to, at]): Operation => ({ op: "move", id: moved, parent: to, ...at })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(id, parent, anchors)
      .map(([fresh, to, at]): Operation => ({ op: "insert", node: { id: fresh, type: "item" }, parent: to, ...at })),
  },
  { weight: 3, arbitrary: fc.nat(20).map((seq): Operation => ({ op: "undo", seqs: [seq + 1] })) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("update" as const), id, attrs: fc.record({ x: fc.nat(9) }) }) },
);
const step = fc.record({
  ops: fc.array(operation, { minLength: 1, maxLength: 3 }),
  base: fc.option(fc.nat(5), { freq: 3 }),
  lose: fc.boolean(),
  /** Which state to name, of the last few; and whether to delete the oldest name. */
  named: fc.option(fc.nat(3), { freq: 4 }),
  deleted: fc.boolean(),
});
const TREE = item("root", item("a", item("b", item("c")), item("d")), item("e"));

it("D12 D8 D4 V65 V68 whatever is let go of any history, what is kept of it is true, and so is the tree and what has a name", {
  timeout: 60_000,
}, () => {
  let [travelled, held] = [0, 0];
  const history = fc.array(step, { minLength: 5, maxLength: 25, size: "max" });
  fc.assert(
    fc.property(
      history,
      fc.constantFrom("historyRetention", "historyMaxEvents"),
      fc.integer({ min: 1, max: 10 }),
      (steps, bound, most) => {
        const room = begin({ [bound]: most, snapshotInterval: null, sweepInterval: null }, TREE);
        room.enter("ann");
        const at = (seq?: number) => dataOf(room.server, { at: seq === undefined ? seq : { seq } });
        const trees = [at()];
        const names: { id: string; seq: number }[] = [];
        for (const [index, { ops, base, lose, named, deleted }] of steps.entries()) {
          room.wait(1);
          const seen = base === null ? {} : { base: Math.max(0, trees.length - 1 - base) };
          room.server.ask((calls, now) => calls.mutate({ ops, ...seen }, WRITER, now));
          if (infoOf(room).seq === trees.length) trees.push(at());
          room.settle();
          if (deleted) forget(room, names.sort((a, b) => a.seq - b.seq).shift());
          if (named !== null) names.push(...name(room, `${index}`, Math.max(0, trees.length - 1 - named)));
          checkpointNow(room);
          if (lose) room.server.evict();
          const { historyFrom, seq } = infoOf(room);
          expect(seq).toBe(trees.length - 1);
          for (const each of names) expect(historyFrom - 1).toBeLessThanOrEqual(each.seq);
          if (names.length > 0 && historyFrom > 1) held++;
          for (const [past, tree] of trees.entries()) {
            if (past >= historyFrom - 1 && past < seq && historyFrom > 1) travelled++;
            expect(at(past)).toEqual(past >= historyFrom - 1 ? tree : "expired");
          }
        }
        room.server.sql.close();
      },
    ),
    runs(100),
  );
  expect(travelled).toBeGreaterThan(500);
  expect(held).toBeGreaterThan(100);
});

/** The version, or none where the history does not reach back to it. */
function name({ server }: Room, as: string, seq: number): Version[] {
  const named = server.call((calls, now) => calls.nameVersion({ name: as, at: { seq } }, WRITER, now));
  return named?.ok ? [named.value] : [];
}

function forget({ server }: Room, version: { id: string } | undefined): void {
  if (version) server.call((calls, now) => calls.deleteVersion(version.id, WRITER, now));
}
