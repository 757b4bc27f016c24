import { nodesOf } from "../large/nodes.ts";
import type { Table } from "../report/section.ts";
import { createNotes, type Notes, turned } from "../scenarios/scene.ts";
import { importNodes, rest } from "./documents.ts";
import { fasterBar, type Part } from "./part.ts";
import { ask } from "./requests.ts";
import { type Side, withServers } from "./sides.ts";
import { warmUp } from "./warm-up.ts";

const DOCUMENT = "read";
/** What no node is smaller than. */
const LEAST = 50;

const TEMPERATURES = ["cold", "warm"] as const;
/** How many times faster than before. */
const BAR = 5;

interface Reading {
  readonly nodes: number;
  readonly visits: number;
}

/** The whole of a document in one answer: as the first request for it after a restart, and again. */
export async function reading(sides: readonly Side[], { nodes, visits }: Reading): Promise<Part> {
  const notes = createNotes();
  await measure(sides, { nodes, visits }, notes);
  const what = `GET tree of ${nodes.toLocaleString("en")} nodes`;
  const table: Table = {
    title: `${what}, ms`,
    head: ["", ...sides.map(({ name }) => name)],
    rows: TEMPERATURES.map((each) => [each, ...sides.map(({ name }) => notes.spread(`${each} ${name}`))]),
  };
  const bars = TEMPERATURES.flatMap((each) => fasterBar(`${what}, ${each}`, BAR, notes, (side) => `${each} ${side}`));
  return { tables: [table], bars };
}

/** Notes milliseconds as `TEMPERATURE SIDE`. */
async function measure(sides: readonly Side[], { nodes, visits }: Reading, notes: Notes): Promise<void> {
  await withServers(sides, async (standing) => {
    const urlOf = ({ url }: { readonly url: string }) => `${url}/documents/${DOCUMENT}`;
    for (const { served } of standing) {
      await importNodes(urlOf(served), nodesOf(nodes));
      await rest(urlOf(served));
    }
    for (let visit = 0; visit < visits; visit++) {
      for (const each of turned(standing, visit)) {
        const { side, served } = each;
        await served.restart();
        await warmUp(each);
        for (const temperature of TEMPERATURES) {
          const { milliseconds, bytes, refused } = await ask(`${urlOf(served)}/tree`);
          if (refused !== null) throw new Error(`${side.name}, reading ${nodes} nodes: ${refused}`);
          if (bytes < nodes * LEAST) throw new Error(`${side.name}, reading ${nodes} nodes: ${bytes} bytes`);
          notes.add(`${temperature} ${side.name}`, milliseconds);
        }
      }
    }
  });
}
