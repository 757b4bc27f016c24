import { type Connection, connect } from "../load/connection.ts";
import type { Held } from "../load/protocol.ts";
import { within } from "../load/within.ts";
import { editsOf, fillOf, type Share } from "../load/workload.ts";
import type { Bar, Chart, Section, Table } from "../report/section.ts";
import { type Contestant, createNotes, type Notes, type Scene, type Stage, withDocument } from "./scene.ts";

const PATIENCE = 120_000;
/** Mutations that a client misses while it is away. */
const MISSED = [0, 10, 1_000];
/** Just before the next checkpoint. */
const FULL_LOG = 19_500;
const MB = 1_000_000;

const TEXT = [
  `Everyone's document is filled by mutations of a thousand nodes (about 40 bytes of attributes each) over the socket. A
**join** is from opening a socket until the last byte of the document is there, which nobody decodes. **Warm**: the object is in memory. **Cold**: the
process was killed after everything had come to rest, and started again, and has served another document, so that what
is measured is the document and not the compiler; its files are in the system's cache. A **resume** is by a client who
held the document and missed so many mutations. **First mutation**: of a cold object, from opening the socket with what
the client held, to the acknowledgement; durable-grove once more with ${FULL_LOG.toLocaleString("en")} updates in its log that no checkpoint has
yet, which is the most that a wake-up has to replay. All visits of a size are in one server's life, and restarts are of
that. **Memory**: the heap of the isolate and the buffers that belong to it, after a
forced collection, with one client joined, above that of a document of one node.`,
];

