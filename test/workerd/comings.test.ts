import { expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { call, openDocument } from "./http-client.ts";
import { connect, join, type TestSocket } from "./socket-client.ts";

/** Rows that were written for a document, alarms included. */
async function rowsOf(id: string): Promise<number> {
  const { counters } = await call<{ counters: { rowsWritten: number } }>("GET", topic(id));
  return counters.rowsWritten;
}

const VISITS: readonly [what: string, visit: (id: string) => Promise<TestSocket>][] = [
  ["connecting", (id) => connect(id)],
  ["joining", (id) => join(id, "ann")],
];

test.each(VISITS)(
  "B26 %s and going a hundred times, when nobody else is there, costs two rows and two alarms",
  async (_, visit) => {
    const id = await openDocument("comings", "root");
    const before = await rowsOf(id);
    for (let each = 0; each < 100; each++) {
      const visitor = await visit(id);
      visitor.close(1000, "bye");
      await visitor.ended();
    }
    // More only where this takes more than 20 s.
    expect((await rowsOf(id)) - before).toBeLessThanOrEqual(4);
    expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 0 });
  },
);
