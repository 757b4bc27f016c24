import { describe, expect, it } from "vitest";
import type { DiffPage } from "../../src/protocol/index.ts";
import { readState } from "../../src/session.ts";
import { insert, item, update } from "../tree/document.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

const NODES = 300;

/** A room in which every row has changed, in an event each. */
function changedRoom(): Room {
  const room = openRoom(item("root", ...Array.from({ length: NODES }, (_, index) => item(`n${index}`))));
  for (let index = 0; index < NODES; index++) room.call(update(`n${index}`, { text: String(index).padEnd(100) }));
  return room;
}

/** A page of the difference up to a seq, and how many statements that took. */
function page({ server }: Room, after: number): { readonly found: DiffPage; readonly statements: number } {
  const before = server.sql.statements;
  const query = { from: { seq: 0 }, to: { seq: NODES }, after, limit: 100 };
  const answer = server.ask((calls, now) => calls.diff(query, now));
  if (!answer?.ok || !("nodes" in answer.value)) throw new Error("no difference");
  return { found: answer.value, statements: server.sql.statements - before };
}

describe("what events name", () => {
  it("V122 is read once for all pages, and is the same in each, whatever is done meanwhile", () => {
    const room = changedRoom();
    const once = page(changedRoom(), 100);
    const first = page(room, 0);
    room.call(insert("new", "root"));
    const second = page(room, first.found.next);
    expect(second.found).toEqual(once.found);
    expect(second.statements).toBeLessThan(first.statements - 3);
  });

  it("V122 counts as memory, and is let go when nobody asks", () => {
    const room = changedRoom();
    const { held } = room.server;
    page(room, 0);
    expect(room.server.held - held).toBeGreaterThan(NODES * 300);
    for (let each = 0; each < 70; each++) room.call(update("root", { each }));
    expect(room.server.held - held).toBeLessThan(NODES * 300);
    const again = page(room, 0);
    expect(again.found.nodes).toHaveLength(100);
  });

  it("V123 a comparison, or a tree of long ago, that waits for another has read nothing yet", () => {
    const { server } = changedRoom();
    const query = { from: { seq: 0 }, to: { seq: NODES } };
    const first = server.call((calls, now) => calls.diff(query, now));
    const before = server.sql.statements;
    const others = [
      server.call((calls, now) => calls.diff(query, now)),
      server.call((calls, now) => calls.tree({ at: { seq: 0 } }, readState, now)),
      server.call((calls, now) => calls.restore({ to: { seq: 0 }, dryRun: true }, WRITER, now)),
    ];
    expect(server.sql.statements - before).toBe(0);
    while (others.some((task) => task?.result === null)) server.fire();
    expect([first, ...others].map((task) => task?.result?.ok)).toEqual([true, true, true, true]);
    expect(others[0]?.result).toEqual(first?.result);
  });
});
