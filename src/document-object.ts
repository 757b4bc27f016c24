import { DurableObject } from "cloudflare:workers";
import type { Hono } from "hono";
import { type Authenticate, authenticator } from "./access/authenticate.ts";
import { decodePrincipal } from "./access/identity.ts";
import { principalOf } from "./access/principal.ts";
import { type Alarm, createAlarm } from "./object/alarm.ts";
import { admitToAll, createDocumentCalls, type DocumentCalls, exported } from "./object/calls.ts";
import { createRoutes } from "./object/http.ts";
import { noteFailure } from "./object/log.ts";
import { createRunning, type Running } from "./object/running.ts";
import { sqlOf } from "./object/sql.ts";
import { joinFrame, type RpcJoin, type RpcSubscriber, Subscription, stubWire } from "./object/subscription.ts";
import { createTickets, type Ticket, type Tickets } from "./object/tickets.ts";
import { closeSocket, isUpgrade, refuseUpgrade, socketWire, upgraded } from "./object/wire.ts";
import { createWires, idOf, type Wires } from "./object/wires.ts";
import {
  ANYONE,
  type BinPage,
  type BinQuery,
  type BlamePage,
  chain,
  type DiffInput,
  type DiffOperations,
  type DiffPage,
  decodeBinQuery,
  decodeBlameQuery,
  decodeCreate,
  decodeDefaults,
  decodeDiffQuery,
  decodeExport,
  decodeFork,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeOptionsChange,
  decodeRename,
  decodeRestoreCall,
  decodeRevoke,
  decodeSessionsQuery,
  decodeTreeQuery,
  decodeUndo,
  decodeVersionCall,
  decodeVersionId,
  decodeVersionsQuery,
  ERRORS,
  type ExportInput,
  type ForkInput,
  failure,
  type HistoryPage,
  type HistoryQuery,
  type HistorySession,
  type MutationCall,
  type Principal,
  type RenameCall,
  type RestoreInput,
  type RestorePlan,
  type Result,
  type SessionsQuery,
  type SubscriberId,
  success,
  type TreeInput,
  type UndoInput,
  type Version,
  type VersionInput,
  type VersionsInput,
  type VersionsPage,
  withinMutation,
} from "./protocol/index.ts";
import type { Deed } from "./protocol/rights.ts";
import type { AuthorizeMutation, Info, MutationAnswer, RestoreAnswer, Session, State, UndoAnswer } from "./session.ts";

export type { AuthorizeMutation, MutationRequest, MutationVerdict, SeenNode, TouchedNode } from "./session.ts";

/** What an application has of its own in its objects. */
export interface DocumentObjectSettings {
  /**
   * Says whose a token is that comes over a connection. Default: as the Worker does it, by the keys in `env`; then only who came in
   * by a token may send another, and nobody whom an `authorize` has let in. With one of your own everybody may, and it decides.
   */
  readonly authenticate?: Authenticate;
  /**
   * Says whether a mutation may be done, by whom, on which nodes and where these stand: for sockets, HTTP, RPC and undo alike. A pure function,
   * and not asynchronous; one that throws has refused. What a document is created with is no mutation.
   */
  readonly authorizeMutation?: AuthorizeMutation;
  /** Which binding has the documents: a fork makes one there. Default: `env.DOCUMENTS`. */
  readonly documents?: (env: Cloudflare.Env) => ForkTargets;
}

/** The namespace of documents, as far as a fork needs it. */
export interface ForkTargets {
  getByName(id: string): {
    mayFork(history: boolean, principal: Principal): Promise<Result<null>>;
    receiveFork(body: ReadableStream<Uint8Array>, principal: Principal): Promise<Result<Info>>;
  };
}

/** A class of objects with what an application has of its own, to be exported by its Worker. */
export function createDocumentObject(
  settings: DocumentObjectSettings,
): new (
  ctx: DurableObjectState,
  env: Cloudflare.Env,
) => DocumentObject {
  return class extends DocumentObject {
    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, env, settings);
    }
  };
}

/**
 * One document. This file and `object/` alone know timers, the alarm and the platform's storage; what a message means, and
 * what is due when, is the session's. Everything from a message to its commit is synchronous, as handlers interleave at every
 * await.
 */
