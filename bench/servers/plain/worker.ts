import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<DocumentObject>;
}

interface Message {
  readonly client: string;
  readonly n: number;
  readonly ops: readonly object[];
}

/** Names of objects that store nothing begin with it. */
const ECHO = "echo/";

/**
 * The floor: what a server costs that knows nothing of trees, writes each message to a log by itself and passes it on.
 * Under `/echo/` not even that: each frame goes back to where it came from.
 */
export class DocumentObject extends DurableObject<Env> {
  readonly #echoes = this.ctx.id.name?.startsWith(ECHO) === true;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    if (this.#echoes) return;
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, client TEXT NOT NULL, n INTEGER NOT NULL, ops TEXT NOT NULL)",
    );
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send('{"joined":true}');
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    if (this.#echoes) {
      socket.send(frame);
      return;
    }
    const message = parse(frame);
    if (message === null) {
      socket.close(1008, "not a mutation");
      return;
    }
    const { client, n, ops } = message;
    const { seq } = this.ctx.storage.sql
      .exec<{ seq: number }>(
        "INSERT INTO log (client, n, ops) VALUES (?, ?, ?) RETURNING seq",
        client,
        n,
        JSON.stringify(ops),
      )
      .one();
    // Who and which come first: a client knows its own by them without parsing. The runtime sends when the row is written.
    const out = JSON.stringify({ client, n, seq, ops });
    for (const each of this.ctx.getWebSockets()) each.send(out);
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  insert: ["parent"],
  move: ["id", "parent"],
  update: ["id"],
  remove: ["id"],
};

function parse(frame: string | ArrayBuffer): Message | null {
  if (typeof frame !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { client, n, ops } = value;
  if (typeof client !== "string" || typeof n !== "number" || !Array.isArray(ops) || !ops.every(isOperation))
    return null;
  return { client, n, ops };
}

function isOperation(value: unknown): value is object {
  if (!isRecord(value) || typeof value.op !== "string") return false;
  if (value.op === "insert" && !isNode(value.node)) return false;
  return FIELDS[value.op]?.every((field) => typeof value[field] === "string") === true;
}

function isNode(value: unknown): boolean {
  return isRecord(value) && typeof value.id === "string" && typeof value.type === "string";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

export default {
  fetch(request, env): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return new Response("ok");
    const [, root, document] = /^\/(documents|echo)\/([^/]+)$/.exec(pathname) ?? [];
    if (document === undefined || request.headers.get("upgrade") !== "websocket") {
      return new Response("not found", { status: 404 });
    }
    return env.DOCUMENTS.getByName(root === "echo" ? `${ECHO}${document}` : document).fetch(request);
  },
} satisfies ExportedHandler<Env>;
