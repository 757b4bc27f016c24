import { runLoad } from "../load/crew.ts";
import type { Bar, Section, Table } from "../report/section.ts";
import { createNotes, eachInTurn, quantile, type Scene, withDocument } from "./scene.ts";

const NODES = 1_000;
const HUMAN_MS = 100;

const TEXT = [
  `One writer and one reader, nobody else. "Human pace": a mutation every ${HUMAN_MS} ms. "Tight loop": the next one as soon
as the last is acknowledged. "Seen" is the time from sending until the other client has it; both are in one process, so it
is one clock. "Commit each" is what the same runtime does when every message is one INSERT and one broadcast by itself:
the floor for a server that acknowledges what is on disk. y-partyserver acknowledges what is in memory.`,
];

/** How long one mutation takes when nobody else is there. */
export async function latency(scene: Scene): Promise<Section> {
  const { scale, contestants, note } = scene;
  const notes = createNotes();
  await eachInTurn(scene, "latency", scale.repetitions, async (who) => {
    const { name } = who.system;
    const [human, tight] = await withDocument(who, NODES, async (stage) => {
      const load = stage.load();
      const slow = await runLoad([{ ...load, task: "probe", everyMs: HUMAN_MS, node: 0 }], scale.times);
      const one = { ...load, task: "write", writers: 1, inFlight: 1, kind: "update", seed: 2 } as const;
      const fast = await runLoad([one], scale.times);
      return [slow.results[0], fast.results[0]];
    });
    if (!human || !tight) throw new Error("no latencies");
    for (const share of [0.5, 0.99]) {
      notes.add(`${name} human acknowledged ${share}`, quantile(human.acknowledgeMs, share));
      notes.add(`${name} human seen ${share}`, quantile(human.seenMs, share));
      notes.add(`${name} tight acknowledged ${share}`, quantile(tight.acknowledgeMs, share));
    }
    note(`latency, ${name}: human p50 ${quantile(human.acknowledgeMs, 0.5).toFixed(2)} ms`);
  });
  const row = (title: string, key: string) => [
    title,
    ...contestants.map(({ system }) => notes.spread(`${system.name} ${key}`)),
  ];
  const table: Table = {
    title: "Milliseconds from sending",
    head: ["", ...contestants.map(({ system }) => system.title)],
    rows: [
      row("human pace, acknowledged, p50", "human acknowledged 0.5"),
      row("human pace, acknowledged, p99", "human acknowledged 0.99"),
      row("human pace, seen, p50", "human seen 0.5"),
      row("human pace, seen, p99", "human seen 0.99"),
      row("tight loop, acknowledged, p50", "tight acknowledged 0.5"),
      row("tight loop, acknowledged, p99", "tight acknowledged 0.99"),
    ],
  };
  const bar = (pace: string, most: number, key: string): Bar[] => {
    const [ours, floor] = [notes.median(`grove ${key}`), notes.median(`plain ${key}`)];
    if (ours === null || floor === null) return [];
    const what = `send to acknowledgement, p50, one writer ${pace}, against committing each`;
    return [{ what, value: ours / floor, unit: "×", bar: most, at: "most" }];
  };
  const bars = [
    ...bar("at human pace", 1.5, "human acknowledged 0.5"),
    ...bar("in a tight loop", 4, "tight acknowledged 0.5"),
  ];
  return { id: "latency", title: "One writer", text: TEXT, tables: [table], charts: [], bars };
}
