import { expect, it } from "vitest";
import type { OptionsInput } from "../../src/protocol/index.ts";
import { createSqliteTables } from "../../src/storage.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { normalize } from "../../src/text/index.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { seed, times } from "../support/seed.ts";

const RUNS = times(12);
const DEEDS = 40;
const CLIENTS = ["ann", "bob", "cyd"];

type Server = ReturnType<typeof createTestServer>;

/** What somebody may do, by the nodes that there have ever been. */
function deedOf(ids: readonly string[], below: (most: number) => number, newId: () => string, made: number): Operation {
  const one = () => ids[below(ids.length)] ?? "root";
  const [id, other, attr] = [one(), one(), "text"];
  const at = below(4);
  switch (below(13)) {
    case 0:
      return { op: "mark", id, attr, from: at, to: at + 1 + below(3), key: "bold", value: below(3) > 0 ? true : null };
    case 1:
      return { op: "split", id, attr, at, node: { id: newId(), type: "row" } };
    case 2:
      return { op: "join", id, into: other, attr };
    case 3:
    case 4:
      return { op: "insert", node: { id: newId(), type: "row", attrs: { text: "new" } }, parent: other };
    case 5:
    case 6:
      return { op: "move", id, parent: other, after: one() };
    case 7:
    case 8:
      return { op: "remove", id };
    case 9:
      return { op: "update", id, attrs: { x: below(3), text: `text ${below(3)} 😀` } };
    case 10:
      return { op: "undo", seqs: [1 + below(Math.max(1, made))] };
    default:
      return { op: "edit", id, attr, changes: normalize([at, "xyz", -below(2)]) };
  }
}

/** A document with a random history, and the ids that there have ever been in it. */
function play(server: Server, random: () => number, deeds: number, options: OptionsInput): readonly string[] {
  const below = (most: number) => Math.floor(random() * most);
  const calls = server.call("doc");
  const children: NodeData[] = ["a", "b", "c"].map((id) => ({ id, type: "row", attrs: { text: `hello ${id}` } }));
  calls.getOrStart({ tree: { id: "root", type: "list", children }, options });
  const ids = ["root", "a", "b", "c"];
  const counters = new Map<string, number>();
  let made = 0;
  for (let deed = 0; deed < deeds; deed++) {
    const client = CLIENTS[below(CLIENTS.length)] ?? "ann";
    const mutation = (counters.get(client) ?? 0) + 1;
    counters.set(client, mutation);
    const newId = () => {
      ids.push(`n${deed}-${ids.length}`);
      return ids.at(-1) ?? "";
    };
    const ops = Array.from({ length: 1 + below(3) }, () => deedOf(ids, below, newId, made));
    const answer = calls.mutate({ client, mutation, ops }, { user: { id: client }, role: "write" });
    if (answer.ok && answer.value.seq > made) made = answer.value.seq;
    if (below(12) === 0) server.call("doc").stop();
    // A name would keep the history.
    if (options.historyMaxEvents === undefined && below(12) === 0)
      server.call("doc").nameVersion({ name: `version ${deed}`, at: below(made + 1) });
  }
  return ids;
}

/** Whatever can be asked of a document, but for what says which one it is. */
function readings(server: Server, documentId: string, ids: readonly string[]): readonly unknown[] {
  const calls = server.call(documentId);
  const info = calls.info();
  if (!info.ok) throw new Error(info.problem.message);
  const { seq, treeSize, createdAt, historyFrom, options, counters } = info.value;
  const { commits, mutations, rejections } = counters;
  const read: unknown[] = [{ seq, treeSize, createdAt, historyFrom, options, commits, mutations, rejections }];
  const plain = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replaceAll(/"(documentId|incarnation)":"[^"]*"/g, '"$1":""'));
  for (let at = 0; at <= seq; at++) read.push(plain(calls.getState({ at })));
  for (let from = 0; from <= seq; from += 7) {
    read.push(plain(calls.diff({ from })), plain(calls.diff({ from, ops: true })));
    read.push(plain(calls.restore({ to: from, dryRun: true, partly: true })));
  }
  const flags = { inverse: true, summary: true, limit: 1_000 };
  read.push(calls.history(flags), calls.history({ ...flags, order: "newest", where: { userId: "ann" } }));
  read.push(calls.history({ ...flags, node: "root", subtree: true }), calls.historySessions({ summary: true }));
  for (const node of ids) read.push([node, calls.blame({ node })]);
  read.push(calls.bin({ limit: 1_000 }), calls.export(), calls.versions({ limit: 1_000 }));
  for (const client of CLIENTS)
    for (const redo of [false, true]) read.push(calls.undo({ client, count: 3, redo, dryRun: true }));
  return read;
}

const inSqlite = () => createTestServer({ tables: () => createSqliteTables(openTestSql()) });

it.each<[string, () => Server, OptionsInput]>([
  ["in memory", () => createTestServer(), {}],
  ["in SQLite", inSqlite, {}],
  ["in SQLite, of a history that is let go of", inSqlite, { historyMaxEvents: 15 }],
])("V80 a backup that is restored is the same document, by whatever can be asked of it, %s", (_, create, options) => {
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(seed + run);
    const server = create();
    const ids = play(server, random, DEEDS, options);
    const before = readings(server, "doc", ids);
    const backup = server.call("doc").export({ history: true });
    if (!backup.ok) throw new Error(backup.problem.message);
    const restored = server.call("copy").import(backup.value);
    expect(restored, `run ${run}`).toMatchObject({ ok: true });
    server.crash("copy");
    expect(readings(server, "copy", ids), `run ${run}`).toEqual(before);
    const forked = server.call("doc").fork({ to: "fork", history: true });
    expect(forked).toMatchObject({ ok: true });
    expect(readings(server, "fork", ids), `run ${run}`).toEqual(before);
    // Each goes on as the other does.
    const last: Operation[] = [{ op: "insert", node: { id: "late", type: "row" }, parent: "root" }];
    for (const id of ["doc", "copy", "fork"]) {
      server.call(id).mutate({ client: "ann", mutation: 1, ops: last });
      server.call(id).undo({ client: "bob", count: 2 });
      server.call(id).mutate({ ops: last });
      server.call(id).stop();
    }
    const after = readings(server, "doc", ids);
    for (const id of ["copy", "fork"]) expect(readings(server, id, ids), `run ${run}`).toEqual(after);
  }
});
