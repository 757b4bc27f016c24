import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../src/tree/index.ts";
import { call, heldOf } from "../large/client.ts";
import { nodesOf } from "../large/nodes.ts";
import { connect } from "../load/connection.ts";
import type { Bar, Table } from "../report/section.ts";
import type { Scale } from "../scale.ts";
import { createNotes, type Notes, turned } from "../scenarios/scene.ts";
import { openAuthor } from "./author.ts";
import { checkpointed, describe, importNodes, type Line } from "./documents.ts";
import { fasterBar, mostBar, type Part } from "./part.ts";
import { type Side, type Standing, withServers } from "./sides.ts";

/** Nodes beside the branch. */
const OTHERS = 99;
const DOCUMENT = "branch";
/** From the first change to the checkpoint, so that one needs no patience to count its rows. Milliseconds. */
const CHECKPOINT = 5_000;
const PATIENCE = 60_000;

const STEPS = ["remove", "restore"] as const;
const EDITS: Readonly<Record<(typeof STEPS)[number], Operation[]>> = {
  remove: [{ op: "remove", id: "branch" }],
  restore: [{ op: "move", id: "branch", parent: "root", after: null }],
};
const updateTo = (text: string): Operation[] => [{ op: "update", id: "root", attrs: { text } }];

/** How many times faster than before both have to be; the most rows, and the most that a frame of it may have, in KiB. */
const BARS = { faster: 100, rows: 20, frame: 2 };

type Branch = Scale["before"]["branch"];

/** A branch of so many nodes is removed and restored by one client while another has joined. */
export async function removals(sides: readonly Side[], { nodes, rounds, hurries }: Branch): Promise<Part> {
  const notes = createNotes();
  await measure(sides, { nodes, rounds, hurries }, notes);
  const branch = `branch of ${nodes.toLocaleString("en")} nodes`;
  const rows = (what: string, unit: string) =>
    [...STEPS, "update"].map((step) => [
      `${step}, ${unit}`,
      ...sides.map(({ name }) => notes.spread(`${step} ${name}${what}`)),
    ]);
  const table: Table = {
    title: `A ${branch}, and an update of one node to compare with`,
    head: ["", ...sides.map(({ name }) => name)],
    rows: [...rows("", "ms"), ...rows(" rows", "rows written"), ...rows(" bytes", "bytes of the other's frame")],
  };
  const bars = STEPS.flatMap((step): Bar[] => {
    const bytes = notes.spread(`${step} now bytes`)?.most ?? null;
    return [
      ...fasterBar(`${step} of a ${branch}`, BARS.faster, notes, (side) => `${step} ${side}`),
      ...mostBar(`${step} of a ${branch}, rows`, notes.spread(`${step} now rows`)?.most ?? null, BARS.rows, ""),
      ...mostBar(`${step} of a ${branch}, a frame`, bytes === null ? null : bytes / 1024, BARS.frame, "KiB"),
    ];
  });
  return { tables: [table], bars };
}

/** Notes `STEP SIDE` in milliseconds; with `rows` behind it, and with `bytes` of the largest frame that the other gets. */
async function measure(sides: readonly Side[], { nodes, rounds, hurries }: Branch, notes: Notes): Promise<void> {
  await withServers(sides, async (standing) => {
    for (const { served } of standing) {
      const url = `${served.url}/documents/${DOCUMENT}`;
      await importNodes(url, branchOf(nodes));
      await call(url, "PATCH", { options: { snapshotInterval: CHECKPOINT } });
    }
    for (let round = 0; round < rounds; round++) {
      for (const each of turned(standing, round)) await removeAndRestore(each, { round, hurries }, notes);
    }
  });
}

interface Visit {
  readonly round: number;
  readonly hurries: boolean;
}

async function removeAndRestore({ side, served }: Standing, { round, hurries }: Visit, notes: Notes): Promise<void> {
  const url = `${served.url}/documents/${DOCUMENT}`;
  const address = { url: served.socketUrl, document: DOCUMENT };
  const held = { ...(await heldOf(url)) };
  let [largest, heard] = [0, 0];
  const watcher = await connect(side.protocol, address, `watcher-${round}`, {
    held,
    onFrame({ delivered }, frame) {
      if (delivered > 0) largest = Math.max(largest, frame.length);
      heard += delivered;
    },
  });
  const author = await openAuthor(side.protocol, address, `author-${round}`, held);
  const written = async () => (hurries ? (await describe(url)).counters.rowsWritten : checkpointed(url));
  const perform = async (what: string, ops: readonly Operation[]) => {
    const before = await written();
    [largest, heard] = [0, 0];
    const { milliseconds, refused } = await author.mutate(ops);
    if (refused !== null) throw new Error(`${side.name}, ${what}: ${refused}`);
    for (const deadline = Date.now() + PATIENCE; heard === 0 && Date.now() < deadline; ) await sleep(5);
    if (heard === 0) throw new Error(`${side.name}, ${what}: the other client heard nothing`);
    const key = `${what} ${side.name}`;
    notes.add(key, milliseconds);
    notes.add(`${key} bytes`, largest);
    notes.add(`${key} rows`, (await written()) - before);
  };
  await author.mutate(updateTo(`awake for the ${round}th time`));
  await perform("update", updateTo(`changed for the ${round}th time`));
  for (const step of STEPS) await perform(step, EDITS[step]);
  await checkpointed(url);
  await Promise.all([watcher.close(), author.close()]);
}

/** A root with so many nodes in one branch, and some beside it. */
function* branchOf(nodes: number): Generator<Line> {
  yield { id: "root", type: "page" };
  for (let index = 0; index < OTHERS; index++) yield { id: `other-${index}`, parent: "root", type: "row" };
  let top = "";
  for (const { parent, ...node } of nodesOf(nodes)) {
    if (parent === undefined) top = node.id;
    const id = parent === undefined ? "branch" : node.id;
    yield { ...node, id, parent: parent === undefined ? "root" : parent === top ? "branch" : parent };
  }
}
