import { describe, expect, test } from "vitest";
import { PROTOCOL, topic } from "../../src/protocol/index.ts";
import { type Deployment, deploy, expectRefused } from "./access/deployment.ts";

const origin = "https://app.example";
const other = "https://evil.example";
const listed = () => deploy({ ALLOW_ANONYMOUS: "admin", ALLOWED_ORIGINS: `${origin}, http://localhost:*` });
const unlisted = () => deploy({ ALLOW_ANONYMOUS: "admin" });
const anywhere = () => deploy({ ALLOW_ANONYMOUS: "admin", ALLOWED_ORIGINS: "*" });

const connects = async (deployment: Deployment, headers: Record<string, string>) => {
  const socket = await deployment.connect(topic("cors"), headers);
  socket.send({ type: "join", protocol: PROTOCOL, client: crypto.randomUUID() });
  await socket.take("welcome");
  socket.close(1000, "");
};
const asks = async (deployment: Deployment, headers: Record<string, string>, path = "") => {
  const answer = await deployment.fetch(`${topic("cors")}${path}`, { method: "PUT", headers });
  await answer.arrayBuffer();
  return [answer.status < 300 ? "taken" : answer.status, answer.headers.get("access-control-allow-origin")];
};

describe("H10, W23 a page of another origin", () => {
  test("that is listed may read and write, and read what is wrong", async () => {
    expect(await asks(listed(), { origin })).toEqual(["taken", origin]);
    expect(await asks(listed(), { origin }, "/nowhere")).toEqual([404, origin]);
    const answer = await listed().fetch(`${topic("cors")}/export`, { headers: { origin } });
    expect(answer.headers.get("vary")).toMatch(/origin/i);
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    expect(await answer.text()).toBe('{"id":"root","type":"root"}\n');
  });

  test("is told before that it may, with a token as well", async () => {
    const preflight = (from: string, path: string) =>
      listed().fetch(path, {
        method: "OPTIONS",
        headers: {
          origin: from,
          "access-control-request-method": "PATCH",
          "access-control-request-headers": "authorization,content-type",
        },
      });
    for (const path of [`${topic("cors")}/mutations`, "/tickets"]) {
      const asked = await preflight(origin, path);
      expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
      expect(asked.headers.get("access-control-allow-methods")).toContain("PATCH");
      expect(asked.headers.get("access-control-allow-headers")).toContain("authorization");
      const refused = await preflight(other, path);
      expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    }
  });

  test("connects if it is listed", async () => {
    await connects(listed(), { origin });
    await connects(listed(), { origin: "http://localhost:5173" });
  });

  test("that is not listed does not come in: not by a socket, and not by a request that asks nobody before", async () => {
    const strange = [
      other,
      "null",
      "https://app.example.evil.example",
      "https://app.example:444",
      "http://localhost.evil",
      // The deployment's own host, by a page that anybody on the way may have written.
      "http://grove.example",
      "https://grove.example:8443",
    ];
    for (const from of strange) {
      for (const deployment of [listed(), unlisted()]) {
        expect(await asks(deployment, { origin: from })).toEqual([403, null]);
        await expectRefused(
          await deployment.connect(topic("cors"), { origin: from }),
          "forbidden",
          4003,
          "ALLOWED_ORIGINS",
        );
      }
    }
  });

  test("may if it is said on purpose that every page may", async () => {
    expect(await asks(anywhere(), { origin: other })).toEqual(["taken", other]);
    await connects(anywhere(), { origin: "null" });
  });
});

test("W23 pages of the deployment's own origin come in, and so does what is no page", async () => {
  for (const deployment of [listed(), unlisted()]) {
    expect(await asks(deployment, { origin: "https://grove.example" })).toEqual(["taken", "https://grove.example"]);
    await connects(deployment, { origin: "https://grove.example" });
    expect(await asks(deployment, {})).toEqual(["taken", null]);
    await connects(deployment, {});
  }
});
