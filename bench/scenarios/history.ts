import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DocumentSize } from "../history/document.ts";
import { HEAP, make, measure, type Taken } from "../history/measure.ts";
import type { Bar, Section, Table } from "../report/section.ts";
import type { Scene } from "./scene.ts";

const TEXT = [
  `Two documents in which eight people have worked: half of what they do is typing, a dozen letters in a row, a tenth of it in one long text;
the rest are attributes, moves, marks, splits and joins, insertions, removals and undos. Each is a file of node:sqlite that a process
reads whose V8 has ${HEAP} MiB; each call is made by a session that has nothing in memory, after the same calls on a small document have warmed up the compiler.`,
  `**CPU** is processor time of the thread, which other work on the machine is not in; **wall** is. A call is done in **turns**, between which all
others have theirs: the longest of those of all its pages is told. **Rows** are those that statements gave, and that were written. **Heap** is how much more was in
use at the end of a turn than before the call, garbage included.`,
];

/** What the first page may take, and a turn. Milliseconds. */
const [FIRST_PAGE, TURN] = [100, 50];

/** What each call of history takes in a document with much of it, and in a large one. */
export async function history({ scale, note }: Scene): Promise<Section> {
  const directory = mkdtempSync(join(tmpdir(), "durable-grove-history-"));
  const found: { readonly title: string; readonly taken: readonly Taken[] }[] = [];
  try {
    for (const [index, size] of scale.history.entries()) {
      const file = join(directory, `${index}.sqlite`);
      const title = titleOf(size);
      await make(file, size);
      note(`history: made ${title}`);
      found.push({ title, taken: await measure(file, size) });
      note(`history: measured ${title}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    id: "history",
    title: "What history costs",
    text: TEXT,
    tables: found.map(({ title, taken }) => tableOf(title, taken)),
    charts: [],
    bars: found.flatMap(({ title, taken }) => barsOf(title, taken)),
  };
}

function titleOf({ nodes, events }: DocumentSize): string {
  return `${events.toLocaleString("en")} events, ${nodes.toLocaleString("en")} nodes`;
}

function tableOf(title: string, taken: readonly Taken[]): Table {
  return {
    title,
    head: [
      "",
      "first page: CPU, ms",
      "wall, ms",
      "turns",
      "rows read",
      "rows written",
      "longest turn, ms",
      "heap, MB",
      "all pages",
    ],
    rows: taken.map(({ name, outcome, first, longest, heap, all }) => [
      outcome === "" ? name : `${name}: \`${outcome}\``,
      ...[first.cpu, first.wall, first.turns, first.read, first.written, longest, heap],
      all &&
        `${all.finished ? "" : "more than "}${all.pages}: ${Math.round(all.cpu)} ms, ${all.read.toLocaleString("en")} rows`,
    ]),
  };
}

function barsOf(title: string, taken: readonly Taken[]): Bar[] {
  const missed = (bar: number, of: (each: Taken) => number) =>
    taken.filter((each) => of(each) > bar).map((each) => `${each.name} ${Math.round(of(each))}`);
  const bar = (what: string, most: number, of: (each: Taken) => number): Bar => ({
    ...{ what: `${title}: ${what} that takes longest`, value: Math.max(...taken.map(of)), unit: "ms of CPU" },
    ...{ bar: most, at: "most", note: missed(most, of).join(", ") },
  });
  return [bar("the first page", FIRST_PAGE, ({ first }) => first.cpu), bar("the turn", TURN, ({ longest }) => longest)];
}
