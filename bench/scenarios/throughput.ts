import { runLoad } from "../load/crew.ts";
import type { Bar, Cell, Section, Table } from "../report/section.ts";
import type { SystemName } from "../servers/systems.ts";
import { createNotes, eachInTurn, quantile, type Scene, withDocument } from "./scene.ts";

/** Nodes of the document, and how many mutations each writer keeps unanswered. */
const NODES = 1_000;
const IN_FLIGHT = 64;
const PROBE_MS = 25;
/** The load that the bars are about. */
const BAR = "16 update";

const TEXT = [
  `Writers in one process, each with ${IN_FLIGHT} mutations unanswered: one operation a mutation, one mutation a frame, a
document of ${NODES} nodes in which each writer has nodes of its own. What counts is acknowledgements. With 16 writers who update, a process of its own has one more
writer at a fixed pace (every ${PROBE_MS} ms) and one who waits to see its marks: "seen" is the time from sending to another
replica. The process's share of a core is told beside, as it must not be the limit.`,
  `What the acknowledgements are worth:`,
  `- **durable-grove**: the mutation is checked (its shape, and that the tree stays a tree), is in the log on disk, and is
acknowledged by the frame that tells everyone.
- **commit each**: the floor. The message's shape is checked, it is one INSERT and one frame to everyone; there is no tree.
- **tldraw sync**: the record is checked against its schema, and is written in a transaction of its own before the
answer; whether its parent exists, or is below it, is not looked at. Answers and what others did are sent at most 60 times a
second to each client, so a writer with few mutations unanswered waits for that clock. tldraw's own client puts what
happens within a thirtieth of a second into one message, as real clients of the others put what happens at once.
- **y-partyserver**: the update is decoded and is in memory; the echo of one's own update is the only answer there is. The
whole document is saved two to ten seconds later, and what was not saved is lost with the process. Nothing is checked. It
hibernates because its class says so, as in its authors' example with SQLite; without that it was about 17 % faster here.`,
  `All of them are built by wrangler and run on the same \`workerd\`, one at a time, with SQLite on the same disk, hibernation
allowed, in turns; each figure is the median, with the least and the most in brackets. "On disk" is what workerd's
commit means on this machine: a write-ahead log of SQLite, the same for all; that power may fail was not tried.`,
];

/** How many mutations a second are acknowledged. */
export async function throughput(scene: Scene): Promise<Section> {
  const { scale, contestants, note } = scene;
  const notes = createNotes();
  for (const { writers, kind } of scale.throughput) {
    const cell = `${writers} ${kind}`;
    await eachInTurn(scene, `${cell}s`, cell === BAR ? scale.repetitions : scale.others, async (who) => {
      const { name } = who.system;
      const { total, results } = await withDocument(who, NODES, (stage) => {
        const load = stage.load();
        const write = { ...load, task: "write", writers, inFlight: IN_FLIGHT, kind, seed: 1 } as const;
        const probe = { ...load, task: "probe", everyMs: PROBE_MS, node: 0 } as const;
        return runLoad(cell === BAR ? [write, probe] : [write], scale.times);
      });
      const [written, probed] = results;
      if (!written) throw new Error("no writers");
      const rate = (written.acknowledged / scale.times.measured) * 1000;
      notes.add(`${cell} ${name}`, rate);
      notes.add(`${cell} ${name} cpu`, written.cpu);
      if (probed) {
        for (const share of [0.5, 0.99]) {
          notes.add(`${name} acknowledged ${share}`, quantile(probed.acknowledgeMs, share));
          notes.add(`${name} seen ${share}`, quantile(probed.seenMs, share));
        }
      }
      note(`throughput, ${cell}, ${name}: ${Math.round(rate)}/s, ${total} in all`);
    });
  }
  const head = contestants.map(({ system }) => system.title);
  const table = (title: string, cellOf: (key: string) => Cell): Table => ({
    title,
    head: ["writers", "mutation", ...head],
    rows: scale.throughput.map(({ writers, kind }) => [
      `${writers}`,
      kind,
      ...contestants.map(({ system }) => cellOf(`${writers} ${kind} ${system.name}`)),
    ]),
  });
  const rates = table("Acknowledged mutations a second", notes.spread);
  const cpu = table("Share of a core that the writers' process took", (key) => notes.median(`${key} cpu`));
  const saturated: Table = {
    title: `Latency while 16 others write as fast as they can, ms`,
    head: ["", ...head],
    rows: ["acknowledged 0.5", "acknowledged 0.99", "seen 0.5", "seen 0.99"].map((key) => [
      key.replace("0.5", "p50").replace("0.99", "p99"),
      ...contestants.map(({ system }) => notes.spread(`${system.name} ${key}`)),
    ]),
  };
  const bars = (["tldraw", "yjs"] satisfies SystemName[]).flatMap((peer): Bar[] => {
    const [ours, theirs] = [notes.median(`${BAR} grove`), notes.median(`${BAR} ${peer}`)];
    if (ours === null || theirs === null) return [];
    const title = contestants.find(({ system }) => system.name === peer)?.system.title;
    const what = `acknowledged mutations/s, 16 writers, against ${title}`;
    return [{ what, value: ours / theirs, unit: "×", bar: 8, at: "least" }];
  });
  return { id: "throughput", title: "Writers", text: TEXT, tables: [rates, saturated, cpu], charts: [], bars };
}
