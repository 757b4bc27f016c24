import type { NodeId } from "../tree/index.ts";
import { pageOf } from "./node-rows.ts";
import { bytesOf, numberOf, type Sql } from "./sql.ts";
import type { NodePage, NodePlace } from "./tables.ts";

// Many rows of nodes at once as SQLite's own JSON (JSONB), to be written elsewhere as they are: nobody makes text of them or parses
// that, and their content stands in it as it is stored (a fork took 16 µs a node by lines of JSON; workerd 1.20261023, 2026-11-28).

/** Rows of a page, the first one has fewer, and bytes of content: a value may take 2 MB, and what else is in a row 1.4 KB. */
const MOST_ROWS = 1_000;
const FIRST_ROWS = 32;
const PAGE_BYTES = 256 * 1024;
/** A row with more content is a page of its own. */
const LARGE = 4 * 1024;

const BYTES = "octet_length(attrs) + ifnull(octet_length(gone), 0) + ifnull(octet_length(past), 0)";
const PLACES = `
  SELECT json_group_array(json_array(id, parent, removed, ${BYTES})) AS page
  FROM (SELECT * FROM nodes WHERE id > ?1 ORDER BY id LIMIT ?2)`;
const pageIn = (row: string, condition: string) => `
  SELECT count(*) AS count, jsonb_group_array(json_array(${row})) AS page
  FROM nodes WHERE id > ?1 AND id <= ?2 AND ${condition} AND id NOT IN (SELECT value FROM json_each(?3))`;
const WHOLE = pageIn("id, type, attrs, parent, prev, next, first, last, placed, removed, height, gone, past", "TRUE");
/** Those of a node of which nothing has ever happened. */
const BARE = pageIn("id, type, attrs, parent, prev, next, first, last, 0, NULL, height, NULL, NULL", "removed IS NULL");

type Place = readonly [id: NodeId, parent: NodeId | null, removed: number | null, bytes: number];

/** As `NodeTable.pages`. */
export function* nodePages(
  sql: Sql,
  bare: boolean,
  leaveOut: (places: readonly NodePlace[]) => readonly NodeId[],
): Generator<NodePage | null> {
  for (let after = "", most = FIRST_ROWS; ; ) {
    const found: Place[] = JSON.parse(pageOf(sql.exec(PLACES, after, most)));
    const fitting = rowsThatFit(found);
    if (fitting === 0 && most > 1) {
      yield null;
      // Alone, and as it is then.
      most = 1;
      continue;
    }
    const taken = fitting > 0 ? found.slice(0, fitting) : found;
    const [last] = taken.at(-1) ?? [];
    if (last === undefined) return;
    const without = leaveOut(taken.map(([id, parent, removed]) => ({ id, parent, removed })));
    const [row] = sql.exec(bare ? BARE : WHOLE, after, last, JSON.stringify(without));
    const count = row ? numberOf(row, "count") : 0;
    yield row && count > 0 ? { count, rows: bytesOf(row, "page") } : null;
    after = last;
    most = Math.min(MOST_ROWS, 2 * taken.length);
  }
}

/** How many of the rows are a page together: none where the first one is large. */
function rowsThatFit(places: readonly Place[]): number {
  let content = 0;
  for (const [index, [, , , bytes]] of places.entries()) {
    content += bytes;
    if (bytes > LARGE || content > PAGE_BYTES) return index;
  }
  return places.length;
}
