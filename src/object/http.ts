import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { principalOf } from "../access/principal.ts";
import {
  type CreateInput,
  chain,
  decodeBinQuery,
  decodeBlameQuery,
  decodeCreate,
  decodeDiffQuery,
  decodeExport,
  decodeHistoryRequest,
  decodeMutationCall,
  decodeOptionsChange,
  decodeRename,
  decodeRestoreCall,
  decodeRevoke,
  decodeTreeQuery,
  decodeUndo,
  decodeVersionCall,
  decodeVersionId,
  decodeVersionsQuery,
  ERRORS,
  failure,
  isPlainObject,
  LIMITS,
  type Principal,
  type Problem,
  problemText,
  type Result,
  readBody,
  readHistoryQuery,
  readQuery,
} from "../protocol/index.ts";
import { RIGHTS, type Routed } from "../protocol/rights.ts";
import { type Answers, createAnswers } from "./answers.ts";
import { drain } from "./arriving.ts";
import { type Bodies, createBodies, type Most } from "./bodies.ts";
import { type DocumentCalls, exported } from "./calls.ts";
import { noteFailure } from "./log.ts";
import { roomBeside } from "./memory.ts";

/**
 * The HTTP routes of one document, as `RIGHTS` names them. Asks whether one may, decodes, calls, and answers with JSON or a problem.
 * `held` says what the document itself holds in memory, which bodies and answers share with it.
 */
export function createRoutes(calls: DocumentCalls, held: () => number): Hono {
  const app = new Hono();
  const bodies: Bodies = createBodies(() => roomBeside(held() + answers.held, LIMITS.bodiesBytes));
  const answers: Answers = createAnswers(() => roomBeside(held() + bodies.held, LIMITS.answersBytes));
  app.use(async (c, next) => {
    await next();
    const { body } = c.req.raw;
    if (body && !c.req.raw.bodyUsed) await drain(body);
  });
  /** Nothing of a request is read before it is known that it may be made. */
  const on = (deed: Routed, handle: (c: Context, principal: Principal) => Response | Promise<Response>) => {
    const [method = "", path = ""] = RIGHTS[deed].route.split(" ");
    app.on(method, path, (c) => {
      const admitted = chain(principalOf(c.req.raw), (principal) => calls.admit(principal, deed));
      return admitted.ok ? handle(c, admitted.value) : problemResponse(admitted.problem);
    });
  };
  /** Hono asks for a HEAD as for a GET and drops the body: an export would begin, and a tree be made, for nobody. */
  const get = (
    deed: Routed,
    type: string,
    handle: (c: Context, principal: Principal) => Response | Promise<Response>,
  ) => on(deed, (c, principal) => (c.req.method === "HEAD" ? headOf(calls.look(), type) : handle(c, principal)));
  /** What takes a small body. Who has sent it slowly may have lost his right meanwhile, so he is asked about again in the turn of the call. */
  const post = <T, U>(
    deed: Routed,
    decode: (input: unknown, c: Context) => Result<T>,
    make: (value: T, principal: Principal) => Result<U> | Promise<Result<U>>,
    status = 200,
  ) =>
    on(deed, async (c, principal) => {
      const take = (text: string) =>
        call(
          chain(readBody(text), (input) => decode(input, c)),
          async (value) => {
            const admitted = calls.admit(principal, deed);
            return admitted.ok ? make(value, admitted.value) : admitted;
          },
        );
      return answer(await bodies.take(c.req.raw, MUTATION, take), status);
    });

  on("create", async (c, principal) => {
    const create = (input: CreateInput) => calls.getOrStart(input, principal);
    const result =
      (await calls.find()) ??
      (await bodies.take(c.req.raw, TREE, (text) => call(chain(readTree(text), decodeCreate), create)));
    return answer(result, result.ok && result.value.created ? 201 : 200);
  });
  get("info", JSON_TYPE, async () => found(await calls.info()));
  post("configure", decodeOptionsChange, calls.configure);
  // An import has no body limit: it is read line by line.
  on("import", async (c, principal) => {
    const lines = c.req.raw.body ?? new Blob().stream();
    return answer(await calls.import(lines, principal), 201);
  });
  get("export", LINES_TYPE, async (c, principal) => {
    const query = decodeExport(readQuery(new URL(c.req.url).searchParams, [], ["history"]));
    const stream = await call(query, ({ history }) => exported(calls, principal, history));
    return stream.ok ? contentResponse(stream.value, LINES_TYPE) : problemResponse(stream.problem);
  });
  on("destroy", async () => answer(await calls.destroy()));
  get("tree", JSON_TYPE, async (c) => {
    const query = decodeTreeQuery(readQuery(new URL(c.req.url).searchParams, ["depth", "at"]));
    const text = answers.begin();
    const made = await call(query, (value) => calls.treeText(value, text));
    if (made.ok) return contentResponse(text.send(), JSON_TYPE);
    text.release();
    return problemResponse(made.problem);
  });
  post("mutate", decodeMutationCall, calls.mutate);
  get("history", JSON_TYPE, async (c) => {
    const request = decodeHistoryRequest(readHistoryQuery(new URL(c.req.url).searchParams));
    if (!request.ok) return problemResponse(request.problem);
    const { by, ...query } = request.value;
    return found<unknown>(await (by === "session" ? calls.historySessions(query) : calls.history(query)));
  });
  get("diff", JSON_TYPE, async (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["from", "to", "after", "limit"], ["ops"]);
    return found(await call(decodeDiffQuery(query), calls.diff));
  });
  post("restore", decodeRestoreCall, calls.restore);
  get("blame", JSON_TYPE, async (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["from", "to"]);
    return found(await call(decodeBlameQuery(query), calls.blame));
  });
  get("bin", JSON_TYPE, async (c) => {
    const query = readQuery(new URL(c.req.url).searchParams, ["limit"]);
    return found(await call(decodeBinQuery(query), calls.bin));
  });
  post("undo", decodeUndo, calls.undo);
  get("versions", JSON_TYPE, (c) =>
    found(chain(decodeVersionsQuery(readQuery(new URL(c.req.url).searchParams, ["limit"])), calls.versions)),
  );
  post("nameVersion", decodeVersionCall, calls.nameVersion, 201);
  post("renameVersion", (input, c) => decodeRename(withId(input, idOf(c))), calls.renameVersion);
  on("deleteVersion", (c, principal) =>
    answer(chain(decodeVersionId({ id: idOf(c) }), ({ id }) => calls.deleteVersion(id, principal))),
  );
  post("revoke", decodeRevoke, calls.revoke);
  on("stop", async () => answer(await calls.stop()));

  app.notFound((c) => problemResponse({ code: "notFound", message: `there is no ${c.req.method} ${c.req.path}` }));
  app.onError(failed);

  /** What has happened. What is large is sent as it is read, and what all such answers hold is bounded. */
  function answer<T>(result: Result<T>, status = 200): Response {
    return contentOf(result, true, status);
  }
  /** What was only asked for may be refused. */
  function found<T>(result: Result<T>): Response {
    return contentOf(result, false, 200);
  }
  function contentOf<T>(result: Result<T>, mustBeTold: boolean, status: number): Response {
    if (!result.ok) return problemResponse(result.problem);
    const content = answers.whole(JSON.stringify(result.value), mustBeTold);
    return content ? contentResponse(content, JSON_TYPE, status) : problemResponse(NO_ROOM);
  }
  return app;
}

