import { expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createBackupRows } from "../../src/session/backup-rows.ts";
import { beginCopy } from "../../src/session/copies.ts";
import { createExports } from "../../src/session/exports.ts";
import { createSqliteTables, finish, type Loading, type StoredDocument } from "../../src/storage.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { createWriter } from "../support/writer.ts";
import { item, remove, update } from "../tree/document.ts";

it("V73 at most so many events are done again by a fork", () => {
  const { stored } = createWriter(openTestSql(), item("root"));
  // As if so many had happened: they are counted before they are looked for, and found not to be there.
  const seq = LIMITS.eventsReplayed + 2;
  const long: StoredDocument = Object.create(stored, {
    seq: { value: seq },
    historyFrom: { value: 1 },
    reaches: { value: () => true },
  });
  const answer = (at: number) => {
    const copied = finish(beginCopy(long, createExports(), { at: { seq: at }, depth: "everything" }, 0));
    return copied.ok ? "begun" : copied.problem.code;
  };
  expect([answer(LIMITS.eventsReplayed), answer(LIMITS.eventsReplayed + 1)]).toEqual(["expired", "tooLarge"]);
});

it("V82 what was committed at once takes so many characters in a backup, and no more", () => {
  const loading: Loading = {
    bytes: 0,
    options: createWriter(openTestSql(), item("root")).stored.options,
    has: () => false,
    load: () => {},
    check: () => {
      throw new Error("it does not come to that");
    },
    replay: () => {
      throw new Error("nor to that");
    },
    finish: () => {},
  };
  const rows = createBackupRows(loading, 1);
  const body = "x".repeat(2 * 1024 * 1024);
  const take = (part: number, text: string) => rows.take("events", [[1, part, 1, 0, text]]);
  const parts = LIMITS.backupCommitLength / body.length;
  for (let part = 0; part < parts; part++) expect(take(part, body)).toMatchObject({ ok: true });
  expect(take(parts, "")).toMatchObject({ ok: true });
  expect(take(parts + 1, "x")).toMatchObject({ problem: { code: "tooLarge" } });
});

it("V84 a backup of an older schema is brought to that of now, and of one before there were backups refused", () => {
  const server = createTestServer({ tables: () => createSqliteTables(openTestSql()) });
  const calls = server.call("doc");
  calls.getOrStart({ tree: { id: "root", type: "list", children: [{ id: "a", type: "row" }] } });
  calls.mutate({ ops: [update("a", { x: 1 })] });
  calls.mutate({ ops: [remove("a")] });
  const backup = calls.export({ history: true });
  if (!backup.ok) throw new Error(backup.problem.message);
  const of = (schema: number) => backup.value.replace(/"schema":\d+/, `"schema":${schema}`);
  const old = server.call("old");
  expect(old.import(of(5))).toMatchObject({ ok: true, value: { seq: 2 } });
  expect(old.nameVersion({ name: "its table is there" })).toMatchObject({ ok: true });
  expect(old.history()).toEqual(calls.history());
  expect(old.bin()).toEqual(calls.bin());
  expect(server.call("older").import(of(4))).toMatchObject({ problem: { code: "invalid", line: 1 } });
});
