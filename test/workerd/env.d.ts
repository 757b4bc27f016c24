// The types of `env` and `exports` from "cloudflare:workers" in these tests: what wrangler.toml binds, what src/worker.ts exports.
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../../src/worker.ts");
    durableNamespaces: "DocumentObject";
  }
  interface Env {
    DOCUMENTS: DurableObjectNamespace<import("../../src/worker.ts").DocumentObject>;
  }
}
