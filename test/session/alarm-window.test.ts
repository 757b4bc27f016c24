import { expect, it } from "vitest";
import { problemsOf } from "../support/stored.ts";
import { reopen } from "../support/writer.ts";
import { insert, item, update } from "../tree/document.ts";
import { outline } from "../tree/outline.ts";
import { openRoom } from "./room.ts";

it("D3 S2 S3 a checkpoint by alarm writes nothing that waits for its commit", () => {
  const room = openRoom();
  // No sweep: it commits what waits by itself.
  const options = { sweepInterval: null };
  room.server.ask((calls, now) => calls.getOrStart({ tree: item("root", item("a")), options }, now));
  const ann = room.enter("ann");
  ann.mutate(update("a", { x: 1 }));
  room.settle();
  room.wait((room.server.alarm ?? 0) - room.server.now - 1);
  ann.mutate(update("a", { x: 2 }));
  ann.mutate(insert("b", "a"));
  ann.mutate(insert("c", "b"));
  expect(room.server.due, "two of them wait").not.toBe(null);
  room.server.now = room.server.alarm ?? 0;
  room.server.ring();
  const now = reopen(room.server.sql);
  expect(problemsOf(room.server.sql, now.stored)).toEqual([]);
  room.settle();
  expect(outline(reopen(room.server.sql).stored.nodes)).toBe("root\n  a x=2\n    b\n      c");
});
