import {
  deleteSelection,
  joinBackward,
  joinForward,
  setBlockType,
  splitBlock,
  splitBlockKeepMarks,
  toggleMark,
} from "prosemirror-commands";
import { Fragment, type Node, Slice } from "prosemirror-model";
import { expect, test } from "vitest";
import type { Json, NodeData, NodeId, Transaction } from "../../src/client/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { people, placeIn, rowsOf, selectBlock, told, type Writer } from "./people.ts";
import { schema } from "./schema.ts";

type Random = (bound: number) => number;

const heading = schema.nodes.heading ?? expect.fail();
const paragraph = schema.nodes.paragraph ?? expect.fail();
const strong = schema.marks.strong ?? expect.fail();
const link = schema.marks.link ?? expect.fail();
const literal = schema.marks.literal ?? expect.fail();

/** As another application does it: with what this schema has, refuses, or does not know. */
function markAtRandom(tx: Transaction, row: NodeId, random: Random): void {
  const text = tx.get(row)?.attrs.text;
  const length = typeof text === "string" ? text.length : 0;
  if (length === 0) return;
  const from = random(length);
  const to = from + 1 + random(length - from);
  const [key, value] = MARKS[random(MARKS.length)] ?? expect.fail();
  tx.mark(row, "text", from, to, key, value);
}
const MARKS: readonly (readonly [string, Json])[] = [
  ["strong", true],
  ["strong", null],
  ["strong", { since: 7 }],
  ["link", { href: "1" }],
  ["link", { href: 5 }],
  ["link", "1"],
  ["comment", 1],
  ["literal", true],
];

function selectAtRandom(writer: Writer, random: Random): boolean {
  const { doc } = writer.view.state;
  const from = random(doc.childCount);
  const to = Math.min(from + (random(4) === 0 ? random(3) : 0), doc.childCount - 1);
  if (!doc.child(from).isTextblock || !doc.child(to).isTextblock) return false;
  const start = random(doc.child(from).content.size + 1);
  writer.select(from, start, to, from === to && random(2) ? start : random(doc.child(to).content.size + 1));
  return true;
}

function act(writer: Writer, random: Random): void {
  const { view, doc } = writer;
  const { state } = view;
  const action = random(18);
  if (action === 11) {
    selectBlock(writer, random(state.doc.childCount));
    writer.run(deleteSelection);
    return;
  }
  if (action === 12) {
    // Dragged.
    const from = random(state.doc.childCount);
    const block = state.doc.child(from);
    const start = placeIn(state.doc, from, -1);
    const tr = state.tr.delete(start, start + block.nodeSize);
    if (tr.doc.childCount === state.doc.childCount - 1) {
      view.dispatch(tr.insert(placeIn(tr.doc, random(tr.doc.childCount), -1), block));
    }
    return;
  }
  if (action === 13) {
    const rows = doc.children();
    doc.mutate((tx) => {
      const [row, other] = [rows[random(rows.length)], rows[random(rows.length)] ?? null];
      if (!row || random(3) === 0) tx.insert({ type: "rule" }, { parent: tx.root, after: other });
      else if (random(4) === 0) tx.remove(row);
      else if (random(4) > 2) tx.move(row, { parent: tx.root, after: other });
      else if (random(4) > 0) markAtRandom(tx, row, random);
      else if (tx.get(row)?.type !== "rule") tx.update(row, { attrs: { text: "replaced" } });
    });
    return;
  }
  if (!selectAtRandom(writer, random)) return;
  if (action < 4) writer.type(random(5) ? "ab".slice(random(2)) : "😀");
  else if (action < 6) writer.run(random(3) ? splitBlock : splitBlockKeepMarks);
  else if (action === 6) writer.run(deleteSelection);
  else if (action === 7) {
    const row = writer.caret[0];
    writer.select(row, 0);
    writer.run(joinBackward);
  } else if (action === 8) {
    const row = writer.caret[0];
    writer.select(row, view.state.doc.child(row).content.size);
    writer.run(joinForward);
  } else if (action === 9) {
    writer.run(random(2) ? setBlockType(heading, { level: random(3) }) : setBlockType(paragraph));
  } else if (action > 13) {
    const [how, to] = [{ removeWhenPresent: random(2) === 0 }, random(2)];
    writer.run(
      [toggleMark(strong, null, how), toggleMark(link, { href: `${to}` }, how), toggleMark(literal)][random(3)] ??
        expect.fail(),
    );
  } else {
    const lines = Array.from({ length: 1 + random(3) }, (_, index) =>
      schema.node("paragraph", null, schema.text(`p${index}`, random(2) ? [strong.create()] : [])),
    );
    const open = random(2);
    view.dispatch(view.state.tr.replaceSelection(new Slice(Fragment.from(lines), open, open)));
  }
}

/** Ids are made up by chance, and are told as what they are in the order of the rows. */
async function play(seed: number): Promise<void> {
  const chance = createRandom(seed);
  const random: Random = (bound) => Math.floor(chance() * bound);
  const { scene, writers } = await people(3, rowsOf("hello 😀", "", "between", "world"));
  for (let round = 0; round < 6; round++) {
    for (const writer of writers) {
      for (let count = random(4); count > 0; count--) {
        act(writer, random);
        writer.view.state.doc.check();
        expectShown(writer);
      }
    }
    if (random(2)) await scene.settle();
  }
  await scene.settle();
  for (const writer of writers) {
    expectShown(writer);
    expect(writer.doc.toData()).toEqual(scene.truth());
  }
}

/** What each unit of each block wears. */
function wornIn(doc: Node): string[][] {
  const blocks: string[][] = [];
  doc.forEach((block) => {
    const units: string[] = [];
    block.forEach(({ marks, nodeSize }) => {
      const worn = marks.map(({ type, attrs }) => `${type.name} ${attrs.href ?? ""}`).join();
      for (let unit = 0; unit < nodeSize; unit++) units.push(worn);
    });
    blocks.push(units);
  });
  return blocks;
}

/** The same of a row, as it is to be. */
function wornBy({ type, attrs }: NodeData): string[] {
  const all: readonly MarkOfRow[] = JSON.parse(JSON.stringify(attrs?.["text:marks"] ?? []));
  const units = type === "rule" ? "" : String(attrs?.text ?? "");
  return Array.from({ length: units.length }, (_, at) => {
    const here = new Map(all.flatMap(([from, to, key, value]) => (from <= at && at < to ? [[key, value]] : [])));
    if (here.has("literal")) return "literal ";
    const { href } = here.get("link") ?? {};
    return [...(here.has("strong") ? ["strong "] : []), ...(typeof href === "string" ? [`link ${href}`] : [])].join();
  });
}
type MarkOfRow = readonly [from: number, to: number, key: string, value: { readonly href?: unknown }];

/** What an editor shows is the tree that its client has. */
function expectShown({ blocks, doc, view }: Writer): void {
  const rows = told(doc.toData().children ?? []);
  if (rows.length > 0) {
    expect(blocks).toEqual(rows);
    expect(wornIn(view.state.doc)).toEqual((doc.toData().children ?? []).map(wornBy));
  } else expect(blocks).toEqual([expect.stringMatching(/ null $/)]);
}

test("X85, X86 three editors at random show the rows in the end, all of them the same", async () => {
  for (let seed = 0; seed < Number(process.env.SEEDS ?? 60); seed++) {
    await play(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
});
