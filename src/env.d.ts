// What wrangler.toml binds.
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./worker.ts");
    durableNamespaces: "DocumentObject";
  }
  interface Env {
    DOCUMENTS: DurableObjectNamespace<import("./worker.ts").DocumentObject>;
  }
}
