import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyEvent,
  applyInverse,
  checkTree,
  createLayer,
  expireEvent,
  forgetRemoved,
  fromData,
  fromRows,
  type Inverse,
  type NodeId,
  purge,
  toRows,
} from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { type DocumentEvent, insert, move, openDocument, remove, type TestDocument, update } from "./document.ts";
import { inline, outline } from "./outline.ts";
import { play } from "./play.ts";
import { history, START, type Step } from "./random-history.ts";

/** What happens to the history after a mutation, and where somebody looks back to then. */
interface Aging {
  readonly expire: number;
  readonly purge: number;
  readonly look: number;
}

const aging: fc.Arbitrary<Aging> = fc.record({
  // Not each time: what has just been removed has to be restored now and then.
  expire: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }),
  purge: fc.nat(2),
  look: fc.nat(),
});

describe("what has expired is deleted step by step", { timeout: 120_000 }, () => {
  it("D12 D8 T9 whatever is half deleted, the history that is kept leads back to the trees there were", () => {
    let [halves, looks, anew] = [0, 0, 0];
    const ages = (steps: readonly Step[], agings: readonly Aging[]) => {
      const past = [outline(openDocument(START).store)];
      const doomed: NodeId[] = [];
      let expired = 0;
      // One that keeps what is removed, since when, and one that does not.
      let keeping = fromData(START, () => "");
      let keepsSince = 0;
      let forgetting = fromData(START, () => "");
      for (const { document, seq, verdict } of play(steps)) {
        const { store, events } = document;
        const event = events.at(-1);
        if (verdict.ok && verdict.ops.length > 0 && event) {
          const since = restoredSince(event);
          if (since <= keepsSince) [keeping, keepsSince] = [fromRows([...toRows(store)]), event.seq];
          else applyEvent(keeping, event);
          if (since < Number.POSITIVE_INFINITY) {
            forgetting = fromRows([...toRows(store)]);
            anew++;
          } else {
            applyEvent(forgetting, event);
            forgetRemoved(forgetting, event.ops);
          }
          for (const replica of [keeping, forgetting]) expect(outline(replica)).toBe(outline(store));
        }
        const { expire, purge: most, look } = agings[seq % agings.length] ?? { expire: 0, purge: 0, look: 0 };
        const until = Math.min(events.length, expired + expire);
        for (const event of events.slice(expired, until)) doomed.push(...expireEvent(store, event));
        expired = until;
        const [top] = doomed;
        if (top !== undefined && most > 0) {
          purge(store, top, most, (orphan) => void doomed.push(orphan));
          if (store.get(top)) halves++;
          else doomed.shift();
        }
        past[events.length] = outline(store);
        const at = expired + (look % (events.length - expired + 1));
        expect(treeAt(document, at), `at ${at} of ${events.length}, from ${expired}`).toBe(past[at]);
        looks++;
        expect(checkTree(store, store.records())).toEqual([]);
      }
    };
    fc.assert(fc.property(history, fc.array(aging, { minLength: 5, maxLength: 40, size: "max" }), ages), runs(400));
    expect([halves > 300, looks > 10_000, anew > 0]).toEqual([true, true, true]);
  });

  it("D8 where its old neighbour is deleted and its parent is not, a node is put back behind nothing", () => {
    const document = openDocument("root\n  x\n    a\n    b\n    c\n  z");
    document.by("ann", remove("x"));
    document.by("ann", move("b", "root"));
    const [first] = document.events;
    if (!first) throw new Error("nothing was removed");
    expect(expireEvent(document.store, first)).toEqual(["x"]);
    purge(document.store, "x", 1, () => {});
    expect(document.store.get("a")).toBe(undefined);
    expect(document.store.get("x")).toBeDefined();
    document.by("ann", update("z", { x: 1 }));
    expect(inline(treeAt(document, 2))).toBe("root(z b)");
    expect(inline(treeAt(document, 1))).toBe("root(z)");
  });

  it("D12 only what has expired is deleted: what was restored, or removed again later, stays", () => {
    const document = openDocument("root\n  a\n    b\n  c\n    d");
    document.by("ann", [remove("a"), remove("c")]);
    document.by("ann", [move("a", "root"), move("c", "root")]);
    document.by("ann", remove("c"));
    for (const top of ["a", "c"]) expect(purge(document.store, top, 10, () => {})).toBe(0);
    document.by("ann", [move("c", "root"), insert("e", "c")]);
    expect(inline(outline(document.store))).toBe("root(a(b) c(d e))");
  });
});

/** The first removal of what an event restores without its content. */
function restoredSince({ ops }: DocumentEvent): number {
  return Math.min(
    ...ops.flatMap((op) =>
      op.op === "move" && op.restores !== undefined ? [op.restores] : [Number.POSITIVE_INFINITY],
    ),
  );
}

/** The tree right after an earlier event, as whoever keeps the history finds it. */
function treeAt({ store, events }: TestDocument, at: number): string {
  const layer = createLayer(store, null);
  for (const { seq, inverse } of events.toReversed()) {
    if (seq <= at) break;
    // As the log keeps them.
    const list: Inverse[] = JSON.parse(JSON.stringify(inverse));
    for (const each of list) applyInverse(layer, each);
  }
  return outline(layer);
}
