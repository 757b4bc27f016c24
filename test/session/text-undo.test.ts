import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { normalize } from "../../src/text/index.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { type Room, WRITER } from "./room.ts";
import { edit, join, open, rowsOf, send, split } from "./text-rows.ts";

const row = (id: string, text: string): NodeData => ({ id, type: "row", attrs: { text } });
const textOf = ({ attrs }: NodeData) => String(attrs?.text ?? "");
const rows = (room: Room) => rowsOf(room).map(textOf).join(" / ");

/** Somebody who has seen everything. */
function someone(room: Room, client: string) {
  let mutation = 0;
  const send = (operation: Operation) => {
    const body = { client, mutation: ++mutation, ops: [operation] };
    const answer = room.server.ask((calls, now) => calls.mutate(body, WRITER, now));
    room.settle();
    if (!answer?.ok) throw new Error(JSON.stringify({ operation, answer }));
    return mutation;
  };
  return {
    send,
    /** A key a mutation. */
    type: (id: string, at: number, text: string) =>
      [...text].map((key, index) => send(edit(id, ...(at + index > 0 ? [at + index] : []), key))),
    /** Backwards, a key a mutation. */
    erase: (id: string, at: number, count: number) =>
      Array.from({ length: count }, (_, index) => send(edit(id, ...(at - index > 1 ? [at - index - 1] : []), -1))),
    undo: (...mutations: number[]) => send({ op: "undo", mutations }),
    redo: (...mutations: number[]) => send({ op: "redo", mutations }),
  };
}

