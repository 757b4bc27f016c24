import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../src/tree/index.ts";
import { call, type Held, heldOf, join, mutate, type Reader } from "./document-client.ts";
import { type Figure, median, medianFigure, timed } from "./figures.ts";
import type { InspectedWorkerd } from "./inspected-workerd.ts";
import type { Measured } from "./large-checkpoint.ts";
import { idOf, random } from "./large-tree.ts";

/** The most that the first mutation may take, against that of the small document. */
const BAR = 2;
/** workerd hibernates an object after ten seconds without work, like the platform. */
const IDLE = 12_000;

/** A document, and milliseconds by what they are of. */
interface Timed extends Measured {
  readonly times: Map<string, number[]>;
}

/**
 * The first mutation of an object that is not in memory: after the process was killed and started again, and after
 * hibernation. The Worker's code has served another document by then: what is measured is the object, not the compiler.
 * In turns, each time in another order; the first document is the one that the others are compared with.
 */
export async function firstMutations(
  server: InspectedWorkerd,
  documents: readonly Measured[],
  { repetitions, wakeUps }: { readonly repetitions: number; readonly wakeUps: number },
): Promise<Figure[]> {
  const measured: Timed[] = documents.map((document) => ({ ...document, times: new Map() }));
  for (let round = 0; round < repetitions; round++) await afterRestart(server, measured, round);
  if (wakeUps > 0) await afterHibernation(server, measured, wakeUps);
  const [small] = measured;
  if (!small) return [];
  return [...small.times.keys()].flatMap((way) =>
    measured.flatMap(({ nodes, times }) => {
      const own = times.get(way) ?? [];
      const name = `${way}: ${nodes.toLocaleString("en")} nodes`;
      const figure = medianFigure(name, own, "ms");
      if (nodes === small.nodes) return [figure];
      const ratio = median(own) / median(small.times.get(way) ?? []);
      return [
        figure,
        { what: `${name}, against ${small.nodes.toLocaleString("en")}`, value: ratio, unit: "×", bar: BAR },
      ];
    }),
  );
}

async function afterRestart(server: InspectedWorkerd, measured: readonly Timed[], round: number): Promise<void> {
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

async function afterHibernation(server: InspectedWorkerd, measured: readonly Timed[], wakeUps: number): Promise<void> {
  const held = await restart(server, measured);
  const readers = new Map<Timed, Reader>();
  for (const document of measured) readers.set(document, await join(document.url(), "sleeper", held.get(document)));
  for (let round = 0, good = 0; good < wakeUps; round++) {
    if (round > 3 * wakeUps) throw new Error("the objects do not hibernate");
    await sleep(IDLE);
    await warmUp(server);
    const before = await server.collectGarbage();
    const times = new Map<Timed, number>();
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
async function restart(server: InspectedWorkerd, measured: readonly Timed[]): Promise<Map<Timed, Held>> {
  const held = new Map<Timed, Held>();
  for (const document of measured) {
    await call(`${document.url()}/stop`, "POST");
    held.set(document, await heldOf(document.url()));
  }
  await server.restart();
  await warmUp(server);
  return held;
}

async function warmUp(server: InspectedWorkerd): Promise<void> {
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

function note({ times }: Timed, way: string, milliseconds: number): void {
  const known = times.get(way);
  if (known) known.push(milliseconds);
  else times.set(way, [milliseconds]);
}

function turned<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
