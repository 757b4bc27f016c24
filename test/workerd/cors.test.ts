import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";

const url = `http://localhost${topic("cors")}`;
const origin = "https://app.example";

describe("H10 a page of another origin", () => {
  test("may read and write, and read what is wrong", async () => {
    const made = await exports.default.fetch(url, { method: "PUT", headers: { origin } });
    expect([made.status, made.headers.get("access-control-allow-origin")]).toEqual([201, "*"]);
    await made.text();
    const refused = await exports.default.fetch(`${url}/tree?depth=x`, { headers: { origin } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, "*"]);
    await refused.text();
    const lines = await exports.default.fetch(`${url}/export`, { headers: { origin } });
    expect(lines.headers.get("access-control-allow-origin")).toBe("*");
    expect(await lines.text()).toBe('{"id":"root","type":"root"}\n');
  });

  test("is told before that it may, with a token as well", async () => {
    const asked = await exports.default.fetch(`${url}/mutations`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-methods")).toContain("POST");
    expect(asked.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  test("connects", async () => {
    const { status, webSocket } = await exports.default.fetch(url, { headers: { origin, upgrade: "websocket" } });
    expect(status).toBe(101);
    webSocket?.accept();
    webSocket?.close(1000, "");
  });
});
