import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { principalOf } from "./principal.ts";
import {
  byteLength,
  type CreateInput,
  decodeCreate,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeTreeQuery,
  ERRORS,
  failure,
  type HistoryQuery,
  LIMITS,
  type MutationCall,
  type Principal,
  type Problem,
  parseJson,
  type Result,
  readQuery,
  success,
  type TreeQuery,
} from "./protocol/index.ts";
import type { HistoryPage, Info, MutationAnswer, TreeAnswer } from "./session.ts";
import { toText } from "./tree/index.ts";

/** The calls of a document with decoded input, as HTTP and RPC both use them. */
export interface DocumentCalls {
  getOrStart(input: CreateInput): Result<Info & { readonly created: boolean }>;
  info(): Result<Info>;
  treeText(query: TreeQuery): Result<string>;
  mutate(call: MutationCall, principal: Principal): Result<MutationAnswer>;
  history(query: HistoryQuery): Result<HistoryPage>;
  stop(): Result<Info>;
  destroy(): Promise<Result<null>>;
}

/** The HTTP routes of one document. Decodes, calls, and answers with JSON or a problem. */
export function createRoutes(calls: DocumentCalls): Hono {
  const app = new Hono();
  const tooLarge = () =>
    problemResponse({ code: "tooLarge", message: `a body takes at most ${LIMITS.bodyBytes} bytes` });
  app.use(bodyLimit({ maxSize: LIMITS.bodyBytes, onError: tooLarge }));

  app.put("/documents/:id", async (c) => {
    const input = chain(readBody(await c.req.text()), decodeCreate);
    const result = chain(input, calls.getOrStart);
    return answer(result, result.ok && result.value.created ? 201 : 200);
  });
  app.get("/documents/:id", () => answer(calls.info()));
  app.delete("/documents/:id", async () => answer(await calls.destroy()));
  app.get("/documents/:id/tree", (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["depth", "at"]);
    const text = chain(chain(query, decodeTreeQuery), calls.treeText);
    return text.ok ? jsonResponse(text.value) : problemResponse(text.problem);
  });
  app.post("/documents/:id/mutations", async (c) => {
    const call = chain(readBody(await c.req.text()), decodeMutationCall);
    return answer(chain(call, (value) => calls.mutate(value, principalOf(c.req.raw))));
  });
  app.get("/documents/:id/history", (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["after", "since", "until", "limit"]);
    return answer(chain(chain(query, decodeHistoryQuery), calls.history));
  });
  app.post("/documents/:id/stop", () => answer(calls.stop()));

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
export function problemResponse({ code, message, ...more }: Problem): Response {
  const { status, duty } = ERRORS[code];
  const body = JSON.stringify({ title: duty, status, code, detail: message, ...more });
  return new Response(body, { status, headers: { "content-type": "application/problem+json" } });
}

function answer<T>(result: Result<T>, status = 200): Response {
  return result.ok ? jsonResponse(JSON.stringify(result.value), status) : problemResponse(result.problem);
}

function jsonResponse(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "application/json" } });
}

function chain<T, U>(result: Result<T>, next: (value: T) => Result<U>): Result<U> {
  return result.ok ? next(result.value) : result;
}

function readBody(text: string): Result<unknown> {
  return text === "" ? success({}) : parseJson(text, "invalid");
}

/** A tree as the text of an answer, as long as that takes at most 32 MiB. */
export function treeText(answer: TreeAnswer, depth?: number): Result<string> {
  const parts: string[] = [];
  let bytes = 0;
  for (const piece of piecesOf(answer, depth)) {
    bytes += byteLength(piece);
    if (bytes > LIMITS.treeBytes) {
      return failure(
        "tooLarge",
        `the tree takes more than ${LIMITS.treeBytes} bytes; ask for parts with node and depth`,
      );
    }
    parts.push(piece);
  }
  return success(parts.join(""));
}

function* piecesOf({ documentId, incarnation, seq, view, node }: TreeAnswer, depth?: number): Generator<string> {
  yield `${JSON.stringify({ documentId, incarnation, seq }).slice(0, -1)},"tree":`;
  yield* toText(view, node, depth);
  yield "}";
}
