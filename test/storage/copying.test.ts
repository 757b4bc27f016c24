import { expect, it } from "vitest";
import { decodeCopyHead } from "../../src/protocol/index.ts";
import {
  beginLoading,
  type Copy,
  copyOf,
  copyOfHistory,
  copyOfPast,
  createMeter,
  createSqliteTables,
  finish,
  hasDocument,
  openDocument,
  type Piece,
  treeAt,
} from "../../src/storage.ts";
import { createRandom } from "../../src/testing/random.ts";
import { type ReadStore, toData } from "../../src/tree/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { seed, times } from "../support/seed.ts";
import { createWriter, type Writer } from "../support/writer.ts";
import { insert, item, remove, update } from "../tree/document.ts";

const RUNS = times(6);
const NODES = 600;

/** Reads on, and does something between two lines. */
function linesOf(copy: Copy, between: () => void): Piece[] {
  const lines: Piece[] = [];
  for (;;) {
    const { value, done } = copy.pieces.next();
    if (done) return lines;
    if (copy.overtaken) throw new Error("too much has changed");
    if (value !== "") lines.push(value);
    between();
  }
}

/** The document that lines make. */
function made([first = "", ...rest]: readonly Piece[]) {
  if (typeof first !== "string") throw new Error("the head is text");
  const head = decodeCopyHead(JSON.parse(first).grove);
  if (!head.ok) throw new Error(head.problem.message);
  const tables = createSqliteTables(openTestSql());
  tables.prepare();
  const loading = beginLoading(tables, head.value);
  let nodes = 0;
  for (const line of rest) {
    if (typeof line !== "string") {
      loading.load("nodes", line);
      continue;
    }
    const table = (["nodes", "events", "clients", "skips"] as const).find((each) => line.startsWith(`{"${each}":`));
    if (table) loading.load(table, JSON.stringify(JSON.parse(line)[table]));
    else nodes = JSON.parse(line).end.nodes;
  }
  expect(finish(loading.check(nodes, []))).toBe(null);
  loading.finish({ incarnation: "copy", salt: 2, nodes, now: 1 });
  const stored = openDocument(tables, () => "again");
  if (!stored) throw new Error("there is a document");
  return stored;
}

/** Somebody who goes on, at random. */
function writerOf(writer: Writer, random: () => number): () => void {
  let made = 0;
  const below = (most: number) => Math.floor(random() * most);
  const id = () => `n${below(NODES)}`;
  return () => {
    for (let count = below(4); count > 0; count--) {
      const client = `c${below(40)}`;
      const kind = below(4);
      if (kind === 0) writer.write(client, insert(`new${made++}`, "root"));
      else if (kind === 1) writer.write(client, remove(id()));
      else writer.write(client, update(id(), { x: made++ }));
      if (below(25) === 0) writer.stored.checkpoint();
    }
  };
}

const treeOf = (view: ReadStore) => toData(view, view.root);

it("V80 V70 a copy is of the moment at which it began, whatever is written while it is read", () => {
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(seed + run);
    const writer = createWriter(
      openTestSql(),
      item("root", ...Array.from({ length: NODES }, (_, index) => item(`n${index}`))),
    );
    const goOn = writerOf(writer, random);
    for (let deed = 0; deed < 60; deed++) goOn();
    const { stored } = writer;
    const { seq } = stored;
    const tree = treeOf(stored.nodes);
    const clients = Array.from({ length: 40 }, (_, index) => stored.clients.get(`c${index}`)).map(
      (each) => each && { ...each },
    );
    for (const depth of ["everything", "tree"] as const) {
      const at = stored.seq;
      const now = treeOf(stored.nodes);
      const copy = copyOf(stored, depth);
      // A line has many rows: it is read on row by row, as if each of them were another turn's.
      const lines = linesOf(
        {
          ...copy,
          pieces: slowly(copy, goOn),
          get overtaken() {
            return copy.overtaken;
          },
        },
        goOn,
      );
      copy.release();
      const twin = made(lines);
      expect(treeOf(twin.nodes), `run ${run}`).toEqual(now);
      expect(twin.seq).toBe(depth === "tree" ? 0 : at);
      if (depth === "tree") continue;
      expect(clients.map((each) => each && twin.clients.get(each.id))).toEqual(clients);
      const view = finish(treeAt(twin, twin.nodes, Math.floor(seq / 2), createMeter()));
      const before = finish(treeAt(stored, stored.nodes, Math.floor(seq / 2), createMeter()));
      if (typeof view === "string" || typeof before === "string") throw new Error("it can be gone back to");
      expect(treeOf(view)).toEqual(treeOf(before));
      expect(tree).toEqual(now);
    }
  }
});

