import { failure, LIMITS, type Result, success, type TreeQuery } from "../protocol/index.ts";
import { createMeter, type Meter, type Slices, type StoredDocument, treeAt } from "../storage.ts";
import { isAlive, type NodeData, type NodeId, type ReadStore, toText, treeOf, weighAttrs } from "../tree/index.ts";
import { atThisMoment } from "./moment.ts";
import { seqOfMoment } from "./moments.ts";

/** A tree of one moment, to be read in slices. */
export interface TreeAnswer {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly node: NodeId;
  readonly view: ReadStore;
  /** What this turn has done. */
  readonly meter: Meter;
}

/** A tree and where it stands. */
export interface State {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly tree: NodeData;
}

export type TreeReader<T> = (answer: TreeAnswer) => Slices<Result<T>>;

/** Reads what a query names, as it is now, or as it was at a moment. */
export function readTree<T>(
  documentId: string,
  stored: StoredDocument,
  { node, at: moment = { seq: stored.seq } }: TreeQuery,
  read: TreeReader<T>,
): Slices<Result<T>> {
  const { incarnation } = stored;
  const meter = createMeter();
  return atThisMoment(stored.nodes, meter, function* (now) {
    const found = seqOfMoment(stored, moment);
    if (!found.ok) return found;
    const at = found.value;
    const view = yield* treeAt(stored, now, at, meter);
    if (view === "expired") return failure("expired", `${firstTree(stored)}, not ${at}`);
    if (view === "tooLarge") return failure("tooLarge", `${TOO_MUCH} since seq ${at}; ask for a later one`);
    const id = node ?? view.root;
    const record = view.get(id);
    if (!record || !isAlive(view, record)) return failure("notFound", `there is no node ${id}`);
    return yield* read({ documentId, incarnation, seq: at, node: id, view, meter });
  });
}

/** What can be asked for instead: the tree before the first event that there is. */
export function firstTree({ historyFrom }: StoredDocument): string {
  return `the history begins at seq ${historyFrom}: the first tree that it leads back to is that of seq ${historyFrom - 1}`;
}

export const TOO_MUCH =
  "more than 64 000 nodes, or 8 Mi characters of attributes, have changed, or 250 000 were inserted";

/** A tree as nested data, all of it or so many levels; at most about as much as its text may be. */
export function* readState(
  { view, node, meter, ...head }: TreeAnswer,
  depth = Number.POSITIVE_INFINITY,
): Slices<Result<State>> {
  let characters = 0;
  const building = treeOf(view, node, depth);
  for (let step = building.next(); ; step = building.next()) {
    if (step.done) return success({ ...head, tree: step.value });
    const { id, type, attrs } = step.value;
    const weight = id.length + type.length + weighAttrs(attrs);
    characters += weight;
    if (characters > LIMITS.treeBytes) return TOO_LARGE;
    meter.add(weight);
    if (meter.full()) yield;
  }
}

/** Where the text of an answer goes, part by part, as it is made. */
export interface Parts {
  /** Takes the next part; how many bytes there are by now, or null where there is no room for more. */
  take(text: string): number | null;
}

/** The same as JSON text, deeper than data can be turned into text; at most 32 MiB (`tooLarge`). */
export function readText(
  { view, node, meter, ...head }: TreeAnswer,
  parts: Parts,
  depth?: number,
): Slices<Result<null>> {
  return inParts(head, toText(view, node, depth), parts, meter);
}

/** The text of an answer, of which `pieces` are the tree. */
export function* inParts(
  head: Omit<State, "tree">,
  pieces: Iterable<string>,
  parts: Parts,
  meter: Meter,
): Slices<Result<null>> {
  let part = [`${JSON.stringify(head).slice(0, -1)},"tree":`];
  let characters = 0;
  const end = () => {
    const bytes = parts.take(part.join(""));
    part = [];
    characters = 0;
    if (bytes === null) return NO_ROOM;
    return bytes > LIMITS.treeBytes ? TOO_LARGE : null;
  };
  for (const piece of pieces) {
    part.push(piece);
    characters += piece.length;
    meter.add(piece.length);
    const problem = characters >= LIMITS.partBytes ? end() : null;
    if (problem) return problem;
    if (meter.full()) yield;
  }
  part.push("}");
  return end() ?? success(null);
}

const NO_ROOM = failure("tooMany", "too much of other answers waits to be read; ask again later", {
  retryAfter: LIMITS.readTimeout,
});

const TOO_LARGE = failure(
  "tooLarge",
  `the tree takes more than ${LIMITS.treeBytes} bytes; ask for parts with node and depth`,
);
