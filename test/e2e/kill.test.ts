import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { seed } from "../support/seed.ts";
import { historyOf, stop, treeOf } from "./http.ts";
import { createRandom } from "./random.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { openWireClient, until, type WireClient } from "./wire-client.ts";

const KILLS = 4;
const WRITERS = 3;
/** As many mutations of one client may be on the way at once. */
const WINDOW = 20;
const document = "killed";

let server: ServerProcess | undefined;
let clients: WireClient[] = [];
afterEach(async () => {
  for (const client of clients) client.close();
  await server?.kill();
});

const { next: chance, pick } = createRandom(seed);

/** A mutation that may be accepted or rejected; `own` are ids that this client has asked for. */
function randomMutation(client: string, own: string[]): Operation[] {
  const any = () => pick(["root", ...own.slice(-30)]);
  const id = `${client}-${own.length}`;
  switch (pick(["insert", "insert", "insert", "move", "update", "remove", "taken", "ghost", "half"])) {
    case "insert":
      own.push(id);
      return [{ op: "insert", node: { id, type: "item" }, parent: any() }];
    case "move":
      return [{ op: "move", id: any(), parent: any(), after: null }]; // the root, or into itself: rejected
    case "update":
      return [{ op: "update", id: any(), attrs: { [client]: chance() } }];
    case "remove":
      return chance() < 0.3 ? [{ op: "remove", id: any() }] : [];
    case "taken":
      return [{ op: "insert", node: { id: "root", type: "item" }, parent: "root" }];
    case "ghost":
      return [{ op: "remove", id: "ghost" }];
    default:
      return [
        { op: "update", id: "root", attrs: { half: id } },
        { op: "move", id: "root", parent: "root" },
      ];
  }
}

test("S1, S3, S4 kill -9, again and again: what was acknowledged is there once, the rest once or reported", async () => {
  const failures: Error[] = [];
  server = await startServer();
  const { url, directory } = server;
  const port = Number(new URL(url).port);
  clients = Array.from({ length: WRITERS }, (_, index) =>
    openWireClient(url, document, `w${index}`, (failure) => failures.push(failure)),
  );

  let writing = true;
  const write = async (client: WireClient) => {
    const own: string[] = [];
    while (writing) {
      while (writing && client.unanswered < WINDOW) client.mutate(randomMutation(client.name, own));
      await sleep(1);
    }
  };
  const writers = clients.map(write);
  let onTheWay = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await until("everyone is there", () => clients.every(({ ready }) => ready));
    // In the middle a checkpoint: from then on a wake-up begins with rows, not with nothing.
    if (kill === KILLS / 2) await stop(url, document);
    await sleep(100 + 900 * chance());
    await server.kill();
    onTheWay += clients.reduce((sum, { unanswered }) => sum + unanswered, 0);
    server = await startServer({ directory, port });
  }
  await until("everyone is there", () => clients.every(({ ready }) => ready));
  writing = false;
  await Promise.all(writers);
  await until("every answer", () => clients.every(({ unanswered }) => unanswered === 0));
  expect(failures).toEqual([]);
  expect(onTheWay).toBeGreaterThan(0);
  for (const { reconnects } of clients) expect(reconnects).toBeGreaterThanOrEqual(KILLS);

  // Every answer is in the history, and nothing else is.
  const history = await historyOf(url, document);
  expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
  let rejected = 0;
  for (const { name, answers } of clients) {
    const found = history.filter(({ client }) => client === name);
    expect(new Set(found.map(({ mutation }) => mutation)).size).toBe(found.length);
    const accepted = [...answers].flatMap(([mutation, answer]) => ("seq" in answer ? [[mutation, answer.seq]] : []));
    expect(found.map(({ mutation, seq }) => [mutation, seq])).toEqual(accepted.sort(byCounter));
    rejected += answers.size - accepted.length;
  }
  expect(rejected).toBeGreaterThan(0);

  const tree = await treeOf(url, document);
  for (const { name, replica } of clients) {
    await until(`${name} has everything`, () => replica.seq === history.length);
    expect(replica.outline()).toBe(tree);
  }
  console.log(`${history.length} events, ${rejected} rejections, ${onTheWay} on the way at ${KILLS} kills`);
}, 180_000);

const byCounter = ([one = 0]: number[], [other = 0]: number[]) => one - other;
