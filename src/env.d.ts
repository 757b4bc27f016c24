// What wrangler.toml binds.
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./worker.ts");
    durableNamespaces: "DocumentObject";
  }
  interface Env {
    /** Options of new documents; see [vars.DOCUMENT_DEFAULTS]. */
    DOCUMENT_DEFAULTS?: unknown;
    DOCUMENTS: DurableObjectNamespace<import("./worker.ts").DocumentObject>;
  }
}