const TREE: Most = { bytes: LIMITS.bodyBytes, parsed: LIMITS.parsedTreeBytes };
const MUTATION: Most = { bytes: LIMITS.mutationBytes, parsed: LIMITS.parsedMutationBytes };
const NO_ROOM: Problem = {
  code: "tooMany",
  message: "too much of other answers waits to be read; ask again later",
  retryAfter: LIMITS.readTimeout,
};
const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";

/** What a failure that nobody expected looks like from outside; what it was stands in the log of the Worker. */
export function failed(error: unknown): Response {
  noteFailure("a request failed", error);
  return problemResponse({ code: "unavailable", message: "the document could not be reached; try again" });
}

/** A problem as RFC 9457 has it. */
export function problemResponse(problem: Problem): Response {
  const { retryAfter } = problem;
  const headers = {
    "content-type": "application/problem+json",
    // In whole seconds; the problem itself has it exactly.
    ...(retryAfter !== undefined && { "retry-after": String(Math.ceil(retryAfter / 1000)) }),
  };
  return new Response(problemText(problem), { status: ERRORS[problem.code].status, headers });
}

function contentResponse(content: BodyInit, type: string, status = 200): Response {
  return new Response(content, { status, headers: { "content-type": type } });
}

/** What a HEAD is answered: that there is a document, and nothing of what a GET would have to look for. */
function headOf(found: Result<null>, type: string): Response {
  return found.ok ? contentResponse("", type) : problemResponse(found.problem);
}

/** Calls with what was decoded, or passes on what is wrong with it. */
async function call<T, U>(input: Result<T>, make: (value: T) => Promise<Result<U>>): Promise<Result<U>> {
  return input.ok ? make(input.value) : input;
}

/** The version that a path names. */
function idOf(c: Context): string | undefined {
  return c.req.param("version");
}

/** A body with the id that its path has. */
function withId(body: unknown, id: string | undefined): unknown {
  return isPlainObject(body) ? { ...body, id } : body;
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
