import { DurableObject } from "cloudflare:workers";
import type { Hono } from "hono";
import { type Authenticate, authenticator } from "./access/authenticate.ts";
import { decodePrincipal } from "./access/identity.ts";
import { principalOf } from "./access/principal.ts";
import { type Alarm, createAlarm } from "./object/alarm.ts";
import { createDocumentCalls, type DocumentCalls } from "./object/calls.ts";
import { createRoutes } from "./object/http.ts";
import { noteFailure } from "./object/log.ts";
import { type CountingSql, sqlOf } from "./object/sql.ts";
import { joinFrame, type RpcJoin, type RpcSubscriber, Subscription, stubWire } from "./object/subscription.ts";
import { createTickets, type Ticket, type Tickets } from "./object/tickets.ts";
import { closeSocket, isUpgrade, refuseUpgrade, socketWire, upgraded } from "./object/wire.ts";
import { createWires, idOf, type Wires } from "./object/wires.ts";
import {
  ANYONE,
  type Creation,
  chain,
  type DocumentOptions,
  decodeCreate,
  decodeDefaults,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeOptionsChange,
  decodeRevoke,
  decodeTreeQuery,
  ERRORS,
  failure,
  type HistoryQuery,
  type MutationCall,
  type Principal,
  type Result,
  type SubscriberId,
  success,
  type TreeQuery,
  withinMutation,
} from "./protocol/index.ts";
import type { Deed } from "./protocol/rights.ts";
import {
  type AuthorizeMutation,
  type Authorizing,
  createSession,
  createSqliteTables,
  type Delivery,
  FULL_PAUSE,
  type HistoryPage,
  type Info,
  isStorageFull,
  type MutationAnswer,
  type Session,
  type State,
  type WakeReason,
} from "./session.ts";

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
  /** Made on demand, so that a look at a document costs nothing, and thrown away whenever storage fails. */
  #session: Session | null = null;
  readonly #wires: Wires;
  /** Timers that have not gone off yet. */
  readonly #armed = new Set<"flush" | "tell" | "work">();
  /** Storage has found no room, and is not asked again before. */
  #fullUntil = 0;
  /** Whether this object has been woken by something yet. */
  #awake = false;
  readonly #defaults: DocumentOptions;
  readonly #sql: CountingSql;
  readonly #alarm: Alarm;
  readonly #tickets: Tickets;
  readonly #calls: DocumentCalls;
  readonly #routes: Hono;
  readonly #authenticate: Authenticate;
  readonly #authenticates: boolean;
  readonly #authorizing: Authorizing | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, settings: DocumentObjectSettings = {}) {
    super(ctx, env);
    const defaults = decodeDefaults(env.DOCUMENT_DEFAULTS);
    if (!defaults.ok) throw new Error(`DOCUMENT_DEFAULTS in wrangler.toml: ${defaults.problem.message}`);
    this.#defaults = defaults.value;
    this.#authenticate = settings.authenticate ?? authenticator(env);
    this.#authenticates = settings.authenticate !== undefined;
    this.#authorizing = settings.authorizeMutation && {
      decide: settings.authorizeMutation,
      failed: (error) => noteFailure("authorizeMutation has thrown", error),
    };
    this.#wires = createWires(ctx);
    this.#sql = sqlOf(ctx.storage);
    this.#tickets = createTickets(this.#sql, (work) => this.#run("call", work));
    this.#alarm = createAlarm(ctx.storage, () => this.#sql.count(1));
    this.#calls = createDocumentCalls({
      run: (work) => this.#run("call", work),
      deleteAll: (creation) => this.#deleteAll(creation),
    });
    this.#routes = createRoutes(this.#calls, () => this.#session?.held ?? 0);
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
  getState(query: TreeQuery = {}, principal: Principal = ANYONE): Promise<Result<State>> {
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

  history(query: HistoryQuery = {}, principal: Principal = ANYONE): Promise<Result<HistoryPage>> {
    return this.#as(principal, "history", async () => {
      const decoded = decodeHistoryQuery(query);
      return decoded.ok ? this.#calls.history(decoded.value) : decoded;
    });
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

  /** The tree as such a stream. It breaks off if the document is closed meanwhile. */
  export(principal: Principal = ANYONE): Result<ReadableStream<Uint8Array>> {
    return chain(this.#admit(principal, "export"), this.#calls.export);
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
    const joined = this.#run("connect", (session, now) => {
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
    const done = this.#run("alarm", (session, now) => success(session.wake(now, info?.scheduledTime)));
    if (!done.ok) await this.#alarm.retry();
  }

  #accept(request: Request): Response {
    const principal = principalOf(request);
    if (!principal.ok) return refuseUpgrade(request, principal.problem);
    const { 0: client, 1: server } = new WebSocketPair();
    const id = crypto.randomUUID();
    this.ctx.acceptWebSocket(server, [id]);
    // When that fails, every socket has been closed, this one too; a frame says why, and no status of an upgrade could.
    this.#run("connect", (session, now) => {
      this.#wires.add(id, socketWire(this.ctx, server));
      return success(session.connect(id, principal.value, now));
    });
    return upgraded(request, client);
  }

  #receive(id: SubscriberId, frame: string | null, from?: WebSocket): void {
    this.#run("message", (session, now) => success(session.receive(id, frame, now)), from);
  }

  #gone(id: SubscriberId, from?: WebSocket): void {
    const leave = (session: Session, now: number) => {
      this.#wires.remove(id);
      return success(session.disconnect(id, now));
    };
    this.#run("close", leave, from);
  }

  // ---- The session, and what it asks for. ----

  /** Runs a piece of work to its commit and delivers what comes of it; when storage fails, starts afresh (S14). */
  #run<T>(reason: WakeReason, work: (session: Session, now: number) => Result<T>, from?: WebSocket): Result<T> {
    try {
      const session = this.#open(reason, from);
      const result = this.#sql.turn(() => work(session, Date.now()));
      // The output gate holds every send until what was written before it is durable.
      for (const delivery of session.take()) this.#deliver(delivery);
      this.#arm("flush", session.window);
      this.#arm("tell", session.untilTold(Date.now()));
      this.#arm("work", session.busy ? 0 : null);
      this.#alarm.arm(session.alarm);
      return result;
    } catch (error) {
      noteFailure("a document failed", error);
      if (this.#abandon(isStorageFull(error))) return failure("full", "storage takes no more: keep less history");
      return failure("unavailable", "the document failed and starts again; try again");
    }
  }

  #deliver(delivery: Delivery): void {
    if (delivery.kind === "verify") void this.#verify(delivery.from, delivery.token);
    else this.#wires.deliver(delivery);
  }

  async #verify(from: SubscriberId, token: string): Promise<void> {
    const outcome = await this.#authenticate(token, this.#documentId).catch((error: unknown) => {
      // Not its message, which may say a key.
      console.error("a token could not be verified", error instanceof Error ? error.name : typeof error);
      return failure("unavailable", "the token could not be verified; try again");
    });
    this.#run("message", (session, now) => success(session.verified(from, outcome, now)));
  }

  get #documentId(): string {
    return this.ctx.id.name ?? this.ctx.id.toString();
  }

  /** `from` is the socket that woke the object. */
  #open(reason: WakeReason, from?: WebSocket): Session {
    if (this.#session) return this.#session;
    this.#session = createSession({
      documentId: this.#documentId,
      tables: createSqliteTables(this.#sql),
      newId: () => crypto.randomUUID(),
      defaults: this.#defaults,
      authorizing: this.#authorizing,
      authenticates: this.#authenticates,
      creation: () => this.ctx.storage.kv.get<Creation>(CREATION),
      subscribers: this.#wires.restore(from),
      woken: this.#awake ? null : reason,
      fullUntil: this.#fullUntil,
      lastPing: (id) => this.#wires.lastPing(id),
    });
    this.#awake = true;
    return this.#session;
  }

  /**
   * Calls the session back: when its commit window is over, when presence may be told again, or for the next part of what takes
   * long, behind whatever has arrived by now. A timer keeps an object from hibernating; none of these lives longer than 50 ms, or 250 for 5 000.
   */
  #arm(what: "flush" | "tell" | "work", delay: number | null): void {
    if (delay === null || this.#armed.has(what)) return;
    this.#armed.add(what);
    setTimeout(() => {
      this.#armed.delete(what);
      // Whichever session is open by then: one that failed meanwhile has left its window to the next.
      if (this.#session) this.#run("message", (open, now) => success(open[what](now)));
    }, delay);
  }

  /** Only this frees the object: a dropped table would go on being billed as an empty database. The alarm goes, too. */
  async #deleteAll(creation = this.ctx.storage.kv.get<Creation>(CREATION)): Promise<void> {
    this.#session = null;
    this.#alarm.forget();
    await this.ctx.storage.deleteAll();
    // What the document said of its own making outlives it, where that is not what the deployment says anyway.
    if (creation !== undefined && creation !== this.#defaults.create) this.ctx.storage.kv.put(CREATION, creation);
  }

  /** Forgets what is in memory, which may be ahead of storage; true where storage is full and nobody has to connect again (B39). */
  #abandon(isFull: boolean): boolean {
    const refusals = isFull ? this.#session?.refuseWaiting(Date.now()) : null;
    if (!refusals) this.#wires.closeAll();
    else this.#fullUntil = Date.now() + FULL_PAUSE;
    for (const delivery of refusals ?? []) this.#deliver(delivery);
    this.#session?.abandon();
    this.#session = null;
    return Boolean(refusals);
  }
}

const CREATION = "create";

/** `topic(id)`: below it are the HTTP routes. */
const SOCKET_PATH = /^\/documents\/[^/]+$/;
