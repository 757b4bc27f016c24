import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../src/tree/index.ts";
import { type Notes, turned } from "../scenarios/scene.ts";
import type { Served } from "../servers/workerd.ts";
import type { Measured } from "./checkpoint.ts";
import { call, type Held, heldOf, join, mutate, type Reader } from "./client.ts";
import { idOf, random } from "./nodes.ts";

/** workerd hibernates an object after ten seconds without work, like the platform. */
const IDLE = 12_000;

/** The ways in which a cold object comes to its first mutation. */
export const WAYS = [
  "HTTP, answer after a restart",
  "socket, answer after a restart",
  "socket, the same with connecting and joining",
  "socket, answer after hibernation",
] as const;
type Way = (typeof WAYS)[number];

/**
 * The first mutation of an object that is not in memory: after the process was killed and started again, and after
 * hibernation. The Worker's code has served another document by then: what is measured is the object, not the compiler.
 * In turns, each time in another order. Notes milliseconds as `WAY: NODES`.
 */
export async function firstMutations(
  server: Served,
  documents: readonly Measured[],
  { visits, wakeUps }: { readonly visits: number; readonly wakeUps: number },
  notes: Notes,
): Promise<void> {
  const note = ({ nodes }: Measured, way: Way, milliseconds: number) => notes.add(`${way}: ${nodes}`, milliseconds);
  for (let round = 0; round < visits; round++) await afterRestart(server, documents, round, note);
  if (wakeUps > 0) await afterHibernation(server, documents, wakeUps, note);
}

type Note = (document: Measured, way: Way, milliseconds: number) => void;

async function afterRestart(server: Served, measured: readonly Measured[], round: number, note: Note): Promise<void> {
  await restart(server, measured);
  for (const document of turned(measured, round)) {
    note(
      document,
      "HTTP, answer after a restart",
      await timed(() => mutate(document.url(), insertInto(document.nodes, round))),
    );
  }
  const held = await restart(server, measured);
  for (const document of turned(measured, round)) {
    const start = performance.now();
    const reader = await join(document.url(), `reader-${round}`, held.get(document));
    const joined = performance.now();
    await reader.mutate(insertInto(document.nodes, 1_000 + round));
    note(document, "socket, answer after a restart", performance.now() - joined);
    note(document, "socket, the same with connecting and joining", performance.now() - start);
    await reader.leave();
  }
}

async function afterHibernation(
  server: Served,
  measured: readonly Measured[],
  wakeUps: number,
  note: Note,
): Promise<void> {
  const held = await restart(server, measured);
  const readers = new Map<Measured, Reader>();
  for (const document of measured) readers.set(document, await join(document.url(), "sleeper", held.get(document)));
  for (let round = 0, good = 0; good < wakeUps; round++) {
    if (round > 3 * wakeUps) throw new Error("the objects do not hibernate");
    await sleep(IDLE);
    await warmUp(server);
    const before = await server.collectGarbage();
    const times = new Map<Measured, number>();
    for (const document of turned(measured, good)) {
      const ops = insertInto(document.nodes, 2_000 + round);
      times.set(document, await timed(async () => readers.get(document)?.mutate(ops)));
    }
    // An alarm may have woken some of them meanwhile: a sweep, a checkpoint.
    if ((await server.collectGarbage()) - before < measured.length) continue;
    good++;
    for (const [document, time] of times) note(document, "socket, answer after hibernation", time);
  }
  for (const reader of readers.values()) await reader.leave();
}

/** With nothing in the log that would have to be replayed. Gives where each document stands. */
async function restart(server: Served, measured: readonly Measured[]): Promise<Map<Measured, Held>> {
  const held = new Map<Measured, Held>();
  for (const document of measured) {
    await call(`${document.url()}/stop`, "POST");
    held.set(document, await heldOf(document.url()));
  }
  await server.restart();
  await warmUp(server);
  return held;
}

async function warmUp(server: Served): Promise<void> {
  const url = `${server.url}/documents/warm`;
  await call(url, "PUT", {});
  const reader = await join(url, "reader");
  for (let round = 0; round < 20; round++) {
    await mutate(url, [{ op: "insert", node: { type: "row" }, parent: "root" }]);
    await reader.mutate([{ op: "insert", node: { type: "row" }, parent: "root" }]);
  }
  await reader.leave();
}

/** Somewhere in the document, each time somewhere else. */
function insertInto(nodes: number, round: number): Operation[] {
  const node = { type: "row", attrs: { text: `first after waking, round ${round}` } };
  return [{ op: "insert", node, parent: idOf(random(round, 50) % nodes) }];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
