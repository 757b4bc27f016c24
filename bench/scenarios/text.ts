import { missingTraces, readTextTrace, type TextTrace, type TraceName } from "../../test/support/text-traces.ts";
import { runLoad } from "../load/crew.ts";
import type { Bar, Section, Table } from "../report/section.ts";
import { bytesOfKey } from "../text/at-rest.ts";
import { decideTrace } from "../text/decide.ts";
import { heapOf } from "../text/heap.ts";
import type { Rows } from "../text/keys.ts";
import type { Merged } from "../text/merged.ts";
import type { TextPeer } from "../text/peer.ts";
import { bytesMissed, gzippedMissed } from "../text/resume.ts";
import { asRows, asText } from "../text/rows.ts";
import { type Contestant, createNotes, type Notes, type Scene, turned, withDocument } from "./scene.ts";

/** How many keystrokes each typist keeps unanswered, as each writer does elsewhere. */
const IN_FLIGHT = 64;
const MISSED_TYPISTS = 4;
const LENGTHS = [60, 20_000];
const ROWS: readonly Rows[] = ["own", "one"];
/** What is replayed to compare files: of one author, so that any client can write it down. */
const FILES: readonly TraceName[] = ["json-crdt-patch", "sveltecomponent"];
const BUSY: TraceName = "clownschool";
const BEST_OF = 5;
const HELD = { rows: 10_000, characters: 60 };

const PEER = new URL("../peers/yjs/trace.ts", import.meta.url).href;
const CLIENT = new URL("../text/client/grove.ts", import.meta.url).href;
const OFFLINE = new URL("../text/client/offline.ts", import.meta.url).href;
const OFFLINE_ROWS = 200;

const TEXT = [
  `People who type: letters and spaces, and one key in fourteen a backspace; a key is a mutation, and a frame. **Rows of their own**: each
types in the middle of a row of 60 characters. **One row**: all type in one, 60 characters apart, and each key names the last seq that its
author has heard of, so that durable-grove transforms it over what the others have done since. y-partyserver has a Y.Text a row in a Y.Map, or one Y.Text; its
updates are written by hand, and \`bench/peers/yjs/verify.ts\` compares them with a Y.Doc's. Keystrokes are acknowledged as in the other
scenarios: durable-grove's are in the log on disk, y-partyserver's in memory.`,
  `**Bytes of database**: one person, each key a commit of its own, with a checkpoint or save each 300 keys: a minute at five keys a
second. **Missed**: everything that comes over the socket of a client that was there before. **A trace missed**: what comes is gzipped as
one, as a proxy would; Yjs's is the smaller of its two formats of the whole document.`,
  `**Taking in a keystroke**: \`clownschool\`, 23 136 transactions of three people as far behind each other as they were, in one text, in one process. Ours
is deciding: what its author had not seen, the transformation, the text, the event as it is sent and its inverse. Yjs's is \`applyUpdate\` in a document
that emits its update, as y-partyserver's does to send it; what authors' documents take is not counted. Processor time, with collecting garbage; each is the best of ${BEST_OF}.`,
  `**Heap**: ${HELD.rows} rows of ${HELD.characters} characters with ids as our client makes them, loaded by a client in a process of its own, over
the same rows as JSON. Yjs's has no types and no attributes, only ids and texts.`,
  `**Offline**: one client types without a network, fifty keys in a row and then in another, while somebody else types as much; then the
network is back. Both and the server are in one process (\`durable-grove/testing\`), and at its end both see the same, with every character that was typed.`,
];

