import { expect, test, vi } from "vitest";
import { topic } from "../../../src/protocol/index.ts";
import { openDocument, STACK } from "../http-client.ts";
import { deploy } from "./deployment.ts";
import { accessClaims, SECRET, secretToken } from "./provider.ts";

test("W74 what an authorize throws stands in the log by its name alone", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const id = await openDocument("log", "root");
  const token = secretToken(accessClaims());
  const deployment = deploy(
    { AUTH_SECRET: SECRET },
    { authorize: () => Promise.reject(new Error("no such table: users")) },
  );
  expect(await deployment.read(id, token)).toMatchObject({ status: 503 });
  const socket = await deployment.connect(topic(id), { "sec-websocket-protocol": `durable-grove.v1, token.${token}` });
  await socket.ended();
  const lines = log.mock.calls.map((words) => words.map(String).join(" "));
  log.mockRestore();
  expect(lines).toEqual(["authorize has thrown: Error", "authorize has thrown: Error"]);
  expect(log.mock.calls.flat().every((word) => typeof word === "string")).toBe(true);
  for (const line of lines) {
    expect(line).not.toMatch(STACK);
    expect(line).not.toContain(token);
  }
});
