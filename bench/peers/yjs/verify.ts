import { applyUpdate, Doc, Map as YMap, type Text as YText } from "yjs";
import { FILLER, type Mutation } from "../../load/protocol.ts";
import { editsOf, fillOf } from "../../load/workload.ts";
import { deskFor, keysOf } from "../../text/keys.ts";
import { NODES, Writer } from "./document.ts";
import { fillDesk, ROWS, TEXT, Typist } from "./text.ts";

// Whether what the load generator writes by hand is what it should be: updates of several writers, one after the other
// into a real Y.Doc, against a model of the tree. Run by test/e2e/bench.test.ts.

const NODES_AT_FIRST = 400;
const WRITERS = 4;
const EDITS = 300;

const doc = new Doc();
const model = new Map<string, Record<string, unknown>>();
const base = fillOf(NODES_AT_FIRST);
const filler = new Writer(FILLER, null);
for (const mutation of base) take(filler, mutation);
const crew = Array.from({ length: WRITERS }, (_, index) => ({
  writer: new Writer(`w${index}`, filler),
  edit: editsOf("mixed", `w${index}`, NODES_AT_FIRST, index + 1, { index, of: WRITERS }),
}));
for (let round = 0; round < EDITS; round++) for (const { writer, edit } of crew) take(writer, edit());

const nodes = doc.getMap(NODES);
const wrong: string[] = [];
if (nodes.size !== model.size) wrong.push(`${nodes.size} nodes, ${model.size} expected`);
for (const [id, expected] of model) {
  const node = nodes.get(id);
  for (const [key, value] of Object.entries(expected)) {
    const found = node instanceof YMap ? node.get(key) : undefined;
    if (found !== value) wrong.push(`${id}.${key}: ${JSON.stringify(found)}, ${JSON.stringify(value)} expected`);
  }
}
if (wrong.length > 0) throw new Error(`${wrong.length} differences: ${wrong.slice(0, 5).join("; ")}`);
console.log(`${model.size} nodes equal after ${WRITERS * EDITS} edits of ${WRITERS} writers`);

for (const rows of ["own", "one"] as const) typed(rows);
console.log(`texts equal after ${EDITS} keys of each of ${WRITERS} typists`);

/** Keys of several, each at a place of their own, against strings. */
function typed(rows: "own" | "one"): void {
  const desk = deskFor(WRITERS, rows);
  const { update, texts } = fillDesk(desk);
  const typing = new Doc();
  applyUpdate(typing, update);
  const crew = desk.carets.map(({ row, index }, typist) => {
    const text = texts[row];
    if (!text) throw new Error(`no row ${row}`);
    return { row, index, typed: "", next: keysOf(typist + 1), typist: new Typist(`t${typist}`, text, index) };
  });
  for (let key = 0; key < EDITS; key++) {
    for (const who of crew) {
      const pressed = who.next();
      applyUpdate(typing, who.typist.press(pressed).update);
      who.typed = pressed === null ? who.typed.slice(0, -1) : who.typed + pressed;
    }
  }
  const map: YMap<YText> = typing.getMap(ROWS);
  for (const [row, text] of desk.rows.entries()) {
    const there = crew.filter((who) => who.row === row).reverse();
    const expected = there.reduce((all, { index, typed }) => all.slice(0, index) + typed + all.slice(index), text);
    const found = rows === "one" ? typing.getText(TEXT) : map.get(`row${row}`);
    if (found?.toString() !== expected) throw new Error(`row ${row}: ${found?.toString()}, ${expected} expected`);
  }
}

function take(writer: Writer, mutation: Mutation): void {
  applyUpdate(doc, writer.write(mutation).update);
  for (const operation of mutation) {
    if (operation.op === "insert") {
      const { id = "", type, attrs = {} } = operation.node;
      model.set(id, { type, parent: operation.parent, ...named(attrs) });
    } else if (operation.op === "move") {
      Object.assign(model.get(operation.id) ?? {}, { parent: operation.parent });
    } else if (operation.op === "update") {
      Object.assign(model.get(operation.id) ?? {}, named(operation.attrs ?? {}));
    }
  }
}

function named(attrs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attrs).map(([name, value]) => [`@${name}`, value]));
}
