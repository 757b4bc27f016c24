import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Side } from "../before/sides.ts";
import { heldOf } from "../large/client.ts";
import { within } from "../load/within.ts";
import type { Served } from "../servers/workerd.ts";
import { LONELY } from "./attacks/joins.ts";
import type { HonestOrder, HonestReport } from "./honest-process.ts";
import { type Attack, DOCUMENT, now, type Window } from "./kinds.ts";
import { type Crew, startCrew } from "./processes.ts";
import type { RudeOrder, RudeReport } from "./rude-process.ts";
import { comeUp, type Survival } from "./survival.ts";
import { heapOf, type Use, watch } from "./watch.ts";

/** What an isolate has on the platform, in MiB. */
const HEAP = 128;
const RUDE = fileURLToPath(new URL("rude-process.ts", import.meta.url));
const HONEST = fileURLToPath(new URL("honest-process.ts", import.meta.url));
/** Milliseconds. */
const PATIENCE = { prepare: 300_000, answer: 30_000, look: 20_000 };

/** What there is of a stretch of time. */
export interface Stretch {
  readonly honest: HonestReport;
  readonly use: Use;
  /** How long it took: an attack may take longer than it was to last. */
  readonly seconds: number;
  /** Rows written each second, and bytes that the databases have grown by; null: nobody answers any more. */
  readonly rows: number | null;
  readonly grown: number | null;
}

/** One attack on one side. */
export interface Outcome {
  readonly quiet: Stretch;
  readonly attacked: Stretch;
  readonly rude: RudeReport;
  /** What is left on the heap after a collection, above what was there before, in MB; null: nobody answers any more. */
  readonly held: number | null;
  readonly died: boolean;
  readonly survival: Survival;
}

export interface Lengths {
  /** Everybody is there and has written, before anything is measured. Milliseconds, as all of these. */
  readonly warmUp: number;
  readonly quiet: number;
  readonly attacked: number;
  /** What the server must live for after its restart. */
  readonly after: number;
}

/** Serves a side, lets honest people write, attacks, kills, starts anew, and looks for what was acknowledged. */
export async function run(side: Side, attack: Attack, lengths: Lengths): Promise<Outcome> {
  const served = await side.bundle.serve({ heap: HEAP, quiet: true });
  const rude = startCrew<RudeOrder, RudeReport>(RUDE);
  const honest = startCrew<HonestOrder, HonestReport | null>(HONEST);
  try {
    const address = { socketUrl: served.socketUrl, document: DOCUMENT };
    await rude.ask({ order: "prepare", attack: attack.name, ...address }, PATIENCE.prepare);
    const held = { ...(await heldOf(`${served.url}/documents/${DOCUMENT}`)) };
    await honest.ask({ order: "begin", protocol: side.protocolFile, held, ...address }, PATIENCE.answer);
    await sleep(lengths.warmUp);
    const empty = await collected(served);

    const quiet = await measure(served, lengths.quiet, () => sleep(lengths.quiet));
    const quietReport = await tell(honest, quiet.window);
    if (attack.diskFull) await served.fillDisk(true);
    const attacked = await measure(served, lengths.attacked, () => attackFor(rude, lengths.attacked));
    const full = served.alive ? await collected(served) : null;
    rude.kill();
    if (attack.diskFull && served.alive) await served.fillDisk(false);
    const died = !served.alive;
    const patience = died ? 0 : PATIENCE.answer;
    await honest.ask({ order: "finish", patience }, patience + PATIENCE.answer);
    const report = await tell(honest, attacked.window);
    honest.kill();
    return {
      quiet: { ...quiet, honest: quietReport },
      attacked: { ...attacked, honest: report },
      rude: attacked.value,
      held: full === null || empty === null ? null : full - empty,
      died: died || !served.alive,
      survival: await comeUp(served, report.acknowledged, lengths.after),
    };
  } finally {
    rude.kill();
    honest.kill();
    await served.stop();
  }
}

async function attackFor(rude: Crew<RudeOrder, RudeReport>, lasts: number): Promise<RudeReport> {
  try {
    return await rude.ask({ order: "attack", lasts }, lasts + PATIENCE.answer);
  } catch (error) {
    // An attacker who chokes on it himself is no failure of the bench.
    return { told: {}, saw: {}, failed: error instanceof Error ? error.message : String(error) };
  }
}

interface Measured<T> extends Omit<Stretch, "honest"> {
  readonly value: T;
  readonly window: Window;
}

async function measure<T>(served: Served, lasts: number, work: () => Promise<T>): Promise<Measured<T>> {
  const before = await written(served);
  const watching = watch(served);
  const from = now();
  const value = await work();
  const window = { from, to: now() };
  const use = await watching.stop();
  const after = await written(served);
  const seconds = Math.max(window.to - from, lasts) / 1000;
  return {
    value,
    window,
    use,
    seconds,
    rows: before && after ? (after.rows - before.rows) / seconds : null,
    grown: before && after ? after.bytes - before.bytes : null,
  };
}

/** Of both documents. */
async function written(served: Served): Promise<{ rows: number; bytes: number } | null> {
  return orNull(served, async () => {
    const all = await Promise.all([DOCUMENT, LONELY].map((document) => served.cost(document)));
    return {
      rows: all.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0),
      bytes: all.reduce((sum, { databaseSize }) => sum + databaseSize, 0),
    };
  });
}

function collected(served: Served): Promise<number | null> {
  return orNull(served, async () => {
    await served.collectGarbage();
    return heapOf(served);
  });
}

/** Null where the process has died, or is busy for longer than is waited: that is told by other figures. */
async function orNull<T>(served: Served, look: () => Promise<T>): Promise<T | null> {
  if (!served.alive) return null;
  try {
    return await within(PATIENCE.look, "a look at the server", look());
  } catch {
    return null;
  }
}

async function tell(honest: Crew<HonestOrder, HonestReport | null>, window: Window): Promise<HonestReport> {
  const report = await honest.ask({ order: "tell", window }, PATIENCE.answer);
  if (!report) throw new Error("those who are honest tell nothing");
  return report;
}
