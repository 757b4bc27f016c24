import type { Table } from "../report/section.ts";
import { createNotes, type Notes, turned } from "../scenarios/scene.ts";
import { importNodes, type Line, rest } from "./documents.ts";
import { mostBar, type Part } from "./part.ts";
import { ask } from "./requests.ts";
import { type Side, type SideName, type Standing, withServers } from "./sides.ts";
import { warmUp } from "./warm-up.ts";

/** Where the same move goes, each in a document of its own, as a second one would find it awake. */
const TARGETS = ["deep", "root"] as const;
type Target = (typeof TARGETS)[number];

/** What it may take more than under the root, in milliseconds. */
const BAR = 5;

interface Depths {
  readonly visits: number;
  readonly levels: Readonly<Record<SideName, readonly number[]>>;
}

/**
 * A node with a child is moved under the last of a chain, so that the child stands so many levels below the root: as the
 * first request for its document after a restart, and in the same way under the root.
 */
export async function deepMoves(sides: readonly Side[], { visits, levels }: Depths): Promise<Part> {
  const notes = createNotes();
  const all = [...new Set(sides.flatMap(({ name }) => levels[name]))];
  const able = (depth: number) => sides.filter(({ name }) => levels[name].includes(depth));
  for (const depth of all) await measure(able(depth), depth, visits, notes);
  const table: Table = {
    title: "A move of a node with a child, the first request after a restart, ms",
    head: ["levels", "", "under the root", "at the end of the chain", "what that takes more"],
    rows: all.flatMap((depth) =>
      able(depth).map(({ name }) => [
        depth.toLocaleString("en"),
        name,
        ...["root", "deep", "beyond"].map((what) => notes.spread(`${what} ${depth} ${name}`)),
      ]),
    ),
  };
  const deepest = Math.max(...levels.now);
  const what = `a move ${deepest.toLocaleString("en")} levels deep, cold, beyond one under the root`;
  return { tables: [table], bars: mostBar(what, notes.median(`beyond ${deepest} now`), BAR, "ms") };
}

/** Notes milliseconds as `TARGET LEVELS SIDE`, and what the deep one takes more as `beyond LEVELS SIDE`. */
async function measure(sides: readonly Side[], levels: number, visits: number, notes: Notes): Promise<void> {
  await withServers(sides, async (standing) => {
    for (const { served } of standing) {
      for (const target of TARGETS) await importNodes(urlOf(served, target), chainOf(levels));
    }
    for (let visit = 0; visit < visits; visit++) {
      for (const each of turned(standing, visit)) await moveTwice(each, levels, visit, notes);
    }
  });
}

async function moveTwice(each: Standing, levels: number, visit: number, notes: Notes): Promise<void> {
  const { side, served } = each;
  for (const target of TARGETS) await rest(urlOf(served, target));
  await served.restart();
  await warmUp(each);
  const took = new Map<Target, number>();
  for (const target of turned(TARGETS, visit)) took.set(target, await move(each, target, parentOf(target, levels)));
  for (const target of TARGETS) await move(each, target, "home");
  const [deep = Number.NaN, root = Number.NaN] = TARGETS.map((target) => took.get(target));
  notes.add(`deep ${levels} ${side.name}`, deep);
  notes.add(`root ${levels} ${side.name}`, root);
  notes.add(`beyond ${levels} ${side.name}`, deep - root);
}

async function move({ side, served }: Standing, target: Target, parent: string): Promise<number> {
  const body = JSON.stringify({ ops: [{ op: "move", id: "pair", parent, after: null }] });
  const { milliseconds, refused } = await ask(`${urlOf(served, target)}/mutations`, "POST", body);
  if (refused !== null) throw new Error(`${side.name}, a move under ${parent}: ${refused}`);
  return milliseconds;
}

function parentOf(target: Target, levels: number): string {
  return target === "root" ? "root" : linkOf(levels - 2);
}

function urlOf({ url }: { readonly url: string }, target: Target): string {
  return `${url}/documents/${target}`;
}

function linkOf(level: number): string {
  return level === 0 ? "root" : `link-${level}`;
}

/** A chain that leaves room for the two, which begin elsewhere. */
function* chainOf(levels: number): Generator<Line> {
  yield { id: "root", type: "page" };
  for (let level = 1; level <= levels - 2; level++) {
    yield { id: linkOf(level), parent: linkOf(level - 1), type: "row" };
  }
  yield { id: "home", parent: "root", type: "row" };
  yield { id: "pair", parent: "home", type: "row" };
  yield { id: "child", parent: "pair", type: "row" };
}
