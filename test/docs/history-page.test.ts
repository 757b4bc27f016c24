import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createTestServer } from "../../src/testing/index.ts";
import type { Operation } from "../../src/tree/index.ts";

// Every curl of docs/history.md, asked of a server in memory by somebody who may do everything.

const page = readFileSync("docs/history.md", "utf8");
const commands = Array.from(
  page.matchAll(/^curl (?:-X (\w+) )?(?:--data-binary (@)\S+ )?'?localhost:8787([^\s']+)'?(?: -d '([^']*)')?/gm),
  (match) => {
    const [, method = "GET", file = "", path = "", body = file] = match;
    return { method, path, body };
  },
);

const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });

test("every curl of docs/history.md is answered, and an answer has the fields that the page shows", async () => {
  const server = createTestServer();
  const calls = server.call("plan");
  const tree = { id: "root", type: "list", children: [{ id: "milk", type: "item", attrs: { text: "", done: false } }] };
  calls.getOrStart({ tree });
  const machine = server.machine({ principal: { user: { id: "boss" }, role: "admin" } });
  let mutation = 0;
  const does = (client: string, ...ops: Operation[]) => {
    const answer = calls.mutate({ client, mutation: ++mutation, ops }, { user: { id: client }, role: "write" });
    expect(answer).toMatchObject({ ok: true });
  };
  for (const [index, key] of [..."milk and eggs"].entries())
    does("ann", edit("milk", ...(index > 0 ? [index] : []), key));
  for (let count = 0; count < 5; count++) does("agent-7", { op: "update", id: "milk", attrs: { count } });
  does("ann", { op: "remove", id: "milk" });
  expect(commands.length).toBeGreaterThanOrEqual(8);
  const answers: { readonly path: string; readonly body: object }[] = [];
  let backup = "";
  for (const { method, path, body: shown } of commands) {
    const body = shown === "@" ? backup : shown;
    const asked = machine.request(method === "POST" ? "POST" : "GET", `http://test${path}`, { body });
    await server.settle();
    const answer = await asked;
    const isDone = answer.status === 200 || answer.status === 201;
    expect([path, body, isDone ? "" : answer.text]).toEqual([path, body, ""]);
    if (path.includes("/export")) {
      backup = answer.text;
      continue;
    }
    answers.push({ path, body: JSON.parse(answer.text) });
  }
  for (const [, json = ""] of page.matchAll(/^```json\n([\s\S]+?)^```$/gm)) {
    const fields = Object.keys(JSON.parse(json));
    const isShown = (each: { readonly body: object }) => fields.every((field) => field in each.body);
    expect([json, answers.some(isShown)]).toEqual([json, true]);
  }
});