export class DocumentObject extends DurableObject<Cloudflare.Env> {
  readonly #wires: Wires;
  readonly #alarm: Alarm;
  readonly #running: Running;
  readonly #tickets: Tickets;
  readonly #calls: DocumentCalls;
  readonly #routes: Hono;
  readonly #documents: ForkTargets | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, settings: DocumentObjectSettings = {}) {
    super(ctx, env);
    const defaults = decodeDefaults(env.DOCUMENT_DEFAULTS);
    if (!defaults.ok) throw new Error(`DOCUMENT_DEFAULTS in wrangler.toml: ${defaults.problem.message}`);
    const sql = sqlOf(ctx.storage);
    this.#wires = createWires(ctx);
    this.#alarm = createAlarm(ctx.storage, () => sql.count(1));
    this.#running = createRunning({
      ...{ ctx, sql, wires: this.#wires, alarm: this.#alarm, defaults: defaults.value },
      authenticate: settings.authenticate ?? authenticator(env),
      authenticates: settings.authenticate !== undefined,
      authorizing: settings.authorizeMutation && {
        decide: settings.authorizeMutation,
        failed: (error) => noteFailure("authorizeMutation has thrown", error),
      },
    });
    const { run, deleteAll } = this.#running;
    this.#tickets = createTickets(sql, (work) => run("call", work));
    this.#calls = createDocumentCalls({ run: (work) => run("call", work), deleteAll });
    this.#documents = settings.documents?.(env) ?? env.DOCUMENTS;
    this.#routes = createRoutes(this.#calls, () => this.#running.held);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    void ctx.blockConcurrencyWhile(this.#alarm.load);
  }

  // ---- RPC: what another Worker calls as env.DOCUMENTS.getByName(id).mutate({ ops }). It is trusted: without a principal, for whom
  // it calls, it may do everything. ----

  /** Finds the document, or creates it with this tree and these options. */
  getOrStart(
    input: unknown = {},
    principal: Principal = ANYONE,
  ): Promise<Result<Info & { readonly created: boolean }>> {
    return this.#as(principal, "create", async (admitted) => {
      const found = await this.#calls.find();
      if (found) return found;
      const decoded = decodeCreate(input);
      return decoded.ok ? this.#calls.getOrStart(decoded.value, admitted) : decoded;
    });
  }

  info(principal: Principal = ANYONE): Promise<Result<Info>> {
    return this.#as(principal, "info", this.#calls.info);
  }

  /** Changes options of the document. */
  configure(input: unknown, principal: Principal = ANYONE): Promise<Result<Info>> {
    return this.#as(principal, "configure", async () => {
      const decoded = decodeOptionsChange(input);
      return decoded.ok ? this.#calls.configure(decoded.value) : decoded;
    });
  }

  /**
   * The tree, or the part of it that the query names, as nested data. An RPC answer takes 32 MiB and no more than some
   * thousand levels; ask for parts with `node` and `depth`, or over HTTP.
   */
  getState(query: TreeInput = {}, principal: Principal = ANYONE): Promise<Result<State>> {
    return this.#as(principal, "tree", async () => {
      const decoded = decodeTreeQuery(query);
      return decoded.ok ? this.#calls.state(decoded.value) : decoded;
    });
  }

  /** Applies a mutation. */
  mutate(call: MutationCall, principal: Principal = ANYONE): Promise<Result<MutationAnswer>> {
    return this.#as(principal, "mutate", async (admitted) => {
      const decoded = chain(decodeMutationCall(call), withinMutation);
      return decoded.ok ? this.#calls.mutate(decoded.value, admitted) : decoded;
    });
  }

  /** A page of the history. */
  history(query: HistoryQuery = {}, principal: Principal = ANYONE): Promise<Result<HistoryPage>> {
    return this.#as(principal, "history", async () => {
      const decoded = decodeHistoryQuery(query);
      return decoded.ok ? this.#calls.history(decoded.value) : decoded;
    });
  }

  /** The same, what one person has done without a long pause as one. */
  historySessions(
    query: SessionsQuery = {},
    principal: Principal = ANYONE,
  ): Promise<Result<HistoryPage<HistorySession>>> {
    return this.#as(principal, "historySessions", async () => {
      const decoded = decodeSessionsQuery(query);
      return decoded.ok ? this.#calls.historySessions(decoded.value) : decoded;
    });
  }

  /** A page of what differs between two states, or with `ops` of the operations that lead from the one to the other. */
  diff(query: DiffInput = {}, principal: Principal = ANYONE): Promise<Result<DiffPage | DiffOperations>> {
    return this.#as(principal, "diff", async () => {
      const decoded = decodeDiffQuery(query);
      return decoded.ok ? this.#calls.diff(decoded.value) : decoded;
    });
  }

  /** Makes the tree, or a branch, what it was, by a mutation; with `dryRun` it only tells which one. */
  restore(call: RestoreInput, principal: Principal = ANYONE): Promise<Result<RestoreAnswer | RestorePlan>> {
    return this.#as(principal, "restore", async (admitted) => {
      const decoded = decodeRestoreCall(call);
      return decoded.ok ? this.#calls.restore(decoded.value, admitted) : decoded;
    });
  }

  /** Who has made what stands in a node: `{node, attr?, from?, to?, before?}`, page by page (docs/history.md). */
  blame(query: unknown, principal: Principal = ANYONE): Promise<Result<BlamePage>> {
    return this.#as(principal, "blame", async () => {
      const decoded = decodeBlameQuery(query);
      return decoded.ok ? this.#calls.blame(decoded.value) : decoded;
    });
  }

  /** What was removed and is still kept, what was removed last first, page by page. */
  bin(query: BinQuery = {}, principal: Principal = ANYONE): Promise<Result<BinPage>> {
    return this.#as(principal, "bin", async () => {
      const decoded = decodeBinQuery(query);
      return decoded.ok ? this.#calls.bin(decoded.value) : decoded;
    });
  }

  /**
   * Takes back what a user or a client did last, or what events did, or does that again. What somebody changed since stays, and is told.
   * `forbidden` where that was another's and the role is not `admin`; `tooLarge` where it has to look through too much to find it.
   */
  undo(input: UndoInput = {}, principal: Principal = ANYONE): Promise<Result<UndoAnswer>> {
    return this.#as(principal, "undo", async (admitted) => {
      const decoded = decodeUndo(input);
      return decoded.ok ? this.#calls.undo(decoded.value, admitted) : decoded;
    });
  }

  /** A page of the versions, by their states. */
  versions(query: VersionsInput = {}, principal: Principal = ANYONE): Promise<Result<VersionsPage>> {
    return this.#as(principal, "versions", async () => chain(decodeVersionsQuery(query), this.#calls.versions));
  }

  /** Names a state: that of now, or of a moment. */
  nameVersion(call: VersionInput, principal: Principal = ANYONE): Promise<Result<Version>> {
    return this.#as(principal, "nameVersion", async (admitted) =>
      chain(decodeVersionCall(call), (decoded) => this.#calls.nameVersion(decoded, admitted)),
    );
  }

  renameVersion(call: RenameCall, principal: Principal = ANYONE): Promise<Result<Version>> {
    return this.#as(principal, "renameVersion", async (admitted) =>
      chain(decodeRename(call), (decoded) => this.#calls.renameVersion(decoded, admitted)),
    );
  }

  deleteVersion(call: Pick<Version, "id">, principal: Principal = ANYONE): Promise<Result<null>> {
    return this.#as(principal, "deleteVersion", async (admitted) =>
      chain(decodeVersionId(call), ({ id }) => this.#calls.deleteVersion(id, admitted)),
    );
  }

  /**
   * Takes rights away from a user, in its connections and in the tokens that it was issued until now, or from one connection:
   * `role` is the most that is left, null nothing. Tells how many connections that has changed or closed.
   */
  revoke(input: unknown, principal: Principal = ANYONE): Promise<Result<{ readonly subscribers: number }>> {
    return this.#as(principal, "revoke", async () => chain(decodeRevoke(input), this.#calls.revoke));
  }

  stop(principal: Principal = ANYONE): Promise<Result<Info>> {
    return this.#as(principal, "stop", this.#calls.stop);
  }

  destroy(principal: Principal = ANYONE): Promise<Result<null>> {
    return this.#as(principal, "destroy", this.#calls.destroy);
  }

  /** Creates the document from a stream of lines, a node each (docs/protocol.md); all of it or nothing. */
  import(body: ReadableStream<Uint8Array>, principal: Principal = ANYONE): Promise<Result<Info>> {
    return this.#as(principal, "import", (admitted) => this.#calls.import(body, admitted));
  }

  /**
   * The tree as such a stream; with `history` a backup, which `import` makes the same document of. It breaks off if the document is
   * closed meanwhile.
   */
  export(principal: Principal = ANYONE, query: ExportInput = {}): Promise<Result<ReadableStream<Uint8Array>>> {
    return this.#as(principal, "export", async (admitted) => {
      const decoded = decodeExport(query);
      return decoded.ok ? exported(this.#calls, admitted, decoded.value.history) : decoded;
    });
  }

  /**
   * Makes the document `to` of this one as it is, or was at a moment; `there` is who may make that. `exists` where it is there, `expired`
   * and `tooLarge` as with the tree of that moment.
   */
  fork(input: ForkInput, principal: Principal = ANYONE, there: Principal = ANYONE): Promise<Result<Info>> {
    return this.#as(principal, "fork", async (admitted) => {
      const decoded = decodeFork(input);
      if (!decoded.ok) return decoded;
      const { to, at, history } = decoded.value;
      if (!this.#documents)
        throw new Error("env.DOCUMENTS is not bound; createDocumentObject({ documents }) names another binding");
      const allowed = admitToAll(this.#calls, admitted, history);
      if (!allowed.ok) return allowed;
      const target = this.#documents.getByName(to);
      const free = await target.mayFork(history, there);
      if (!free.ok) return free;
      const copy = await this.#calls.copy({ at, depth: history ? "everything" : "tree" });
      return copy.ok ? target.receiveFork(copy.value, there) : copy;
    });
  }

  /** Whether this document can be made by a fork. */
  mayFork(history: boolean, principal: Principal = ANYONE): Promise<Result<null>> {
    return this.#as(principal, "import", async (admitted) => {
      const allowed = admitToAll(this.#calls, admitted, history);
      return allowed.ok ? this.#calls.free() : allowed;
    });
  }

  /** Makes the document of what another object of this code sends: it is taken at its word. */
  receiveFork(body: ReadableStream<Uint8Array>, principal: Principal = ANYONE): Promise<Result<Info>> {
    return this.#as(principal, "import", (admitted) => this.#calls.import(body, admitted, "fork"));
  }

  /**
   * Joins as a WebSocket does: `subscriber` is told every frame. The object is kept awake, and a subscriber whose stub
   * breaks, or whose Subscription is disposed of, is gone.
   */
  join(subscriber: Rpc.Stub<RpcSubscriber>, join: RpcJoin, principal: Principal = ANYONE): Result<Subscription> {
    const admitted = this.#admit(principal, "join");
    if (!admitted.ok) return admitted;
    const id = crypto.randomUUID();
    const leave = () => this.#gone(id);
    // Whatever is wrong with an argument must not look like a failure of storage.
    const wire = stubWire(subscriber, leave);
    const frame = joinFrame(join);
    if (!wire || frame === null) return failure("invalid", "join takes an RpcTarget with receive and closed, and JSON");
    const joined = this.#running.run("connect", (session, now) => {
      this.#wires.add(id, wire);
      session.connect(id, admitted.value, now);
      session.receive(id, frame, now);
      return success(null);
    });
    return joined.ok ? success(new Subscription((text) => this.#receive(id, text), leave)) : joined;
  }

  /** Issues what opens one connection, within a minute, to who asks (docs/protocol.md). */
  issueTicket(principal: Principal): Promise<Result<Ticket>> {
    return this.#as(principal, "ticket", this.#tickets.issue);
  }

  /** Who a ticket was issued to. It is used then. */
  redeemTicket(ticket: string): Promise<Result<Principal>> {
    return this.#tickets.redeem(ticket);
  }

  /** Types end where a caller is another Worker. */
  #admit(principal: Principal, deed: Deed): Result<Principal> {
    return chain(decodePrincipal(principal), (decoded) => this.#calls.admit(decoded, deed));
  }

  async #as<T>(
    principal: Principal,
    deed: Deed,
    call: (admitted: Principal) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const admitted = this.#admit(principal, deed);
    return admitted.ok ? call(admitted.value) : admitted;
  }

  // ---- HTTP and sockets, handed over by the Worker; the alarm. ----

  override async fetch(request: Request): Promise<Response> {
    return isUpgrade(request) && SOCKET_PATH.test(new URL(request.url).pathname)
      ? this.#accept(request)
      : this.#routes.fetch(request);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    // A socket that is closing may have sent this before; one that we closed is not known to the session any more.
    this.#receive(idOf(this.ctx, socket), typeof message === "string" ? message : null, socket);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#gone(idOf(this.ctx, socket), socket);
    // Without an answer the client waits 10 s and then sees 1006 (workerd 1.20261023, hibernatable sockets).
    closeSocket(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#gone(idOf(this.ctx, socket), socket);
    closeSocket(socket, ERRORS.unavailable.close, "the connection failed");
  }

  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    this.#alarm.forget();
    const done = this.#running.run("alarm", (session, now) => success(session.wake(now, info?.scheduledTime)));
    if (!done.ok) await this.#alarm.retry();
  }

  #accept(request: Request): Response {
    const principal = principalOf(request);
    if (!principal.ok) return refuseUpgrade(request, principal.problem);
    const { 0: client, 1: server } = new WebSocketPair();
    const id = crypto.randomUUID();
    this.ctx.acceptWebSocket(server, [id]);
    // When that fails, every socket has been closed, this one too; a frame says why, and no status of an upgrade could.
    this.#running.run("connect", (session, now) => {
      this.#wires.add(id, socketWire(this.ctx, server));
      return success(session.connect(id, principal.value, now));
    });
    return upgraded(request, client);
  }

  #receive(id: SubscriberId, frame: string | null, from?: WebSocket): void {
    this.#running.run("message", (session, now) => success(session.receive(id, frame, now)), from);
  }

  #gone(id: SubscriberId, from?: WebSocket): void {
    const leave = (session: Session, now: number) => {
      this.#wires.remove(id);
      return success(session.disconnect(id, now));
    };
    this.#running.run("close", leave, from);
  }
}

/** `topic(id)`: below it are the HTTP routes. */
const SOCKET_PATH = /^\/documents\/[^/]+$/;
