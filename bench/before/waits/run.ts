import { setTimeout as sleep } from "node:timers/promises";
import { heldOf } from "../../large/client.ts";
import { within } from "../../load/within.ts";
import type { Notes } from "../../scenarios/scene.ts";
import { importNodes, rest } from "../documents.ts";
import type { SideName, WaitsScale } from "../kinds.ts";
import { type Side, type Standing, withServers } from "../sides.ts";
import { warmUp } from "../warm-up.ts";
import { DOCUMENT, openActor } from "./actor.ts";
import { halvesOf } from "./layout.ts";
import { makePast } from "./past.ts";
import { startPulse } from "./pulse-process.ts";
import { STEPS, type Step } from "./steps.ts";

/** What an isolate has on the platform, in MiB. */
const HEAP = 128;
export const EVERY = 5;
/** Whatever takes longer is not waited for. */
export const PATIENCE: Readonly<Record<SideName, number>> = { now: 180_000, before: 60_000 };

/** What was not done to its end by a side, as `TITLE SIDE`, and why: the code of a no, or what failed. */
export type Failures = Map<string, string>;

/**
 * How long one client waits for its answers while another does what takes long. Notes milliseconds as `TITLE SIDE`, and
 * what the step itself took as `TITLE SIDE took`.
 */
export async function measureWaits(
  sides: readonly Side[],
  scale: WaitsScale,
  notes: Notes,
  note: (text: string) => void,
): Promise<Failures> {
  const failures: Failures = new Map();
  const work = async (all: readonly Standing[]) => {
    await Promise.all(all.map((standing) => fill(standing, scale)));
    note(`waits: made documents of ${scale.nodes} nodes`);
    for (const standing of all) {
      const { name } = standing.side;
      await warmUp(standing);
      const context = { ...standing, nodes: scale.nodes, margin: scale.margin, notes, failures };
      for (let round = 0; round < scale.rounds[name]; round++) {
        for (const step of STEPS) if (round === 0 || !step.once) await perform(context, step);
        note(`waits, ${name}: round ${round + 1}`);
      }
    }
  };
  await withServers(sides, work, { heap: HEAP });
  return failures;
}

/** Not one after the other, as an import of a million nodes takes a minute. */
async function fill(standing: Standing, { nodes, history }: WaitsScale): Promise<void> {
  const url = `${standing.served.url}/documents/${DOCUMENT}`;
  await importNodes(url, halvesOf(nodes));
  await makePast(standing, DOCUMENT, nodes, history);
  await rest(url);
}

interface Context extends Standing {
  readonly nodes: number;
  readonly margin: number;
  readonly notes: Notes;
  readonly failures: Failures;
}

async function perform(context: Context, step: Step): Promise<void> {
  const { side, nodes, notes, failures } = context;
  const key = `${step.title} ${side.name}`;
  if (step.after !== undefined && failures.has(`${step.after} ${side.name}`)) return;
  try {
    const actor = await openActor(context, nodes);
    const prepared = (await step.prepare?.(actor)) ?? 0;
    const { longest, took, refused } = await withPulse(context, `${actor.name}-pulse`, () => {
      return within(PATIENCE[side.name], step.title, step.work(actor, prepared));
    });
    notes.add(key, longest);
    notes.add(`${key} took`, took);
    if (refused === null) await step.undo?.(actor);
    else failures.set(key, refused);
    await actor.close();
  } catch (error) {
    failures.set(key, error instanceof Error ? error.message : String(error));
    await context.served.restart();
    await warmUp(context);
  }
}

/** Works while the other client is at it, and gives its longest wait. */
async function withPulse({ side, served, margin }: Context, client: string, work: () => Promise<string | null>) {
  const pulse = await startPulse({
    protocol: side.protocolFile,
    url: served.socketUrl,
    document: DOCUMENT,
    client,
    node: "pulse",
    everyMs: EVERY,
    held: { ...(await heldOf(`${served.url}/documents/${DOCUMENT}`)) },
  });
  try {
    await sleep(margin);
    const [from, start] = [Date.now(), performance.now()];
    const refused = await work();
    const took = performance.now() - start;
    await sleep(margin);
    return { refused, took, longest: await pulse.longest(from, Date.now()) };
  } finally {
    pulse.kill();
  }
}
