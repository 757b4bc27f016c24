import * as v from "valibot";
import { type Changes, type Json, marksAttr } from "../text/index.ts";
import { type Attrs, isUndo, type NodeData, type Operation } from "../tree/index.ts";
import { byteLength } from "./bytes.ts";
import { chain, type ErrorCode, failure, type Result, success } from "./errors.ts";
import { ID_IN_WORDS, ID_PATTERN } from "./ids.ts";
import { attrsProblem, isPlainObject, jsonProblem } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type { Meta, MutationBody } from "./messages.ts";
import { withoutRounded } from "./text.ts";

const MESSAGE_LENGTH = 300;

/** What a problem says, cut to what may be kept of it: it may quote what it is about. */
export function cutMessage(message: string): string {
  return message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH).toWellFormed()}…` : message;
}

function text(value: unknown): string {
  if (typeof value === "string") return `"${value.slice(0, 40)}"`;
  return typeof value === "number" || value === null ? String(value) : typeof value;
}
export const id = v.pipe(
  v.string((issue) => `must be an id, not ${text(issue.input)}`),
  v.regex(ID_PATTERN, (issue) => `${text(issue.input)} is no id: ${ID_IN_WORDS}, not . or ..`),
);
export function tooLong({
  received,
  requirement,
}: {
  readonly received: string;
  readonly requirement: number;
}): string {
  return `has a length of ${received}, at most ${requirement} is allowed`;
}
/** The key of an attribute; as in JSON it may be empty. */
export const attrKey = v.pipe(v.string(), v.maxLength(LIMITS.nameLength, tooLong));
export const name = v.pipe(
  v.string(),
  v.minLength(1, "must not be empty"),
  v.maxLength(LIMITS.nameLength, tooLong),
  // Half of a surrogate pair can be written in JSON but not stored as text.
  v.check((value) => value.isWellFormed(), "has half of a surrogate pair"),
);
/** A whole number; without `most` as large as one can be exact. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `from ${least}`;
  return v.custom<number>(
    (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most,
    ({ input }) => `must be a whole number ${range}, not ${text(input)}`,
  );
}
export const count = whole(0);

/** Valibot's own object schemas take a list too, as an object without fields. */
export const plainObject = v.custom<Record<string, unknown>>(isPlainObject, "must be an object");

export function fields<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(plainObject, v.object(entries));
}

/** The same where a field that is not known is a mistake of its author, who would believe that it counts. */
export function strictFields<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(plainObject, v.strictObject(entries));
}

/** A schema whose check says in words what is wrong. */
export function checked<T>(problemOf: (value: unknown) => string | null) {
  return v.custom<T>(
    (value) => problemOf(value) === null,
    (issue) => problemOf(issue.input) ?? "is invalid",
  );
}

export const attrs = checked<Attrs>((value) => {
  if (!isPlainObject(value)) return "must be an object";
  for (const key of Object.keys(value)) {
    if (key.length > LIMITS.nameLength) return `has a key of ${key.length} characters, at most ${LIMITS.nameLength}`;
  }
  return jsonProblem(value, LIMITS.valueDepth + 1);
});
function changeProblem(change: unknown): string | null {
  if (typeof change === "string") return change.isWellFormed() ? null : "has half of a surrogate pair";
  return Number.isSafeInteger(change) ? null : `must be a whole number or a text, not ${text(change)}`;
}
export const meta = v.pipe(
  checked<Meta>((value) => (isPlainObject(value) ? jsonProblem(value) : "must be an object")),
  v.check(
    (value) => byteLength(JSON.stringify(value)) <= LIMITS.metaBytes,
    `takes more than ${LIMITS.metaBytes} bytes`,
  ),
);

const node = v.object({
  id: v.optional(id),
  type: name,
  attrs: v.optional(attrs),
  children: v.optional(v.array(v.unknown())),
});
const anchors = { after: v.optional(v.nullable(id)), before: v.optional(v.nullable(id)) };
const insert = v.object({ op: v.literal("insert"), node: v.unknown(), parent: id, ...anchors });
const move = v.object({ op: v.literal("move"), id, parent: id, ...anchors });
const update = v.object({
  op: v.literal("update"),
  id,
  attrs: v.optional(attrs),
  unset: v.optional(v.pipe(v.array(attrKey), v.maxLength(LIMITS.attrsPerNode, tooLong))),
  type: v.optional(name),
});
const remove = v.object({ op: v.literal("remove"), id });
export const changes = checked<Changes>((value) => {
  if (!Array.isArray(value)) return "must be a list";
  const wrong = value.findIndex((each) => changeProblem(each) !== null);
  return wrong < 0 ? null : `entry ${wrong} ${changeProblem(value[wrong])}`;
});
const edit = v.object({ op: v.literal("edit"), id, attr: attrKey, changes });
const split = v.object({
  op: v.literal("split"),
  id,
  attr: attrKey,
  at: count,
  node: v.unknown(),
  head: v.optional(v.literal(true)),
});
const join = v.object({ op: v.literal("join"), id, into: id, attr: attrKey });
const mark = v.object({
  op: v.literal("mark"),
  id,
  attr: v.pipe(
    attrKey,
    v.check((attr) => marksAttr(attr).length <= LIMITS.nameLength, "is too long for a text with marks"),
  ),
  from: count,
  to: count,
  key: attrKey,
  value: checked<Json>((value) => jsonProblem(value)),
});
const seqs = (what: string) =>
  v.optional(v.pipe(v.array(whole(1)), v.minLength(1, `names no ${what}`), v.maxLength(LIMITS.undoneAtOnce, tooLong)));
const ofMutation = { mutation: v.optional(whole(1)) };
/** What an author sees of an undo: steps on texts, with the lengths that there were. */
const shownStep = v.variant("op", [
  v.object({ ...edit.entries, ...ofMutation }),
  v.object({ ...mark.entries, ...ofMutation }),
  v.object({ ...join.entries, at: count, length: count, ...ofMutation }),
  v.object({
    ...split.entries,
    ...{ length: count, node: id, onto: v.exactOptional(count), head: v.exactOptional(v.literal(true)) },
    ...ofMutation,
  }),
]);
const shown = v.optional(v.pipe(v.array(shownStep), v.maxLength(LIMITS.operationsPerMutation, tooLong)));
const named = { mutations: seqs("mutation"), client: v.optional(id), seqs: seqs("event"), shown };
const undo = v.object({ op: v.literal("undo"), ...named });
const redo = v.object({ op: v.literal("redo"), ...named });
const operation = v.variant("op", [insert, move, update, remove, edit, split, join, mark, undo, redo]);

/**
 * What comes all the time is decoded by its own schema: `variant` takes long to find it (a frame of one update: 3.7 µs with
 * it, 2.8 µs without, V8 of Node 24).
 */
const operationSchema = (input: unknown) => {
  switch (isPlainObject(input) ? input.op : undefined) {
    case "insert":
      return insert;
    case "move":
      return move;
    case "update":
      return update;
    case "edit":
      return edit;
    default:
      return operation;
  }
};
const mutationBody = fields({ base: v.optional(count), ops: v.array(v.unknown()), meta: v.optional(meta) });

/** Decodes operations, base and meta of one mutation; the problem names the operation at fault. */
export function decodeMutation(input: unknown): Result<MutationBody> {
  const body = parse(mutationBody, input, "invalid", "", "the body");
  if (!body.ok) return body;
  const { ops: inputs, ...rest } = body.value;
  if (inputs.length > LIMITS.operationsPerMutation) {
    return failure("tooLarge", `${inputs.length} operations, at most ${LIMITS.operationsPerMutation} in a mutation`);
  }
  const ops: Operation[] = [];
  const most = LIMITS.nodesPerMutation;
  // What is inserted stands below the root itself.
  const budget = { nodes: most, message: `at most ${most} nodes in a mutation`, depth: LIMITS.depth - 1 };
  for (const [op, each] of inputs.entries()) {
    const decoded = decodeOperation(each, budget);
    if (!decoded.ok) return { ok: false, problem: { ...decoded.problem, op } };
    ops.push(decoded.value);
  }
  const undoing = ops.findIndex(isUndo);
  if (undoing >= 0 && ops.length > 1) {
    return failure("invalid", "an undo or redo is the only operation of its mutation", { op: undoing });
  }
  return success({ ...rest, ops });
}

function decodeOperation(input: unknown, budget: NodeBudget): Result<Operation> {
  const decoded = parse(operationSchema(input), input, "invalid", "", "the operation");
  if (!decoded.ok) return decoded;
  const value = decoded.value;
  if (value.op === "insert") {
    const tree = decodeNode(value.node, budget);
    return tree.ok ? success({ ...value, node: tree.value }) : tree;
  }
  if (value.op === "edit" && value.changes.length > LIMITS.changesPerEdit) return tooManyChanges(value.changes);
  if (value.op === "split")
    return chain(decodeRow(value.node, value.attr, budget), (row) => success({ ...value, node: row }));
  if (value.op === "undo" || value.op === "redo") {
    if ((value.mutations === undefined) === (value.seqs === undefined)) {
      return failure("invalid", `${value.op}: name either mutations, by their counters, or seqs`);
    }
    if (value.seqs && value.client !== undefined) return failure("invalid", `${value.op}: seqs have no client`);
    for (const step of value.shown ?? [])
      if (step.op === "edit" && step.changes.length > LIMITS.changesPerEdit) return tooManyChanges(step.changes);
  }
  if (value.op === "update") {
    const both = value.unset?.find((key) => value.attrs && Object.hasOwn(value.attrs, key));
    if (both !== undefined) return failure("invalid", `attribute ${both} is both set and unset`);
  }
  return success(value);
}

function tooManyChanges({ length }: Changes): Result<never> {
  return failure("tooLarge", `${length} changes, at most ${LIMITS.changesPerEdit} in an edit`);
}

/** The node that a split makes: its text is what it gets, and children it has none. */
function decodeRow(input: unknown, attr: string, budget: NodeBudget): Result<Omit<NodeData, "children">> {
  return chain(decodeNode(input, budget), ({ children, ...row }) => {
    if (children) return failure("invalid", "node.children: a split makes a row without any");
    if (row.attrs && Object.hasOwn(row.attrs, attr))
      return failure("invalid", `node.attrs: ${attr} is what is split off`);
    return success(row);
  });
}

/** How many nodes may still come, what to say when there are more, and how deep they may nest below the first. */
export interface NodeBudget {
  nodes: number;
  readonly message: string;
  readonly depth: number;
}

/** Decodes nested node data without recursion; every node takes one from the budget. */
export function decodeNode(input: unknown, budget: NodeBudget): Result<NodeData> {
  type Open = { id?: string | undefined; type: string; attrs?: Attrs | undefined; children?: Open[] };
  const tops: Open[] = [];
  // The path to the node that is being decoded: the list that it stands in, and how far that is done.
  const path: { inputs: readonly unknown[]; next: number; decoded: Open[] }[] = [
    { inputs: [input], next: 0, decoded: tops },
  ];
  for (let list = path.at(-1); list; list = path.at(-1)) {
    if (list.next === list.inputs.length) {
      path.pop();
      continue;
    }
    if (budget.nodes-- <= 0) return failure("tooLarge", budget.message);
    const decoded = parse(node, list.inputs[list.next++], "invalid", "node");
    if (!decoded.ok) return decoded;
    const { children, ...own } = decoded.value;
    const problem = own.attrs ? attrsProblem(own.attrs) : null;
    if (problem) return failure("tooLarge", `node ${own.id ?? ""}: ${problem}`);
    const data: Open = own;
    list.decoded.push(data);
    if (!children || children.length === 0) continue;
    data.children = [];
    if (path.length > budget.depth) return failure("tooDeep", `at most ${LIMITS.depth} levels below the root`);
    path.push({ inputs: children, next: 0, decoded: data.children });
  }
  const [top] = tops;
  return top ? success(top) : failure("invalid", "node is missing");
}

/** Parses JSON text that someone else has written. A whole number that would be rounded is infinite, which nothing takes. */
export function parseJson(input: string, code: ErrorCode): Result<unknown> {
  try {
    return success(JSON.parse(withoutRounded(input)));
  } catch (error) {
    return failure(code, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Parses with a schema; the problem names the field, or `all` where it is no field, and what is wrong with it. */
export function parse<const S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  code: ErrorCode,
  at = "",
  all = "the message",
): Result<v.InferOutput<S>> {
  const result = v.safeParse(schema, input, { abortEarly: true, abortPipeEarly: true, message: inOurWords });
  if (result.success) return success(result.output);
  const [issue] = result.issues;
  const field = [at, v.getDotPath(issue)].filter(Boolean).join(".");
  const wrong =
    issue.expected === "never" ? "is not known" : issue.received === "undefined" ? "is missing" : issue.message;
  const message = `${field || all}: ${wrong}`;
  return failure(code, cutMessage(message));
}

/** Where a schema says nothing of its own. */
function inOurWords({ expected, received }: v.BaseIssue<unknown>): string {
  const wanted = expected?.replaceAll(/[()]/g, "").replaceAll(" | ", " or ");
  return `must be ${wanted ?? "something else"}, not ${received}`;
}
