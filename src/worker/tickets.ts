import { isRecord } from "../access/identity.ts";
import { failure, ID_IN_WORDS, ID_PATTERN, LIMITS, parseJson, type Result, success } from "../protocol/index.ts";
import { readText } from "./body.ts";

/** The document that a ticket is asked for: the body of `POST /tickets`. */
export async function readTicketRequest(request: Request): Promise<Result<string>> {
  const text = await readText(request, LIMITS.ticketRequestBytes);
  if (text === null)
    return failure("tooLarge", `a request for a ticket has at most ${LIMITS.ticketRequestBytes} bytes`);
  const parsed = parseJson(text, "invalid");
  if (!parsed.ok) return parsed;
  const id = isRecord(parsed.value) ? parsed.value.document : undefined;
  return typeof id === "string" && ID_PATTERN.test(id) ? success(id) : failure("invalid", `document: ${ID_RULE}`);
}

export const ID_RULE = `a document id is ${ID_IN_WORDS}`;
