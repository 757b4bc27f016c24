import { applyUpdate, Doc, Map as YMap } from "yjs";
import { FILLER, type Mutation } from "../../load/protocol.ts";
import { editsOf, fillOf } from "../../load/workload.ts";
import { NODES, Writer } from "./document.ts";

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
