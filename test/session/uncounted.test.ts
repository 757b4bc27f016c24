import { expect, it } from "vitest";
import type { NodeData } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { infoOf } from "./life.ts";
import { openRoom, type Room } from "./room.ts";

/** Ids as long as they may be. */
const name = (what: string, index: number) => `${what}${index}`.padEnd(128, "-");

function branches(count: number): NodeData {
  const nodes = Array.from({ length: count }, (_, index) => {
    const children = Array.from({ length: 65 }, (_, child) => item(`c${index}-${child}`));
    return { ...item(name("b", index), ...children) };
  });
  return item("root", ...nodes, item("z"));
}

/** What is kept of the size between two visits. */
function keptOf(room: Room): string {
  return String(room.server.sql.exec("SELECT value FROM meta WHERE key = 'checkpoint'")[0]?.value);
}

it("T14 L11 a branch that is removed over and over stands once among those that are not counted", () => {
  const room = openRoom(branches(1));
  const id = name("b", 0);
  const ops = Array.from({ length: 2_000 }, () => [remove(id), move(id, "root")]).flat();
  for (let each = 0; each < 3; each++) room.call(...ops);
  room.call(remove(id));
  room.server.crash();
  room.call(update("z", { x: 1 }));
  room.server.ask((calls, now) => calls.stop(now));
  expect(keptOf(room).length).toBeLessThan(1_000);
  expect(infoOf(room).treeSize).toBe(2);
});

it("T14 L11 more than can be named are found again, and the size is right", { timeout: 60_000 }, () => {
  const count = 3_000;
  const room = openRoom(branches(count));
  const ids = Array.from({ length: count }, (_, index) => name("b", index));
  // Below the bound from which a checkpoint comes by itself, and without anybody who would count them.
  for (let from = 0; from < count; from += 500) room.call(...ids.slice(from, from + 500).map(remove));
  room.call(move(name("b", 7), "root"), insert("more", name("b", 9)));
  room.wait(3_600_000);
  expect(keptOf(room).length).toBeLessThan(300_000);
  room.server.crash();
  room.call(move(name("b", 2_900), "root"), remove(name("b", 7)));
  expect(infoOf(room).treeSize).toBe(3 + 66);
  expect(infoOf(room).treeSize).toBe(3 + 66);
  room.server.ask((calls, now) => calls.stop(now));
  room.server.crash();
  expect(infoOf(room).treeSize).toBe(3 + 66);
});

it("H11 L11 what changes faster than it is counted keeps nobody waiting for ever; later it is counted", () => {
  const children = Array.from({ length: 20_000 }, (_, index) => item(`n${index}`));
  const room = openRoom(item("root", item("a", ...children), item("z")));
  room.call(remove("a"));
  const task = room.server.call((calls, now) => calls.info(now));
  let moved = 0;
  for (; task?.result === null && moved < 1_000; moved++) {
    room.call(move(`n${moved}`, "z"));
    room.server.fire();
  }
  expect(task?.result).toMatchObject({ ok: true });
  expect(infoOf(room).treeSize).toBe(2 + moved);
});
