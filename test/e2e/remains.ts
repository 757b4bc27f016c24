import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteTables, openDocument, type StoredDocument } from "../../src/storage.ts";
import type { NodeRecord } from "../../src/tree/index.ts";
import { openTestSql, type TestSql } from "../support/node-sqlite.ts";

/** What a killed process has left of its only document, read as the next process will read it. */
export interface Remains {
  readonly stored: StoredDocument;
  /** When the last event of the checkpoint was committed. */
  readonly checkpointTime: number;
  /** Every record, removed ones included; `known` are ids to look for beside those that have a row. */
  records(known: Iterable<string>): Map<string, Readonly<NodeRecord>>;
}

/** Works on a copy: opening the database itself would tidy up what the next process has to cope with. */
export async function withRemains<T>(storage: string, work: (remains: Remains) => T): Promise<T> {
  const objects = join(storage, "documents");
  const copy = await mkdtemp(join(tmpdir(), "durable-grove-remains-"));
  try {
    // The shared memory of the log (-shm) is rebuilt from it, as after a loss of power.
    const files = (await readdir(objects)).filter((name) => /^[0-9a-f]{64}\.sqlite(-wal)?$/.test(name));
    const [database, ...others] = files.filter((name) => name.endsWith(".sqlite"));
    if (database === undefined || others.length > 0) throw new Error(`one document was expected: ${files.join(", ")}`);
    for (const file of files) await cp(join(objects, file), join(copy, file));
    const sql = openTestSql(join(copy, database));
    try {
      const stored = open(sql);
      const [checkpoint] = sql.exec("SELECT value ->> 'time' AS time FROM meta WHERE key = 'checkpoint'");
      return work({
        stored,
        checkpointTime: Number(checkpoint?.time),
        records(known) {
          const ids = new Set(known);
          for (const { id } of sql.exec("SELECT id FROM nodes")) ids.add(String(id));
          const records = new Map<string, Readonly<NodeRecord>>();
          for (const id of ids) {
            const record = stored.nodes.get(id);
            if (record) records.set(id, record);
          }
          return records;
        },
      });
    } finally {
      sql.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function open(sql: TestSql): StoredDocument {
  try {
    const stored = openDocument(createSqliteTables(sql), () => "no-id");
    if (stored) return stored;
  } catch (error) {
    throw new Error(`D4: the next process could not open the document: ${error}`, { cause: error });
  }
  throw new Error("D4: the next process would not find the document");
}
