import { openTestSql } from "../support/node-sqlite.ts";
import { seed } from "../tree/seed.ts";
import { registerStorageContract } from "./contract.ts";

registerStorageContract({
  name: "node:sqlite",
  create(test) {
    const sql = openTestSql();
    test(sql);
    sql.close();
  },
  seed,
});
