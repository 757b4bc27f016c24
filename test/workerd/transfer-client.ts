import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { type HttpAnswer, type ProblemBody, problem, request, stubOf } from "./http-client.ts";

export type ImportProblem = ProblemBody & { readonly line?: number };

/** Lines as a body; objects are written as JSON. */
export function body(...lines: (string | object)[]): string {
  return lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
}

/** A root and its children `n1`, `n2`, …, as lines. */
export function wide(count: number, attrs?: object): string {
  const children = Array.from({ length: count - 1 }, (_, index) => ({ id: `n${index + 1}`, parent: "root" }));
  const lines = children.map((child) => ({ ...child, type: "item", ...(attrs && { attrs }) }));
  return body({ id: "root", type: "root" }, ...lines);
}

export function importInto(id: string, text: string): Promise<HttpAnswer> {
  return request("POST", `${topic(id)}/import`, text);
}

/** The problem that an import has to end with. */
export function importProblem(id: string, text: string): Promise<ImportProblem> {
  return problem("POST", `${topic(id)}/import`, text);
}

/** An upload that is sent piece by piece. */
export interface Upload {
  send(text: string): void;
  end(): void;
  readonly answer: Promise<HttpAnswer>;
}

export function upload(id: string): Upload {
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array>({}, { highWaterMark: 1_000 });
  const writer = writable.getWriter();
  const fetched = async (): Promise<HttpAnswer> => {
    const init = { method: "POST", body: readable };
    const response = await exports.default.fetch(`http://localhost${topic(id)}/import`, init);
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
  // What the server does not want to read any more is no failure of the test.
  const ignore = () => undefined;
  return {
    send: (text) => void writer.write(encoder.encode(text)).catch(ignore),
    end: () => void writer.close().catch(ignore),
    answer: fetched(),
  };
}

/** Waits until something is true; what is under way elsewhere takes a moment. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 4_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** How many node rows the object has; null where it has no table of them. */
export function nodeRows(id: string): Promise<number | null> {
  return runInDurableObject(stubOf(id), (_, { storage }) => {
    const [table] = storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'nodes'").toArray();
    return table ? Number(storage.sql.exec("SELECT count(*) AS n FROM nodes").one().n) : null;
  });
}

/** There is no document, and not a table is left of it. */
export async function expectNothing(id: string): Promise<void> {
  expect(await problem("GET", topic(id))).toMatchObject({ code: "notFound", status: 404 });
  expect(await problem("GET", `${topic(id)}/export`)).toMatchObject({ code: "notFound", status: 404 });
  const tables = await runInDurableObject(stubOf(id), (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
  );
  expect(tables).toEqual([]);
}

/** A begun export: its parts as the server gives them. */
export async function beginExport(id: string): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const response = await exports.default.fetch(`http://localhost${topic(id)}/export`);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  if (!response.body) throw new Error("an export has a body");
  return response.body.getReader();
}

/** The rest of it as text. */
export async function readRest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

export async function exportOf(id: string): Promise<string> {
  return readRest(await beginExport(id));
}
