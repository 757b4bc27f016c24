import { fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TextRow } from "./peer.ts";

// What a client holds of a document of rows, in a process of its own: `node --expose-gc heap.ts MODULE ROWS CHARACTERS`, where the module
// gives `load`, or a `peer` that has it.

interface Loader {
  readonly load?: (rows: readonly TextRow[]) => () => object;
  readonly peer?: { load(rows: readonly TextRow[]): () => object };
}

/** Bytes on the heap, and of the rows as JSON. */
export interface Held {
  readonly heap: number;
  readonly json: number;
}

/** Bytes that a client holds which has loaded so many rows. */
export function heapOf(module: string, rows: number, characters: number): Promise<Held> {
  const child = fork(fileURLToPath(import.meta.url), [module, `${rows}`, `${characters}`], {
    execArgv: ["--expose-gc", "--no-warnings"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(JSON.parse(String(message))));
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
}

async function measure(module: string, count: number, characters: number): Promise<Held> {
  const loader: Loader = await import(module);
  const load = loader.load ?? loader.peer?.load;
  if (!load) throw new Error(`${module} loads nothing`);
  // Once before, so that what is measured is the document and not the compiler.
  await hold(load(rowsOf(100, characters)));
  const open = load(rowsOf(count, characters));
  const before = used();
  const held = await hold(open);
  const heap = used() - before;
  if (typeof held !== "object") throw new Error("nothing is held");
  const json = JSON.stringify(
    rowsOf(count, characters).map(({ id, text }) => ({ id, type: "row", attrs: { text } })),
  ).length;
  return { heap, json };
}

async function hold(open: () => object): Promise<object> {
  const held = open();
  await sleep(200);
  return held;
}

/** Each text is one of its own: none is a part of another. */
function rowsOf(count: number, characters: number): TextRow[] {
  return Array.from({ length: count }, (_, index) => {
    const text = `${index} the quick brown fox jumps over the lazy dog and runs on `.repeat(Math.ceil(characters / 50));
    return JSON.parse(JSON.stringify({ id: uuidOf(index), text: text.slice(0, characters) }));
  });
}

/** Ids as our client makes them. */
function uuidOf(index: number): string {
  return `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}

function used(): number {
  for (let times = 0; times < 3; times++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const [module, rows, characters] = process.argv.slice(2);
if (process.send && process.argv[1] === fileURLToPath(import.meta.url) && module !== undefined) {
  process.send(JSON.stringify(await measure(module, Number(rows), Number(characters))));
  process.exit();
}
