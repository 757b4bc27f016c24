import { formatNumber } from "../../report/format.ts";
import type { Bar, Cell, Table } from "../../report/section.ts";
import { createNotes, type Notes } from "../../scenarios/scene.ts";
import type { Part } from "../part.ts";
import type { Side } from "../sides.ts";
import { EVERY, type Failures, measureWaits, type WaitsScale } from "./run.ts";
import { NOTHING, STEPS } from "./steps.ts";

/** The longest that anybody may wait, in milliseconds. */
const BAR = 100;

/** The table of longest waits. */
export async function waits(sides: readonly Side[], scale: WaitsScale, note: (text: string) => void): Promise<Part> {
  const notes = createNotes();
  const failures = await measureWaits(sides, scale, notes, note);
  const nodes = `${scale.nodes.toLocaleString("en")} nodes`;
  const table: Table = {
    title: `The longest wait for an answer while another client does something, ${nodes}, ms`,
    head: ["meanwhile", ...sides.flatMap(({ name }) => [name, "it took"])],
    rows: STEPS.map(({ title }) => [title, ...sides.flatMap(({ name }) => cells(`${title} ${name}`, notes, failures))]),
  };
  return { tables: [table], bars: [bar(nodes, notes, failures)] };
}

function cells(key: string, notes: Notes, failures: Failures): Cell[] {
  const [longest, took] = [notes.spread(key), notes.spread(`${key} took`)];
  return [longest, failures.get(key) ?? took];
}

/** Of the worst, its median; not a number where something was not done at all. */
function bar(nodes: string, notes: Notes, failures: Failures): Bar {
  const what = `longest wait of one who sends an update every ${EVERY} ms, whatever another client does, ${nodes}`;
  const each = STEPS.filter(({ title }) => title !== NOTHING).map(({ title, mayBe }) => {
    const why = failures.get(`${title} now`);
    const longest = why === undefined || why === mayBe ? notes.median(`${title} now`) : null;
    return { title: why ? `${title} (${why})` : title, longest: longest ?? Number.NaN };
  });
  const value = Math.max(...each.map(({ longest }) => longest));
  const over = each.filter(({ longest }) => !(longest <= BAR)).map(({ title }) => title);
  const nothing = formatNumber(notes.median(`${NOTHING} now`) ?? Number.NaN);
  const note = `${over.join("; ")}. While nothing was done: ${nothing} ms`;
  return { what, value, unit: "ms", bar: BAR, at: "most", ...(over.length > 0 && { note }) };
}
