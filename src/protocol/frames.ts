import * as v from "valibot";
import type { Json, NodeData } from "../tree/index.ts";
import { byteLength } from "./bytes.ts";
import {
  checked,
  count,
  cutMessage,
  decodeMutation,
  decodeNode,
  fields,
  id,
  parse,
  parseJson,
  tooLong,
  whole,
} from "./decode.ts";
import { chain, failure, type Result, success } from "./errors.ts";
import { isPlainObject, jsonProblem } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type {
  ClientMessage,
  ClientMutation,
  EnclosedMutation,
  EnclosedMutations,
  Join,
  OpenFrame,
} from "./messages.ts";
import { type SplitList, splitList } from "./text.ts";

// What comes over a socket.

const json = (bytes: number) =>
  checked<Json>((value) => {
    const problem = jsonProblem(value);
    if (problem) return problem;
    const size = byteLength(JSON.stringify(value));
    return size <= bytes ? null : `takes ${size} bytes, at most ${bytes} are allowed`;
  });

const mutate = v.object({
  type: v.literal("mutate"),
  refused: v.optional(count),
  mutations: v.pipe(v.array(v.unknown()), v.maxLength(LIMITS.mutationsPerFrame, tooLong)),
});
const clientMessage = v.variant("type", [
  v.object({
    type: v.literal("join"),
    protocol: count,
    client: id,
    incarnation: v.optional(v.string()),
    seq: v.optional(count),
    keeps: v.optional(count),
    runs: v.optional(v.boolean()),
    presence: v.optional(json(LIMITS.presenceBytes)),
    tree: v.optional(v.unknown()),
  }),
  mutate,
  v.object({ type: v.literal("presence"), data: json(LIMITS.presenceBytes) }),
  v.object({ type: v.literal("sync"), n: count }),
  v.object({ type: v.literal("auth"), token: v.pipe(v.string(), v.maxLength(LIMITS.tokenLength, tooLong)) }),
  v.object({ type: v.literal("leave") }),
]);

const messageSchema = (input: unknown) => (isPlainObject(input) && input.type === "mutate" ? mutate : clientMessage);
const envelope = fields({ mutation: whole(1) });

/**
 * Frames of more characters than this are parsed a mutation at a time, each in its turn: one of 1 MB takes 5 to 10 ms at once
 * (V8 of Node 24, 2026-11-27).
 */
const LARGE = 32 * 1024;

/** Whether the mutations of a frame are text until their turn comes. */
export function isLarge(frame: string): boolean {
  return frame.length > LARGE;
}

/**
 * Decodes a text frame from a client, but for the mutations in it, which may be many: `decodeClientMutation` does that, one by
 * one. A frame that cannot be understood is a problem of the connection (`protocol`, `tooLarge`); of a large one that is found
 * where its turn comes, and what stands before it may have been decided.
 */
export function openFrame(frame: string): Result<OpenFrame> {
  if (frame.length > LIMITS.frameBytes || byteLength(frame) > LIMITS.frameBytes) {
    return failure("tooLarge", `a frame takes at most ${LIMITS.frameBytes} bytes`);
  }
  const split = isLarge(frame) ? splitList(frame, "mutations", LIMITS.mutationsPerFrame) : null;
  const parsed = parseJson(split?.around ?? frame, "protocol");
  if (!parsed.ok) return parsed;
  const message = parse(messageSchema(parsed.value), parsed.value, "protocol");
  if (!message.ok) return message;
  const value = message.value;
  if (value.type !== "mutate") return success(value);
  // It may stand there twice: then what is around it has another one.
  const { refused } = value;
  if (split && value.mutations.length === 0)
    return success({ type: "mutate", refused, mutations: textsIn(frame, split) });
  const opened: EnclosedMutation[] = [];
  for (const [index, input] of value.mutations.entries()) {
    const head = openMutation(input, index);
    if (!head.ok) return head;
    opened.push(head.value);
  }
  const at = (index: number) => {
    const found = opened[index];
    return found ? success(found) : failure("protocol", `there is no mutations[${index}]`);
  };
  return success({ type: "mutate", refused, mutations: { length: opened.length, at } });
}

/** What a document is made with that a join makes; nobody looks at it where there is one. */
export function decodeInitial({ tree }: Join): Result<NodeData | undefined> {
  if (tree === undefined) return success(undefined);
  const most = LIMITS.initialNodes;
  const made = decodeNode(tree, { nodes: most, message: `at most ${most} nodes`, depth: LIMITS.depth });
  return made.ok ? made : failure("protocol", cutMessage(`tree: ${made.problem.message}`));
}

function textsIn(frame: string, { bounds }: SplitList): EnclosedMutations {
  return {
    length: bounds.length / 2,
    at: (index) =>
      chain(parseJson(frame.slice(bounds[2 * index], bounds[2 * index + 1]), "protocol"), (input) =>
        openMutation(input, index),
      ),
  };
}

function openMutation(input: unknown, index: number): Result<EnclosedMutation> {
  return chain(parse(envelope, input, "protocol", `mutations[${index}]`), (head) => success({ ...head, input }));
}

/** A mutation that cannot be understood keeps its counter and has its own problem, for a `reject`. */
export function decodeClientMutation({ mutation, input }: EnclosedMutation): ClientMutation {
  const body = decodeMutation(input);
  return body.ok ? { mutation, ...body.value } : { mutation, problem: body.problem };
}

/** All of a frame at once. */
export function decodeClientMessage(frame: string): Result<ClientMessage> {
  const opened = openFrame(frame);
  if (!opened.ok) return opened;
  const message = opened.value;
  if (message.type !== "mutate") return success(message);
  const mutations: ClientMutation[] = [];
  for (let index = 0; index < message.mutations.length; index++) {
    const enclosed = message.mutations.at(index);
    if (!enclosed.ok) return enclosed;
    mutations.push(decodeClientMutation(enclosed.value));
  }
  const { refused } = message;
  return success({ type: "mutate", ...(refused !== undefined && { refused }), mutations });
}
