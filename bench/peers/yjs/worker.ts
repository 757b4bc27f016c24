import { routePartykitRequest } from "partyserver";
import { YServer } from "y-partyserver";
import { applyUpdate, encodeStateAsUpdate } from "yjs";

interface Env {
  readonly DOCUMENTS: DurableObjectNamespace;
}

// A row may hold 2 MB, which the README's one value for a whole document would outgrow.
const CHUNK = 1 << 20;

/**
 * y-partyserver as its README sets it up, with its defaults for when to save (2 s after the last update, 10 s after the
 * first), and hibernating as its authors' own example with SQLite does (fixtures/tiptap-yjs).
 */
export class DocumentObject extends YServer {
  static override options = { hibernate: true };

  override async onLoad(): Promise<void> {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS chunks (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    const rows = this.ctx.storage.sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM chunks ORDER BY n").toArray();
    if (rows.length === 0) return;
    const saved = await new Blob(rows.map(({ bytes }) => bytes)).arrayBuffer();
    applyUpdate(this.document, new Uint8Array(saved));
  }

  override async onSave(): Promise<void> {
    const saved = encodeStateAsUpdate(this.document);
    // No await between these: the platform commits them together.
    this.ctx.storage.sql.exec("DELETE FROM chunks");
    for (let start = 0; start < saved.length; start += CHUNK) {
      this.ctx.storage.sql.exec("INSERT INTO chunks (bytes) VALUES (?)", saved.slice(start, start + CHUNK));
    }
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    if (new URL(request.url).pathname === "/healthz") return new Response("ok");
    // Takes /parties/documents/:id, where `documents` stands for the binding.
    return (await routePartykitRequest(request, env)) ?? new Response("not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
