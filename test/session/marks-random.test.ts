import { expect, it } from "vitest";
import { createRandom } from "../../src/testing/random.ts";
import { marksOf, normalize } from "../../src/text/index.ts";
import { applyEvent, fromData, type Json, type NodeData, type Operation, toData } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { dataOf } from "./look.ts";
import { openRoom, WRITER } from "./room.ts";

const RUNS = times(40);
const DEEDS = 60;
const KEYS = ["bold", "link"];
const VALUES: readonly Json[] = [true, { to: "a" }, null];

/** What somebody may do to the rows that it sees. */
function deedOf(rows: readonly NodeData[], below: (most: number) => number, newId: () => string): Operation {
  const pick = <T>(of: readonly T[], otherwise: T): T => of[below(of.length)] ?? otherwise;
  const row = pick(rows, { type: "" });
  const id = row.id ?? "";
  const text = String(row.attrs?.text ?? "");
  const [one, other] = [below(text.length + 1), below(text.length + 1)];
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const attr = "text";
  const kind = below(10);
  if (kind < 4 && from < to) return { op: "mark", id, attr, from, to, key: pick(KEYS, ""), value: pick(VALUES, null) };
  if (kind === 8) {
    const node = { id: newId(), type: "row" };
    return { op: "split", id, attr, at: one, node, ...(below(2) > 0 && { head: true }) };
  }
  const into = pick(rows, row).id ?? "";
  if (kind === 9 && into !== id) return { op: "join", id, into, attr };
  const gone = Math.min(to - from, below(4));
  return { op: "edit", id, attr, changes: normalize([from, ...(below(2) > 0 ? ["xyz"] : []), -gone]) };
}

it("X100 X104 X108 whatever is typed, marked, split, joined, undone and done again: followers, time travel and the form of marks", () => {
  let marked = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(seed, run + 1);
    const below = (most: number) => Math.floor(random() * most);
    const start: NodeData = {
      ...{ id: "root", type: "list" },
      children: ["hello", "world"].map((text, at) => ({ id: `r${at}`, type: "row", attrs: { text } })),
    };
    const room = openRoom(start);
    const watcher = room.enter("watcher");
    const heard = () => watcher.hear().flatMap((each) => (each.type === "delta" ? each.events : []));
    const follower = fromData(start, () => "");
    const trees: NodeData[] = [toData(follower)];
    /** What each has seen, and the events that are its own. */
    const people = ["ann", "bob", "cyd"].map((client) => ({ client, mutation: 0, seen: 0 }));
    let made = 0;
    for (let deed = 0; deed < DEEDS; deed++) {
      const person = people[below(people.length)];
      if (!person) continue;
      // Nothing of its own is in flight.
      person.seen += below(trees.length - person.seen);
      const rows = trees[person.seen]?.children ?? [];
      const isBack = person.mutation > 0 && below(4) === 0;
      const named = { mutations: [1 + below(Math.max(1, person.mutation))] };
      const operation: Operation = isBack
        ? { op: below(2) > 0 ? "undo" : "redo", ...named }
        : deedOf(rows, below, () => `n${made++}`);
      const body = { base: person.seen, ops: [operation], client: person.client, mutation: person.mutation + 1 };
      const answer = room.server.ask((calls, now) => calls.mutate(body, WRITER, now));
      const said = JSON.stringify({ seed, run, deed, operation, answer });
      if (!answer?.ok) continue;
      person.mutation++;
      room.settle();
      const [event] = heard();
      if (!event) continue;
      applyEvent(follower, event);
      const tree = toData(follower);
      expect(dataOf(room.server), said).toEqual(tree);
      trees.push(tree);
      person.seen = event.seq;
      for (const { attrs = {} } of tree.children ?? []) {
        const marks = attrs["text:marks"];
        if (marks === undefined) continue;
        marked++;
        expect(marksOf(marks, String(attrs.text).length), said).toBe(marks);
      }
    }
    for (const [at, tree] of trees.entries())
      expect(dataOf(room.server, { at: { seq: at } }), `seed ${seed} run ${run} at ${at}`).toEqual(tree);
  }
  expect(marked).toBeGreaterThan(RUNS);
});
