import { Hono } from "hono";

export { DocumentObject } from "./document-object.ts";

const app = new Hono();

app.get("/healthz", (context) => context.json({ ok: true }));

export default app;