/** Text that merges: keystrokes a second, bytes of them in storage and on the wire, what they take to be taken in and held. */
export async function text(scene: Scene): Promise<Section> {
  const { contestants, scale, note } = scene;
  const notes = createNotes();
  const typing = contestants.filter(({ protocol }) => protocol.typists);
  for (const rows of ROWS) {
    for (let round = 0; round < scale.repetitions; round++) {
      for (const who of turned(typing, round)) {
        await scene.attempt(who, `typing in ${rows}`, () => typed(scene, who, rows, notes));
      }
    }
  }
  for (const who of typing) {
    const { name } = who.system;
    for (const length of scale.text.minutes > 0 ? LENGTHS : []) {
      await scene.attempt(who, "typing at five keys a second", async () => {
        notes.add(`bytes ${length} ${name}`, await bytesOfKey(who, length, scale.text.minutes));
      });
    }
    for (const rows of ROWS) {
      await scene.attempt(who, "resuming", async () => {
        notes.add(`missed ${rows} ${name}`, await bytesMissed(who, MISSED_TYPISTS, rows, scale.text.missed));
      });
    }
    note(`text, at rest and missed, ${name}`);
  }
  const traces = missingTraces() === null ? scale.text.traces : 0;
  const peer = await peerWhere(typing);
  await missedTraces(typing, peer, traces, notes, note);
  if (traces > 0) takenIn(peer, readTextTrace(BUSY), notes);
  for (const [name, module] of [["grove", CLIENT], ...(peer ? [["yjs", PEER]] : [])] as const) {
    const { heap, json } = await heapOf(module ?? "", scale.text.rows, HELD.characters);
    notes.add(`heap ${name}`, heap / json);
    note(`text, heap of ${scale.text.rows} rows, ${name}`);
  }
  await metAgain(scale.text.offline, notes);
  note("text, offline");
  return report(scene, typing, notes);
}

/** Two come together who have typed without each other. */
async function metAgain(keys: number, notes: Notes): Promise<void> {
  // Browsers' code has types that are not these here.
  const { mergeOffline }: { mergeOffline(keys: number, rows: number): Promise<Merged> } = await import(OFFLINE);
  for (const [name, value] of Object.entries(await mergeOffline(keys, OFFLINE_ROWS)))
    notes.add(`offline ${name}`, value);
}

async function typed({ scale, note }: Scene, who: Contestant, rows: Rows, notes: Notes): Promise<void> {
  const { typists } = scale.text;
  const { results } = await withDocument(who, 0, async (stage) => {
    return runLoad([{ ...stage.load(), task: "type", typists, rows, inFlight: IN_FLIGHT, seed: 11 }], scale.times);
  });
  const [typed] = results;
  if (!typed) throw new Error("nobody typed");
  const rate = (typed.acknowledged / scale.times.measured) * 1000;
  notes.add(`keys ${rows} ${who.system.name}`, rate);
  notes.add(`cpu ${rows} ${who.system.name}`, typed.cpu);
  note(`text, ${typists} typists, ${rows}, ${who.system.name}: ${Math.round(rate)}/s`);
}

async function peerWhere(typing: readonly Contestant[]): Promise<TextPeer | null> {
  if (!typing.some(({ system }) => system.name === "yjs")) return null;
  const { peer }: { peer: TextPeer } = await import(PEER);
  return peer;
}

async function missedTraces(
  typing: readonly Contestant[],
  peer: TextPeer | null,
  traces: number,
  notes: Notes,
  note: Scene["note"],
): Promise<void> {
  const grove = typing.find(({ system }) => system.name === "grove");
  for (const name of FILES.slice(0, traces)) {
    const trace = readTextTrace(name);
    if (peer) notes.add(`trace ${name} yjs`, peer.smallestFile(trace));
    if (!grove) continue;
    notes.add(`trace ${name} text`, await gzippedMissed(grove, asText(trace)));
    notes.add(`trace ${name} rows`, await gzippedMissed(grove, asRows(trace)));
    note(`text, ${name} missed`);
  }
}

/** The best, in turns: other work on the machine can only make one slower. */
function takenIn(peer: TextPeer | null, trace: TextTrace, notes: Notes): void {
  for (let round = 0; round < BEST_OF; round++) {
    notes.add("takes grove", decideTrace(trace));
    if (peer) notes.add("takes yjs", peer.integrate(trace));
  }
}

const IN_WORDS: Readonly<Record<Rows, string>> = { own: "rows of their own", one: "one row" };

