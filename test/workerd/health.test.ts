import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("GET /healthz answers that the Worker is up", async () => {
  const response = await exports.default.fetch("http://localhost/healthz");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ok: true });
});

test("wrangler.toml binds DOCUMENTS to a Durable Object class", () => {
  expect(env.DOCUMENTS.getByName("doc").name).toBe("doc");
});
