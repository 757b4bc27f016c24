import { DurableObject } from "cloudflare:workers";
import {
  DurableObjectSqliteSyncWrapper,
  type SessionStateSnapshot,
  SQLiteSyncStorage,
  TLSocketRoom,
} from "@tldraw/sync-core";
import { type NodeRecord, schema } from "./records.ts";

interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<DocumentObject>;
}

/** What a socket says of itself after a hibernation; the snapshot is missing until its client has been quiet for 5 s. */
interface Attachment {
  readonly session: string;
  readonly snapshot?: SessionStateSnapshot;
}

/** tldraw's room for one document, with hibernation, wired as `templates/sync-cloudflare` of tldraw wires it. */
export class DocumentObject extends DurableObject<Env> {
  readonly #sockets = new Map<string, WebSocket>();
  readonly #room: TLSocketRoom<NodeRecord>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
    this.#room = new TLSocketRoom<NodeRecord>({
      schema,
      storage: openStorage(ctx.storage),
      clientTimeout: Number.POSITIVE_INFINITY, // pings are answered without the room, so it would take all for dead
      onSessionSnapshot: (session, snapshot) => {
        const socket = this.#sockets.get(session);
        if (socket !== undefined) attach(socket, { session, snapshot });
      },
    });
    for (const socket of ctx.getWebSockets()) this.#resume(socket);
  }

  override fetch(): Response {
    const [client, server] = Object.values(new WebSocketPair());
    if (client === undefined || server === undefined) throw new Error("a pair has two");
    this.ctx.acceptWebSocket(server);
    // One of its own for each socket: in 5.4.2 the late close of a client's last socket would end its next session.
    const session = crypto.randomUUID();
    attach(server, { session });
    this.#room.handleSocketConnect({ sessionId: session, socket: server });
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const { session } = attached(socket);
    this.#sockets.set(session, socket);
    this.#room.handleSocketMessage(session, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#room.handleSocketClose(this.#forget(socket));
  }

  override webSocketError(socket: WebSocket): void {
    this.#room.handleSocketError(this.#forget(socket));
  }

  #resume(socket: WebSocket): void {
    const { session, snapshot } = attached(socket);
    if (snapshot !== undefined) this.#room.handleSocketResume({ sessionId: session, socket, snapshot });
  }

  #forget(socket: WebSocket): string {
    const { session } = attached(socket);
    this.#sockets.delete(session);
    // A socket that closes is not among those that a woken object is given.
    if (this.#room.getSessionSnapshot(session) === null) this.#resume(socket);
    return session;
  }
}

function openStorage(storage: DurableObjectStorage): SQLiteSyncStorage<NodeRecord> {
  const sql = new DurableObjectSqliteSyncWrapper(storage);
  if (SQLiteSyncStorage.hasBeenInitialized(sql)) return new SQLiteSyncStorage<NodeRecord>({ sql });
  // Without a snapshot a new room would begin with a page, which this schema does not know.
  return new SQLiteSyncStorage<NodeRecord>({
    sql,
    snapshot: { documentClock: 0, tombstoneHistoryStartsAtClock: 0, documents: [], schema: schema.serialize() },
  });
}

const attach = (socket: WebSocket, attachment: Attachment): void => socket.serializeAttachment(attachment);
const attached = (socket: WebSocket): Attachment => socket.deserializeAttachment();

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return new Response("ok");
    const document = /^\/documents\/([^/]+)$/.exec(pathname)?.[1];
    if (document === undefined) return new Response(null, { status: 404 });
    if (request.headers.get("upgrade") !== "websocket") return new Response(null, { status: 426 });
    return env.DOCUMENTS.get(env.DOCUMENTS.idFromName(document)).fetch(request);
  },
} satisfies ExportedHandler<Env>;
