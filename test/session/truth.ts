import { expect } from "vitest";
import { entriesOf } from "../../src/storage/log.ts";
import type { StoredDocument } from "../../src/storage.ts";
import { checkTree, type ReadStore, toData } from "../../src/tree/index.ts";
import { problemsOf, recordsOf } from "../support/stored.ts";
import { look } from "../support/writer.ts";
import type { Ledger } from "./ledger.ts";
import { find } from "./look.ts";
import type { Network, Peer } from "./network.ts";
import type { TestServer } from "./server.ts";

/** All that has to be true of a simulated session when everyone is connected and nothing is under way. */
export function expectTruth(
  server: TestServer,
  { peers }: Network,
  { entries }: Ledger,
  note: (what: string) => void,
): void {
  expect([server.due, server.window], "no timer and no window is left").toEqual([null, null]);
  expect(server.open().length, "only what is connected is open").toBe(peers.length);
  const stored = look(server.sql);
  if (!stored) throw new Error("the document is gone");
  expect(
    entries.map(({ seq }) => seq),
    "S1",
  ).toEqual(Array.from({ length: stored.seq }, (_, index) => index + 1));
  expect(
    [...stored.log.after(0)].flatMap(entriesOf),
    "L10: the log is what was committed, from its beginning on",
  ).toEqual(entries.slice(stored.historyFrom - 1));
  let time = 0;
  const logged = new Map<string, string>();
  for (const { inverse: _, ...event } of entries) {
    expect(event.time).toBeGreaterThanOrEqual(time);
    time = event.time;
    for (const receipt of ["redirected", "rescued", "removed"] as const) if (event[receipt]) note(receipt);
    if (event.client === null) continue;
    const key = `${event.client} ${event.mutation}`;
    expect(logged.has(key), `${key} is in the log once`).toBe(false);
    logged.set(key, JSON.stringify(event));
  }
  expect(problemsOf(server.sql, stored), "D4: the tree after a reload is sound").toEqual([]);
  const tree = toData(stored.nodes);
  expectSameInMemory(server, (view) => {
    const records = recordsOf(server.sql, stored).flatMap(({ id }) => view.get(id) ?? []);
    expect(checkTree(view, records), "the tree in memory is sound").toEqual([]);
    expect(toData(view), "D4: a reload gives what is in memory").toEqual(tree);
    expect(view.size).toBe(stored.nodes.size);
  });
  const presence = presenceOf(peers);
  for (const { replica } of peers) {
    const { client, seq } = replica;
    expect({ client, seq, ready: replica.ready }).toEqual({ client, seq: stored.seq, ready: true });
    expect(replica.tree && toData(replica.tree), `T8: what ${client} has`).toEqual(tree);
    expect(Object.fromEntries(replica.presence), `S12: whom ${client} sees`).toEqual(presence);
    expectAnswers(replica, logged, stored);
  }
  expect(logged.size, "every event of a client is an answer").toBe(0);
}

/**
 * S4: every mutation ever made has one answer; an event is in the log exactly once, a rejection is not. One that had an
 * event which is no longer kept, and nobody was told of in time, is told as done, without it (V141).
 */
function expectAnswers(
  { client, answers, made, pending }: Peer["replica"],
  logged: Map<string, string>,
  { historyFrom }: StoredDocument,
): void {
  expect(pending, `${client} has an answer to everything`).toEqual([]);
  expect([...answers.first.keys()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: made }, (_, index) => index + 1),
  );
  for (const [mutation, answer] of answers.first) {
    const key = `${client} ${mutation}`;
    const text = logged.get(key) ?? null;
    logged.delete(key);
    if (text !== null && answer.ok && !answer.event) {
      const event: { seq: number } = JSON.parse(text);
      expect(event.seq, `${key} was committed, and is no longer kept`).toBeLessThan(historyFrom);
    } else expect(text, key).toBe(answer.ok && answer.event ? answer.text : null);
  }
}

function expectSameInMemory(server: TestServer, look: (view: ReadStore) => void): void {
  const found = find(server);
  if (!found?.ok) throw new Error("the document cannot be read");
  look(found.value.view);
}

function presenceOf(peers: readonly Peer[]): object {
  const present = peers.filter(({ replica }) => replica.own !== null);
  return Object.fromEntries(
    present.map(({ replica: { subscriber, principal, own } }) => [subscriber, { user: principal.user, data: own }]),
  );
}
