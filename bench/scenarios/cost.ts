import { runLoad } from "../load/crew.ts";
import type { WriteTask } from "../load/tasks.ts";
import { priceOfEdits, priceOfIdleMonth } from "../report/prices.ts";
import type { Bar, Section, Table } from "../report/section.ts";
import { createNotes, DOCUMENT, eachInTurn, type Notes, type Scene, withDocument } from "./scene.ts";

const NODES = 1_000;
const MILLION = 1_000_000;

/** Whose edits are counted. */
const LOADS: readonly { readonly title: string; readonly writers: Pick<WriteTask, "writers" | "inFlight" | "kind"> }[] =
  [
    { title: "16 writers at full speed, updates", writers: { writers: 16, inFlight: 64, kind: "update" } },
    { title: "16 writers at full speed, inserts", writers: { writers: 16, inFlight: 64, kind: "insert" } },
    { title: "16 writers at full speed, mixed", writers: { writers: 16, inFlight: 64, kind: "mixed" } },
    { title: "one writer who waits for each answer, updates", writers: { writers: 1, inFlight: 1, kind: "update" } },
  ];
const BAR = LOADS[0]?.title;

/**
 * What nobody does for a month, with an untouched document. The wake-ups are those that test/session/idle-hour.test.ts
 * counts: five in the first hour, then one an hour; each writes when the next one is due, and sets the alarm.
 */
const IDLE = [
  { title: "nobody connected", wakeUps: 0 },
  { title: "ten silent subscribers", wakeUps: 5 + (30 * 24 - 1) },
];
const ROWS_PER_WAKE_UP = 2;

const TEXT = [
  `Rows are counted around the storage of each object, for all systems by the same code: what every statement says it has
written (indexes included), a row for each key that is put and each alarm that is set. The count ends when everything has
come to rest: durable-grove has written its checkpoint, y-partyserver has saved. **Messages** are incoming WebSocket
messages, answers to flow control included. The load generator sends a mutation a frame; a real client puts those of one
moment together.`,
  `y-partyserver writes the whole document again at each save, however little has changed, two to ten seconds after a
change: its rows are few, what it has not saved is lost with the process, and its figure for a writer at full speed says
little about slow ones.`,
  `**Prices** are what the platform publishes for what was counted, beyond the amounts that are included. An edit's duration
is the time that the object needed at that load; at a slower pace an object that may hibernate is billed for little more,
and one that may not for every second.`,
];

/** What edits cost: rows, bytes, messages, dollars. */
export async function cost(scene: Scene): Promise<Section> {
  const { scale, contestants, note } = scene;
  const notes = createNotes();
  const loads = scale.mode === "full" ? LOADS : LOADS.slice(0, 1);
  for (const { title, writers } of loads) {
    await eachInTurn(scene, 1, async (who) => {
      const key = `${title} ${who.system.name}`;
      await withDocument(who, NODES, async (stage) => {
        await who.system.settle(stage.served, DOCUMENT);
        const before = await stage.served.cost(DOCUMENT);
        const { total, results } = await runLoad(
          [{ ...stage.load(), task: "write", seed: 3, ...writers }],
          scale.times,
        );
        await who.system.settle(stage.served, DOCUMENT);
        const after = await stage.served.cost(DOCUMENT);
        const [written] = results;
        if (!written) throw new Error("no writers");
        const rate = (written.acknowledged / scale.times.measured) * 1000;
        notes.add(`${key} rows`, (after.rowsWritten - before.rowsWritten) / total);
        notes.add(`${key} bytes`, (after.databaseSize - before.databaseSize) / total);
        notes.add(`${key} messages`, written.framesSent / written.acknowledged);
        notes.add(`${key} seconds`, MILLION / rate);
        notes.add(`${who.system.name} empty`, before.databaseSize);
      });
      note(`cost, ${title}, ${who.system.name}: ${notes.median(`${key} rows`)?.toFixed(3)} rows a mutation`);
    });
  }
  const table = (heading: string, cellOf: (load: string, name: string) => number | null): Table => ({
    title: heading,
    head: ["", ...contestants.map(({ system }) => system.title)],
    rows: loads.map(({ title }) => [title, ...contestants.map(({ system }) => cellOf(title, system.name))]),
  });
  const rows = notes.median(`${BAR} grove rows`);
  const bars: Bar[] =
    rows === null
      ? []
      : [
          {
            what: `rows written per mutation, 16 writers updating ${NODES} nodes, log and checkpoint`,
            value: rows,
            unit: "",
            bar: 0.1,
            at: "most",
          },
        ];
  return {
    id: "cost",
    title: "What it costs",
    text: [...TEXT, ...formulas(notes, loads[0]?.title ?? "")],
    tables: [
      table("Rows written per mutation", (load, name) => notes.median(`${load} ${name} rows`)),
      table("Bytes of the database per mutation", (load, name) => notes.median(`${load} ${name} bytes`)),
      table("Incoming messages per mutation", (load, name) => notes.median(`${load} ${name} messages`)),
      table("Dollars for a million mutations", (load, name) => editsOf(notes, load, name)?.dollars ?? null),
      {
        title: `Dollars for a month of a durable-grove document of ${NODES} nodes that nobody edits`,
        head: ["", "dollars"],
        rows: IDLE.map(({ title, wakeUps }) => [title, idleOf(notes, wakeUps).dollars]),
      },
    ],
    charts: [],
    bars,
  };
}

function editsOf(notes: Notes, load: string, name: string) {
  const of = (what: string) => notes.median(`${load} ${name} ${what}`);
  const [messages, rowsWritten, activeSeconds, bytes] = [of("messages"), of("rows"), of("seconds"), of("bytes")];
  if (messages === null || rowsWritten === null || activeSeconds === null || bytes === null) return null;
  return priceOfEdits({
    messages: messages * MILLION,
    rowsWritten: rowsWritten * MILLION,
    rowsRead: 0,
    activeSeconds,
    databaseBytes: Math.max(0, bytes * MILLION),
  });
}

function idleOf(notes: Notes, wakeUps: number) {
  return priceOfIdleMonth({
    wakeUps,
    rowsWritten: wakeUps * ROWS_PER_WAKE_UP,
    databaseBytes: notes.median("grove empty") ?? 0,
  });
}

function formulas(notes: Notes, load: string): string[] {
  const edits = editsOf(notes, load, "grove");
  return [
    ...(edits ? [`A million mutations of durable-grove, ${load}:`, list(edits.parts)] : []),
    ...IDLE.flatMap(({ title, wakeUps }) => {
      return [`A month of a document that nobody edits, ${title}:`, list(idleOf(notes, wakeUps).parts)];
    }),
  ];
}

function list(parts: readonly { readonly name: string; readonly formula: string }[]): string {
  return parts.map(({ name, formula }) => `- ${name}: ${formula}`).join("\n");
}
