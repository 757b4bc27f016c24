import * as v from "valibot";
import { type ErrorCode, parse, parseJson, type Result } from "../../src/protocol/index.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Of what a server sends, the fields that a replay lives on. */
const serverMessage = v.variant("type", [
  v.object({
    type: v.literal("welcome"),
    incarnation: v.string(),
    seq: count,
    mutation: count,
    resume: v.picklist(["delta", "snapshot"]),
  }),
  v.object({ type: v.literal("snapshot"), seq: count, done: v.boolean() }),
  v.object({
    type: v.literal("delta"),
    events: v.array(v.object({ seq: count, client: v.nullable(v.string()), mutation: v.nullable(count) })),
  }),
  v.object({
    type: v.literal("reject"),
    mutation: count,
    code: v.string(),
    message: v.string(),
    op: v.optional(count),
  }),
  v.object({ type: v.literal("presence") }),
  v.object({ type: v.literal("sync"), n: count }),
  v.object({ type: v.literal("error"), code: v.string(), message: v.string() }),
]);

export type Heard = v.InferOutput<typeof serverMessage>;
export type Welcome = Extract<Heard, { type: "welcome" }>;
export type HeardEvent = Extract<Heard, { type: "delta" }>["events"][number];

export function decodeServerMessage(frame: string): Result<Heard> {
  const code: ErrorCode = "protocol";
  const parsed = parseJson(frame, code);
  return parsed.ok ? parse(serverMessage, parsed.value, code) : parsed;
}
