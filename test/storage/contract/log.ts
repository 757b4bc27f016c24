import { describe, expect, it } from "vitest";
import { type Commit, entriesOf, eventsOf } from "../../../src/storage/log.ts";
import { createWriter } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import { prepared, type StorageUnderTest } from "./under-test.ts";

const LARGE = `"${"x".repeat(1_200_000)}"`;

export function registerLog({ create }: StorageUnderTest): void {
  describe("the log", () => {
    it("D7 the log is read from any seq on, and backwards, across pages and groups", () =>
      create((tables) => {
        const { stored, submit, commit } = createWriter(tables, item("root", item("a")));
        // Groups of 1, 2 and 3 events; more groups than one page reads (16).
        for (let group = 0; group < 50; group++) {
          for (let each = 0; each <= group % 3; each++) submit("ann", update("a", { group }));
          commit();
        }
        const { seq, log } = stored;
        for (let after = 0; after <= seq + 1; after++) {
          const commits = [...log.after(after)];
          expect(commits.every(({ last }) => last > after)).toBe(true);
          const seqs = commits.flatMap(eventsOf).map((event) => event.seq);
          expect(seqs.filter((each) => each > after)).toEqual(range(after + 1, seq));
        }
        const backward = [...log.backward()].flatMap((each) => entriesOf(each).reverse());
        expect(backward.map((entry) => entry.seq)).toEqual(range(1, seq).reverse());
        expect(log.oldest()).toBe(1);
        log.drop(19);
        expect(log.oldest()).toBe(20);
        expect([...log.after(0)].flatMap(eventsOf)[0]?.seq).toBe(20);
        log.drop(seq);
        expect([log.oldest(), [...log.after(0)], [...log.backward()]]).toEqual([null, [], []]);
      }));

    it("D9 without a commit has no oldest seq, and nothing in either direction", () =>
      create((tables) => {
        const { log } = prepared(tables);
        log.drop(5);
        expect([log.oldest(), firsts(log.after(0)), firsts(log.backward())]).toEqual([null, [], []]);
      }));

    it("D9 gives back what was appended, to the letter", () =>
      create((tables) => {
        const { log } = prepared(tables);
        const commits = [commit(1, 1), commit(2, 4, '{"text":"\\u2028\\n🌳\\ud83c"}'), commit(5, 5, LARGE)];
        for (const each of commits) log.append(each);
        expect([...log.after(0)].map(plain)).toEqual(commits);
        expect([...log.backward()].map(plain)).toEqual(commits.toReversed());
      }));

    it("D9 begins with the commit that holds the seq asked for, and can leave out what is too old", () =>
      create((tables) => {
        const { log } = prepared(tables);
        // 1-3, 4-6, … 58-60: more than one page in either direction.
        const all = Array.from({ length: 20 }, (_, index) => 1 + 3 * index);
        for (const first of all) log.append(commit(first, first + 2));
        const from = (least: number) => all.filter((first) => first >= least);
        const begins = [-1, 0, 2, 3, 4, 5, 6, 59, 60, 1_000].map((after) => firsts(log.after(after)));
        expect(begins).toEqual([1, 1, 1, 4, 4, 4, 7, 58, 61, 61].map(from));
        // A commit is as old as its first seq.
        const since = [1, 30, 31, 58, 59, 1_000].map((time) => firsts(log.after(0, time)));
        expect(since).toEqual([1, 31, 31, 58, 61, 61].map(from));
        expect([firsts(log.after(40, 10)), firsts(log.after(10, 40))]).toEqual([from(40), from(40)]);
        expect(firsts(log.backward())).toEqual(all.toReversed());
      }));

    it("D9 finds the commit that has a seq, and reads backward from any seq", () =>
      create((tables) => {
        const { log } = prepared(tables);
        expect([log.at(1), firsts(log.backward(5))]).toEqual([undefined, []]);
        // 4-6, 7-9, … 58-60, one of them of many parts: more than one page.
        const all = Array.from({ length: 19 }, (_, index) => 4 + 3 * index);
        for (const first of all) log.append(commit(first, first + 2, first === 31 ? LARGE : undefined));
        for (const first of all) {
          for (const seq of [first, first + 1, first + 2]) expect(log.at(seq)?.first).toBe(first);
        }
        expect([log.at(32)].map((each) => each && plain(each))).toEqual([commit(31, 33, LARGE)]);
        expect([0, 3, 61, 1_000].map((seq) => log.at(seq))).toEqual([undefined, undefined, undefined, undefined]);
        for (const before of [1, 4, 5, 7, 8, 31, 32, 58, 59, 100]) {
          expect(firsts(log.backward(before))).toEqual(all.filter((first) => first < before).toReversed());
        }
      }));

    it("D9 may be appended to and dropped from while it is read backward: what has gone does not come", () =>
      create((tables) => {
        const { log } = prepared(tables);
        for (let first = 1; first <= 200; first++) log.append(commit(first, first));
        const seen: number[] = [];
        for (const { first } of log.backward()) {
          seen.push(first);
          if (first === 190) log.append(commit(201, 201));
          if (first === 150) log.drop(40);
        }
        const dropped = seen.findIndex((first) => first <= 40);
        expect(seen.slice(0, 160)).toEqual(range(41, 200).reverse());
        // Some may have been read before.
        expect(dropped === -1 || dropped === 160).toBe(true);
      }));

    it("D9 is dropped up to the commit that begins with a seq, that one too, and no further", () =>
      create((tables) => {
        const { log } = prepared(tables);
        for (let first = 1; first < 60; first += 3) log.append(commit(first, first + 2));
        log.drop(0);
        expect(log.oldest()).toBe(1);
        log.drop(3);
        expect(log.oldest(), "seq 3 is inside of the first commit").toBe(4);
        log.drop(7);
        expect([log.oldest(), firsts(log.after(0))[0], firsts(log.backward()).at(-1)]).toEqual([10, 10, 10]);
        log.append(commit(61, 61));
        expect(firsts(log.backward())[0]).toBe(61);
        log.drop(61);
        expect([log.oldest(), firsts(log.after(0))]).toEqual([null, []]);
        log.append(commit(62, 63));
        expect([log.oldest(), firsts(log.after(0))]).toEqual([62, [62]]);
      }));

    it("D9 a commit of many parts is dropped whole", () =>
      create((tables) => {
        const { log } = prepared(tables);
        for (const first of [1, 2, 3]) log.append(commit(first, first, LARGE));
        log.drop(2);
        expect([log.oldest(), [...log.after(0)].map(plain)]).toEqual([3, [commit(3, 3, LARGE)]]);
      }));

    it("D9 may be appended to and dropped from while it is read", () =>
      create((tables) => {
        const { log } = prepared(tables);
        for (let first = 1; first <= 40; first++) log.append(commit(first, first));
        const seen: number[] = [];
        for (const { first } of log.after(0)) {
          seen.push(first);
          if (first === 3) log.drop(2);
          if (first === 20) log.append(commit(41, 41));
        }
        expect(seen).toEqual(range(1, 41));
      }));
  });
}

/** A commit as old as its first seq. */
function commit(first: number, last: number, events = `{"seq":${first}}`): Commit {
  return { first, last, time: first, events, inverses: `[${first}]` };
}

function firsts(commits: Iterable<Commit>): number[] {
  return Array.from(commits, ({ first }) => first);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** A commit without what a large one has beside. */
function plain({ first, last, time, events, inverses }: Commit): Commit {
  return { first, last, time, events, inverses };
}