function report({ scale }: Scene, typing: readonly Contestant[], notes: Notes): Section {
  const head = typing.map(({ system }) => system.title);
  const cells = (key: string) => typing.map(({ system }) => notes.spread(`${key} ${system.name}`));
  const tables: Table[] = [
    {
      title: `Keystrokes acknowledged a second, ${scale.text.typists} typists`,
      head: ["", ...head],
      rows: ROWS.map((rows) => [IN_WORDS[rows], ...cells(`keys ${rows}`)]),
    },
    {
      title: "Share of a core that the typists' process took",
      head: ["", ...head],
      rows: ROWS.map((rows) => [IN_WORDS[rows], ...cells(`cpu ${rows}`)]),
    },
    {
      title: "Bytes of database a key of one person",
      head: ["", ...head],
      rows: LENGTHS.map((length) => [
        `a row of ${length.toLocaleString("en")} characters`,
        ...cells(`bytes ${length}`),
      ]),
    },
    {
      title: `Bytes that come to a client that missed ${scale.text.missed} keys of ${MISSED_TYPISTS} typists`,
      head: ["", ...head],
      rows: ROWS.map((rows) => [IN_WORDS[rows], ...cells(`missed ${rows}`)]),
    },
    {
      title: "Bytes gzipped that come to a client that missed a whole trace",
      head: ["", "durable-grove, one text", "durable-grove, rows", "Yjs's smallest file"],
      rows: FILES.slice(0, scale.text.traces).map((name) => [
        name,
        ...["text", "rows", "yjs"].map((form) => notes.median(`trace ${name} ${form}`)),
      ]),
    },
    {
      title: "One process",
      head: ["", "durable-grove", "Yjs"],
      rows: [
        [
          `taking in a keystroke of ${BUSY}, µs`,
          ...["grove", "yjs"].map((name) => notes.spread(`takes ${name}`)?.least ?? null),
        ],
        [
          `heap of ${scale.text.rows} rows in a client, times their JSON`,
          ...["grove", "yjs"].map((name) => notes.median(`heap ${name}`)),
        ],
      ],
    },
  ];
  tables.push({
    title: `${scale.text.offline.toLocaleString("en")} keys offline against as many missed, in ${OFFLINE_ROWS} rows, ms`,
    head: ["", "durable-grove"],
    rows: [
      ["from the network back to all answered, the server's work with it", notes.median("offline all")],
      ["of it the client's work", notes.median("offline client")],
      ["its longest task", notes.median("offline longest")],
      ["a key, offline, at the end", notes.median("offline key")],
    ],
  });
  return { id: "text", title: "Text", text: TEXT, tables, charts: [], bars: barsOf(scale.text, notes) };
}

function barsOf({ typists, missed, offline }: Scene["scale"]["text"], notes: Notes): Bar[] {
  const against = (what: string, key: string, bar: number, at: Bar["at"]): Bar[] => {
    const [ours, theirs] = [notes.median(`${key} grove`), notes.median(`${key} yjs`)];
    if (ours === null || theirs === null) return [];
    return [{ what, value: ours / theirs, unit: "×", bar, at }];
  };
  const most = (what: string, value: number | null | undefined, unit: string, bar: number | null | undefined): Bar[] =>
    value === null || value === undefined || bar === null || bar === undefined
      ? []
      : [{ what, value, unit, bar, at: "most" }];
  const takes = (name: string) => notes.spread(`takes ${name}`)?.least;
  return [
    ...ROWS.flatMap((rows) =>
      against(
        `keystrokes acknowledged/s, ${typists} typists in ${IN_WORDS[rows]}, against y-partyserver`,
        `keys ${rows}`,
        8,
        "least",
      ),
    ),
    ...LENGTHS.flatMap((length) =>
      most(
        `database a keystroke, one person, a row of ${length} characters`,
        notes.median(`bytes ${length} grove`),
        "bytes",
        150,
      ),
    ),
    ...ROWS.flatMap((rows) =>
      against(
        `resume with ${missed} keystrokes missed, ${IN_WORDS[rows]}, against y-partyserver`,
        `missed ${rows}`,
        1.5,
        "most",
      ),
    ),
    ...FILES.flatMap((name) =>
      ["text", "rows"].flatMap((form) =>
        most(
          `${name} missed, as ${form}, gzipped, against Yjs's smallest file`,
          notes.median(`trace ${name} ${form}`),
          "bytes",
          notes.median(`trace ${name} yjs`),
        ),
      ),
    ),
    ...most(`taking in a keystroke of ${BUSY}`, takes("grove"), "µs", 25),
    ...most(
      `taking in a keystroke of ${BUSY}, a third of Yjs's`,
      takes("grove"),
      "µs",
      (takes("yjs") ?? Number.NaN) / 3,
    ),
    ...most(`${offline} keys offline against ${offline} missed, merged`, notes.median("offline all"), "ms", 1_000),
    ...most(
      `${offline} keys offline against ${offline} missed, longest task`,
      notes.median("offline longest"),
      "ms",
      50,
    ),
    ...most(`heap of a client, times the JSON of its rows`, notes.median("heap grove"), "×", 2),
  ];
}
