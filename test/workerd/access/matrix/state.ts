import { runInDurableObject } from "cloudflare:test";
import type { Result } from "../../../../src/protocol/index.ts";
import { stubOf } from "../../http-client.ts";

/** A document as somebody would find it: what it is, and what it holds. */
export async function contentOf(id: string): Promise<unknown> {
  const stub = stubOf(id);
  const info = await stub.info();
  if (!info.ok) return info.problem.code;
  const { incarnation, createdAt, seq, treeSize, historyFrom, options } = info.value;
  const state: Result<{ readonly tree: unknown }> = await Reflect.apply(Reflect.get(stub, "getState"), stub, [{}]);
  return { incarnation, createdAt, seq, treeSize, historyFrom, options, tree: state.ok && state.value.tree };
}

/** All that is stored of it, row by row, but for what is due: a connection that is closed at once was there, too. */
export function storedOf(id: string): Promise<Readonly<Record<string, string>>> {
  return runInDurableObject(stubOf(id), (_, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    const ours = tables.map(({ name }) => name).filter((name) => !name.startsWith("_cf"));
    return Object.fromEntries(ours.map((name) => [name, JSON.stringify(rowsOf(sql, name))]));
  });
}

function rowsOf(sql: SqlStorage, table: string): readonly object[] {
  return sql
    .exec(`SELECT * FROM "${table}"`)
    .toArray()
    .filter(({ key }) => key !== "life");
}