describe("what was undone in between is in nobody's way", () => {
  it("X46 two thousand keys taken back a thousand at a time, the last first, are all gone, and all there when they are done again", () => {
    const room = open(row("a", ""));
    const ann = someone(room, "ann");
    const typed = ann.type("a", 0, "abcdefghij".repeat(200));
    const parts = [1, 0].map((part) => typed.slice(1_000 * part, 1_000 * (part + 1)));
    for (const part of parts) ann.undo(...part);
    expect(rows(room)).toBe("");
    for (const part of parts.reverse()) ann.redo(...part);
    expect(rows(room)).toBe("abcdefghij".repeat(200));
  });

  it("X46 a text of 1 MiB may have 128 keys taken back at once, and no more", () => {
    const long = "x".repeat(LIMITS.nodeBytes - 200);
    const room = open(row("a", long));
    const ann = someone(room, "ann");
    const typed = ann.type("a", 0, "y".repeat(140));
    const answer = room.server.ask((calls, now) =>
      calls.mutate({ ops: [{ op: "undo", mutations: typed, client: "ann" }] }, WRITER, now),
    );
    expect(answer?.ok === false && answer.problem.code).toBe("tooLarge");
    ann.undo(...typed.slice(-128));
    expect(rows(room)).toHaveLength(long.length + 12);
  });

  it("X45 typed, some of it deleted, the delete undone, the typing undone", () => {
    const room = open(row("a", ""));
    const ann = someone(room, "ann");
    const typed = ann.send(edit("a", "abc"));
    const gone = ann.send(edit("a", 1, -2));
    ann.undo(gone);
    ann.undo(typed);
    expect(rows(room)).toBe("");
    ann.redo(typed);
    expect(rows(room)).toBe("abc");
    ann.redo(gone);
    expect(rows(room)).toBe("a");
    room.server.crash();
    ann.undo(gone);
    ann.undo(typed);
    expect(rows(room)).toBe("");
  });

  it("X45 taken back a second time, each text once, also where a row that it joined is gone by itself", () => {
    const room = open(row("a", "ab"), row("b", ""));
    const ann = room.enter("ann");
    const made = { op: "insert", node: row("n", "x"), parent: "root" } as const;
    send(room, ann, 1, 0, edit("a", -2), made, join("n", "b"));
    for (const [mutation, op, is] of [
      [2, "undo", "ab"],
      [3, "redo", ""],
      [4, "undo", "ab"],
    ] as const) {
      send(room, ann, mutation, mutation - 1, { op, mutations: [1] });
      expect(rows(room).split(" / ")[0]).toBe(is);
    }
  });

  it("X45 the same key by key, with others typing in between", () => {
    const room = open(row("a", "<>"));
    const [ann, bob] = [someone(room, "ann"), someone(room, "bob")];
    const typed = ann.type("a", 1, "abcdef");
    const gone = ann.erase("a", 7, 3);
    expect(rows(room)).toBe("<abc>");
    bob.type("a", 2, "BOB");
    expect(rows(room)).toBe("<aBOBbc>");
    ann.undo(...gone);
    expect(rows(room)).toBe("<aBOBbcdef>");
    bob.type("a", 8, "X");
    ann.undo(...typed.slice(3));
    expect(rows(room)).toBe("<aBOBbcX>");
    ann.undo(...typed.slice(0, 3));
    expect(rows(room)).toBe("<BOBX>");
    ann.redo(...typed);
    expect(rows(room)).toBe("<aBOBbcdXef>");
    ann.redo(...gone);
    expect(rows(room)).toBe("<aBOBbcX>");
    room.server.crash();
    ann.undo(...gone, ...typed);
    expect(rows(room)).toBe("<BOBX>");
  });

  it("X45 undone, done again, and undone, over and over", () => {
    const room = open(row("a", ""));
    const ann = someone(room, "ann");
    const typed = ann.type("a", 0, "abc");
    const gone = ann.erase("a", 3, 2);
    for (let round = 0; round < 4; round++) {
      ann.undo(...gone);
      expect(rows(room)).toBe("abc");
      ann.undo(...typed);
      expect(rows(room)).toBe("");
      ann.redo(...typed);
      expect(rows(room)).toBe("abc");
      ann.redo(...gone);
      expect(rows(room)).toBe("a");
    }
    ann.undo(...typed);
    expect(rows(room)).toBe("");
  });

  it.each<[string, readonly NodeData[], Operation, string, string, string]>([
    ["split", [row("a", "hello")], split("a", 2, "n"), "heXY / llo", "heXYllo", "hello"],
    ["head split", [row("a", "hello")], split("a", 2, "n", true), "he / lXYlo", "helXYlo", "hello"],
    ["join", [row("a", "he"), row("b", "llo")], join("b", "a"), "heXYllo", "heXY / llo", "he / llo"],
  ])("X45 a %s undone since", (_, start, move, both, moved, back) => {
    const room = open(...start);
    const [ann, bob] = [someone(room, "ann"), someone(room, "bob")];
    const isHead = move.op === "split" && move.head;
    // Typed before it, and after.
    const first = ann.send(edit("a", isHead ? 3 : 2, "X"));
    const made = bob.send(move.op === "split" ? { ...move, at: isHead ? 2 : 3 } : move);
    const second = ann.send(edit("a", isHead ? 2 : 3, "Y"));
    expect(rows(room)).toBe(both);
    bob.undo(made);
    expect(rows(room)).toBe(moved);
    ann.undo(first);
    bob.redo(made);
    bob.undo(made);
    ann.undo(second);
    expect(rows(room)).toBe(back);
    ann.redo(first, second);
    expect(rows(room)).toBe(moved);
    bob.redo(made);
    expect(rows(room)).toBe(both);
  });

  it("X45 the row that was split is gone: both stay as they are", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [someone(room, "ann"), someone(room, "bob")];
    const made = ann.send(split("a", 2, "n", true));
    bob.send(join("a", "n"));
    ann.undo(made);
    expect(rows(room)).toBe("hello");
  });

  it("X45 what would be too large when it is joined again stays as it is, all of it", () => {
    const half = "x".repeat(600_000);
    const room = open(row("a", half));
    const [ann, bob] = [someone(room, "ann"), someone(room, "bob")];
    const made = ann.send(split("a", 1, "n"));
    bob.send(edit("a", 1, half));
    const before = rows(room);
    const body = { client: "ann", mutation: made + 1, ops: [{ op: "undo" as const, mutations: [made] }] };
    const answer = room.server.ask((calls, now) => calls.mutate(body, WRITER, now));
    room.settle();
    expect(answer).toMatchObject({ ok: true, value: { skipped: [{ why: "limit" }] } });
    expect(rows(room) === before).toBe(true);
  });

  it("X45 a row whose text was replaced, and that undone", () => {
    const room = open(row("a", ""));
    const [ann, bob] = [someone(room, "ann"), someone(room, "bob")];
    const typed = ann.type("a", 0, "abc");
    const replaced = bob.send({ op: "update", id: "a", attrs: { text: "xyz" } });
    bob.undo(replaced);
    ann.undo(...typed);
    expect(rows(room)).toBe("");
  });
});