/** What grows with a document: joins, resumes, the first mutation of a cold object, memory. */
export async function documents(scene: Scene): Promise<Section> {
  const { scale, contestants, note } = scene;
  const notes = createNotes();
  for (const nodes of scale.sizes) {
    for (const who of contestants.filter(({ system }) => system.name !== "plain")) {
      const start = performance.now();
      await scene.attempt(who, `a document of ${nodes} nodes`, () =>
        withDocument(who, nodes, async (stage) => {
          notes.add(`${who.system.name} ${nodes} fill`, (performance.now() - start) / 1000);
          await visits(who, stage, nodes, scale.visits, notes);
        }),
      );
      note(`documents of ${nodes} nodes, ${who.system.name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
  }
  return report(scene, notes);
}

async function visits(who: Contestant, stage: Stage, nodes: number, times: number, notes: Notes): Promise<void> {
  const { system, protocol } = who;
  const key = (what: string) => `${system.name} ${nodes} ${what}`;
  const join = async (what: string | null, held?: Held): Promise<Connection> => {
    const start = performance.now();
    const connection = await connect(protocol, stage.address(), `reader-${nodes}`, { held });
    if (what !== null) {
      notes.add(key(what), performance.now() - start);
      notes.add(key(`${what} bytes`), connection.bytes);
    }
    return connection;
  };
  for (let visit = 0; visit < times; visit++) await (await join("warm join")).close();

  // Someone who is never away writes what the others miss.
  const share = (index: number) => ({ index, of: times + 1 });
  const writer = await writing(who, stage, nodes, "resident", share(0));
  for (const missed of MISSED) {
    for (let visit = 0; visit < times; visit++) {
      const reader = await join(null);
      const held = reader.held();
      await reader.close();
      await writer.write(missed);
      await (await join(`resume ${missed}`, held)).close();
    }
  }
  await writer.close();

  await system.settle(stage.served, stage.address().document);
  for (let visit = 0; visit < times; visit++) {
    await restart(who, stage);
    await (await join("cold join")).close();
    // What did not survive would be joined quickly.
    const [warm, cold] = [notes.median(key("warm join bytes")), notes.median(key("cold join bytes"))];
    if ((cold ?? 0) < (warm ?? 0) / 2)
      throw new Error(`${system.title}: ${cold} bytes after a restart, ${warm} before`);
  }
  for (let visit = 0; visit < times; visit++) {
    if (visit > 0) await system.settle(stage.served, stage.address().document);
    const before = await join(null);
    const held = before.held();
    await before.close();
    await restart(who, stage);
    const start = performance.now();
    const first = await writing(who, stage, nodes, `first-${visit}`, share(visit + 1), held);
    await first.write(1);
    notes.add(key("first mutation"), performance.now() - start - first.prepared);
    await first.close();
  }

  if (system.name === "grove") await withFullLog(who, stage, nodes, times, key("first mutation, full log"), notes);

  await restart(who, stage);
  const heap = async () => {
    await stage.served.collectGarbage();
    const { used, backing } = await (await stage.served.inspect()).heap();
    return (used + backing) / MB;
  };
  const empty = await heap();
  const reader = await join(null);
  notes.add(key("memory"), (await heap()) - empty);
  await reader.close();
}

/** The first mutation where everything since the last checkpoint has to be replayed. */
async function withFullLog(
  who: Contestant,
  stage: Stage,
  nodes: number,
  times: number,
  key: string,
  notes: Notes,
): Promise<void> {
  const writer = await writing(who, stage, nodes, "hurried", { index: 0, of: 1 });
  for (let written = 0; written < FULL_LOG; written += 500) await writer.write(500);
  await writer.close();
  for (let visit = 0; visit < times; visit++) {
    await restart(who, stage);
    const start = performance.now();
    const first = await writing(who, stage, nodes, `late-${visit}`, { index: visit + 1, of: times + 1 });
    await first.write(1);
    notes.add(key, performance.now() - start - first.prepared);
    await first.close();
  }
}

/** A client who writes and waits; `prepared` is how long its mutations took to be made, which is not the server's time. */
async function writing(
  { protocol }: Contestant,
  stage: Stage,
  nodes: number,
  client: string,
  share: Share,
  held?: Held,
) {
  const begin = performance.now();
  const encode = protocol.encoder(client, fillOf(nodes));
  const edit = editsOf("update", client, nodes, nodes + share.index, share);
  const prepared = performance.now() - begin;
  let waiting = 0;
  let answered = () => {};
  const connection = await connect(protocol, stage.address(), client, {
    held,
    onFrame({ acknowledged }) {
      waiting -= acknowledged;
      if (waiting === 0) answered();
    },
  });
  return {
    prepared,
    async write(count: number) {
      if (count === 0) return;
      waiting = count;
      const done = new Promise<void>((resolve) => {
        answered = resolve;
      });
      for (let index = 0; index < count; index++) connection.send(encode(edit()));
      await within(PATIENCE, `${count} mutations of ${client}`, done);
    },
    close: () => connection.close(),
  };
}

const WARM = "warm";

/** Kills the server and starts it; another document has been served when it resolves. */
async function restart({ protocol }: Contestant, { served, address }: Stage): Promise<void> {
  await served.restart();
  const warm = { ...address(), document: WARM };
  for (let round = 0; round < 3; round++) {
    const client = await connect(protocol, warm, `warm-${round}`);
    const encode = protocol.encoder(`warm-${round}`, []);
    client.send(encode([{ op: "insert", node: { id: crypto.randomUUID(), type: "item" }, parent: "root" }]));
    await client.close();
  }
}

function report({ scale, contestants }: Scene, notes: Notes): Section {
  const shown = contestants.filter(({ system }) => system.name !== "plain");
  const head = ["nodes", ...shown.map(({ system }) => system.title)];
  const table = (title: string, what: string): Table => ({
    title,
    head,
    rows: scale.sizes.map((nodes) => [
      nodes.toLocaleString("en"),
      ...shown.map(({ system }) => notes.spread(`${system.name} ${nodes} ${what}`)),
    ]),
  });
  const chart = (id: string, title: string, unit: string, what: string): Chart => ({
    id,
    title,
    x: { label: "nodes", scale: "log" },
    y: { label: unit, scale: "log" },
    series: shown.map(({ system }) => ({
      name: system.title,
      points: notes.curve(scale.sizes, (nodes) => `${system.name} ${nodes} ${what}`),
    })),
  });
  const resume = Math.max(...scale.sizes.map((nodes) => notes.median(`grove ${nodes} resume 0 bytes`) ?? 0));
  const bars: Bar[] = [
    { what: "resume with nothing missed, everything that came", value: resume, unit: "bytes", bar: 1024, at: "most" },
  ];
  return {
    id: "documents",
    title: "Joining, resuming, waking",
    text: TEXT,
    tables: [
      table("Join, warm, ms", "warm join"),
      table("Join, cold, ms", "cold join"),
      table("Join, bytes", "warm join bytes"),
      ...MISSED.flatMap((missed) => [
        table(`Resume with ${missed} missed, ms`, `resume ${missed}`),
        table(`Resume with ${missed} missed, bytes`, `resume ${missed} bytes`),
      ]),
      table("First mutation of a cold object, connecting included, ms", "first mutation"),
      {
        title: `The same with ${FULL_LOG.toLocaleString("en")} updates that no checkpoint has, and joining without having held anything, ms`,
        head: ["nodes", "durable-grove"],
        rows: scale.sizes.map((nodes) => [
          nodes.toLocaleString("en"),
          notes.spread(`grove ${nodes} first mutation, full log`),
        ]),
      },
      table("Memory, MB", "memory"),
      table("Filling, s", "fill"),
    ],
    charts: [
      chart("join-cold", "Join of a cold document", "ms", "cold join"),
      chart("join-bytes", "Bytes of a join", "bytes", "warm join bytes"),
      chart("first-mutation", "First mutation of a cold object", "ms", "first mutation"),
      chart("memory", "Memory of the object, one client joined", "MB", "memory"),
    ],
    bars,
  };
}
