import type { Context } from "hono";
import { cors } from "hono/cors";
import { Hono } from "hono/tiny";
import { withPrincipal } from "../access/principal.ts";
import { failed, problemResponse } from "../object/http.ts";
import { noteFailure } from "../object/log.ts";
import type { Ticket } from "../object/tickets.ts";
import { isUpgrade, refuseUpgrade } from "../object/wire.ts";
import { decodeSegment, type ForkInput, ID_PATTERN, type Principal, type Result } from "../protocol/index.ts";
import type { Authorize } from "./authorize.ts";
import { forkInput, readForkRequest } from "./forks.ts";
import { createGate } from "./gate.ts";
import { ID_RULE, readTicketRequest } from "./tickets.ts";

/** The namespace of documents, as far as the Worker needs it: a binding of the class, or one of its jurisdictions. */
export interface Documents {
  getByName(id: string): {
    fetch(request: Request): Promise<Response>;
    issueTicket(principal: Principal): Promise<Result<Ticket>>;
    redeemTicket(ticket: string): Promise<Result<Principal>>;
    fork(input: ForkInput, principal: Principal, there: Principal): Promise<Result<object>>;
  };
}

export interface WorkerOptions<Env> {
  /** Who may do what. Default: what the token says; without a token, `ALLOW_ANONYMOUS`. */
  readonly authorize?: Authorize<Env> | undefined;
  /** Which binding has the documents. Default: `env.DOCUMENTS`. */
  readonly documents?: ((env: Env) => Documents) | undefined;
}

/** A Worker's entry, or what a Hono app hands requests to. */
export interface DocumentWorker<Env> {
  fetch(request: Request, env: Env): Promise<Response>;
}

/**
 * Makes the Worker in front of the documents: it routes by document id, says who may come in, and hands over. Its paths are
 * `/documents/:id` and below, `/tickets` and `/healthz`; everything else is `notFound`. Settings are the variables of `env`
 * (docs/security.md).
 *
 * @example
 * export { DocumentObject } from "durable-grove";
 * export default createWorker<Env>({ authorize: async (request, documentId, { env }) => … });
 */
export function createWorker<Env extends object = { DOCUMENTS: Documents }>({
  authorize,
  documents = boundDocuments,
}: WorkerOptions<Env> = {}): DocumentWorker<Env> {
  const gate = createGate(authorize);
  const app = new Hono<{ Bindings: Env }>();

  app.get("/healthz", (c) => c.json({ ok: true }));

  const allowed = cors({
    // Only after the gate: by now the origin is one that may come in.
    origin: (origin) => origin,
    exposeHeaders: ["retry-after"],
    maxAge: 600,
  });
  const fromOrigin = async (c: Context<{ Bindings: Env }>, next: () => Promise<void>) => {
    const from = gate.isOrigin(c.req.raw, c.env);
    return from.ok ? allowed(c, next) : problemResponse(from.problem);
  };
  app.use("/documents/*", fromOrigin);
  app.use("/tickets", fromOrigin);

  app.post("/tickets", async (c) => {
    const id = await readTicketRequest(c.req.raw);
    if (!id.ok) return problemResponse(id.problem);
    const admitted = await gate.admit(c.req.raw, id.value, c.env);
    if (!admitted.ok) return problemResponse(admitted.problem);
    const issued = await documents(c.env).getByName(id.value).issueTicket(admitted.value);
    if (!issued.ok) return problemResponse(issued.problem);
    return c.json(issued.value, 201, { "cache-control": "no-store" });
  });

  /** Two documents: who may do what in either is decided here, as it is for each. */
  app.post("/documents/:id/fork", async (c) => {
    const id = c.req.param("id");
    if (!ID_PATTERN.test(id)) return problemResponse({ code: "invalid", message: ID_RULE });
    const admitted = await gate.admit(c.req.raw, id, c.env);
    if (!admitted.ok) return problemResponse(admitted.problem);
    const input = await readForkRequest(c.req.raw);
    if (!input.ok) return problemResponse(input.problem);
    const there = await gate.admit(c.req.raw, input.value.to, c.env);
    if (!there.ok) return problemResponse(there.problem);
    const made = await documents(c.env).getByName(id).fork(forkInput(input.value), admitted.value, there.value);
    return made.ok ? Response.json(made.value, { status: 201 }) : problemResponse(made.problem);
  });

  /** Every document id is an object of its own; it gets the request with who makes it. */
  const handOver = async (c: Context<{ Bindings: Env }>) => {
    const id = c.req.param("id") ?? "";
    if (!ID_PATTERN.test(id)) return problemResponse({ code: "invalid", message: ID_RULE });
    const admitted = await gate.admit(c.req.raw, id, c.env);
    if (!admitted.ok) return problemResponse(admitted.problem);
    return documents(c.env).getByName(id).fetch(withPrincipal(c.req.raw, admitted.value));
  };
  app.all("/documents/:id", handOver);
  app.all("/documents/:id/*", handOver);
  app.notFound((c) => problemResponse({ code: "notFound", message: `there is no ${c.req.method} ${c.req.path}` }));
  app.onError(failed);

  /** The upgrade of a connection to a document. Whatever is wrong with it, the client hears it. */
  async function connect(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const segment = SOCKET_PATH.exec(pathname)?.[1];
    if (segment === undefined)
      return refuseUpgrade(request, {
        code: "notFound",
        message: "there is no WebSocket here: documents are at /documents/:id",
      });
    const id = decodeSegment(segment);
    if (!ID_PATTERN.test(id)) return refuseUpgrade(request, { code: "invalid", message: ID_RULE });
    const from = gate.isOrigin(request, env);
    if (!from.ok) return refuseUpgrade(request, from.problem);
    const ticket = searchParams.get("ticket");
    // Who asked for a ticket was admitted then.
    const admitted = await (ticket === null
      ? gate.admit(request, id, env)
      : documents(env).getByName(id).redeemTicket(ticket));
    if (!admitted.ok) return refuseUpgrade(request, admitted.problem);
    return documents(env).getByName(id).fetch(withPrincipal(request, admitted.value));
  }

  return {
    async fetch(request, env) {
      // Of a Host that is none: what fails by it later says so with the whole URL, in which there may be a ticket.
      if (!SOUND_URL.test(request.url) || !URL.canParse(request.url))
        return problemResponse({ code: "invalid", message: "the URL is none" });
      if (!isUpgrade(request)) return app.fetch(request, env);
      try {
        return await connect(request, env);
      } catch (error) {
        noteFailure("a connection failed", error);
        return refuseUpgrade(request, { code: "unavailable", message: "the document could not be reached; try again" });
      }
    },
  };
}

/** The binding of this package's own configuration. */
function boundDocuments(env: object): Documents {
  const bound: unknown = Reflect.get(env, "DOCUMENTS");
  if (!isDocuments(bound))
    throw new Error("env.DOCUMENTS is not bound; createWorker({ documents }) names another binding");
  return bound;
}

function isDocuments(bound: unknown): bound is Documents {
  return typeof bound === "object" && bound !== null && "getByName" in bound;
}

/** Nothing strange in the host. */
const SOUND_URL = /^https?:\/\/[\w.:[\]-]+([/?#]|$)/;

const SOCKET_PATH = /^\/documents\/([^/]+)$/;
