import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { principalOf } from "../access/principal.ts";
import {
  chain,
  decodeCreate,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeOptionsChange,
  decodeTreeQuery,
  ERRORS,
  failure,
  LIMITS,
  type Problem,
  problemText,
  type Result,
  readBody,
  readQuery,
} from "../protocol/index.ts";
import type { DocumentCalls } from "./calls.ts";
import { drain, textStream } from "./ndjson.ts";

/** The HTTP routes of one document. Decodes, calls, and answers with JSON or a problem. */
export function createRoutes(calls: DocumentCalls): Hono {
  const app = new Hono();
  const tooLarge = async (c: Context) => {
    if (c.req.raw.body) await drain(c.req.raw.body);
    return problemResponse({ code: "tooLarge", message: `a body takes at most ${LIMITS.bodyBytes} bytes` });
  };
  // An import has no body limit: it is read line by line.
  app.post("/documents/:id/import", async (c) =>
    answer(await calls.import(c.req.raw.body ?? new Blob().stream()), 201),
  );
  app.use(bodyLimit({ maxSize: LIMITS.bodyBytes, onError: tooLarge }));

  app.put("/documents/:id", async (c) => {
    const input = chain(readTree(await c.req.text()), decodeCreate);
    const result = await call(input, calls.getOrStart);
    return answer(result, result.ok && result.value.created ? 201 : 200);
  });
  app.get("/documents/:id", async () => answer(await calls.info()));
  app.patch("/documents/:id", async (c) => {
    const changes = chain(readBody(await c.req.text()), decodeOptionsChange);
    return answer(await call(changes, calls.configure));
  });
  app.get("/documents/:id/export", () => {
    const stream = calls.export();
    if (!stream.ok) return problemResponse(stream.problem);
    return new Response(stream.value, { headers: { "content-type": "application/x-ndjson" } });
  });
  app.delete("/documents/:id", async () => answer(await calls.destroy()));
  app.get("/documents/:id/tree", async (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["depth", "at"]);
    const text = await call(decodeTreeQuery(query), calls.treeText);
    return text.ok ? jsonResponse(textBody(text.value)) : problemResponse(text.problem);
  });
  app.post("/documents/:id/mutations", async (c) => {
    const mutation = chain(readBody(await c.req.text()), decodeMutationCall);
    return answer(await call(mutation, (value) => calls.mutate(value, principalOf(c.req.raw))));
  });
  app.get("/documents/:id/history", (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["after", "since", "until", "limit"]);
    return answer(chain(decodeHistoryQuery(query), calls.history));
  });
  app.post("/documents/:id/stop", async () => answer(await calls.stop()));

  app.notFound((c) => problemResponse({ code: "notFound", message: `there is no ${c.req.method} ${c.req.path}` }));
  app.onError(failed);
  return app;
}

/** What a failure that nobody expected looks like from outside; what it was stands in the log of the Worker. */
export function failed(error: unknown): Response {
  console.error(error);
  return problemResponse({ code: "unavailable", message: "the document could not be reached; try again" });
}

/** A problem as RFC 9457 has it. */
export function problemResponse(problem: Problem): Response {
  const headers = { "content-type": "application/problem+json" };
  return new Response(problemText(problem), { status: ERRORS[problem.code].status, headers });
}

function answer<T>(result: Result<T>, status = 200): Response {
  return result.ok ? jsonResponse(JSON.stringify(result.value), status) : problemResponse(result.problem);
}

function jsonResponse(text: BodyInit, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "application/json" } });
}

/** A text in parts: its length is told where there is one only. */
function textBody(parts: readonly string[]): BodyInit {
  const [only = ""] = parts;
  return parts.length > 1 ? textStream(parts) : only;
}

/** Calls with what was decoded, or passes on what is wrong with it. */
async function call<T, U>(input: Result<T>, make: (value: T) => Promise<Result<U>>): Promise<Result<U>> {
  return input.ok ? make(input.value) : input;
}

/** Millions of tiny nodes in 32 MiB would not fit into memory, so they are counted before they are parsed. */
function readTree(text: string): Result<unknown> {
  let nodes = 0;
  for (let at = text.indexOf(KEY); at >= 0; at = text.indexOf(KEY, at + KEY.length)) nodes++;
  if (nodes <= LIMITS.nodesPerTree) return readBody(text);
  return failure("tooLarge", `at most ${LIMITS.nodesPerTree} nodes to begin with; import takes any number`);
}

/** Stands in every node. */
const KEY = '"type"';
