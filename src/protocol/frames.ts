import * as v from "valibot";
import type { Json } from "../tree/index.ts";
import { byteLength } from "./bytes.ts";
import { checked, count, decodeMutation, fields, id, parse, parseJson, tooLong, whole } from "./decode.ts";
import { failure, type Result, success } from "./errors.ts";
import { isPlainObject, jsonProblem } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type { ClientMessage, ClientMutation, EnclosedMutation, OpenFrame } from "./messages.ts";

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
    presence: v.optional(json(LIMITS.presenceBytes)),
  }),
  mutate,
  v.object({ type: v.literal("presence"), data: json(LIMITS.presenceBytes) }),
  v.object({ type: v.literal("sync"), n: count }),
  v.object({ type: v.literal("leave") }),
]);

const messageSchema = (input: unknown) => (isPlainObject(input) && input.type === "mutate" ? mutate : clientMessage);
const envelope = fields({ mutation: whole(1) });

/**
 * Decodes a text frame from a client, but for the mutations in it, which may be many: `decodeClientMutation` does that, one by
 * one. A frame that cannot be understood is a problem of the connection (`protocol`, `tooLarge`).
 */
export function openFrame(frame: string): Result<OpenFrame> {
  if (frame.length > LIMITS.frameBytes || byteLength(frame) > LIMITS.frameBytes) {
    return failure("tooLarge", `a frame takes at most ${LIMITS.frameBytes} bytes`);
  }
  const parsed = parseJson(frame, "protocol");
  if (!parsed.ok) return parsed;
  const message = parse(messageSchema(parsed.value), parsed.value, "protocol");
  if (!message.ok) return message;
  const value = message.value;
  if (value.type !== "mutate") return success(value);
  const mutations: EnclosedMutation[] = [];
  for (const [index, input] of value.mutations.entries()) {
    const head = parse(envelope, input, "protocol", `mutations[${index}]`);
    if (!head.ok) return head;
    mutations.push({ ...head.value, input });
  }
  return success({ type: "mutate", mutations });
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
  return success({ type: "mutate", mutations: message.mutations.map(decodeClientMutation) });
}
