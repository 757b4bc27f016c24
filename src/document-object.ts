import { DurableObject } from "cloudflare:workers";
import { createRoutes, type DocumentCalls, problemResponse, treeText } from "./http.ts";
import { ANYONE, principalOf } from "./principal.ts";
import {
  decodeCreate,
  decodeHistoryQuery,
  decodeMutationCall,
  decodeTreeQuery,
  ERRORS,
  encode,
  failure,
  type HistoryQuery,
  type MutationCall,
  type Principal,
  type Result,
  type SubscriberId,
  success,
  type TreeQuery,
} from "./protocol/index.ts";
import {
  createSession,
  type Delivery,
  type HistoryPage,
  type Info,
  type MutationAnswer,
  restoreSubscriber,
  type Session,
  type SqlRow,
  type Subscriber,
  saveSubscriber,
} from "./session.ts";
import { close, send } from "./sockets.ts";
import { type NodeData, toData } from "./tree/index.ts";

/**
 * One document. This file alone knows sockets, attachments, timers and the platform's storage; what a message means is
 * the session's. Everything from a message to its commit is synchronous, as handlers interleave at every await.
 */
export class DocumentObject extends DurableObject {
  /** Made on demand, so that a look at a document costs nothing, and thrown away whenever storage fails. */
  #session: Session | null = null;
  readonly #sockets = new Map<SubscriberId, WebSocket>();
  #flushing = false;
  readonly #routes = createRoutes(this.#calls());

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  // ---- RPC: what another Worker calls as env.DOCUMENTS.getByName(id).mutate({ ops }). ----

  /** Finds the document, or creates it with this tree and these options. */
  getOrStart(input: unknown = {}): Result<Info & { readonly created: boolean }> {
    const decoded = decodeCreate(input);
    return decoded.ok ? this.#calls().getOrStart(decoded.value) : decoded;
  }

  info(): Result<Info> {
    return this.#calls().info();
  }

