import { createSqliteTables } from "../../src/storage.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { runs } from "../support/seed.ts";
import { registerSqlContract, registerStorageContract } from "./contract.ts";

registerStorageContract({
  name: "node:sqlite",
  create(test) {
    const sql = openTestSql();
    test(createSqliteTables(sql));
    sql.close();
  },
  runs,
});

registerSqlContract({
  name: "node:sqlite",
  create(test) {
    const sql = openTestSql();
    test(sql);
    sql.close();
  },
});