/** Something is done before each line as well. */
function* slowly({ pieces }: Copy, between: () => void): Generator<Piece> {
  for (;;) {
    between();
    const { value, done } = pieces.next();
    if (done) return;
    yield value;
  }
}

it("V73 V75 a copy with history breaks off where that is let go of while it is read", () => {
  for (const letGo of [1, 2, 3]) {
    const writer = createWriter(openTestSql(), item("root"));
    for (const id of ["a", "b", "c"]) {
      writer.write("ann", insert(id, "root"));
      writer.stored.checkpoint();
    }
    const { stored } = writer;
    const view = finish(treeAt(stored, stored.nodes, 0, createMeter()));
    if (typeof view === "string") throw new Error("it can be gone back to");
    const past = copyOfHistory(stored, view, 0, 3);
    const now = copyOf(stored, "backup").pieces;
    for (const lines of [past, now]) expect([lines.next().done, lines.next().done]).toEqual([false, false]);
    stored.log.drop(letGo);
    expect(() => past.next(), "it has to begin with the tree that it has").toThrow("let go of");
    expect(JSON.parse(String(now.next().value)), "it begins later").toHaveProperty(letGo === 3 ? "clients" : "events");
  }
});

it("V70 a copy lets others have a turn within a line of many rows, of a moment before, too", () => {
  const writer = createWriter(
    openTestSql(),
    item("root", ...Array.from({ length: 2_100 }, (_, each) => item(`${each}`))),
  );
  writer.write("ann", insert("late", "root"));
  const { stored } = writer;
  const view = finish(treeAt(stored, stored.nodes, 0, createMeter()));
  if (typeof view === "string") throw new Error("it can be gone back to");
  const pieces = copyOfPast(stored, view);
  const told = [...{ [Symbol.iterator]: () => pieces }].map((piece) => String(piece).slice(2, 5));
  expect(told).toEqual(["gro", "", "", "nod", "end"]);
});

it("V87 of a history that is let go of while it is read a copy has what is left, or breaks off where some of it was read", () => {
  for (const isRead of [false, true]) {
    const tables = createSqliteTables(openTestSql());
    const { stored, write } = createWriter(tables, item("root", item("a")));
    for (let count = 1; count <= 60; count++) write("ann", update("a", { text: `${count}`.padEnd(10_000, "x") }));
    const copy = copyOf(stored, "backup");
    const pieces: Piece[] = [];
    const readOn = () => {
      const { value, done } = copy.pieces.next();
      if (!done) pieces.push(value);
      return !done;
    };
    while (!String(pieces.at(-1)).startsWith(isRead ? '{"events":' : '{"nodes":')) readOn();
    tables.log.drop(50);
    const readAll = () => {
      while (readOn());
    };
    if (isRead) expect(readAll).toThrow("history was let go of while it was read");
    else {
      readAll();
      const twin = made(pieces.filter((piece) => piece !== ""));
      expect([twin.seq, twin.historyFrom]).toEqual([60, 51]);
      expect(treeOf(twin.nodes)).toEqual(treeOf(stored.nodes));
    }
    copy.release();
  }
});

it("V73 events are done again a few at a time, and there is no document before all of them are", () => {
  const { stored, write } = createWriter(openTestSql(), item("root", item("a"), item("b")));
  for (let made = 0; made < 2_999; made++)
    write("ann", made % 3 === 0 ? insert(`n${made}`, "a") : update("b", { made }));
  const then = treeOf(stored.nodes);
  write("ann", remove("b"));
  const begin = finish(treeAt(stored, stored.nodes, 0, createMeter()));
  if (typeof begin === "string" || begin === null) throw new Error("it is there");
  const [first = "", ...lines] = [...{ [Symbol.iterator]: () => copyOfHistory(stored, begin, 0, 2_999) }];
  const head = decodeCopyHead(JSON.parse(String(first)).grove);
  if (!head.ok) throw new Error(head.problem.message);
  const tables = createSqliteTables(openTestSql());
  tables.prepare();
  const loading = beginLoading(tables, head.value);
  for (const line of lines.map(String))
    for (const table of ["nodes", "events"] as const)
      if (line.startsWith(`{"${table}":`)) loading.load(table, JSON.stringify(JSON.parse(line)[table]));
  const birth = { incarnation: "copy", salt: 2, nodes: 3, now: 1 };
  const work = loading.replay(birth);
  let slices = 0;
  for (; !work.next(0).done; slices++) expect(hasDocument(tables)).toBe(false);
  expect(slices).toBeGreaterThan(5);
  loading.finish(birth);
  const copy = openDocument(tables, () => "again");
  expect(copy).toMatchObject({ seq: 2_999, checkpointSeq: 2_999, historyFrom: 1, counters: { mutations: 2_999 } });
  expect(copy && treeOf(copy.nodes)).toEqual(then);
});
