import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { withPrincipal } from "./access/principal.ts";
import { failed, problemResponse } from "./object/http.ts";
import { ANYONE, ID_PATTERN, type Principal } from "./protocol/index.ts";

export { DocumentObject } from "./document-object.ts";
export { topic } from "./protocol/index.ts";

const app = new Hono<{ Bindings: Cloudflare.Env }>();

app.get("/healthz", (c) => c.json({ ok: true }));

// Pages of any origin may ask, as they may open a WebSocket: a browser asks nobody before that.
const anyOrigin = cors();
// Not on an upgrade: to set a header of a 101 answer throws.
app.use("/documents/*", (c, next) => (c.req.header("upgrade") ? next() : anyOrigin(c, next)));

/** Every document id is an object of its own; it gets the request as it is, with the principal. */
async function handOver(c: Context<{ Bindings: Cloudflare.Env }>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  if (!ID_PATTERN.test(id)) {
    return problemResponse({ code: "invalid", message: "a document id is 1 to 128 of A-Z a-z 0-9 . _ ~ : -" });
  }
  return c.env.DOCUMENTS.getByName(id).fetch(withPrincipal(c.req.raw, authenticate(c.req.raw)));
}
app.all("/documents/:id", handOver);
app.all("/documents/:id/*", handOver);

/** Says who makes a request. The one place where authentication will stand. */
function authenticate(_request: Request): Principal {
  return ANYONE;
}

app.notFound((c) => problemResponse({ code: "notFound", message: `there is no ${c.req.method} ${c.req.path}` }));
app.onError(failed);

export default app;