  /**
   * The tree, or the part of it that the query names, as nested data. An RPC answer takes 32 MiB and no more than some
   * thousand levels; ask for parts with `node` and `depth`, or over HTTP.
   */
  getState(query: TreeQuery = {}): Result<State> {
    const decoded = decodeTreeQuery(query);
    if (!decoded.ok) return decoded;
    return this.#run((session, now) => {
      const found = session.calls.tree(decoded.value, now);
      if (!found.ok) return found;
      const { view, node, ...head } = found.value;
      return success({ ...head, tree: toData(view, node, decoded.value.depth) });
    });
  }

  /** Applies a mutation. Another Worker is trusted: without a principal it may do everything. */
  mutate(call: MutationCall, principal: Principal = ANYONE): Result<MutationAnswer> {
    const decoded = decodeMutationCall(call);
    return decoded.ok ? this.#calls().mutate(decoded.value, principal) : decoded;
  }

  history(query: HistoryQuery = {}): Result<HistoryPage> {
    const decoded = decodeHistoryQuery(query);
    return decoded.ok ? this.#calls().history(decoded.value) : decoded;
  }

  stop(): Result<Info> {
    return this.#calls().stop();
  }

  destroy(): Promise<Result<null>> {
    return this.#calls().destroy();
  }

  // ---- HTTP and sockets, handed over by the Worker. ----

  override async fetch(request: Request): Promise<Response> {
    const isSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    return isSocket && SOCKET_PATH.test(new URL(request.url).pathname)
      ? this.#accept(request)
      : this.#routes.fetch(request);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const id = this.#idOf(socket);
    // A socket that is closing may have sent this before; one that we closed is not known to the session any more.
    if (id === null) return;
    this.#run(
      (session, now) => success(session.receive(id, typeof message === "string" ? message : null, now)),
      socket,
    );
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#gone(socket);
    // Without an answer the client waits 10 s and then sees 1006 (workerd 1.20261023, hibernatable sockets).
    close(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#gone(socket);
    close(socket, ERRORS.unavailable.close, "the connection failed");
  }

  #accept(request: Request): Response {
    const principal = principalOf(request);
    const { 0: client, 1: server } = new WebSocketPair();
    const id = crypto.randomUUID();
    this.ctx.acceptWebSocket(server, [id]);
    const result = this.#run((session, now) => {
      this.#sockets.set(id, server);
      return success(session.connect(id, principal, now));
    });
    if (!result.ok) return problemResponse(result.problem);
    // A client that offers subprotocols fails unless one of them is taken.
    const offered =
      request.headers
        .get("sec-websocket-protocol")
        ?.split(",")
        .map((name) => name.trim()) ?? [];
    const headers = offered.includes(SUBPROTOCOL) ? { "sec-websocket-protocol": SUBPROTOCOL } : undefined;
    return new Response(null, { status: 101, webSocket: client, ...(headers && { headers }) });
  }

  #gone(socket: WebSocket): void {
    const id = this.#idOf(socket);
    if (id === null) return;
    this.#run((session, now) => {
      this.#sockets.delete(id);
      return success(session.disconnect(id, now));
    }, socket);
  }

  #idOf(socket: WebSocket): SubscriberId | null {
    return this.ctx.getTags(socket)[0] ?? null;
  }

  // ---- The session, and what it asks for. ----

  /** Runs a piece of work to its commit and delivers what comes of it; when storage fails, starts afresh (S14). */
  #run<T>(work: (session: Session, now: number) => Result<T>, from?: WebSocket): Result<T> {
    try {
      const session = this.#open(from);
      const result = work(session, Date.now());
      for (const delivery of session.take()) this.#deliver(delivery);
      this.#arm(session);
      return result;
    } catch (error) {
      console.error(error);
      this.#abandon();
      return failure("unavailable", "the document failed and starts again; try again");
    }
  }

  /** `from` is the socket that woke the object: closed by its peer meanwhile, it is not among the others any more. */
  #open(from?: WebSocket): Session {
    if (this.#session) return this.#session;
    const subscribers = [];
    for (const socket of new Set([...this.ctx.getWebSockets(), ...(from ? [from] : [])])) {
      const saved: unknown = socket.deserializeAttachment();
      // None yet, or none any more: one that we have closed is listed until its peer has answered.
      if (saved === null) continue;
      // One whose peer is closing is listed too and still counts: what it sent last, and its close, are to come.
      const subscriber = saved instanceof Uint8Array ? restoreSubscriber(new TextDecoder().decode(saved)) : null;
      if (!subscriber) {
        close(socket, ERRORS.unavailable.close, "reconnect");
        continue;
      }
      this.#sockets.set(subscriber.id, socket);
      subscribers.push(subscriber);
    }
    this.#session = createSession({
      documentId: this.ctx.id.name ?? this.ctx.id.toString(),
      sql: this.#sql,
      newId: () => crypto.randomUUID(),
      subscribers,
    });
    return this.#session;
  }

  readonly #sql = {
    exec: (statement: string, ...values: (string | number | null)[]): SqlRow[] =>
      this.ctx.storage.sql.exec(statement, ...values).toArray(),
    transaction: <T>(work: () => T): T => this.ctx.storage.transactionSync(work),
  };

  /** The output gate holds every send until what was written before it is durable. */
  #deliver(delivery: Delivery): void {
    switch (delivery.kind) {
      case "send":
        for (const id of delivery.to) send(this.#sockets.get(id), delivery.text);
        return;
      case "save":
        this.#sockets.get(delivery.subscriber.id)?.serializeAttachment(attachmentOf(delivery.subscriber));
        return;
      case "close":
        this.#sockets.get(delivery.to)?.serializeAttachment(null);
        close(this.#sockets.get(delivery.to), delivery.code, delivery.reason);
        this.#sockets.delete(delivery.to);
        return;
    }
  }

  /** A timer keeps an object from hibernating; this one never lives longer than the commit window, 16 ms. */
  #arm(session: Session): void {
    if (this.#flushing || session.window === null) return;
    this.#flushing = true;
    setTimeout(() => {
      this.#flushing = false;
      // Whichever session is open by then: one that failed meanwhile has left its window to the next.
      if (this.#session) this.#run((open, now) => success(open.flush(now)));
    }, session.window);
  }

  /** Forgets what is in memory, which may be ahead of storage, and makes everyone connect and catch up again. */
  #abandon(): void {
    const text = encode({ type: "error", code: "unavailable", message: "the document starts again; reconnect" });
    for (const socket of this.ctx.getWebSockets()) {
      send(socket, text);
      socket.serializeAttachment(null);
      close(socket, ERRORS.unavailable.close, "unavailable");
    }
    this.#sockets.clear();
    this.#session = null;
  }

  #calls(): DocumentCalls {
    return {
      getOrStart: (input) => this.#run((session, now) => session.calls.getOrStart(input, now)),
      info: () => this.#run((session, now) => session.calls.info(now)),
      treeText: ({ depth, ...query }) =>
        this.#run((session, now) => {
          const found = session.calls.tree(query, now);
          return found.ok ? treeText(found.value, depth) : found;
        }),
      mutate: (call, principal) => this.#run((session, now) => session.calls.mutate(call, principal, now)),
      history: (query) => this.#run((session, now) => session.calls.history(query, now)),
      stop: () => {
        const result = this.#run((session, now) => session.calls.stop(now));
        this.#session = null;
        return result;
      },
      destroy: async () => {
        const result = this.#run((session, now) => session.calls.destroy(now));
        this.#session = null;
        // Only this frees the object: a dropped table would go on being billed as an empty database.
        if (result.ok) await this.ctx.storage.deleteAll();
        return result;
      },
    };
  }
}

/** A tree and where it stands. */
export interface State {
  readonly documentId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly tree: NodeData;
}

const SUBPROTOCOL = "grove.v1";
/** `topic(id)`: below it are the HTTP routes. */
const SOCKET_PATH = /^\/documents\/[^/]+$/;

/** At most 16 KiB: as bytes, since a string takes two for each character as soon as one of them needs two. */
function attachmentOf(subscriber: Subscriber): Uint8Array {
  return new TextEncoder().encode(saveSubscriber(subscriber));
}
