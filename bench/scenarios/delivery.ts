import { runLoad } from "../load/crew.ts";
import type { Bar, Section, Table } from "../report/section.ts";
import { createNotes, eachInTurn, type Scene, withDocument } from "./scene.ts";

const NODES = 1_000;
const WRITERS = { writers: 4, inFlight: 64, kind: "update", seed: 1 } as const;
/** The load that the bar is about. */
const BAR = 100;

const TEXT = [
  `Four writers with ${WRITERS.inFlight} mutations unanswered each update a document of ${NODES} nodes, while so many
subscribers in a process of their own read all of it. What counts is mutations that arrived, times subscribers. At the end
each subscriber has to have heard of every mutation exactly once, or the run fails.`,
];

/** How many mutations a second reach subscribers. */
export async function delivery(scene: Scene): Promise<Section> {
  const { scale, contestants, note } = scene;
  const notes = createNotes();
  for (const subscribers of scale.subscribers) {
    const repetitions = subscribers === BAR ? scale.repetitions : scale.others;
    await eachInTurn(scene, `delivery to ${subscribers}`, repetitions, async (who) => {
      const { name } = who.system;
      const { results } = await withDocument(who, NODES, (stage) => {
        const load = stage.load();
        return runLoad(
          [
            { ...load, task: "listen", subscribers },
            { ...load, task: "write", ...WRITERS },
          ],
          scale.times,
        );
      });
      const [heard, written] = results;
      if (!heard || !written) throw new Error("no subscribers");
      const seconds = scale.times.measured / 1000;
      const key = `${subscribers} ${name}`;
      notes.add(key, heard.delivered / seconds);
      notes.add(`${key} frames`, heard.framesReceived / seconds);
      notes.add(`${key} bytes`, heard.bytesReceived / seconds / 1e6);
      notes.add(`${key} written`, written.acknowledged / seconds);
      notes.add(`${key} cpu`, heard.cpu);
      note(`delivery to ${subscribers}, ${name}: ${Math.round(heard.delivered / seconds)}/s`);
    });
  }
  const head = ["subscribers", ...contestants.map(({ system }) => system.title)];
  const table = (title: string, what: string): Table => ({
    title,
    head,
    rows: scale.subscribers.map((subscribers) => [
      `${subscribers}`,
      ...contestants.map(({ system }) => notes.spread(`${subscribers} ${system.name}${what}`)),
    ]),
  });
  const ours = notes.median(`${BAR} grove`);
  const theirs = Math.max(notes.median(`${BAR} tldraw`) ?? 0, notes.median(`${BAR} yjs`) ?? 0);
  const what = "operations delivered/s to 100 subscribers, against the better of the two";
  const bars: Bar[] =
    ours !== null && theirs > 0 ? [{ what, value: ours / theirs, unit: "×", bar: 10, at: "least" }] : [];
  return {
    id: "delivery",
    title: "Subscribers",
    text: TEXT,
    tables: [
      table("Mutations delivered a second, all subscribers together", ""),
      table("Mutations acknowledged a second meanwhile", " written"),
      table("Frames a second, all subscribers together", " frames"),
      table("Megabytes a second, all subscribers together", " bytes"),
      table("Share of a core that the subscribers' process took", " cpu"),
    ],
    charts: [
      {
        id: "delivery",
        title: "Mutations delivered a second",
        x: { label: "subscribers", scale: "log" },
        y: { label: "delivered a second", scale: "log" },
        series: contestants.map(({ system }) => ({
          name: system.title,
          points: notes.curve(scale.subscribers, (subscribers) => `${subscribers} ${system.name}`),
        })),
      },
    ],
    bars,
  };
}
