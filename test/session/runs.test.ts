import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Meta, TreeEvent } from "../../src/protocol/index.ts";
import { inRuns } from "../../src/session/runs.ts";
import { applyChanges, type Changes, createBridge, type Step } from "../../src/text/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { seed } from "../support/seed.ts";
import { insert, item, update } from "../tree/document.ts";
import { openRoom, type Room } from "./room.ts";

const INCARNATION = "id0";
const ATTR = "text";

function edit(id: string, ...changes: Changes): Operation {
  return { op: "edit", id, attr: ATTR, changes };
}

/** The events that come to a client that was there at the beginning. */
function missed(room: Room, client: string, more: object = {}): TreeEvent[] {
  room.settle();
  const visitor = room.join(client, { incarnation: INCARNATION, seq: 0, runs: true, ...more });
  const events = visitor.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
  visitor.drop();
  return events;
}

const manyPlaces = (_: unknown, index: number) => (index % 2 ? "x" : 1);

/** Without those that change nothing. */
function effective(steps: readonly Step[]): Step[] {
  return steps.filter((step) => step.op !== "edit" || step.changes.length > 0);
}

describe("what was missed of typing", () => {
  it("X94 what others have typed in a row is one event, with what it came to in each text", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.mutate(edit("a", "h"));
    bob.mutate(edit("b", "x"));
    ann.mutate(edit("a", 1, 0, "i!"));
    bob.mutate(edit("b", -1));
    ann.mutate(edit("a", 2, -1));
    room.settle();
    const time = missed(room, "cy", { runs: false }).at(-1)?.time;
    expect(missed(room, "cy")).toEqual([
      {
        ...{ seq: 5, first: 1, time, client: null, mutation: null, userId: null },
        ops: [
          { op: "edit", id: "a", attr: ATTR, changes: ["hi"] },
          { op: "edit", id: "b", attr: ATTR, changes: [] },
        ],
      },
    ]);
    expect(missed(room, "cy", { runs: false }).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it("X94 what is put where something was taken away is not marked as that was", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    ann.mutate(edit("a", "cd"), { op: "mark", id: "a", attr: ATTR, from: 0, to: 2, key: "bold", value: true });
    ann.mutate(edit("a", 1, -1));
    ann.mutate(edit("a", 1, "x"));
    ann.mutate(edit("a", 2, 0, "y"));
    const all = { seq: 1 };
    expect(missed(room, "cy", all).map(({ ops }) => ops)).toEqual([
      [
        { op: "edit", id: "a", attr: ATTR, changes: [1, -1] },
        { op: "edit", id: "a", attr: ATTR, changes: [1, "xy"] },
      ],
    ]);
  });

  it("X94 one's own come as they are, and so does whatever is more than an edit", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    for (const key of ["1", "2"]) ann.mutate(edit("a", key));
    bob.mutate(edit("b", "3"));
    for (const key of ["4", "5"]) ann.mutate(edit("a", key));
    ann.mutate(edit("a", "6"), edit("b", "6"));
    ann.mutate(update("b", { done: true }));
    ann.send({ type: "mutate", mutations: [{ mutation: 7, ops: [edit("a", "8")], meta: { why: "told" } }] });
    ann.mutate(insert("c", "root"));
    room.settle();
    const seqs = (client: string) =>
      missed(room, client).map(({ first, seq }) => (first ? `${first}-${seq}` : `${seq}`));
    expect(seqs("bob")).toEqual(["1-2", "3", "4-6", "7", "8"]);
    expect(seqs("cy")).toEqual(["1-6", "7", "8"]);
    expect(seqs("ann")).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });

  it("X115 what is typed is one event, whatever it is undone with", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    const typed = (mutation: number, meta: Meta) =>
      ann.send({ type: "mutate", mutations: [{ mutation, ops: [edit("a", "x")], meta }] });
    for (const [index, meta] of [{ group: "1" }, { group: "1" }, { group: "2" }, { by: "Ann", group: "2" }].entries()) {
      typed(index + 1, meta);
    }
    room.settle();
    expect(missed(room, "cy").map(({ first, seq, meta }) => [first, seq, meta])).toEqual([
      [1, 3, undefined],
      [undefined, 4, { by: "Ann", group: "2" }],
    ]);
  });

  it("X94 who is there hears each as it comes, and so does who does not say that it takes runs", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    const bob = room.join("bob", { runs: true });
    bob.hear();
    for (const key of ["1", "2", "3"]) ann.mutate(edit("a", key));
    room.settle();
    const live = bob.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(live.map(({ seq, first }) => [seq, first])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
  });

  it("X94 what a run comes to costs little more than its edits, wherever in a text they are", () => {
    const events = Array.from({ length: 20_000 }, (_, index): TreeEvent => {
      const changes = index > 0 ? [1 + ((index * 7_919) % 10_000), "y"] : Array.from({ length: 10_000 }, manyPlaces);
      const ops = [{ op: "edit", id: "a", attr: ATTR, changes } as const];
      return { seq: index + 1, time: 1, client: "ann", mutation: index + 1, userId: null, ops };
    });
    const start = performance.now();
    const [run] = inRuns(events, "bob");
    // One by one it is more than ten seconds.
    expect(performance.now() - start).toBeLessThan(2_000);
    const [effect] = run?.ops ?? [];
    if (effect?.op !== "edit") throw new Error("no edit");
    const was = "-".repeat(20_000);
    expect(applyChanges(was, effect.changes).length).toBe(was.length + 5_000 + 19_999);
  });

  it("X94 whoever has something pending gets over a run what it gets over its events", () => {
    const change = fc.record({
      text: fc.nat(1),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      inserts: fc.constantFrom("", "a", "bc"),
      deletes: fc.nat(3),
      bound: fc.boolean(),
    });
    const property = fc.property(
      fc.array(change, { minLength: 2, maxLength: 12 }),
      fc.array(change, { maxLength: 6 }),
      (others, own) => {
        const theirs = ["0123456789", "abcdefghij"];
        const make = (texts: string[], { text, at, inserts, deletes, bound }: (typeof others)[number]): Step => {
          const before = texts[text] ?? "";
          const start = Math.floor(at * before.length);
          const gone = Math.min(deletes, before.length - start);
          const changes = [start, ...(inserts ? [...(bound ? [0] : []), inserts] : []), -gone].filter(
            (each, index, all) => each !== 0 || (typeof all[index + 1] === "string" && index === 1),
          );
          texts[text] = applyChanges(before, changes);
          return { op: "edit", id: `${text}`, attr: ATTR, changes };
        };
        const events = others.map((each, index): TreeEvent => {
          const step = make(theirs, each);
          if (step.op !== "edit") throw new Error("no edit");
          return { seq: index + 1, time: 1, client: "ann", mutation: index + 1, userId: null, ops: [step] };
        });
        const runs = inRuns(events, "bob");
        expect(runs.length).toBe(1);
        const [one, together] = [createBridge(), createBridge()];
        const add = (bridge: typeof one, all: readonly TreeEvent[]) => {
          for (const { seq, ops } of all)
            bridge.add(
              seq,
              ops.flatMap((each) => (each.op === "edit" ? [each] : [])),
            );
        };
        add(one, events);
        add(together, runs);
        const mine = ["0123456789", "abcdefghij"];
        for (const each of own) {
          const step = make(mine, each);
          expect(effective(together.take(step))).toEqual(effective(one.take(step)));
        }
      },
    );
    fc.assert(property, { numRuns: 3_000, seed });
  });
});
