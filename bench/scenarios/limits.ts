import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runLoad } from "../load/crew.ts";
import type { Section } from "../report/section.ts";
import { createNotes, type Scene } from "./scene.ts";

const PROTOCOL = new URL("../load/echo.ts", import.meta.url).href;
const SERVER = fileURLToPath(new URL("../servers/echo.ts", import.meta.url));
const LOAD = { writers: 16, inFlight: 64, kind: "update", seed: 4, nodes: 1_000, document: "echo" } as const;
const NODE = "a Node process of its own";
const OBJECT = "a Durable Object without storage";

const TEXT = [
  `The same ${LOAD.writers} writers with ${LOAD.inFlight} mutations unanswered each, against what does nothing but answer
every frame with itself to its sender. In a **Node process** it shows what the load generator can do on this machine with
somebody else on the other core. In a **Durable Object** it shows what the runtime can do that has one frame for each
mutation: no system here that answers every mutation by itself can be faster. durable-grove answers many in one frame.`,
];

/** What the load generator and the runtime can do at most. */
export async function limits({ scale, contestants, note }: Scene): Promise<Section> {
  const notes = createNotes();
  const plain = contestants.find(({ system }) => system.name === "plain");
  const measure = async (where: string, url: string) => {
    const { results } = await runLoad([{ ...LOAD, task: "write", url, protocol: PROTOCOL }], scale.times);
    const rate = ((results[0]?.acknowledged ?? 0) / scale.times.measured) * 1000;
    notes.add(where, rate);
    notes.add(`${where} cpu`, results[0]?.cpu ?? 0);
    note(`limits, ${where}: ${Math.round(rate)}/s`);
  };
  for (let round = 0; round < scale.repetitions; round++) {
    const child = fork(SERVER, { stdio: "inherit" });
    const [port] = await once(child, "message");
    try {
      await measure(NODE, `ws://127.0.0.1:${port}`);
    } finally {
      child.kill();
    }
    const served = await plain?.bundle.serve();
    try {
      if (served) await measure(OBJECT, served.socketUrl);
    } finally {
      await served?.stop();
    }
  }
  return {
    id: "limits",
    title: "What limits what is measured",
    text: TEXT,
    tables: [
      {
        title: "Frames a second, there and back",
        head: ["echo in", "frames a second", "share of a core of the load's process"],
        rows: [NODE, OBJECT].map((where) => [where, notes.spread(where), notes.spread(`${where} cpu`)]),
      },
    ],
    charts: [],
    bars: [],
  };
}
