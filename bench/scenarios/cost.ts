import { runLoad } from "../load/crew.ts";
import type { Task } from "../load/tasks.ts";
import type { Kind } from "../load/workload.ts";
import { PRICES, priceOfEdits, priceOfIdleMonth, SECONDS_PER_WAKE_UP } from "../report/prices.ts";
import type { Bar, Section, Table } from "../report/section.ts";
import { createNotes, DOCUMENT, eachInTurn, type Notes, type Scene, type Stage, withDocument } from "./scene.ts";

const NODES = 1_000;
const MILLION = 1_000_000;

type Common = ReturnType<Stage["load"]>;

/** Whose edits are counted. */
const LOADS: readonly {
  readonly title: string;
  readonly tasks: (common: Common) => Task[];
  readonly longer?: number;
}[] = [
  { title: "16 writers at full speed, updates", tasks: writers(16, 64, "update") },
  {
    title: "4 people, an update every 250 ms each",
    longer: 4,
    tasks: (common) => [0, 1, 2, 3].map((node) => ({ ...common, task: "probe", everyMs: 250, node })),
  },
  { title: "one writer who waits for each answer, updates", tasks: writers(1, 1, "update") },
  { title: "16 writers at full speed, inserts", tasks: writers(16, 64, "insert") },
  { title: "16 writers at full speed, mixed", tasks: writers(16, 64, "mixed") },
];
const BAR = LOADS[0]?.title;
/** Whose price is reckoned in full. */
const PRICED = LOADS.slice(0, 2).map(({ title }) => title);

function writers(count: number, inFlight: number, kind: Kind): (common: Common) => Task[] {
  return (common) => [{ ...common, task: "write", writers: count, inFlight, kind, seed: 3 }];
}

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
  `Writers at full speed share rows, and people who type do not: for those every mutation is a row of the log, and a node
that has changed is one more at each checkpoint, a minute later. y-partyserver writes the whole document again at each
save, however little has changed, two to ten seconds after a change: its rows are few while documents are small, and what
it has not saved is lost with the process. Each load was run once for each system.`,
  `**Prices** are what the platform publishes (read ${PRICES.read}) for what was counted, beyond the amounts that are
included; rows read are left out, at a thousandth of the price of rows written. The duration of a million edits is the time
that they take at the load's own pace, all of it, though an object between two edits is partly not billed. A wake-up in a
month of silence is reckoned as ${SECONDS_PER_WAKE_UP} s awake, which is too much. Whoever has no alarm pays for an idle
document's storage alone.`,
];

/** What edits cost: rows, bytes, messages, dollars. */
export async function cost(scene: Scene): Promise<Section> {
  const { scale, contestants, note } = scene;
  const notes = createNotes();
  const loads = scale.mode === "full" ? LOADS : LOADS.slice(0, 1);
  for (const { title, tasks, longer = 1 } of loads) {
    const times = { ...scale.times, measured: scale.times.measured * longer };
    await eachInTurn(scene, `the cost of ${title}`, 1, async (who) => {
      const key = `${title} ${who.system.name}`;
      await withDocument(who, NODES, async (stage) => {
        await who.system.settle(stage.served, DOCUMENT);
        const before = await stage.served.cost(DOCUMENT);
        const { total, results } = await runLoad(tasks(stage.load()), times);
        await who.system.settle(stage.served, DOCUMENT);
        const after = await stage.served.cost(DOCUMENT);
        const acknowledged = results.reduce((sum, each) => sum + each.acknowledged, 0);
        const framesSent = results.reduce((sum, each) => sum + each.framesSent, 0);
        notes.add(`${key} rows`, (after.rowsWritten - before.rowsWritten) / total);
        notes.add(`${key} bytes`, (after.databaseSize - before.databaseSize) / total);
        notes.add(`${key} messages`, framesSent / acknowledged);
        notes.add(`${key} rate`, (acknowledged / times.measured) * 1000);
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
    text: [...TEXT, ...formulas(notes)],
    tables: [
      table("Rows written per mutation", (load, name) => notes.median(`${load} ${name} rows`)),
      table("Bytes of the database per mutation", (load, name) => notes.median(`${load} ${name} bytes`)),
      table("Incoming messages per mutation", (load, name) => notes.median(`${load} ${name} messages`)),
      table("Dollars for a million mutations", (load, name) => millionOf(notes, load, name)?.dollars ?? null),
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

function millionOf(notes: Notes, load: string, name: string) {
  const of = (what: string) => notes.median(`${load} ${name} ${what}`);
  const [messages, rowsWritten, rate, bytes] = [of("messages"), of("rows"), of("rate"), of("bytes")];
  if (messages === null || rowsWritten === null || rate === null || bytes === null) return null;
  return priceOfEdits({
    messages: messages * MILLION,
    rowsWritten: rowsWritten * MILLION,
    activeSeconds: MILLION / rate,
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

function formulas(notes: Notes): string[] {
  return [
    ...PRICED.flatMap((load) => {
      const edits = millionOf(notes, load, "grove");
      return edits ? [`A million mutations of durable-grove, ${load}:`, list(edits.parts)] : [];
    }),
    ...IDLE.flatMap(({ title, wakeUps }) => {
      return [`A month of a document that nobody edits, ${title}:`, list(idleOf(notes, wakeUps).parts)];
    }),
  ];
}

function list(parts: readonly { readonly name: string; readonly formula: string }[]): string {
  return parts.map(({ name, formula }) => `- ${name}: ${formula}`).join("\n");
}
