import { afterEach, expect, test } from "vitest";
import { type ServerProcess, startServer } from "./server-process.ts";

let server: ServerProcess | undefined;
afterEach(() => server?.kill());

test("wrangler dev serves the Worker and the demo, and nothing is left of it after kill -9", async () => {
  server = await startServer();
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ ok: true });
  expect(await (await fetch(server.url)).text()).toContain("durable-grove");

  await server.kill();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});