const RUNS = times(30);
const DEEDS = 50;

/** Whose a character is, by what it is: nobody types one twice. */
function play(at: number, count: number, deletes: number): void {
  const random = createRandom(seed, at);
  const below = (most: number) => Math.floor(random() * most);
  const room = open(row("a", "abcde"), row("b", "fghij"));
  let [made, keys] = [0, 0];
  const people = Array.from({ length: count }, (_, index) => ({
    ...someone(room, `p${index}`),
    keys: new Set<string>(),
    gone: new Set<string>(),
    /** The last first, as an editor has them. */
    done: [] as number[][],
    undone: [] as number[][],
  }));
  const deed = (person: (typeof people)[number]) => {
    const all = rowsOf(room);
    const one = all[below(all.length)] ?? { type: "" };
    const [id, text] = [one.id ?? "", textOf(one)];
    const place = below(text.length + 1);
    const kind = below(10);
    if (kind === 0) return [person.send(split(id, place, `n${made++}`, below(2) > 0 ? true : undefined))];
    if (kind === 1 && all.length > 1) {
      const into = all.filter((each) => each.id !== id)[below(all.length - 1)];
      return [person.send(join(id, into?.id ?? ""))];
    }
    if (kind < 5 && place > 0 && people.indexOf(person) < deletes) {
      const gone = 1 + below(Math.min(3, place));
      for (const key of text.slice(place - gone, place)) person.gone.add(key);
      if (below(2) > 0) return person.erase(id, place, gone);
      return [person.send(edit(id, ...normalize([place - gone, -gone])))];
    }
    const typed = Array.from({ length: 1 + below(3) }, () => String.fromCodePoint(0x4e00 + keys++)).join("");
    for (const key of typed) person.keys.add(key);
    return below(2) > 0 ? person.type(id, place, typed) : [person.send(edit(id, ...normalize([place, typed])))];
  };
  const standing = () => rowsOf(room).flatMap((each) => [...textOf(each)]);
  const undo = (person: (typeof people)[number]) => {
    const last = person.done.pop();
    if (!last) return;
    person.undo(...last);
    person.undone.push(last);
  };
  for (let each = 0; each < DEEDS; each++) {
    const person = people[below(count)];
    if (!person) continue;
    if (below(30) === 0) room.server.crash();
    const kind = below(10);
    if (kind < 3) undo(person);
    else if (kind < 5) {
      const next = person.undone.pop();
      if (!next) continue;
      person.redo(...next);
      person.done.push(next);
    } else {
      person.done.push(deed(person));
      person.undone = [];
    }
  }
  for (const person of people) {
    const before = standing();
    while (person.done.length > 0) undo(person);
    const after = standing();
    expect(new Set(after).size, "each once").toBe(after.length);
    // What was deleted by somebody else is that one's to bring back; by both, where it was is not known to the character.
    const exempt = new Set(people.filter((other) => other !== person || deletes > 1).flatMap(({ gone }) => [...gone]));
    expect(after.filter((key) => person.keys.has(key) && !exempt.has(key))).toEqual([]);
    const others = before.filter((key) => !person.keys.has(key));
    expect(after).toEqual(expect.arrayContaining(others));
  }
  if (count === 1) expect(rows(room)).toBe("abcde / fghij");
}

it.each([
  ["one has", 1, 1],
  ["two have, one of them deletes,", 2, 1],
  ["two have", 2, 2],
])("X45 whatever %s typed, deleted, split and joined: who has undone all has left nothing", (_, count, deletes) => {
  for (let run = 0; run < RUNS; run++) {
    try {
      play(run + 1, count, deletes);
    } catch (error) {
      console.info(`run ${run + 1} of ${seed}`);
      throw error;
    }
  }
});
